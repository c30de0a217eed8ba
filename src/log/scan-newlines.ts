const lineFeed = 10;
/** Words between two additions across lanes: each word adds at most 1 to each of the four lanes of 8 bits. */
const wordsPerSum = 248;

/** Number of line feeds from `from` to `end` (exclusive). Four bytes at a time: 1 GB takes about 0.15 s. */
export function countNewlines(buffer: Uint8Array, from: number, end: number): number {
  const stop = Math.min(end, buffer.length);
  let at = Math.max(0, from);
  let count = 0;
  // Words must be aligned in the memory under the buffer, not in the buffer.
  const misaligned = (buffer.byteOffset + at) & 3;
  const firstWord = Math.min(stop, misaligned === 0 ? at : at + 4 - misaligned);
  for (; at < firstWord; at++) if (buffer[at] === lineFeed) count++;
  if (stop - at >= 4) {
    const words = new Uint32Array(buffer.buffer, buffer.byteOffset + at, (stop - at) >> 2);
    count += countInWords(words);
    at += words.length * 4;
  }
  for (; at < stop; at++) if (buffer[at] === lineFeed) count++;
  return count;
}

function countInWords(words: Uint32Array): number {
  const unrolled = words.length & ~7;
  let count = 0;
  let at = 0;
  while (at < unrolled) {
    const stop = Math.min(unrolled, at + wordsPerSum);
    let lanes = 0;
    for (; at < stop; at += 8) {
      lanes +=
        lineFeedLanes(words[at] ?? 0) +
        lineFeedLanes(words[at + 1] ?? 0) +
        lineFeedLanes(words[at + 2] ?? 0) +
        lineFeedLanes(words[at + 3] ?? 0) +
        lineFeedLanes(words[at + 4] ?? 0) +
        lineFeedLanes(words[at + 5] ?? 0) +
        lineFeedLanes(words[at + 6] ?? 0) +
        lineFeedLanes(words[at + 7] ?? 0);
      lanes |= 0;
    }
    count += laneSum(lanes);
  }
  for (; at < words.length; at++) count += laneSum(lineFeedLanes(words[at] ?? 0));
  return count;
}

/** 1 in each of the four bytes that is a line feed, 0 in the others. Exact: no carry runs from byte to byte. */
function lineFeedLanes(word: number): number {
  const differing = word ^ 0x0a0a0a0a;
  return (~(((differing & 0x7f7f7f7f) + 0x7f7f7f7f) | differing) >>> 7) & 0x01010101;
}

function laneSum(lanes: number): number {
  return (lanes & 255) + ((lanes >>> 8) & 255) + ((lanes >>> 16) & 255) + (lanes >>> 24);
}
