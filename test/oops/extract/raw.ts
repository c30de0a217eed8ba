import type { LogLine } from '../../../src/model/log-line.ts';
import type { RawReport } from '../../../src/oops/raw-report.ts';

/** Lines of a text as a decoder would hand them down, the first one numbered `first`. */
export function logLines(text: string, first = 1): LogLine[] {
  let at = 0;
  return text.split('\n').map((line, i) => {
    const firstByte = at;
    at += line.length + 1;
    return {
      range: { firstLine: first + i, lastLine: first + i, firstByte, endByte: at },
      text: line,
      context: 'console',
    };
  });
}

/** A report whose headline is the first line of a text. */
export function rawReport(text: string, before = ''): RawReport {
  const lines = logLines(text.replace(/^\n/, '').replace(/\n$/, ''), 100);
  const headline = lines[0];
  if (headline === undefined) throw new Error('no lines');
  return { headline, lines, before: before === '' ? [] : logLines(before) };
}
