import { describe, expect, test } from 'vitest';
import { History } from '../../src/compare/history.ts';
import { KnownIssues } from '../../src/compare/known-issues.ts';
import { LineScan } from '../../src/compare/line-scan.ts';
import { userMatcher } from '../../src/compare/pattern-error.ts';
import { Policy } from '../../src/compare/policy.ts';
import { readKnownIssues } from '../../src/compare/read-known-issues.ts';
import { recordOf } from '../../src/compare/run.ts';
import type { Consequence } from '../../src/model/incident.ts';
import { crashReport, fileResult, lines } from '../report/make.ts';
import { run } from './make.ts';

const root = crashReport();
const later = crashReport({
  signature: 'f'.repeat(16),
  title: 'WARNING in other',
  altTitles: [],
  kind: 'warning/generic',
  culprit: { function: 'other', passed: [] },
  frames: [],
  range: lines(200, 210),
});
const history = new History([run('old.json', recordOf(root, 'old.log'))]);
const followed = (why: Consequence) =>
  fileResult([root, later], { incidents: [{ root: 0, follow: [{ report: 1, why }], ending: [], boot: 0 }] });

describe('what follows from something known', () => {
  test('is known with it', () => {
    const [first, second] = new Policy({ history }).file(followed('panic-after')).reports;
    expect(first?.history).toMatchObject({ status: 'same', matchedBy: 'signature' });
    expect(second?.history).toMatchObject({ status: 'new', follows: true });
  });

  test('but not what came later for reasons of its own', () => {
    const [, second] = new Policy({ history }).file(followed('tainted-after')).reports;
    expect(second?.history).toEqual({ status: 'new', seen: { runs: 0, of: 1 } });
  });

  test('nor what follows from something new', () => {
    const [, second] = new Policy({ history: new History([run('old.json')]) }).file(followed('panic-after')).reports;
    expect(second?.history).toEqual({ status: 'new', seen: { runs: 0, of: 1 } });
  });

  test('so it is with known issues', () => {
    const entries = readKnownIssues('{"issues":[{"culprit":"frob_read","reason":"r","expires":"never"}]}', 'k');
    const known = new KnownIssues(entries, '2026-11-20');
    expect(new Policy({ known }).file(followed('stuck-behind')).reports.map((report) => report.knownIssue)).toEqual([
      { reason: 'r', entry: 'k, entry 1' },
      { reason: 'r', entry: 'k, entry 1' },
    ]);
    expect(new Policy({ known }).file(followed('tainted-after')).reports[1]?.knownIssue).toBeUndefined();
  });
});

test('what earlier runs had and no input so far', () => {
  const policy = new Policy({ history });
  policy.file(fileResult([later]));
  expect(policy.gone().map(({ crash }) => crash.title)).toEqual([root.title]);
  policy.file(fileResult([root]));
  expect(policy.gone()).toEqual([]);
});

describe('lines', () => {
  const bytes = (text: string) => Buffer.from(text, 'latin1');
  const scanned = (policy: Policy, text: string, size = 7) => {
    const scan = policy.scan();
    for (let at = 0; at < text.length; at += size) scan?.push(bytes(text.slice(at, at + size)));
    return scan;
  };

  test('the end mark is seen, in whatever pieces the log comes', () => {
    const policy = new Policy({ end: userMatcher(['^all tests done$'], '--expect-end') });
    const healthy = fileResult([]);
    for (const size of [1, 3, 1000]) {
      expect(policy.file(healthy, scanned(policy, 'x\nall tests done\r\n', size)).input.endMark).toBe('seen');
      expect(policy.file(healthy, scanned(policy, 'x\nall tests done', size)).input.endMark).toBe('seen');
      expect(policy.file(healthy, scanned(policy, 'x\nall tests', size)).input.endMark).toBe('missing');
    }
  });

  test('denied ones are told with their numbers and reports, allowed ones are not', () => {
    const known = new KnownIssues(readKnownIssues('harmless', 'allow'), '2026-11-20');
    const policy = new Policy({ known, deny: userMatcher(['splat', 'bad'], 'deny') });
    const log = `splat\nharmless splat\n${'\n'.repeat(200)}a bad\xff line\n`;
    expect(policy.file(fileResult([later]), scanned(policy, log)).input.denied).toEqual({
      lines: [
        { line: 1, text: 'splat' },
        { line: 203, text: 'a bad\ufffd line', report: 0 },
      ],
      omitted: 0,
    });
    expect(policy.file(fileResult([]), scanned(policy, 'fine\n')).input.denied).toBeUndefined();
  });

  test('more than are kept are counted', () => {
    const policy = new Policy({ deny: userMatcher(['bad'], 'deny') });
    const { denied } = policy.file(fileResult([]), scanned(policy, 'bad\n'.repeat(250), 1000)).input;
    expect([denied?.lines.length, denied?.omitted]).toEqual([200, 50]);
  });

  test('a line without end does not grow', () => {
    const scan = new LineScan({ deny: userMatcher(['x$'], 'deny'), allows: () => false });
    for (let piece = 0; piece < 100; piece += 1) scan.push(bytes('a'.repeat(10_000)));
    scan.push(bytes('x\nx'));
    scan.end();
    expect(scan.denied.lines.map(({ line }) => line)).toEqual([1, 2]);
  });

  test('nobody reads along where nothing is asked', () => {
    expect(new Policy({ history }).scan()).toBeUndefined();
  });
});
