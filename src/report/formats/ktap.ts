import { printable } from '../escape.ts';
import { inputName } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { mainPlace, placeText } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { slug, withoutCommands } from './safe.ts';
import { allSplats, overall, testName } from './test-names.ts';
import { sentenceOf, stackLines, titleOf, whereMet } from './words.ts';

const mostDiagnostics = 60;

/** A `#` begins a directive, so no text behind one may hold another. */
const inDirective = (text: string): string => printable(text).replaceAll('#', ' ');

/**
 * KTAP 1 (Documentation/dev-tools/ktap.rst): the first test is of the whole run, then comes one for each problem. What
 * is known of a problem stands in diagnostic lines before its result.
 */
export function* ktapFormat(run: Run, options: FormatOptions): Generator<string> {
  const verdict = overall(run);
  yield `KTAP version 1\n1..${1 + run.problems.length}\n`;
  const why = verdict === 'unknown' ? ' # ERROR no verdict' : '';
  for (const { path, line, text } of remarksOf(run)) {
    yield `${withoutCommands(`# ${inputName(path)}:${line}: ${printable(text)}`)}\n`;
  }
  yield `${verdict === 'pass' ? 'ok' : 'not ok'} 1 ${allSplats}${why}\n`;
  for (const [index, problem] of run.problems.entries()) {
    const { report } = problem;
    const lines = [
      titleOf(problem),
      sentenceOf(problem),
      ...stackLines(problem, options).map((line) => `  ${line}`),
      `at ${placeText(mainPlace(problem, options))}; ${whereMet(problem)}`,
    ];
    for (const line of lines.slice(0, mostDiagnostics)) yield `${withoutCommands(`# ${line}`)}\n`;
    const { fails } = problem;
    const directive = fails ? ` # ERROR ${inDirective(report.kind)} signature=${slug(report.signature)}` : '';
    yield `${fails ? 'not ok' : 'ok'} ${index + 2} ${testName(problem)}${directive}\n`;
  }
}
