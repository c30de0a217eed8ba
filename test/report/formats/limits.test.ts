import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { runFormats } from '../../../src/report/formats/formats.ts';
import { RunCollector } from '../../../src/report/formats/run.ts';
import { cutLines, cutUnits } from '../../../src/report/formats/safe.ts';
import { crashReport, fileResult, inputFacts } from '../make.ts';
import { formatOptions, judgedRun, manyProblems, placedReport, runOf, signature } from './make.ts';

const long = 'x'.repeat(50_000);

function render(name: keyof typeof runFormats, run: Parameters<(typeof runFormats)['gcc']>[0], more = {}): string {
  return [...runFormats[name](run, formatOptions(more))].join('');
}

describe('github', () => {
  test('has ten annotations of a type at most, the last of which counts the others', () => {
    const lines = render('github', manyProblems(25)).trimEnd().split('\n');
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toContain('16 more of this severity');
  });

  test('ten problems are ten annotations', () => {
    expect(render('github', manyProblems(10))).not.toContain('more of this severity');
  });

  test('warnings have room of their own', () => {
    const errors = Array.from({ length: 12 }, (_, n) => crashReport({ signature: signature(n) }));
    const warnings = Array.from({ length: 12 }, (_, n) =>
      crashReport({ signature: signature(n + 50), severity: 'warning' }),
    );
    const lines = render('github', runOf(fileResult([...warnings, ...errors])))
      .trimEnd()
      .split('\n');
    expect(lines.filter((line) => line.startsWith('::error '))).toHaveLength(10);
    expect(lines.filter((line) => line.startsWith('::warning '))).toHaveLength(10);
    expect(lines[0]?.startsWith('::error ')).toBe(true);
  });

  test('messages have 4096 characters at most', () => {
    const run = runOf(
      fileResult([
        placedReport({ title: long, panic: { message: long, range: crashReport().range }, kind: 'panic/other' }),
      ]),
    );
    const message = render('github', run).split('::')[2] ?? '';
    expect(decodeURIComponent(message.replace(/%(?!25|0A|0D)/g, '%25')).length).toBeLessThanOrEqual(4097);
  });

  test('what counts the rest counts what was never kept too', () => {
    const collector = new RunCollector();
    collector.add(fileResult(Array.from({ length: 1010 }, (_, n) => crashReport({ signature: signature(n) }))));
    expect(render('github', collector.run())).toContain('1001 more of this severity');
  });
});

describe('summaries', () => {
  const big = (n: number) => manyProblems(n, { reportText: `${'BUG: \u00e9 line of a report\n'.repeat(2000)}` });

  test.each(['github-summary', 'markdown'] as const)(
    '%s stays below 900 000 bytes, and counts what it leaves out',
    (name) => {
      const text = render(name, big(400));
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(900_000);
      const [, more = '0'] = /(\d+) more problems not shown here/.exec(text) ?? [];
      const shown = text.split('<details').length - 1;
      expect(Number(more) + shown / 2).toBe(400);
    },
  );

  test('a step that has written much leaves little', () => {
    const text = render('github-summary', big(50), { budget: 3000 });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(3000);
    expect(text).toContain('more problems not shown');
    expect(render('github-summary', big(50), { budget: 0 })).toBe('');
  });
});

describe('junit', () => {
  const huge = runOf(
    fileResult(
      Array.from({ length: 300 }, (_, n) =>
        crashReport({ signature: signature(n), reportText: `${'a line\n'.repeat(50_000)}` }),
      ),
    ),
  );

  test('no output is bigger than 256 000 characters, no file than 30 MB, and no test is lost', () => {
    const text = render('junit', huge);
    expect(Buffer.byteLength(text)).toBeLessThan(30_000_000);
    expect(
      Math.max(
        ...text
          .split('<system-out>')
          .slice(1)
          .map((each) => each.indexOf('</system-out>')),
      ),
    ).toBeLessThan(260_000);
    expect(text.split('<testcase ').length - 1).toBe(300);
    expect(text.split('<failure ').length - 1).toBe(300);
  });

  test('no two tests have one class and name', () => {
    const run = runOf(
      fileResult([crashReport()], { path: 'a.log' }),
      fileResult([crashReport()], { path: 'b.log' }),
      fileResult([], { path: 'c.log' }),
      fileResult([], { path: 'd.log' }),
    );
    const names = [...render('junit', run).matchAll(/classname="([^"]*)" name="([^"]*)"/g)].map(
      ([, group, name]) => `${group} ${name}`,
    );
    expect(names).toHaveLength(4);
    expect(new Set(names).size).toBe(4);
  });

  test('a clean log is a test that passed', () => {
    expect(render('junit', runOf(fileResult([])))).toContain('<testcase classname="kernel" name="splats" time="0"/>');
  });

  test('what does not fail the run is a test that passed', () => {
    const text = render(
      'junit',
      judgedRun(() => false, fileResult([crashReport()])),
    );
    expect(text).toContain('tests="1" failures="0" errors="0"');
    expect(text).not.toContain('<failure');
  });
});

test('kcidb: an excerpt has 16384 characters at most', () => {
  const run = runOf(
    fileResult([
      placedReport({ title: long, kind: 'panic/other', panic: { message: long, range: crashReport().range } }),
    ]),
  );
  const { tests } = JSON.parse(render('kcidb', run));
  expect(tests[0].log_excerpt.length).toBeLessThanOrEqual(16_384);
});

