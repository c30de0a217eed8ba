import { remarksOf } from './remarks.ts';
import type { Problem, Run } from './run.ts';
import { slug } from './safe.ts';

/** The test that says whether a kernel crashed at all. */
export const allSplats = 'kernel-splats';

/** A name for a problem as a test: kind, function, signature; the same in every run. */
export function testName({ report }: Pick<Problem, 'report'>, most = 200): string {
  const name = report.culprit?.function ?? report.frame;
  const words = name === undefined ? report.kind : `${report.kind}-${name}`;
  const signature = slug(report.signature, 32);
  return `${slug(words, most - signature.length - 1)}-${signature}`;
}

/** How the run as a whole did. */
export function overall(run: Run): 'fail' | 'unknown' | 'pass' {
  if (run.problems.some(({ fails }) => fails) || remarksOf(run).some((remark) => remark.isFailure)) return 'fail';
  return run.inputs.length === 0 || run.inputs.some(({ unclear }) => unclear !== undefined) ? 'unknown' : 'pass';
}
