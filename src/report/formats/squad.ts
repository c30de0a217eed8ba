import { printable } from '../escape.ts';
import { toJson } from '../json.ts';
import { inputName } from '../text/words.ts';
import type { FormatOptions } from './options.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutLines } from './safe.ts';
import { allSplats, overall, testName } from './test-names.ts';
import { messageLines, titleOf, totalsText } from './words.ts';

/** SQUAD takes names of 256 characters with their suite, in which `/` parts the two. */
const longestName = 240;
const longestLog = 32_000;

const results = { pass: 'pass', fail: 'fail', unknown: 'skip' } as const;

/** The `tests` of a submission to SQUAD (LKFT): one of the whole run, one for each problem. */
export function* squadFormat(run: Run, options: FormatOptions): Generator<string> {
  const verdict = overall(run);
  const log = [totalsText(run), ...remarksOf(run).map(({ path, text }) => `${inputName(path)}: ${printable(text)}`)];
  const tests: { [name: string]: { result: string; log: string } } = {
    [`ktriage/${allSplats}`]: { result: results[verdict], log: cutLines(log, longestLog).join('\n') },
  };
  for (const problem of run.problems) {
    const lines = cutLines([titleOf(problem), ...messageLines(problem, options)], longestLog);
    tests[`ktriage/${testName(problem, longestName)}`] = {
      result: problem.fails ? 'fail' : 'pass',
      log: lines.join('\n'),
    };
  }
  yield `${toJson(tests, 2)}\n`;
}
