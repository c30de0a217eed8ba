import { describe, expect, test } from 'vitest';
import { deadlockSentence } from '../../src/report/text/deadlock.ts';
import { crashReport, fileResult } from './make.ts';

/** A hung task and the PID of whom it waits for. */
const hung = (pid: number, owner?: number) =>
  crashReport({
    kind: 'hang/hung-task',
    task: { pid, comm: `task${pid}` },
    details: {
      of: 'hung-task',
      task: `task${pid}`,
      pid,
      held: [],
      ...(owner !== undefined && { owner: { task: `task${owner}`, pid: owner, likely: true } }),
    },
  });

function sentenceOf(...waits: (readonly [number, number?])[]): string | undefined {
  const reports = waits.map(([pid, owner]) => hung(pid, owner));
  const follow = reports.slice(1).map((_, i) => ({ report: i + 1, why: 'stuck-behind' as const }));
  return deadlockSentence(fileResult(reports), { root: 0, boot: 0, follow, ending: [] });
}

describe('hung tasks that wait for each other', () => {
  test('two, three, and one that only waits for them', () => {
    expect(sentenceOf([1, 2], [2, 1])).toBe(
      'A deadlock: task1 (PID 1) waits for task2 (PID 2), which waits for task1 (PID 1).',
    );
    expect(sentenceOf([1, 2], [3, 1], [2, 3])).toContain(
      'task1 (PID 1) waits for task2 (PID 2), which waits for task3',
    );
    expect(sentenceOf([9, 2], [1, 2], [2, 1])).toBe(
      'A deadlock: task2 (PID 2) waits for task1 (PID 1), which waits for task2 (PID 2).',
    );
  });

  test('no circle, a holder that does not hang, a task that waits for itself', () => {
    expect(sentenceOf([1, 2], [2, 3])).toBeUndefined();
    expect(sentenceOf([1], [2, 1])).toBeUndefined();
    expect(sentenceOf([1, 1])).toBeUndefined();
  });
});
