import { expect, test } from 'vitest';
import { groupIncidents } from '../../src/oops/incidents.ts';

type Member = Parameters<typeof groupIncidents>[0][number];

const range = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 };
const atomic = (pid: number, seconds: number): Member => ({
  kind: 'atomic/scheduling',
  severity: 'warning',
  signature: `${pid}-${seconds}`,
  boot: 0,
  seconds,
  task: { pid, comm: 'demo' },
  taintFlags: [],
  frames: [],
  range,
});

test('a task that scheduled while atomic does so again with its count wrong', () => {
  const [first, second] = groupIncidents([atomic(42, 1), atomic(42, 1.5), atomic(43, 2)]);
  expect(first?.follow).toEqual([{ report: 1, why: 'same-task-after' }]);
  expect(second?.root).toBe(2);
});
