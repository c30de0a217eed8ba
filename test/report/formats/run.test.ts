import { describe, expect, test } from 'vitest';
import { remarksOf } from '../../../src/report/formats/remarks.ts';
import { RunCollector } from '../../../src/report/formats/run.ts';
import { crashReport, fileResult, inputFacts } from '../make.ts';
import { manyProblems, runOf, signature } from './make.ts';

describe('RunCollector', () => {
  test('puts reports of one signature together, over inputs', () => {
    const run = runOf(
      fileResult([crashReport({ repeats: 2 })], { path: 'a.log' }),
      fileResult([crashReport({ startLine: 7 }), crashReport({ signature: signature(1) })], { path: 'b.log' }),
    );
    expect(run.problems).toHaveLength(2);
    expect(run.problems[0]).toMatchObject({ path: 'a.log', times: 4, inputs: 2 });
    expect(run.problems[0]?.occurrences).toEqual([
      { path: 'a.log', line: 100, times: 3, fails: true },
      { path: 'b.log', line: 7, times: 1, fails: true },
    ]);
    expect(run.inputs.map(({ signatures }) => signatures.length)).toEqual([1, 2]);
  });

  test('sorts by severity and then as they were met', () => {
    const severities = ['warning', 'fatal', 'error', 'fatal'] as const;
    const reports = severities.map((severity, n) => crashReport({ severity, signature: signature(n) }));
    const order = runOf(fileResult(reports)).problems.map(({ report }) => report.signature);
    expect(order).toEqual([1, 3, 2, 0].map(signature));
  });

  test('counts what followed and not what is the same again', () => {
    const reports = [
      crashReport(),
      crashReport({ startLine: 200 }),
      crashReport({ signature: signature(1), kind: 'panic/other', title: 'kernel panic', startLine: 300 }),
    ];
    const incidents = [
      {
        root: 0,
        follow: [
          { report: 1, why: 'repeat' },
          { report: 2, why: 'panic-after' },
        ],
        ending: [],
        boot: 0,
      },
    ] as const;
    const [problem] = runOf(fileResult(reports, { incidents })).problems;
    expect(problem).toMatchObject({ times: 2, panicked: true, moreFollowers: 0 });
    expect(problem?.followers.map(({ title }) => title)).toEqual(['kernel panic']);
  });

  test('keeps the most severe of too many, and counts the others', () => {
    const collector = new RunCollector();
    const warnings = Array.from({ length: 1200 }, (_, n) =>
      crashReport({ severity: 'warning', signature: signature(n) }),
    );
    collector.add(fileResult(warnings));
    collector.add(fileResult([crashReport({ severity: 'fatal', signature: signature(5000) })], { path: 'late.log' }));
    const run = collector.run();
    expect(run.problems).toHaveLength(1000);
    expect(run.omitted).toBe(201);
    expect(run.problems[0]?.report.severity).toBe('fatal');
    expect(remarksOf(run)).toMatchObject([{ code: 'ktriage/omitted', isFailure: true }]);
  });
});

describe('remarks', () => {
  test.each([
    ['nothing of a kernel', { kernelLines: false }, 'nothing in it was printed by a kernel'],
    ['cut off', { cutOff: true }, 'it ends in the middle of a report'],
    ['damaged', { damaged: 'the gzip data ends early' }, 'not all of it could be read: the gzip data ends early'],
    ['no end mark', { endMark: 'missing' as const }, 'it ends before the line that was said to end it'],
    ['too many reports', { omittedReports: 3 }, 'it has 3 reports more than can be described'],
  ])('an input without a verdict: %s', (_, facts, why) => {
    const run = runOf(fileResult([], { input: { ...inputFacts, ...facts } }));
    expect(remarksOf(run)).toEqual([
      {
        path: 'boot.log',
        line: 1,
        code: 'ktriage/no-verdict',
        isFailure: false,
        text: `no verdict, which is not the same as no crash: ${why}`,
      },
    ]);
  });

  test('inputs that could not be read, or only in part', () => {
    const collector = new RunCollector();
    collector.failed('gone.log', 'there is no such file');
    collector.add(fileResult([crashReport()]));
    collector.failed('boot.log', 'the disk gave up');
    const { inputs, problems } = collector.run();
    expect(inputs.map(({ path, unclear }) => [path, unclear])).toEqual([
      ['gone.log', 'there is no such file'],
      ['boot.log', 'the disk gave up'],
    ]);
    expect(problems).toHaveLength(1);
  });

  test('forbidden lines that are in no report come first', () => {
    const denied = {
      lines: [
        { line: 3, text: ' bad thing ' },
        { line: 9, text: 'told', report: 0 },
      ],
      omitted: 2,
    };
    const run = runOf(fileResult([], { input: { ...inputFacts, cutOff: true, denied } }));
    expect(remarksOf(run).map(({ line, text }) => [line, text])).toEqual([
      [3, 'a line that must not be there: bad thing'],
      [1, '2 more lines that must not be there'],
      [1, 'no verdict, which is not the same as no crash: it ends in the middle of a report'],
    ]);
  });
});

test('many problems are all there', () => {
  expect(manyProblems(30).problems).toHaveLength(30);
});
