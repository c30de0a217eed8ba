import type { DebugInfoParts } from './debug-info.ts';
import { noRow, RowCollector, type RowTable, unclearRow } from './line-collect.ts';
import { LineFiles, type SourceFile } from './line-files.ts';
import { LineTables, loadLineProgram } from './line-header.ts';
import { FunctionNames } from './names.ts';
import { SourceTree } from './source-tree.ts';
import type { Unit } from './unit.ts';
import { collectFunctions, type UnitCall, type UnitFunction } from './unit-functions.ts';
import { type InnermostCalls, innermostCalls, type StepsLeft } from './unit-inlines.ts';

/** Chains of more calls are cut by `UnitResolver`. */
const deepestChain = 256;

/** What finding the calls of all functions may cost: kernels need some million. */
const mostSteps = 1 << 28;

/** What is used again for each unit. */
interface Scratch extends StepsLeft {
  readonly rows: RowCollector;
  readonly segments: Segments;
}

/** Addresses that no unit covers: `DebugInfo` has no frames there. */
export interface BarePiece {
  readonly kind: 'bare';
  readonly low: number;
  readonly high: number;
}

/**
 * Where something changes in a piece: columns of numbers, of which the first `count` count. They are used again for the
 * next piece, as there are millions.
 */
export interface PieceSegments {
  readonly count: number;
  /** From here on, up to the next; counted from the piece's beginning. */
  readonly starts: Int32Array;
  /** Indexes of files; -1 where there is no row. */
  readonly files: Int32Array;
  readonly lines: Int32Array;
  readonly columns: Int32Array;
  /** Indexes of the innermost inlined calls, or -1. */
  readonly calls: Int32Array;
}

/** Addresses of one unit, all in one function or all in none. */
export interface CodePiece {
  readonly kind: 'function' | 'padding' | 'assembly';
  readonly low: number;
  readonly high: number;
  /** Of the function. */
  readonly name: string | undefined;
  readonly calls: readonly UnitCall[];
  readonly segments: PieceSegments;
  /** The name of what a call calls. */
  readonly nameOf: (call: UnitCall) => string | undefined;
  readonly file: (index: number) => SourceFile | undefined;
}

export type Piece = BarePiece | CodePiece;

/** Part of a unit's range, and the function in it. */
interface Part {
  readonly low: number;
  readonly high: number;
  readonly function: UnitFunction | undefined;
}

/**
 * All that `DebugInfo.resolve` says of a file's addresses. What is left out depends on what else is asked about: where
 * units or functions overlap, or lines go back. A piece, and what it refers to, must be asked
 * before the next one is taken.
 * @throws KtriageError KT-DWARF-* where the debug information is damaged
 */
export function* allPieces({ store, finder }: DebugInfoParts): Generator<Piece> {
  const byUnit = new Map<number, { low: number; high: number }[]>();
  yield* soleRanges(finder.all(), byUnit);
  const names = new FunctionNames(store);
  const entries = store.cursor();
  const scratch: Scratch = { rows: new RowCollector(), segments: new Segments(), left: mostSteps };
  for (const [offset, ranges] of byUnit) {
    const unit = store.unit(offset);
    store.load(unit, entries);
    const functions = collectFunctions(unit, entries);
    const name = (entry: number): string | undefined => (entry === 0 ? undefined : names.name(entry, unit, entries));
    yield* piecesOf(unit, ranges, functions, unitLines(unit, scratch.rows), name, scratch);
  }
}

/** Gives what lies between all ranges, and sorts those that overlap no other by their units. */
function* soleRanges(
  ranges: Iterable<{ readonly low: number; readonly high: number; readonly unit: number }>,
  byUnit: Map<number, { low: number; high: number }[]>,
): Generator<BarePiece> {
  let latest: { low: number; high: number; unit: number; isSole: boolean } | undefined;
  let reach = 0;
  const take = (): void => {
    if (latest?.isSole !== true) return;
    const known = byUnit.get(latest.unit);
    if (known === undefined) byUnit.set(latest.unit, [latest]);
    else known.push(latest);
  };
  for (const { low, high, unit } of ranges) {
    const overlaps = latest !== undefined && low < reach;
    if (latest !== undefined && overlaps) latest.isSole = false;
    if (latest !== undefined && low > reach) yield { kind: 'bare', low: reach, high: low };
    take();
    reach = latest === undefined ? high : Math.max(reach, high);
    latest = { low, high, unit, isSole: !overlaps };
  }
  take();
}

interface Lines {
  readonly rows: RowTable | undefined;
  readonly files: LineFiles | undefined;
}

function unitLines(unit: Unit, collector: RowCollector): Lines {
  const offset = unit.lineProgram;
  const cursor = offset === undefined ? undefined : unit.tables.cursor('line');
  if (offset === undefined || cursor === undefined) {
    const none = new Float64Array(0);
    return {
      rows: { count: 0, addresses: none, files: noNumbers, lines: noNumbers, columns: noNumbers },
      files: undefined,
    };
  }
  const header = loadLineProgram(cursor, offset, unit.header.addressSize);
  // Units may share a program, but not all of them a large one.
  unit.tables.budget.spendBytes(cursor.end, cursor.section.name, cursor.section.size, offset);
  const rows = collector.collect(header, cursor);
  // What the tree's top is must not depend on the units before.
  return { rows, files: new LineFiles(new LineTables(header, cursor), unit, new SourceTree()) };
}

const noNumbers = new Int32Array(0);

