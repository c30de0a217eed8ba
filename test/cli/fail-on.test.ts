import { describe, expect, test } from 'vitest';
import { ExitStatus } from '../../src/cli/exit-codes.ts';
import { countsFor, parseFailOn } from '../../src/cli/fail-on.ts';
import { checkKinds } from '../../src/cli/run/check-fail-on.ts';
import type { CrashHistory } from '../../src/model/comparison.ts';
import { crashReport, fileResult, inputFacts } from '../report/make.ts';

const seen = { runs: 1, of: 1, first: 'a', last: 'a' };
const known: CrashHistory = { status: 'same', matchedBy: 'signature', seen };
const byTitle: CrashHistory = { status: 'changed', matchedBy: 'title', seen };
const similar: CrashHistory = { status: 'changed', matchedBy: 'similarity', similarity: 0.9, seen };
const fresh: CrashHistory = { status: 'new', seen: { runs: 0, of: 1 } };
const knownIssue = { reason: 'r', entry: 'e' };
const counts = (failOn: string, more: Parameters<typeof crashReport>[0] = {}): boolean =>
  countsFor(parseFailOn(failOn) ?? [], crashReport(more));

describe('what a run is to fail on', () => {
  test.each(['', 'bad', 'none,new', 'kasan', 'kasan/', 'KASAN/x', 'error,', '*/*', 'a/b/c'])(
    '%j is refused',
    (text) => {
      expect(parseFailOn(text)).toBeUndefined();
    },
  );

  test('severities and kinds', () => {
    expect(counts('none')).toBe(false);
    expect(counts('error')).toBe(true);
    expect(counts('fatal')).toBe(false);
    expect(counts('oops/null-deref')).toBe(true);
    expect(counts('oops/*')).toBe(true);
    expect(counts('oop/*')).toBe(false);
    expect(counts('oops/null')).toBe(false);
    expect(counts('kasan/*, oops/*')).toBe(true);
    expect(counts('fatal,kasan/*')).toBe(false);
  });

  test('new ones: a guess passes nothing', () => {
    expect(counts('new', { history: known })).toBe(false);
    expect(counts('new', { history: byTitle })).toBe(false);
    expect(counts('new', { history: similar })).toBe(true);
    expect(counts('new', { history: fresh })).toBe(true);
    expect(counts('new', { history: { ...fresh, follows: true } })).toBe(false);
    expect(counts('new')).toBe(true);
    expect(counts('new,error', { history: known })).toBe(true);
  });

  test('known issues never count', () => {
    for (const failOn of ['new', 'warning', 'oops/*']) expect(counts(failOn, { knownIssue })).toBe(false);
  });

  test('kinds that do not exist are told', () => {
    checkKinds('new,error,oops/*,oops/null-deref');
    expect(() => checkKinds('oops/null-derf')).toThrow(
      expect.objectContaining({ code: 'KT-USAGE', hint: 'did you mean oops/null-deref?' }),
    );
    expect(() => checkKinds('ops/*', '--stop-on')).toThrow(
      expect.objectContaining({ message: expect.stringMatching(/^--stop-on/) }),
    );
    expect(() => checkKinds('ops/*')).toThrow(expect.objectContaining({ hint: 'did you mean oops/*?' }));
  });
});

describe('the exit status', () => {
  const codeOf = (failOn: string, file: ReturnType<typeof fileResult>): number => {
    const status = new ExitStatus(failOn, false);
    status.file(file);
    return status.code;
  };

  test('a log that ends before its end mark is not vouched for', () => {
    expect(codeOf('warning', fileResult([], { input: { ...inputFacts, endMark: 'missing' } }))).toBe(3);
    expect(codeOf('warning', fileResult([], { input: { ...inputFacts, endMark: 'seen' } }))).toBe(0);
    const crashed = fileResult([crashReport({ history: known })], { input: { ...inputFacts, endMark: 'missing' } });
    expect(codeOf('new', crashed)).toBe(3);
    expect(codeOf('warning', crashed)).toBe(1);
  });

  test('reports that were only counted were held against nothing', () => {
    const many = fileResult([crashReport({ history: known })], { input: { ...inputFacts, omittedReports: 5 } });
    expect(codeOf('new', many)).toBe(3);
  });

  test('denied lines fail whatever the severity, but not where nothing fails', () => {
    const denied = { lines: [{ line: 1, text: 'x' }], omitted: 0 };
    const file = fileResult([], { input: { ...inputFacts, denied } });
    expect(codeOf('fatal', file)).toBe(1);
    expect(codeOf('none', file)).toBe(0);
  });

  test('what cannot be read is not taken for none', () => {
    expect(codeOf('bad', fileResult([crashReport({ severity: 'warning' })]))).toBe(1);
  });
});
