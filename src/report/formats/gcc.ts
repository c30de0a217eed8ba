import { printable } from '../escape.ts';
import { count } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { logLine, logPlace, mainPlace, type Place, stepsOf } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Problem, Run } from './run.ts';
import { withoutCommands } from './safe.ts';
import { sentenceOf, titleOf } from './words.ts';

const severityWords = { fatal: 'error', error: 'error', warning: 'warning', notice: 'note' } as const;

function at({ file, line, column }: Place): string {
  return column === undefined ? `${file}:${line}` : `${file}:${line}:${column}`;
}

function* problemLines(problem: Problem, options: FormatOptions): Generator<string> {
  const { report, fails, times, inputs } = problem;
  const main = mainPlace(problem, options);
  const kind = printable(report.kind);
  yield `${at(main)}: ${fails ? severityWords[report.severity] : 'note'}: ${titleOf(problem)} [${kind}]`;
  yield `${at(main)}: note: ${sentenceOf(problem)}`;
  for (const { name, link, place } of stepsOf(report, options)) {
    if (place === undefined || (place.file === main.file && place.line === main.line)) continue;
    yield `${at(place)}: note: ${link === 'first' ? 'in' : link} ${name}`;
  }
  if (main.isSource && !report.unprinted)
    yield `${at(logPlace(problem, options))}: note: reported here${times > 1 ? `, ${count(times, 'time')}` : ''}${inputs > 1 ? ` in ${count(inputs, 'input')}` : ''}`;
}

/**
 * The form of compilers' messages, `file:line:column: error: text [kind]`, with notes for the callers. Editors, problem
 * matchers of GitHub and VS Code, and Jenkins read it.
 */
export function* gccFormat(run: Run, options: FormatOptions): Generator<string> {
  for (const problem of run.problems) {
    for (const line of problemLines(problem, options)) yield `${withoutCommands(line)}\n`;
  }
  for (const { path, line, isFailure, code, text } of remarksOf(run)) {
    const word = isFailure ? 'error' : 'warning';
    yield `${withoutCommands(`${at(logLine(path, line, options))}: ${word}: ${printable(text)} [${code}]`)}\n`;
  }
}
