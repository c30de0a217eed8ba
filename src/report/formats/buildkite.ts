import type { FormatOptions } from './options.ts';
import { mainPlace, placeText } from './places.ts';
import type { Run } from './run.ts';
import { withoutCommands } from './safe.ts';
import { overall } from './test-names.ts';
import { titleOf, totalsText } from './words.ts';

const mostLines = 20;

/** Buildkite folds a log at lines that begin with `---`, and opens those with `+++`. */
export function* buildkiteFormat(run: Run, options: FormatOptions): Generator<string> {
  yield `${overall(run) === 'pass' ? '---' : '+++'} ktriage: ${totalsText(run)}\n`;
  for (const problem of run.problems.slice(0, mostLines)) {
    yield `${withoutCommands(`  ${problem.fails ? problem.report.severity : 'note'}: ${titleOf(problem)} at ${placeText(mainPlace(problem, options))}`)}\n`;
  }
  const more = Math.max(run.problems.length - mostLines, 0) + run.omitted;
  if (more > 0) yield `  and ${more} more\n`;
}

/** GitLab folds the lines between two marks; it has no commands that annotate from a log. */
export function* gitlabLogFormat(run: Run, options: FormatOptions): Generator<string> {
  yield '\u001b[0Ksection_start:0:ktriage\r\u001b[0K';
  for (const line of buildkiteFormat(run, options)) yield line.replace(/^[-+]{3} /, '');
  yield '\u001b[0Ksection_end:0:ktriage\r\u001b[0K\n';
}
