import type { FormatOptions } from './options.ts';
import type { Run } from './run.ts';
import { allSplats, overall, testName } from './test-names.ts';

/** Names are words of letters, digits and `-_.`: a blank or `>` would end the signal. */
function signal(id: string, result: string, splats: number): string {
  return `<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=${id} RESULT=${result} UNITS=splats MEASUREMENT=${splats}>\n`;
}

/** LAVA's signals, which its dispatcher reads in the output of a job: of the whole run, and for each problem. */
export function* lavaFormat(run: Run, _options: FormatOptions): Generator<string> {
  const verdict = overall(run);
  const times = run.problems.reduce((sum, problem) => sum + problem.times, 0);
  yield signal(allSplats, verdict, times + run.omitted);
  for (const problem of run.problems) {
    yield signal(testName(problem), problem.fails ? 'fail' : 'pass', problem.times);
  }
}
