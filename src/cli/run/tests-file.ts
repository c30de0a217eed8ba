import { usageError } from '../errors.ts';
import type { ReportFlags } from '../report-flags.ts';
import type { Format } from '../settings.ts';

const maxTests = 100 * 1024 * 1024;

/**
 * The flags with the file of the tests that ran, if one was named.
 * @throws KtriageError KT-USAGE where nothing is made of it, KT-TESTS for what is no JUnit file, KT-INPUT-*.
 */
export async function withTests(flags: ReportFlags, path: string | undefined, format: Format): Promise<ReportFlags> {
  if (path === undefined) return flags;
  if (format !== 'junit' && !flags.reports.some((target) => target.format === 'junit')) {
    throw usageError(
      '--tests has no effect here',
      'it is for the output junit: the same tests, and what the kernel did to them',
      'add --report junit=FILE',
    );
  }
  const [{ readWholeBytes }, { decodeXml }, { findTests }] = await Promise.all([
    import('./read-whole.ts'),
    import('../../report/tests/decode-xml.ts'),
    import('../../report/tests/find-tests.ts'),
  ]);
  const tests = decodeXml(await readWholeBytes(path, maxTests));
  // What is no such file is told before the logs are read.
  findTests(tests);
  return { ...flags, tests };
}
