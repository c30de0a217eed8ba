import { Attribute, UnitType } from './constants.ts';
import { dwarfError } from './errors.ts';
import { FunctionNames } from './names.ts';
import type { Problems } from './problems.ts';
import { type DebugSections, SectionSet } from './sections.ts';
import { foldPath, joinPath } from './source-tree.ts';
import type { Unit } from './unit.ts';
import { UnitStore } from './unit-store.ts';

/** Opens a file of split debug information (`.dwo`) by its path; undefined where there is none. */
export type OpenSplitFile = (path: string) => DebugSections | undefined;

/** A file that has the split files of many units, found by what a skeleton and its unit have in common. */
export interface SplitPackage {
  unit(id: bigint): DebugSections | undefined;
}

/** The unit that has the entries of a skeleton, and the names of the functions in its file. */
export interface SplitUnit {
  readonly unit: Unit;
  readonly store: UnitStore;
  readonly names: FunctionNames;
}

/** Finds the units that were split off into files of their own (`CONFIG_DEBUG_INFO_SPLIT`). */
export class SplitFiles {
  readonly #open: OpenSplitFile;
  readonly #directory: string | undefined;
  readonly #problems: Problems;
  readonly #package: SplitPackage | undefined;
  /** The file that the latest unit is in. */
  #opened: DebugSections | undefined;

  /** `directory` is that of the file with the skeletons: a kernel that was moved has its split files beside it. */
  constructor(open: OpenSplitFile, directory: string | undefined, problems: Problems, splitPackage?: SplitPackage) {
    this.#open = open;
    this.#package = splitPackage;
    this.#directory = directory;
    this.#problems = problems;
  }

  /**
   * The split unit of a skeleton; undefined if the unit is none, or its file is not to be found, which is noted. It
   * can be read until the next one is asked for.
   */
  unit(skeleton: Unit): SplitUnit | undefined {
    this.close();
    const name = skeleton.text(Attribute.dwoName) ?? skeleton.text(Attribute.gnuDwoName);
    if (name === undefined || name === '') {
      return undefined;
    }
    const id = splitId(skeleton);
    const packed = id === undefined ? undefined : this.#package?.unit(id);
    const there = packed && this.#unitOf(packed, skeleton);
    if (there !== undefined) {
      return there;
    }
    const paths = this.#paths(name, skeleton.directory);
    for (const path of paths) {
      this.#opened = this.#open(path);
      const found = this.#opened && this.#unitOf(this.#opened, skeleton);
      if (found !== undefined) {
        return found;
      }
      this.close();
    }
    this.#problems.add(
      dwarfError(
        'SPLIT',
        '.debug_info',
        skeleton.header.offset,
        `the unit's entries are in another file, which is not to be found or of another build: ${paths.join(', ')}`,
      ),
    );
    return undefined;
  }

  /** Closes the file of the latest unit, which is not asked for any more: a kernel has thousands of them. */
  close(): void {
    this.#opened?.close?.();
    this.#opened = undefined;
  }

  #unitOf(sections: DebugSections, skeleton: Unit): SplitUnit | undefined {
    const store = new UnitStore(new SectionSet(sections, true));
    store.tables.budget = skeleton.tables.budget;
    const id = splitId(skeleton);
    for (const header of store.headers()) {
      if (header.type !== UnitType.compile && header.type !== UnitType.splitCompile) {
        continue;
      }
      const unit = store.unit(header.offset, skeleton);
      if (id !== undefined && splitId(unit) === id) {
        return { unit, store, names: new FunctionNames(store) };
      }
    }
    return undefined;
  }

  /** Where the compiler wrote it, then beside the file with the skeleton: by its whole name, and by its last part. */
  #paths(name: string, compilationDirectory: string | undefined): string[] {
    const paths = [joinPath(compilationDirectory, name)];
    if (this.#directory !== undefined) {
      if (!name.startsWith('/')) {
        paths.push(joinPath(this.#directory, name));
      }
      paths.push(joinPath(this.#directory, name.slice(name.lastIndexOf('/') + 1)));
    }
    return [...new Set(paths.map(foldPath))];
  }
}

/** What a skeleton and its split unit have in common: since DWARF 5 in the header, before in an attribute. */
function splitId(unit: Unit): bigint | undefined {
  return unit.header.dwoId ?? unit.exact(Attribute.gnuDwoId);
}
