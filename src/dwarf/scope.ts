import { Attribute, Tag } from './constants.ts';
import type { EntryHead, EntryReader, PlacedEntry } from './entry-reader.ts';
import { FunctionEntry } from './function-entry.ts';
import { FunctionFinder } from './functions.ts';
import { Ranges, readLowHigh, readRanges } from './ranges.ts';
import { tooDeep } from './skip.ts';
import type { Unit } from './unit.ts';

/** A function, or an inlined call of one, that an address lies in, with the blocks in it that do too. */
export interface ScopeLevel {
  /** The function's entry, or the inlined call's. */
  readonly entry: PlacedEntry;
  readonly inlined: boolean;
  /** Lexical blocks from the outermost on. */
  readonly blocks: readonly PlacedEntry[];
}

const deepestScope = 512;
/** Entries of calls and blocks of one function: the largest of a kernel have some ten thousand. */
const mostVisits = 1 << 20;

interface Path {
  readonly levels: readonly ScopeLevel[];
  /** Bytes of the innermost call. */
  readonly size: number;
}

/** Finds what function and what inlined calls of a unit an address lies in: the same that positions are told of. */
export class ScopeFinder {
  readonly #entries: EntryReader;
  readonly #functions = new FunctionFinder(false);
  readonly #entry = new FunctionEntry();
  readonly #ranges = new Ranges();
  #visits = 0;
  /** The function that was found before. */
  #last: PlacedEntry | undefined;

  constructor(entries: EntryReader) {
    this.#entries = entries;
  }

  /** The function that an address lies in; undefined where there is none. */
  function(unit: Unit, address: number): PlacedEntry | undefined {
    // Who asks about one place of a function asks about others, and to find it takes going through the unit.
    if (this.#last !== undefined && this.#last.unit === unit && this.#sizeAt(this.#last, address) !== undefined) {
      return this.#last;
    }
    const [match] = this.#functions.find(unit, this.#entries.load(unit), [address]);
    this.#last = match && this.#entries.at(match.entry, unit);
    return this.#last;
  }

  /** The levels at an address, innermost first; the last is the function. None where no function covers it. */
  levels(unit: Unit, address: number): readonly ScopeLevel[] {
    const found = this.function(unit, address);
    if (found === undefined) {
      return [];
    }
    this.#visits = 0;
    const outermost: ScopeLevel = { entry: found, inlined: false, blocks: [] };
    const path = this.#deepest(found, { levels: [outermost], size: Infinity }, address, 0);
    return [...path.levels].reverse();
  }

  /**
   * The path below an entry that goes deepest; of two as deep that with the smaller call, as overlapping ranges of
   * neighbours have it (see `inlines.ts`), then that with more blocks.
   */
  #deepest(parent: PlacedEntry, path: Path, address: number, depth: number): Path {
    let best = path;
    if (depth > deepestScope) {
      throw tooDeep(this.#entries.load(parent.unit), 0);
    }
    const { unit } = parent;
    // Most calls are elsewhere, which their ranges tell without reading all of them.
    const wanted = (head: EntryHead): boolean =>
      head.tag === Tag.lexicalBlock || (head.tag === Tag.inlinedSubroutine && this.#contains(unit, head, address));
    for (const child of this.#entries.children(parent, wanted)) {
      if (++this.#visits > mostVisits) {
        break;
      }
      const size = this.#sizeAt(child, address);
      const isBlock = child.tag === Tag.lexicalBlock;
      if (size === undefined && !isBlock) {
        continue;
      }
      const candidate = this.#deepest(
        child,
        isBlock ? withBlock(path, child, size) : withCall(path, child, size ?? 0),
        address,
        depth + 1,
      );
      if (isBetter(candidate, best)) {
        best = candidate;
      }
    }
    return best;
  }

  #contains(unit: Unit, { start, index }: EntryHead, address: number): boolean {
    const cursor = this.#entries.load(unit);
    cursor.position = start - cursor.base;
    this.#entry.take(cursor, unit.abbreviations, index);
    this.#entry.ranges(unit, this.#ranges);
    unit.tables.budget.spendRanges(this.#ranges.count, '.debug_info', start);
    return this.#ranges.contains(address);
  }

  /** Bytes of an entry's code if an address is in it. */
  #sizeAt(entry: PlacedEntry, address: number): number | undefined {
    rangesOf(entry, this.#ranges);
    entry.unit.tables.budget.spendRanges(this.#ranges.count, '.debug_info', entry.offset);
    return this.#ranges.contains(address) ? this.#ranges.size : undefined;
  }
}

/** The ranges of an entry's code, instead of what `into` holds. */
export function rangesOf({ attributes, unit }: PlacedEntry, into: Ranges): void {
  into.clear();
  const list = attributes.get(Attribute.ranges);
  const low = attributes.get(Attribute.lowPc);
  const high = attributes.get(Attribute.highPc);
  if (list !== undefined) {
    readRanges(unit, list.form, list.value, into);
  } else if (low !== undefined && high !== undefined) {
    readLowHigh(unit, low.value, low.form, high.value, high.form, into);
  }
}

/**
 * A block that the address is not in is gone through for calls, but its variables are not in scope; one without code
 * of its own belongs to what is around it (see `VariableEntries`).
 */
function withBlock(path: Path, block: PlacedEntry, size: number | undefined): Path {
  const last = path.levels.at(-1);
  if (last === undefined || size === undefined) {
    return path;
  }
  const level = { ...last, blocks: [...last.blocks, block] };
  return { ...path, levels: [...path.levels.slice(0, -1), level] };
}

/** Whether a block says where its code is. */
export function hasRanges({ attributes }: PlacedEntry): boolean {
  return attributes.has(Attribute.lowPc) || attributes.has(Attribute.ranges);
}

function withCall(path: Path, call: PlacedEntry, size: number): Path {
  return { levels: [...path.levels, { entry: call, inlined: true, blocks: [] }], size };
}

function isBetter(candidate: Path, best: Path): boolean {
  if (candidate.levels.length !== best.levels.length) {
    return candidate.levels.length > best.levels.length;
  }
  if (candidate.size !== best.size) {
    return candidate.size < best.size;
  }
  return blocksOf(candidate) > blocksOf(best);
}

function blocksOf({ levels }: Path): number {
  return levels.reduce((sum, { blocks }) => sum + blocks.length, 0);
}
