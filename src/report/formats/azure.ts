import { printable } from '../escape.ts';
import type { FormatOptions } from './options.ts';
import { logLine, mainPlace, type Place } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutUnits, withoutCommands } from './safe.ts';
import { sentenceOf, titleOf, totalsText } from './words.ts';

/** Shown for one run; the rest is counted. Azure's own page lists about as many. */
const mostIssues = 10;
const longestMessage = 2000;

/** As azure-pipelines-task-lib does it, taskcommand.ts: a message loses its line ends, a property also `]` and `;`. */
const inMessage = (text: string): string =>
  text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const inProperty = (text: string): string =>
  inMessage(withoutCommands(text)).replaceAll(']', '%5D').replaceAll(';', '%3B');

function issue(type: 'error' | 'warning', { file, line, column }: Place, code: string, message: string): string {
  const where = `sourcepath=${inProperty(file)};linenumber=${line};columnnumber=${column ?? 1};code=${inProperty(code)};`;
  return `##vso[task.logissue type=${type};${where}]${inMessage(withoutCommands(cutUnits(message, longestMessage)))}\n`;
}

/** Azure Pipelines' logging commands. */
export function* azureFormat(run: Run, options: FormatOptions): Generator<string> {
  for (const problem of run.problems.slice(0, mostIssues)) {
    const { severity, kind } = problem.report;
    const type = severity === 'warning' || !problem.fails ? 'warning' : 'error';
    const message = `${titleOf(problem)}: ${sentenceOf(problem)}`;
    yield issue(type, mainPlace(problem, options), printable(kind), message);
  }
  const remarks = remarksOf(run);
  for (const { path, line, isFailure, code, text } of remarks.slice(0, mostIssues)) {
    yield issue(isFailure ? 'error' : 'warning', logLine(path, line, options), code, printable(text));
  }
  const more = Math.max(run.problems.length - mostIssues, 0) + Math.max(remarks.length - mostIssues, 0);
  if (more > 0) yield `##vso[task.logissue type=warning;]ktriage: ${more} more are not shown, of ${totalsText(run)}\n`;
}
