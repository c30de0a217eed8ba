import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { moduleNameOfPath } from '../elf/module-info.ts';

/** A kernel has some 4,000 modules in some 1,500 folders; source trees have 80,000 files. */
const maxEntries = 400_000;
const maxDepth = 24;

const moduleFile = /\.ko(?:\.debug)?(?:\.(?:gz|xz|zst))?$/;

/** True for a path that is called as modules are. */
export const isModuleFile = (path: string): boolean => moduleFile.test(path);

/**
 * Modules below a folder by their names, as the kernel spells them (`_` for `-`); the folder is gone through once. A
 * module in place of a folder is its only one.
 */
export class ModuleFolder {
  readonly path: string;
  #byName: Map<string, string[]> | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** The files that may be of a module, those nearest to the folder first. */
  find(module: string): readonly string[] {
    this.#byName ??= search(this.path);
    return this.#byName.get(module.replaceAll('-', '_')) ?? [];
  }
}

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    // What cannot be read has no modules.
    return [];
  }
}

/** Breadth first, symbolic links to folders left out: they may lead in circles. */
function search(root: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (isModuleFile(root) && statSync(root, { throwIfNoEntry: false })?.isFile() === true)
    return found.set(moduleNameOfPath(root), [root]);
  let left = maxEntries;
  let level: string[] = [root];
  for (let depth = 0; depth < maxDepth && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      for (const entry of list(folder).sort((a, b) => (a.name < b.name ? -1 : 1))) {
        if (left-- <= 0) return found;
        const path = join(folder, entry.name);
        if (entry.isDirectory()) below.push(path);
        else if (moduleFile.test(entry.name) && (entry.isFile() || entry.isSymbolicLink())) {
          const name = moduleNameOfPath(path);
          const known = found.get(name);
          if (known === undefined) found.set(name, [path]);
          else known.push(path);
        }
      }
    }
    level = below;
  }
  return found;
}