function* piecesOf(
  unit: Unit,
  ranges: readonly { readonly low: number; readonly high: number }[],
  functions: readonly UnitFunction[],
  { rows, files }: Lines,
  name: (entry: number) => string | undefined,
  scratch: Scratch,
): Generator<CodePiece> {
  if (rows === undefined) return;
  const { segments } = scratch;
  const innermost = new Map<UnitFunction, InnermostCalls | undefined>();
  const nameOf = ({ origin }: UnitCall): string | undefined => name(origin);
  const file = (index: number): SourceFile | undefined => files?.file(index);
  for (const part of partsOf(ranges, functions)) {
    const { low, high, function: owner } = part;
    let calls: InnermostCalls | undefined;
    if (owner !== undefined && owner.calls.length > 0) {
      if (!innermost.has(owner)) innermost.set(owner, clearCalls(owner, scratch));
      calls = innermost.get(owner);
      if (calls === undefined) continue;
    }
    if (!segments.fill(low, high, rows, calls)) continue;
    const kind = owner !== undefined ? 'function' : unit.isAssembly ? 'assembly' : 'padding';
    const its = owner && name(owner.entry);
    yield { kind, low, high, name: its, calls: owner?.calls ?? [], segments, nameOf, file };
  }
}

function clearCalls(owner: UnitFunction, steps: StepsLeft): InnermostCalls | undefined {
  return owner.calls.some(({ depth }) => depth >= deepestChain) ? undefined : innermostCalls(owner, steps);
}

/** A unit's ranges, cut into functions and what is between them; without what two of them cover. */
function* partsOf(
  ranges: readonly { readonly low: number; readonly high: number }[],
  functions: readonly UnitFunction[],
): Generator<Part> {
  const all: { low: number; high: number; function: UnitFunction; isSole: boolean }[] = [];
  for (const each of functions)
    for (const [nth, low] of each.lows.entries())
      all.push({ low, high: each.highs[nth] ?? 0, function: each, isSole: true });
  all.sort((a, b) => a.low - b.low);
  // Those that overlap become one, of nobody.
  let count = 0;
  for (const each of all) {
    const before = all[count - 1];
    if (before !== undefined && each.low < before.high) {
      before.isSole = false;
      before.high = Math.max(before.high, each.high);
    } else all[count++] = each;
  }
  all.length = count;
  let nth = 0;
  for (const { low, high } of ranges) {
    let at = low;
    // Functions may reach over several ranges of their unit.
    if (nth > 0 && (all[nth - 1]?.high ?? 0) > low) nth--;
    for (; nth < all.length; nth++) {
      const each = all[nth];
      if (each === undefined || each.low >= high) break;
      if (each.high <= at) continue;
      const from = Math.max(each.low, at);
      const to = Math.min(each.high, high);
      if (from > at) yield { low: at, high: from, function: undefined };
      if (each.isSole) yield { low: from, high: to, function: each.function };
      at = to;
    }
    if (at < high) yield { low: at, high, function: undefined };
  }
}

/** The segments of one piece at a time. */
class Segments implements PieceSegments {
  count = 0;
  starts = new Int32Array(1024);
  files = new Int32Array(1024);
  lines = new Int32Array(1024);
  columns = new Int32Array(1024);
  calls = new Int32Array(1024);

  /** Takes where line or call change between two addresses; false where lines are not clear. */
  fill(low: number, high: number, rows: RowTable, calls: InnermostCalls | undefined): boolean {
    this.count = 0;
    let row = lastAt(rows.addresses, rows.count, low);
    let bound = calls === undefined ? -1 : lastAt(calls.bounds, calls.count, low);
    const bounds = calls?.count ?? 0;
    let address = low;
    while (address < high) {
      const file = row < 0 ? noRow : (rows.files[row] ?? noRow);
      if (file === unclearRow) return false;
      const line = file === noRow ? 0 : (rows.lines[row] ?? 0);
      const column = file === noRow ? 0 : (rows.columns[row] ?? 0);
      this.#add(address - low, file, line, column, bound < 0 ? -1 : (calls?.calls[bound] ?? -1));
      const nextRow = row + 1 < rows.count ? (rows.addresses[row + 1] ?? high) : high;
      const nextBound = bound + 1 < bounds ? (calls?.bounds[bound + 1] ?? high) : high;
      address = Math.min(nextRow, nextBound);
      if (nextRow === address) row++;
      if (nextBound === address) bound++;
    }
    return true;
  }

  #add(start: number, file: number, line: number, column: number, call: number): void {
    const last = this.count - 1;
    const isSame =
      last >= 0 &&
      this.lines[last] === line &&
      this.columns[last] === column &&
      this.calls[last] === call &&
      this.files[last] === file;
    if (isSame) return;
    if (this.count === this.starts.length) this.#grow();
    const at = this.count++;
    this.starts[at] = start;
    this.files[at] = file;
    this.lines[at] = line;
    this.columns[at] = column;
    this.calls[at] = call;
  }

  #grow(): void {
    this.starts = twice(this.starts);
    this.files = twice(this.files);
    this.lines = twice(this.lines);
    this.columns = twice(this.columns);
    this.calls = twice(this.calls);
  }
}

function twice(values: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const made = new Int32Array(2 * values.length);
  made.set(values);
  return made;
}

/** The last of ascending numbers that is not above a value; -1 if all are. */
function lastAt(ascending: Float64Array, count: number, value: number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((ascending[middle] ?? 0) <= value) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
