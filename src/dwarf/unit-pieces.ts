import type { DebugInfoParts } from './debug-info.ts';
import { LineFiles, type SourceFile } from './line-files.ts';
import { collectRows, noRow, type RowTable, unclearRow } from './line-collect.ts';
import { LineTables, loadLineProgram } from './line-header.ts';
import { FunctionNames } from './names.ts';
import { SourceTree } from './source-tree.ts';
import type { Unit } from './unit.ts';
import { collectFunctions, type UnitCall, type UnitFunction } from './unit-functions.ts';
import { type InnermostCalls, innermostCalls } from './unit-inlines.ts';

/** Chains of more calls are cut by `UnitResolver`. */
const deepestChain = 256;

/** Addresses that no unit covers: `DebugInfo` has no frames there. */
export interface BarePiece {
  readonly kind: 'bare';
  readonly low: number;
  readonly high: number;
}

/** Where something changes in a piece: from an address on, up to the next. */
export interface PieceSegment {
  readonly address: number;
  /** Index of a file; -1 where there is no row. */
  readonly file: number;
  readonly line: number;
  readonly column: number;
  /** Index of the innermost inlined call, or -1. */
  readonly call: number;
}

/** Addresses of one unit, all in one function or all in none. */
export interface CodePiece {
  readonly kind: 'function' | 'padding' | 'assembly';
  readonly low: number;
  readonly high: number;
  /** Of the function. */
  readonly name: string | undefined;
  readonly calls: readonly UnitCall[];
  readonly segments: readonly PieceSegment[];
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
 * units or functions overlap, or lines go back. What a piece refers to must be asked for before the next one is taken.
 * @throws KtriageError KT-DWARF-* where the debug information is damaged
 */
export function* allPieces({ store, finder }: DebugInfoParts): Generator<Piece> {
  const byUnit = new Map<number, { low: number; high: number }[]>();
  yield* soleRanges(finder.all(), byUnit);
  const names = new FunctionNames(store);
  const entries = store.cursor();
  for (const [offset, ranges] of byUnit) {
    const unit = store.unit(offset);
    store.load(unit, entries);
    const functions = collectFunctions(unit, entries);
    const name = (entry: number): string | undefined => (entry === 0 ? undefined : names.name(entry, unit, entries));
    yield* piecesOf(unit, ranges, functions, unitLines(unit), name);
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

function unitLines(unit: Unit): Lines {
  const offset = unit.lineProgram;
  const cursor = offset === undefined ? undefined : unit.tables.cursor('line');
  if (offset === undefined || cursor === undefined) {
    const none = new Float64Array(0);
    return { rows: { count: 0, addresses: none, files: noNumbers, lines: noNumbers, columns: noNumbers }, files: undefined };
  }
  const header = loadLineProgram(cursor, offset, unit.header.addressSize);
  const rows = collectRows(header, cursor);
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
): Generator<CodePiece> {
  if (rows === undefined) return;
  const innermost = new Map<UnitFunction, InnermostCalls | undefined>();
  const nameOf = ({ origin }: UnitCall): string | undefined => name(origin);
  const file = (index: number): SourceFile | undefined => files?.file(index);
  for (const part of partsOf(ranges, functions)) {
    const { low, high, function: owner } = part;
    let calls: InnermostCalls | undefined;
    if (owner !== undefined && owner.calls.length > 0) {
      if (!innermost.has(owner)) innermost.set(owner, clearCalls(owner));
      calls = innermost.get(owner);
      if (calls === undefined) continue;
    }
    const segments = segmentsOf(low, high, rows, calls);
    if (segments === undefined) continue;
    const kind = owner !== undefined ? 'function' : unit.isAssembly ? 'assembly' : 'padding';
    const its = owner && name(owner.entry);
    yield { kind, low, high, name: its, calls: owner?.calls ?? [], segments, nameOf, file };
  }
}

function clearCalls(owner: UnitFunction): InnermostCalls | undefined {
  return owner.calls.some(({ depth }) => depth >= deepestChain) ? undefined : innermostCalls(owner);
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
  let widest = all[0];
  for (const each of all.slice(1)) {
    if (widest !== undefined && each.low < widest.high) {
      each.isSole = false;
      widest.isSole = false;
    }
    if (widest === undefined || each.high > widest.high) widest = each;
  }
  let nth = 0;
  for (const { low, high } of ranges) {
    let at = low;
    // Functions may reach over several ranges of their unit.
    while (nth > 0 && (all[nth - 1]?.high ?? 0) > low) nth--;
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

/** Where line or call change between two addresses; undefined where lines are not clear. */
function segmentsOf(
  low: number,
  high: number,
  rows: RowTable,
  calls: InnermostCalls | undefined,
): PieceSegment[] | undefined {
  const segments: PieceSegment[] = [];
  let row = lastAt(rows.addresses, rows.count, low);
  let bound = calls === undefined ? -1 : lastAt(calls.bounds, calls.bounds.length, low);
  let address = low;
  let latest: PieceSegment | undefined;
  while (address < high) {
    const file = row < 0 ? noRow : (rows.files[row] ?? noRow);
    if (file === unclearRow) return undefined;
    const line = file === noRow ? 0 : (rows.lines[row] ?? 0);
    const column = file === noRow ? 0 : (rows.columns[row] ?? 0);
    const call = bound < 0 ? -1 : (calls?.calls[bound] ?? -1);
    const isSame =
      latest !== undefined &&
      latest.file === file &&
      latest.line === line &&
      latest.column === column &&
      latest.call === call;
    if (!isSame) {
      latest = { address, file, line, column, call };
      segments.push(latest);
    }
    const nextRow = row + 1 < rows.count ? (rows.addresses[row + 1] ?? high) : high;
    const nextBound = calls !== undefined && bound + 1 < calls.bounds.length ? (calls.bounds[bound + 1] ?? high) : high;
    address = Math.min(nextRow, nextBound);
    if (nextRow === address) row++;
    if (nextBound === address) bound++;
  }
  return segments;
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
