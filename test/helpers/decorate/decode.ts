import { LineDecoder } from '../../../src/log/decoder.ts';
import { maxLineBytes } from '../../../src/log/physical-line.ts';
import type { LogLine } from '../../../src/model/log-line.ts';

/** Feeds a whole log, a char per byte, to a decoder of its own. */
export function decodeText(log: string): { lines: LogLine[]; decoder: LineDecoder } {
  const decoder = new LineDecoder();
  const lines: LogLine[] = [];
  let number = 0;
  for (let at = 0; at < log.length; ) {
    const feed = log.indexOf('\n', at);
    const end = feed < 0 ? log.length : feed;
    const endByte = feed < 0 ? end : end + 1;
    const bytes = log.slice(at, Math.min(end, at + maxLineBytes));
    lines.push(...decoder.push({ bytes, number: ++number, firstByte: at, endByte }));
    at = endByte;
  }
  lines.push(...decoder.flush());
  return { lines, decoder };
}
