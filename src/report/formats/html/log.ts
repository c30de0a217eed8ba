import type { Severity } from '../../../model/severity.ts';
import { utf8 } from '../../../util/text.ts';
import { grouped, inputName } from '../../text/words.ts';
import type { LogPart } from '../options.ts';
import type { RunInput } from '../run.ts';
import { cutUnits } from '../safe.ts';
import { folded, html, lineId } from './parts.ts';

/** Longer lines are cut: nobody reads them, and browsers lay them out slowly. */
const longestLine = 4000;

/** The severity of the report that each line is part of. */
function marked(input: RunInput): (line: number) => Severity | undefined {
  const bounds = input.events.map(({ line, lastLine, severity }) => ({ first: line, last: lastLine, severity }));
  let at = 0;
  return (line) => {
    // Lines are asked for in their order, and events are in it too.
    while (at < bounds.length && (bounds[at]?.last ?? 0) < line) at += 1;
    const event = bounds[at];
    return event !== undefined && event.first <= line ? event.severity : undefined;
  };
}

/** Lines before and behind a report that stay in sight; fewer others in a row than this are not worth folding. */
const linesAround = 12;
const leastFolded = 30;

/** Where runs of lines that are near a report, or far from all, begin. */
function runsOf(part: LogPart, input: RunInput): { readonly from: number; readonly isNear: boolean }[] {
  const end = part.firstLine + part.lines.length;
  const runs: { from: number; isNear: boolean }[] = [];
  let next = part.firstLine;
  for (const { line, lastLine } of input.events) {
    const from = Math.max(line - linesAround, next);
    const to = Math.min(Math.max(lastLine, line) + linesAround + 1, end);
    if (to <= next || from >= end) continue;
    if (from - next >= leastFolded) runs.push({ from: next, isNear: false }, { from, isNear: true });
    else if (runs.at(-1)?.isNear !== true) runs.push({ from: next, isNear: true });
    next = to;
  }
  if (end - next >= leastFolded) runs.push({ from: next, isNear: false });
  return runs.length === 0 || runs[0]?.from !== part.firstLine
    ? [{ from: part.firstLine, isNear: true }, ...runs]
    : runs;
}

/** The log of the `nth` input, the lines of reports marked, lines far from them folded; left out parts are told. */
export function* logLines(input: RunInput, nth: number, parts: readonly LogPart[]): Generator<string> {
  const severityOf = marked(input);
  yield `<h2>${html(inputName(input.path))}</h2>\n`;
  let next = 1;
  for (const part of parts) {
    const { firstLine, lines } = part;
    if (firstLine > next) yield gap(firstLine - next);
    const runs = runsOf(part, input);
    for (const [index, { from, isNear }] of runs.entries()) {
      const to = runs[index + 1]?.from ?? firstLine + lines.length;
      let out = '';
      for (let line = from; line < to; line++) {
        const severity = severityOf(line);
        const id = lineId(nth, line);
        const text = html(cutUnits(utf8(lines[line - firstLine] ?? ''), longestLine));
        out += `<li id="${id}"${severity === undefined ? '' : ` class="${severity}"`}><a href="#${id}">${line}</a><span>${text}</span></li>\n`;
      }
      const list = `<ol>\n${out}</ol>\n`;
      yield isNear ? list : folded(`Lines ${from} to ${to - 1}`, list);
    }
    next = firstLine + lines.length;
  }
  const all = input.facts?.lines;
  if (all !== undefined && all >= next) yield gap(all - next + 1);
}

const gap = (lines: number): string => `<p class="gap">… ${grouped(lines)} lines not shown</p>\n`;
