import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheCheckup } from '../model/doctor.ts';

/** Larger caches are counted so far, and told to be larger. */
const maxEntries = 50_000;
const maxDepth = 8;

/** How much a folder holds, links not followed. */
export function checkCache(name: string, path: string): CacheCheckup {
  let files = 0;
  let bytes = 0;
  let entries = 0;
  const visit = (folder: string, depth: number): void => {
    for (const entry of list(folder) ?? []) {
      if (++entries > maxEntries) return;
      const below = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (depth < maxDepth) visit(below, depth + 1);
      } else if (entry.isFile()) {
        files += 1;
        bytes += lstatSync(below, { throwIfNoEntry: false })?.size ?? 0;
      }
    }
  };
  if (list(path) === undefined) return { name, path };
  visit(path, 0);
  return { name, path, files, bytes, ...(entries > maxEntries && { incomplete: true }) };
}

function list(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}
