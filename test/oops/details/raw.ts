import type { LogLine } from '../../../src/model/log-line.ts';
import type { RawReport } from '../../../src/oops/raw-report.ts';

/** Lines of one context, numbered from 1. */
export function logLines(texts: readonly string[]): LogLine[] {
  return texts.map((text, index) => ({
    text,
    context: 'console',
    range: { firstLine: index + 1, lastLine: index + 1, firstByte: index * 100, endByte: index * 100 + 100 },
  }));
}

/** A report whose headline is the first text; `before` stands before it. */
export function rawReport(texts: readonly string[], before: readonly string[] = []): RawReport {
  const lines = logLines([...before, ...texts]);
  const own = lines.slice(before.length);
  const headline = own[0] ?? { text: '', context: '', range: { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 } };
  return { headline, lines: own, before: lines.slice(0, before.length) };
}
