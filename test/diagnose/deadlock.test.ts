import { describe, expect, test } from 'vitest';
import { diagnoseFile } from '../../src/diagnose/diagnose-file.ts';
import type { Finding } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { crashReport, fileResult } from '../report/make.ts';

/** A hung task and the PID of whom it waits for. */
const hung = (pid: number, owner?: number, held: readonly bigint[] = []): CrashReport =>
  crashReport({
    kind: 'hang/hung-task',
    fault: {},
    task: { pid, comm: `task${pid}` },
    details: {
      of: 'hung-task',
      task: `task${pid}`,
      pid,
      held: held.map((address) => ({ address, name: `&lock${address}` })),
      ...(owner !== undefined && { owner: { task: `task${owner}`, pid: owner, likely: true } }),
    },
  });

function leadOf(reports: readonly CrashReport[]): Finding | undefined {
  const follow = reports.slice(1).map((_, i) => ({ report: i + 1, why: 'stuck-behind' as const }));
  const file = fileResult(reports, { incidents: [{ root: 0, boot: 0, follow, ending: [] }] });
  return diagnoseFile(file).reports[0]?.findings?.[0];
}

const sentenceOf = (...waits: (readonly [number, number?])[]): string | undefined =>
  leadOf(waits.map(([pid, owner]) => hung(pid, owner)))?.sentence;

describe('hung tasks that wait for each other', () => {
  test('two, three, and one that only waits for them', () => {
    expect(sentenceOf([1, 2], [2, 1])).toBe(
      'A deadlock: task1 (PID 1) waits for task2 (PID 2), which waits for task1 (PID 1).',
    );
    expect(sentenceOf([1, 2], [3, 1], [2, 3])).toContain(
      'task1 (PID 1) waits for task2 (PID 2), which waits for task3',
    );
    expect(sentenceOf([9, 2], [1, 2], [2, 1])).toBe(
      'task9 (PID 9) waits for a circle of tasks: task2 (PID 2) waits for task1 (PID 1), which waits for task2 (PID 2).',
    );
  });

  test('no circle, a holder that does not hang, a task that waits for itself', () => {
    for (const waits of [
      [
        [1, 2],
        [2, 3],
      ],
      [[1], [2, 1]],
      [[1, 1]],
    ] as const) {
      expect(sentenceOf(...waits)).not.toContain('eadlock');
    }
  });

  test('by the locks that lockdep lists: the last is the one that is wanted', () => {
    const finding = leadOf([hung(1, undefined, [10n, 20n]), hung(2, undefined, [20n, 10n])]);
    expect(finding).toMatchObject({ rule: 'deadlock', confidence: 'certain' });
    expect(finding?.drawing).toEqual([
      'task1 (PID 1)     task2 (PID 2)',
      'in frob_read()    in frob_read()',
      'holds &lock10     holds &lock20',
      'wants &lock20     wants &lock10',
    ]);
  });

  test('a thousand of them are no trouble', () => {
    const many = Array.from({ length: 1000 }, (_, pid) => hung(pid + 1, ((pid + 1) % 1000) + 1));
    expect(leadOf(many)?.rule).toBe('hung-task');
  });
});
