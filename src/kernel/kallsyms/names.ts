import { isPrintable, type TokenTables } from './tokens.ts';

/** Names of all symbols, in the order of their addresses. */
export interface NameTable {
  readonly count: number;
  /** Where `kallsyms_num_syms` is, in the bytes that were searched. */
  readonly start: number;
  /** The names, each with a NUL behind it. */
  readonly text: Uint8Array;
  /** Where the name of a symbol begins in `text`. */
  readonly places: Uint32Array;
  /** A letter for each, as `nm` has it: `T`. */
  readonly types: Uint8Array;
}

/** Names between two markers. */
const perMarker = 256;
/** Kernels have 100000 to 300000 symbols, small ones ten thousand. */
const leastMarkers = 4;
const mostSymbols = 4_194_304;
/** KSYM_NAME_LEN, since 6.1; each name has one byte at least beside its length. */
const longestName = 512;
const leastStep = 2 * perMarker;
const mostStep = (longestName + 2) * perMarker;
/** Between markers and texts is a table with 3 bytes for each symbol from 6.2 to 6.3 (kallsyms_seqs_of_names). */
const reachBefore = 3 * mostSymbols;
/** Places that may be those of markers, of which all but one are something else. */
const mostTried = 64;
const mostTooMany = 2;
/** Numbers of symbols that fit, whose first names are gone through, and of which all are put together. */
const mostWalks = 16_384;
const mostExpansions = 4;
/** All names together. */
const mostText = 134_217_728;
/** The number of symbols is 4 bytes, of which the next 4 (8 up to 6.x) are aligned. */
const numberBefore = [4, 8];

/**
 * The names before some tokens: their number, the names, and of each 256th where it is (`kallsyms_num_syms`, `_names`,
 * `_markers`, in this order since 4.20 at least).
 */
export function findNames(bytes: Uint8Array, tables: TokenTables): NameTable | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // All tables are aligned to 4 bytes in memory, and so are the pages that were read.
  const last = tables.start - (tables.start % 4);
  const first = Math.max(0, last - reachBefore);
  let left = mostTried;
  const budget = { walks: mostWalks, expansions: mostExpansions };
  for (let at = last - 4 * leastMarkers; at >= first; at -= 4) {
    if (view.getUint32(at, true) !== 0 || !isStep(view.getUint32(at + 4, true))) continue;
    const markers = markersAt(view, at, last);
    if (markers.length < leastMarkers) continue;
    if (--left < 0) return undefined;
    // What follows them may look like one more.
    for (let more = 0; more <= mostTooMany; more++) {
      const found = namesBefore(bytes, view, at, markers.slice(0, markers.length - more), tables.tokens, budget);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

const isStep = (bytes: number): boolean => bytes >= leastStep && bytes <= mostStep;

function markersAt(view: DataView, start: number, end: number): number[] {
  const markers = [0];
  for (let at = start + 4; at + 4 <= end; at += 4) {
    const next = view.getUint32(at, true);
    if (!isStep(next - (markers.at(-1) ?? 0))) break;
    markers.push(next);
  }
  return markers;
}

function namesBefore(
  bytes: Uint8Array,
  view: DataView,
  markersStart: number,
  markers: readonly number[],
  tokens: readonly Uint8Array[],
  budget: { walks: number; expansions: number },
): NameTable | undefined {
  const known = markers.at(-1) ?? 0;
  const nearest = markersStart - known;
  for (let names = nearest - (nearest % 4); names > nearest - mostStep && names >= 4; names -= 4) {
    for (const before of numberBefore) {
      if (before > names) continue;
      const count = view.getUint32(names - before, true);
      if (count > mostSymbols || Math.ceil(count / perMarker) !== markers.length) continue;
      if (budget.walks-- <= 0 || budget.expansions <= 0) return undefined;
      if (!lengthsAgree(bytes, names, markers)) continue;
      budget.expansions--;
      const found = expandAll(bytes.subarray(names, markersStart), count, tokens);
      if (found !== undefined) return { ...found, count, start: names - before };
    }
  }
  return undefined;
}

/** Whether the first names have as many bytes as the second marker says. */
function lengthsAgree(bytes: Uint8Array, start: number, markers: readonly number[]): boolean {
  const end = start + (markers[1] ?? 0);
  let at = start;
  for (let name = 0; name < perMarker && at < end; name++) at = nextName(bytes, at).end;
  return at === end;
}

/** A length has two bytes where it is over 127 (ULEB128, since 6.1; there are none so long before). */
function nextName(bytes: Uint8Array, at: number): { readonly from: number; readonly end: number } {
  const first = bytes[at] ?? 0;
  const isLong = first >= 0x80;
  const length = isLong ? (first & 0x7f) | ((bytes[at + 1] ?? 0) << 7) : first;
  const from = at + (isLong ? 2 : 1);
  return { from, end: from + length };
}

/** All names in full; undefined if one of them is none. The letter of the type is before each. */
function expandAll(
  names: Uint8Array,
  count: number,
  tokens: readonly Uint8Array[],
): Omit<NameTable, 'count' | 'start'> | undefined {
  const pieces = Buffer.concat(tokens);
  const starts = new Uint32Array(tokens.length + 1);
  for (const [nth, { length }] of tokens.entries()) starts[nth + 1] = (starts[nth] ?? 0) + length;
  const places = new Uint32Array(count);
  const types = new Uint8Array(count);
  let text = new Uint8Array(Math.min(count * 32, mostText));
  let used = 0;
  let at = 0;
  for (let symbol = 0; symbol < count; symbol++) {
    const { from, end } = nextName(names, at);
    if (end > names.length || end === from) return undefined;
    if (used + longestName * 2 > text.length) {
      if (text.length >= mostText) return undefined;
      const larger = new Uint8Array(Math.min(text.length * 2 + longestName * 2, mostText));
      larger.set(text);
      text = larger;
    }
    const start = used;
    for (let byte = from; byte < end; byte++) {
      const token = names[byte] ?? 0;
      const first = starts[token] ?? 0;
      const last = starts[token + 1] ?? 0;
      if (first === last || used - start + last - first > longestName) return undefined;
      // There are millions of them, of which most have one or two bytes.
      for (let each = first; each < last; each++) text[used++] = pieces[each] ?? 0;
    }
    const type = text[start] ?? 0;
    if (used - start < 2 || !isPrintable(type)) return undefined;
    types[symbol] = type;
    places[symbol] = start + 1;
    text[used++] = 0;
    at = end;
  }
  return { text: text.subarray(0, used), places, types };
}