test('kcidb: nothing is made up', () => {
  const run = runOf(fileResult([placedReport()]));
  const only = JSON.parse(render('kcidb', run, { kcidb: { origin: 'myci', testId: 'myci:t' } }));
  expect(Object.keys(only)).toEqual(['version', 'issues', 'incidents']);
  expect(only.incidents[0].test_id).toBe('myci:t');
  expect(JSON.parse(render('kcidb', runOf(fileResult([])))).tests[0].status).toBe('PASS');
  expect(JSON.parse(render('kcidb', runOf())).tests[0].status).toBe('MISS');
});

test('gitlab: fingerprints are unique', () => {
  const issues: { fingerprint: string }[] = JSON.parse(render('gitlab', manyProblems(300)));
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(300);
});

test('squad: names have 256 characters at most, and one slash', () => {
  const run = runOf(fileResult([crashReport({ culprit: { function: `f${'o'.repeat(900)}/x`, passed: [] } })]));
  for (const name of Object.keys(JSON.parse(render('squad', run)))) {
    expect(name.length).toBeLessThanOrEqual(256);
    expect(name.split('/')).toHaveLength(2);
  }
});

test('sarif: at most 100 locations of a result, and 1024 characters of a description', () => {
  const frames = Array.from({ length: 400 }, (_, n) => ({
    ...placedReport().frames[0],
    function: `f${n}`,
    reliable: true,
    range: crashReport().range,
    source: { file: `a${n}.c`, line: n + 1 },
  }));
  const run = runOf(fileResult([crashReport({ frames, culprit: { function: 'f0', passed: [] } })]));
  const words = { summary: long, explanation: long };
  const { runs } = JSON.parse(render('sarif', run, { kindWords: () => words }));
  const [result] = runs[0].results;
  expect(result.relatedLocations.length).toBeLessThanOrEqual(100);
  expect(result.codeFlows[0].threadFlows[0].locations.length).toBeLessThanOrEqual(100);
  expect(runs[0].tool.driver.rules[0].fullDescription.text.length).toBeLessThanOrEqual(1024);
});

test('sarif: the file stays below 10 MB of gzip whatever the names, and says what it leaves out', () => {
  let seed = 1;
  const random = (): string => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed.toString(36);
  };
  const name = (): string => Array.from({ length: 12 }, random).join('');
  const frames = () =>
    Array.from({ length: 50 }, () => ({
      ...placedReport().frames[0],
      function: name(),
      reliable: true,
      range: crashReport().range,
      source: { file: `${name()}.c`, line: 1 },
    }));
  const reports = Array.from({ length: 1000 }, (_, n) => crashReport({ signature: signature(n), frames: frames() }));
  const text = render('sarif', runOf(fileResult(reports)));
  expect(gzipSync(text, { level: 1 }).length).toBeLessThan(10_000_000);
  const [{ results, invocations }] = JSON.parse(text).runs;
  expect(results).toHaveLength(1000);
  const [, more] =
    /^(\d+) results are without their stacks/.exec(invocations[0].toolExecutionNotifications.at(-1).message.text) ?? [];
  expect(results.filter(({ stacks }: { stacks?: unknown }) => stacks === undefined)).toHaveLength(Number(more));
  expect(results.at(-1).relatedLocations).toHaveLength(2);
  expect(results[0].stacks).toBeDefined();
}, 60_000);

test('gitlab: neither do forbidden lines that are alike share one', () => {
  const denied = { lines: [1, 2, 3].map((line) => ({ line, text: 'bad' })), omitted: 0 };
  const same = runOf(fileResult([], { input: { ...inputFacts, denied } }));
  const issues: { fingerprint: string }[] = JSON.parse(render('gitlab', same));
  expect(new Set(issues.map(({ fingerprint }) => fingerprint)).size).toBe(3);
});

test('gitlab: what lies outside of the repository is shown at a name, not at a path of the machine', () => {
  const elsewhere = runOf(
    fileResult([crashReport()], { path: '/srv/logs/boot.log', input: { ...inputFacts, cutOff: true } }),
  );
  const paths = JSON.parse(render('gitlab', elsewhere)).map(
    ({ location }: { location: { path: string } }) => location.path,
  );
  expect(paths).toEqual(['boot.log', 'boot.log']);
});

test('html: what is not shown is counted', () => {
  const text = render('html', manyProblems(700));
  expect(text.split('<article').length - 1).toBe(100);
  expect(text).toContain('600 more problems not shown in full');
});

describe('cutting', () => {
  test('never parts a character', () => {
    expect(cutUnits('ab😀cd', 4)).toBe('ab…');
    expect(cutUnits('abcd', 4)).toBe('abcd');
  });

  test('of lines tells how many', () => {
    expect(cutLines(['a'.repeat(50), 'b', 'c'], 100)).toEqual(['a'.repeat(50), 'b', 'c']);
    expect(
      cutLines(
        Array.from({ length: 90 }, () => 'line'),
        100,
      ),
    ).toEqual([...Array.from({ length: 12 }, () => 'line'), '… 78 more lines']);
  });
});
