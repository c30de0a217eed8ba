import type { Cursor } from './cursor.ts';
import { FunctionEntry } from './function-entry.ts';
import { small } from './small.ts';
import type { Unit } from './unit.ts';
import type { UnitStore } from './unit-store.ts';

/** Real chains have three: an inlined call, the abstract instance, the declaration. What is longer is a cycle. */
const longestChain = 16;
const entryWindow = 512;
/** An entry is not larger but for a name in place, and names are not either. */
const largestEntry = 1 << 16;
/** References mostly stay within a unit, so that the names of earlier ones are of no use. */
const mostNames = 1024;

/**
 * The names of functions by the offset of their entries: of the entry itself, or of what it is an instance or the
 * definition of, in whatever unit that is. Of Rust and C++ they are the mangled ones, as only these are whole.
 */
export class FunctionNames {
  readonly #store: UnitStore;
  readonly #entry = new FunctionEntry();
  readonly #names = new Map<number, string | undefined>();
  #foreign: Cursor | undefined;

  constructor(store: UnitStore) {
    this.#store = store;
  }

  /**
   * The name of the function whose entry is at an offset of `.debug_info`, or below zero of the supplement's. `unit` is
   * one whose entries are loaded in `loaded`, where most references lead to.
   */
  name(offset: number, unit?: Unit, loaded?: Cursor): string | undefined {
    if (this.#names.has(offset)) {
      return this.#names.get(offset);
    }
    const name = this.#find(offset, unit, loaded);
    if (this.#names.size >= mostNames) {
      this.#names.clear();
    }
    this.#names.set(offset, name);
    return name;
  }

  #find(offset: number, unit: Unit | undefined, loaded: Cursor | undefined): string | undefined {
    const entry = this.#entry;
    let at = offset;
    let plain: string | undefined;
    for (let length = 0; at !== 0 && length < longestChain; length++) {
      if (at < 0) {
        const shared = this.#store.tables.supplement?.name(-at);
        return isMangled(shared) ? shared : (plain ?? shared);
      }
      const owner = this.#read(at, unit, loaded);
      if (owner === undefined) {
        break;
      }
      const linkage = entry.linkageName(owner);
      if (isMangled(linkage)) {
        return linkage;
      }
      plain ??= entry.name(owner) ?? linkage;
      at = entry.origin(owner) || entry.specification(owner);
    }
    return plain;
  }

  /** Reads the entry at an offset and says which unit it belongs to. */
  #read(offset: number, unit: Unit | undefined, loaded: Cursor | undefined): Unit | undefined {
    if (unit !== undefined && loaded !== undefined && offset >= unit.header.entries && offset < unit.header.end) {
      const position = loaded.position;
      loaded.position = small(offset - loaded.base);
      try {
        return this.#readAt(loaded, unit);
      } finally {
        loaded.position = position;
      }
    }
    const owner = this.#store.unitAround(offset);
    this.#foreign ??= this.#store.cursor();
    for (let window = entryWindow; ; window *= 8) {
      this.#foreign.seek(offset, Math.min(window, owner.header.end - offset));
      try {
        return this.#readAt(this.#foreign, owner);
      } catch (error) {
        if (window >= largestEntry) {
          throw error;
        }
      }
    }
  }

  #readAt(cursor: Cursor, unit: Unit): Unit | undefined {
    const index = unit.abbreviations.indexOf(cursor.uleb());
    if (index < 0) {
      return undefined;
    }
    this.#entry.take(cursor, unit.abbreviations, index);
    return unit;
  }
}

/** Only Rust and C++ mangle; clang has linkage names for C too (`name.llvm.123`, `name.__uniq.456`), which say less. */
function isMangled(name: string | undefined): name is string {
  return name !== undefined && /^_[RZ]/.test(name);
}
