import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KnownIssues } from '../../src/compare/known-issues.ts';
import { readKnownIssues } from '../../src/compare/read-known-issues.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { crashReport } from '../report/make.ts';

const reason = { reason: 'being worked on', expires: '2026-12-31' };
const known = (issues: readonly object[], today = '2026-11-20') =>
  new KnownIssues(readKnownIssues(JSON.stringify({ schema: 'ktriage/known-issues/v1', issues }), 'known.json'), today);
const report = crashReport({ guiltyFile: 'drivers/frob/frob.c', kernel: { release: '6.1.0-50-amd64' } });

describe('conditions', () => {
  test.each<[object, boolean]>([
    [{ title: 'NULL pointer dereference in frob_' }, true],
    [{ title: '^frob' }, false],
    [{ title: '^bad-access in' }, true],
    [{ culprit: 'frob_read' }, true],
    [{ culprit: 'frob' }, false],
    [{ culprit: 'frob_.*|other' }, true],
    [{ culprit: '(?i)FROB_READ' }, true],
    [{ file: '^drivers/frob/' }, true],
    [{ release: '^6\\.1\\.' }, true],
    [{ release: '^6\\.12\\.' }, false],
    [{ signature: '0123456789abcdef' }, true],
    [{ signature: '0123' }, false],
    [{ kind: 'oops' }, true],
    [{ kind: 'oops/null-deref' }, true],
    [{ kind: 'oops/null' }, false],
    [{ culprit: 'frob_read', release: '^5' }, false],
  ])('%j: %s', (conditions, fits) => {
    expect(known([{ ...conditions, ...reason }]).find(report) !== undefined).toBe(fits);
  });

  test('what a report lacks fits nothing', () => {
    const bare: CrashReport = crashReport();
    expect(known([{ release: '.*', ...reason }]).find({ ...bare, kernel: {} })).toBeUndefined();
  });
});

test('the entry is told with its reason', () => {
  const found = known([
    { culprit: 'x', ...reason },
    { culprit: 'frob_read', link: 'https://example.org/7', ...reason },
  ]);
  expect(found.find(report)).toEqual({ ...reason, link: 'https://example.org/7', entry: 'known.json, entry 2' });
  expect(found.outcomes().map(({ matches }) => matches)).toEqual([0, 1]);
});

test('an entry is good on its last day, and no more on the next', () => {
  const entry = { culprit: 'frob_read', reason: 'r', expires: '2026-11-20' };
  expect(known([entry], '2026-11-20').find(report)).toBeDefined();
  const late = known([entry], '2026-11-21');
  expect(late.find(report)).toBeUndefined();
  expect(late.outcomes()).toMatchObject([{ expired: true, matches: 1 }]);
  expect(known([{ ...entry, expires: 'never' }], '2999-01-01').find(report)).toBeDefined();
});

describe('allow files of BPF CI', () => {
  const allow = (text: string) => new KnownIssues(readKnownIssues(text, 'allow'), '2026-11-20');

  test('comments and empty lines do nothing', () => {
    const file = allow('# BUG\n\n  # kernel\nBUG: kernel NULL\r\n');
    expect(file.outcomes()).toHaveLength(1);
    expect(file.find(report)).toEqual({ reason: 'allowed by BUG: kernel NULL', entry: 'allow, line 4' });
    expect(file.allowsLine('[    1.5] BUG: kernel NULL pointer')).toBe(true);
    expect(file.allowsLine('WARNING')).toBe(false);
  });

  test('a pattern may begin with the stamp of a line', () => {
    expect(allow('^\\[ *[0-9]+\\.[0-9]{6}\\] BUG:').find({ ...report, seconds: 4.5 })).toBeDefined();
  });

  test('JSON entries allow no lines by themselves', () => {
    expect(known([{ title: '.*', ...reason }]).allowsLine('BUG')).toBe(false);
  });
});

test.each([
  ['{', 'KT-KNOWN-ISSUES'],
  ['{"issues": 7}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [], "isues": []}', 'KT-KNOWN-ISSUES'],
  ['{"schema": "other/v1", "issues": []}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [[]]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"reason": "r", "expires": "never"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"titel": "x", "reason": "r", "expires": "never"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": 7, "reason": "r", "expires": "never"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": "x", "expires": "never"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": "x", "reason": "r"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": "x", "reason": "r", "expires": "2026-02-30"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": "x", "reason": "r", "expires": "soon"}]}', 'KT-KNOWN-ISSUES'],
  ['{"issues": [{"title": "(", "reason": "r", "expires": "never"}]}', 'KT-PATTERN'],
  ['fine\n(a', 'KT-PATTERN'],
])('%s is refused', (text, code) => {
  expect(() => readKnownIssues(text, 'known')).toThrow(expect.objectContaining({ code }));
});

test('whatever the file holds, it is read or refused in words', () => {
  fc.assert(
    fc.property(fc.oneof(fc.json(), fc.string({ unit: 'binary' })), (text) => {
      try {
        new KnownIssues(readKnownIssues(text, 'known'), '2026-11-20').find(report);
      } catch (error) {
        expect(error).toBeInstanceOf(KtriageError);
      }
    }),
  );
});
