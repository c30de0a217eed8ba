import type { LogLine } from '../../src/model/log-line.ts';

/**
 * Kernel lines for tests, written as `context|seconds|text`: context and seconds may be left out (`|5|text` has no
 * context at all, `text` alone is a kernel's line of the `console`). Line numbers count from 1.
 */
export function linesOf(...written: string[]): LogLine[] {
  return written.map((line, i) => {
    const [, context, clock, rest] = /^([TC][0-9]+|)\|([0-9.]*)\|(.*)$/s.exec(line) ?? [undefined, 'console', '', line];
    const seconds = clock === '' ? 10 + i / 1000 : Number(clock);
    const range = { firstLine: i + 1, lastLine: i + 1, firstByte: 100 * i, endByte: 100 * (i + 1) };
    return { range, text: rest ?? '', context: context ?? '', ...(context === '' ? {} : { seconds, kernel: true }) };
  });
}
