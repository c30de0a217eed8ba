import type { CallFrameRange } from '../dwarf/call-frame-table.ts';
import type { FoundEntry } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';

// An entry of call frames: the length of a range of code, and one more than where in `.debug_frame` its entry begins;
// 0 where several of it have the range, and the file must be asked which comes first.

/** Addresses of kernels are within as many bytes. */
const widest = 2 ** 32;

/** Writes the ranges, which come in any order. Between them there is nothing, nor before them from the base on. */
export function writeCallFrames(ranges: Iterable<CallFrameRange>, writer: PageWriter, base: number): void {
  const sorted = [...ranges].sort((a, b) => a.low - b.low);
  if ((sorted.find(({ high }) => high > base)?.low ?? base) > base) {
    const nothing = writer.entry(0);
    nothing.number(0);
    nothing.number(0);
  }
  for (let at = 0; at < sorted.length; ) {
    const { low = 0, high = 0, offset = 0 } = sorted[at] ?? {};
    let reach = high;
    let next = at + 1;
    for (; (sorted[next]?.low ?? Number.POSITIVE_INFINITY) < reach; next++)
      reach = Math.max(reach, sorted[next]?.high ?? 0);
    const start = Math.max(low, base);
    if (start < reach && start - base < widest) {
      const entry = writer.entry(start - base);
      entry.number(Math.min(reach - start, widest));
      entry.number(next === at + 1 ? offset + 1 : 0);
    }
    at = next;
  }
  writer.end();
}

/** Where the entry of an address begins, which counts from the base as the keys do; undefined if that is not known. */
export function readCallFrame(
  { page, entry }: FoundEntry,
  address: number,
): { readonly offset: number | undefined } | undefined {
  const from = page.read(entry);
  const isInside = address - page.keyOf(entry) < from.number();
  const place = isInside ? from.number() : 0;
  if (from.failed || (isInside && place === 0)) return undefined;
  return { offset: isInside ? place - 1 : undefined };
}
