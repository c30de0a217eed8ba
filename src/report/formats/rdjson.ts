import { printable } from '../escape.ts';
import { type JsonValue, toJson } from '../json.ts';
import type { FormatOptions } from './options.ts';
import { logLine, logPlace, mainPlace, type Place, stepsOf } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutLines } from './safe.ts';
import { messageLines, titleOf } from './words.ts';

const mostRelated = 50;
/** GitHub, which reviewdog mostly writes to, refuses comments of more than 65536 characters. */
const longestMessage = 16_000;

const severities = { fatal: 'ERROR', error: 'ERROR', warning: 'WARNING', notice: 'INFO' } as const;

type Json = { [key: string]: JsonValue };

const source: Json = { name: 'ktriage' };

/** Columns count bytes from 1, as those of debug information do. */
function location({ file, line, column }: Place): Json {
  return { path: file, range: { start: { line, ...(column !== undefined && { column }) } } };
}

function diagnostics(run: Run, options: FormatOptions): Json[] {
  const found = run.problems.map((problem): Json => {
    const { report } = problem;
    const url = options.kindWords(report.kind)?.url;
    const main = mainPlace(problem, options);
    const steps = stepsOf(report, options).flatMap(({ name, link, place }) =>
      place === undefined ? [] : [{ message: `${link === 'first' ? 'in' : link} ${name}`, location: location(place) }],
    );
    const inLog = { message: 'the report in the log', location: location(logPlace(problem, options)) };
    return {
      message: cutLines([titleOf(problem), ...messageLines(problem, options)], longestMessage).join('\n'),
      location: location(main),
      severity: problem.fails ? severities[report.severity] : 'INFO',
      code: { value: printable(report.kind), ...(url !== undefined && { url }) },
      related_locations: [...(main.isSource && !report.unprinted ? [inLog] : []), ...steps.slice(0, mostRelated)],
    };
  });
  const remarks = remarksOf(run).map(
    ({ path, line, isFailure, code, text }): Json => ({
      message: printable(text),
      location: location(logLine(path, line, options)),
      severity: isFailure ? 'ERROR' : 'WARNING',
      code: { value: code },
    }),
  );
  return [...found, ...remarks];
}

/** reviewdog's DiagnosticResult. */
export function* rdjsonFormat(run: Run, options: FormatOptions): Generator<string> {
  yield `${toJson({ source, severity: 'ERROR', diagnostics: diagnostics(run, options) }, 2)}\n`;
}

/** reviewdog's Diagnostics, one a line. */
export function* rdjsonlFormat(run: Run, options: FormatOptions): Generator<string> {
  for (const diagnostic of diagnostics(run, options)) yield `${toJson({ ...diagnostic, source })}\n`;
}
