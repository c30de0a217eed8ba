import { describe, expect, test } from 'vitest';
import type { CrashReport } from '../../../src/model/report.ts';
import { azureFormat } from '../../../src/report/formats/azure.ts';
import { buildkiteFormat } from '../../../src/report/formats/buildkite.ts';
import { runFormats } from '../../../src/report/formats/formats.ts';
import { type Run, RunCollector } from '../../../src/report/formats/run.ts';
import { teamcityFormat } from '../../../src/report/formats/teamcity.ts';
import { overall } from '../../../src/report/formats/test-names.ts';
import { totalsText } from '../../../src/report/formats/words.ts';
import { crashReport, fileResult, inputFacts } from '../make.ts';
import { formatOptions, judgedRun, placedReport, signature } from './make.ts';

const knownIssue = { reason: 'known', entry: 'known.json, entry 1' };
const isFailure = (report: CrashReport): boolean => report.knownIssue === undefined;

const render = (name: keyof typeof runFormats, run: Run): string =>
  [...runFormats[name](run, formatOptions())].join('');

describe('a crash that is known of one kernel and not of another', () => {
  const known = placedReport({ knownIssue });
  const inputs = [fileResult([known], { path: 'old.log' }), fileResult([placedReport()], { path: 'new.log' })];

  test.each([
    ['after', inputs],
    ['before', [...inputs].reverse()],
  ])('fails the run, whichever is met first: the known one %s', (_order, files) => {
    const run = judgedRun(isFailure, ...files);
    expect(run.problems).toHaveLength(1);
    expect(run.problems[0]).toMatchObject({ fails: true, path: 'new.log', times: 2, inputs: 2 });
    expect(run.problems[0]?.report.knownIssue).toBeUndefined();
    expect(overall(run)).toBe('fail');
  });

  test('is a failure of JUnit in that input only', () => {
    const suites = render('junit', judgedRun(isFailure, ...inputs))
      .split('<testsuite ')
      .slice(1);
    expect(suites.map((suite) => suite.split('<failure ').length - 1)).toEqual([0, 1]);
    expect(suites[0]).toContain('failures="0"');
  });

  test('takes nothing along from the one that told it before', () => {
    const first = fileResult([known, crashReport({ knownIssue, signature: signature(2) })], {
      path: 'old.log',
      incidents: [{ root: 0, follow: [{ report: 1, why: 'panic-after' }], ending: [], boot: 0 }],
    });
    const [problem] = judgedRun(isFailure, first, fileResult([placedReport()], { path: 'new.log' })).problems;
    expect(problem).toMatchObject({ path: 'new.log', followers: [], times: 2 });
  });
});

test('what followed may be what fails the run, as the exit status has it', () => {
  const panic = crashReport({ kind: 'panic/other', signature: signature(2) });
  const incidents = [{ root: 0, follow: [{ report: 1, why: 'panic-after' as const }], ending: [], boot: 0 }];
  const run = judgedRun(({ kind }) => kind === 'panic/other', fileResult([crashReport(), panic], { incidents }));
  expect(run.problems).toMatchObject([{ fails: true, report: { kind: 'oops/null-deref' } }]);
});

test('the more severe of one signature tells it', () => {
  const run = judgedRun(
    () => true,
    fileResult([crashReport({ severity: 'error' })], { path: 'a.log' }),
    fileResult([crashReport({ severity: 'fatal' })], { path: 'b.log' }),
  );
  expect(run.problems).toMatchObject([{ path: 'b.log', report: { severity: 'fatal' } }]);
});

describe('what does not fail the run', () => {
  const run = judgedRun(
    isFailure,
    fileResult([
      ...Array.from({ length: 30 }, (_, n) =>
        placedReport({ knownIssue, severity: 'fatal', signature: signature(n), title: `known ${n}` }),
      ),
      placedReport({ severity: 'warning', signature: signature(99), title: 'the new one' }),
    ]),
  );

  test('comes behind what does, so that no limit hides that', () => {
    expect(run.problems[0]?.report.title).toBe('the new one');
    for (const format of [azureFormat, buildkiteFormat, teamcityFormat])
      expect([...format(run, formatOptions())].join('')).toContain('the new one');
  });

  test('makes room for what does', () => {
    const collector = new RunCollector(isFailure);
    const many = Array.from({ length: 1000 }, (_, n) => crashReport({ knownIssue, signature: signature(n) }));
    collector.add(fileResult(many));
    collector.add(fileResult([crashReport({ severity: 'warning', signature: signature(5000) })]));
    const full = collector.run();
    expect(full.problems[0]?.report.signature).toBe(signature(5000));
    expect(full).toMatchObject({ omitted: 1, omittedFails: false });
    expect(render('github', full)).toContain('::notice');
  });

  const known = judgedRun(isFailure, fileResult([placedReport({ knownIssue })]));

  test('is a note, and nothing says that the run failed', () => {
    expect(overall(known)).toBe('pass');
    expect(render('gcc', known)).not.toMatch(/: (?:error|warning): /);
    expect(render('markdown', known)).toMatch(/^### ✅ Kernel: 1 crash, which does not fail the run$/m);
    expect(render('html', known)).toContain('<h1 class="good">');
    expect([...buildkiteFormat(known, formatOptions())].join('')).toMatch(/^--- ktriage: .*\n {2}note: /);
  });

  test('is counted in words', () => {
    expect(totalsText(run)).toBe('30 crashes, 1 warning, 30 of which do not fail the run');
    expect(totalsText(known)).toBe('1 crash, which does not fail the run');
    expect(
      totalsText(
        judgedRun(() => false, fileResult([crashReport()]), fileResult([crashReport({ signature: signature(7) })])),
      ),
    ).toBe('2 crashes, none of which fails the run');
  });
});

describe('lines that must not be there', () => {
  const lines = Array.from({ length: 50 }, (_, n) => ({ line: n + 1, text: 'bad' }));
  const run = judgedRun(() => true, fileResult([], { input: { ...inputFacts, denied: { lines, omitted: 7 } } }));

  test('are all counted, also those that are not told one by one', () => {
    expect(totalsText(run)).toBe('57 lines that must not be there');
    expect(render('junit', run)).toContain('message="57 lines that must not be there"');
    expect([...azureFormat(run, formatOptions())].join('')).toContain('11 more are not shown');
  });
});
