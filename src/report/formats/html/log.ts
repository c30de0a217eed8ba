import type { Severity } from '../../../model/severity.ts';
import { utf8 } from '../../../util/text.ts';
import { grouped, inputName } from '../../text/words.ts';
import type { LogPart } from '../options.ts';
import type { RunInput } from '../run.ts';
import { cutUnits } from '../safe.ts';
import { html, lineId } from './parts.ts';

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

/** The log of the `nth` input, the lines of reports marked; left out parts are told. */
export function* logLines(input: RunInput, nth: number, parts: readonly LogPart[]): Generator<string> {
  const severityOf = marked(input);
  yield `<h2>${html(inputName(input.path))}</h2>\n<ol>\n`;
  let next = 1;
  for (const { firstLine, lines } of parts) {
    if (firstLine > next)
      yield `<li class="gap"><span></span><span>… ${grouped(firstLine - next)} lines not shown</span></li>\n`;
    let out = '';
    for (const [index, bytes] of lines.entries()) {
      const line = firstLine + index;
      const severity = severityOf(line);
      const id = lineId(nth, line);
      const text = html(cutUnits(utf8(bytes), longestLine));
      out += `<li id="${id}"${severity === undefined ? '' : ` class="${severity}"`}><a href="#${id}">${line}</a><span>${text}</span></li>\n`;
    }
    yield out;
    next = firstLine + lines.length;
  }
  const all = input.facts?.lines;
  if (all !== undefined && all >= next)
    yield `<li class="gap"><span></span><span>… ${grouped(all - next + 1)} lines not shown</span></li>\n`;
  yield '</ol>\n';
}
