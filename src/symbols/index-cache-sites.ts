import type { FoundEntry, IndexFile } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';
import { maxSiteBytes, type PatchSite, patchTables, type TakeSite } from './patch-tables.ts';

/**
 * Places that are patched are kept by the piece of code of as many bytes that they begin in, whose first address is the
 * key. An entry has of each the distance to the one before it in the piece, or to its begin, times `headFactor`, with the
 * number of the table times two and whether a length follows; then the length.
 */
const pieceBytes = 1024;
const headFactor = 32;
/** Addresses of kernels are within as many bytes. */
const widest = 2 ** 32;
/** Lengths take one byte, and there is one more of them: none. */
const lengths = 512;
const noLength = 256;
/** No function is asked about that is longer. */
const longestRange = 1 << 20;
/** There is only room for so many. */
const mostSites = 1 << 22;

/** Writes all places, which are given in any order; nothing if there are too many. */
export function writeSites(give: (take: TakeSite) => void, writer: PageWriter, base: number): void {
  const packed: number[] = [];
  give((table, start, length = noLength) => {
    const key = start - base;
    if (key >= 0 && key < widest && packed.length <= mostSites)
      packed.push((key * patchTables.length + table) * lengths + length);
  });
  let piece = 0;
  let latest = 0;
  if (packed.length === 0 || packed.length > mostSites) return;
  // There may be none in it, which is to be known as well.
  let into = writer.entry(0);
  for (const each of Float64Array.from(packed).sort()) {
    const length = each % lengths;
    const place = Math.floor(each / lengths);
    const table = place % patchTables.length;
    const key = Math.floor(place / patchTables.length);
    const own = Math.floor(key / pieceBytes);
    if (own !== piece) {
      piece = own;
      latest = own * pieceBytes;
      into = writer.entry(latest);
    }
    into.number((key - latest) * headFactor + table * 2 + Number(length !== noLength));
    if (length !== noLength) into.number(length);
    latest = key;
  }
  writer.end();
}

/**
 * The places that begin before an address and not long before another, which count from the base as the keys do, in
 * order; undefined if they are not known.
 */
export function readSites(file: IndexFile, from: number, to: number): readonly PatchSite[] | undefined {
  if (!(from >= 0 && to - from <= longestRange)) return undefined;
  const sites: PatchSite[] = [];
  const first = Math.floor(Math.max(0, from - maxSiteBytes) / pieceBytes);
  for (let piece = first; piece * pieceBytes < to; piece++) {
    const found = file.find('sites', piece * pieceBytes);
    if (found === undefined) return undefined;
    if (found.page.keyOf(found.entry) !== piece * pieceBytes) continue;
    if (!readPiece(found, file.base + piece * pieceBytes, file.base + to, sites)) return undefined;
  }
  return sites;
}

const causeOf = (table: number): PatchSite['cause'] => patchTables[table]?.cause ?? 'unknown';

/** Adds the places of a piece up to an address; false if they make no sense. */
function readPiece({ page, entry }: FoundEntry, begin: number, end: number, sites: PatchSite[]): boolean {
  const from = page.read(entry);
  let start = begin;
  while (!from.isAtEnd && !from.failed) {
    const head = from.number();
    start += Math.floor(head / headFactor);
    if (start >= end) break;
    const length = (head & 1) === 1 ? from.number() : undefined;
    const table = (head % headFactor) >> 1;
    sites.push({ start, end: length === undefined ? undefined : start + length, cause: causeOf(table), table });
  }
  return !from.failed;
}
