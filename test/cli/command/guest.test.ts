import { describe, expect, test } from 'vitest';
import { withGuest } from '../../../src/cli/command/guest.ts';
import { KnownIssues } from '../../../src/compare/known-issues.ts';
import { Policy } from '../../../src/compare/policy.ts';
import { readKnownIssues } from '../../../src/compare/read-known-issues.ts';
import type { FileResult } from '../../../src/model/document.ts';
import { silentHang } from '../../analyze/hang/make.ts';
import { crashReport, fileResult } from '../../report/make.ts';

const printed: FileResult = {
  ...fileResult([crashReport({ severity: 'warning', kind: 'warning/generic', signature: 'a'.repeat(16) })]),
  command: {
    program: 'qemu',
    milliseconds: 9000,
    stopped: 'quiet',
    last: { state: 'testing', lines: ['# selftests: mm: hugetlb'], harness: 'kselftest', test: 'mm: hugetlb' },
  },
};

describe('what was found in the guest of a command', () => {
  test('is one report more, at the last line, of the test that had begun', async () => {
    const { reports, incidents, input } = await withGuest(printed, silentHang(), { known: undefined, sources: {} });
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatchObject({ kind: 'warning/generic' });
    expect(reports[1]).toMatchObject({
      unprinted: true,
      startLine: printed.input.lines,
      running: { harness: 'kselftest', test: 'mm: hugetlb' },
    });
    expect(incidents[0]).toMatchObject({ root: 1 });
    expect(input).toEqual(printed.input);
  });

  test('is nothing where nothing is wrong', async () => {
    const document = { ...silentHang(), outcome: 'healthy' as const };
    const told = await withGuest(printed, document, { known: undefined, sources: {} });
    expect(told.reports).toHaveLength(1);
  });

  test('may be known', async () => {
    const issue = { title: 'in frob_poll', reason: 'on its way', expires: 'never' };
    const list = JSON.stringify({ schema: 'ktriage/known-issues/v1', issues: [issue] });
    const policy = new Policy({ known: new KnownIssues(readKnownIssues(list, 'known'), '2026-01-01') });
    const { reports } = await withGuest(printed, silentHang(), { known: { policy, tell: () => {} }, sources: {} });
    expect(reports.map(({ knownIssue }) => knownIssue?.reason)).toEqual([undefined, 'on its way']);
  });
});
