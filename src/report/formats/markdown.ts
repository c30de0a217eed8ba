import { printable } from '../escape.ts';
import { count, inputName } from '../text/words.ts';
import {
  markdownBlock,
  markdownCellCode,
  markdownCode,
  markdownLink,
  markdownSummary,
  markdownText,
} from './markdown-text.ts';
import type { FormatOptions } from './options.ts';
import { logLine, logPlace, mainPlace, placeText } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Problem, Run } from './run.ts';
import { cutLines, cutUnits, printableLines, utf8Bytes, withoutCommands } from './safe.ts';
import { overall } from './test-names.ts';
import { circumstances, sentenceOf, stackLines, suspectLines, titleOf, totalsText, whyLines } from './words.ts';

/** GitHub refuses a step's summary of more than 1 MiB as a whole, Buildkite an annotation's body: well below. */
export const markdownBudget = 900_000;
/** Rows of the table, and problems with a section of their own. */
const mostRows = 100;
const longestTitle = 200;
const longestLog = 16_000;

const verdictMarks = { fail: '❌', unknown: '⚠️', pass: '✅' } as const;
const marks = { fatal: '❌ fatal', error: '❌ error', warning: '⚠️ warning', notice: 'ℹ️ notice' } as const;

function whereCell(problem: Problem, options: FormatOptions): string {
  const place = mainPlace(problem, options);
  const code = markdownCellCode(placeText(place));
  const url = place.isSource ? options.sourceUrl?.(place.file, place.line) : undefined;
  return url === undefined ? code : markdownLink(code, url);
}

function row(problem: Problem, options: FormatOptions): string {
  const { report, times, inputs } = problem;
  const mark = problem.fails ? marks[report.severity] : `➖ ${report.severity}, does not fail the run`;
  const at = report.unprinted ? inputName(problem.path) : placeText(logPlace(problem, options));
  const seen = `${markdownCellCode(at)}${times > 1 ? `, ${count(times, 'time')}` : ''}${inputs > 1 ? ` in ${count(inputs, 'input')}` : ''}`;
  const title = markdownText(cutUnits(titleOf(problem), longestTitle));
  return `| ${mark} | ${title} | ${whereCell(problem, options)} | ${seen} | ${markdownCode(printable(report.signature))} |`;
}

function* section(problem: Problem, isOpen: boolean, options: FormatOptions): Generator<string> {
  const { report } = problem;
  yield '';
  yield `<details${isOpen ? ' open' : ''}><summary>${markdownSummary(cutUnits(titleOf(problem), longestTitle))}</summary>`;
  yield '';
  yield markdownText(sentenceOf(problem));
  const why = whyLines(problem);
  if (why.length > 0) {
    yield '';
    yield* markdownBlock(cutLines(why, 4000));
  }
  const stack = stackLines(problem, options);
  if (stack.length > 0) {
    yield '';
    yield* markdownBlock(cutLines(stack, 8000));
  }
  for (const line of circumstances(problem)) {
    yield '';
    yield markdownText(line);
  }
  const suspects = suspectLines(problem);
  if (suspects.length > 0) {
    yield '';
    yield 'Suspects:';
    yield '';
    yield* markdownBlock(cutLines(suspects, 4000));
  }
  yield '';
  yield `Kind ${markdownCode(printable(report.kind))}, ${markdownCode(`ktriage explain ${printable(report.kind)}`)} says what it means.`;
  yield '';
  yield `<details><summary>${report.unprinted ? 'As found' : 'As printed'}</summary>`;
  yield '';
  yield* markdownBlock(printableLines(report.reportText, longestLog));
  yield '';
  yield '</details>';
  yield '</details>';
}

function heading(run: Run): string {
  return `### ${verdictMarks[overall(run)]} Kernel: ${totalsText(run)}`;
}

function* head(run: Run, options: FormatOptions): Generator<string> {
  yield heading(run);
  yield '';
  if (run.problems.length > 0) {
    yield '| | what | where | in the log | signature |';
    yield '|-|-|-|-|-|';
    for (const problem of run.problems.slice(0, mostRows)) yield row(problem, options);
    const more = run.problems.length - mostRows + run.omitted;
    if (more > 0) yield `| | and ${more} more | | | |`;
    yield '';
  }
  const remarks = remarksOf(run);
  for (const { path, line, isFailure, text } of remarks.slice(0, mostRows)) {
    const at = logLine(path, line, options).file;
    yield `- ${isFailure ? '❌' : '⚠️'} ${markdownCode(`${at}:${line}`)}: ${markdownText(cutUnits(printable(text), 500))}`;
  }
  if (remarks.length > mostRows) yield `- and ${remarks.length - mostRows} more`;
}

/**
 * A summary in Markdown, as GitHub and Buildkite show it: a table, then each problem. What would make it too big is
 * left out, the least severe first, and counted.
 */
export function* markdownFormat(run: Run, options: FormatOptions): Generator<string> {
  let left = options.budget ?? markdownBudget;
  const note = (n: number): string => `\n${count(n, 'more problem')} not shown here: the summary would be too big.\n`;
  const begin = [...head(run, options)].map((line) => `${withoutCommands(line)}\n`).join('');
  if (utf8Bytes(begin) > left - 200) {
    const short = `${heading(run)}\n${note(run.problems.length)}`;
    if (utf8Bytes(short) <= left) yield short;
    return;
  }
  left -= utf8Bytes(begin) + 200;
  yield begin;
  for (const [index, problem] of run.problems.entries()) {
    const text = [...section(problem, run.problems.length === 1, options)]
      .map((line) => `${withoutCommands(line)}\n`)
      .join('');
    const size = utf8Bytes(text);
    if (size > left || index >= mostRows) {
      yield note(run.problems.length - index + run.omitted);
      return;
    }
    left -= size;
    yield text;
  }
}
