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
  // arch/arm64/mm/fault.c, do_page_fault(): faulthandler_disabled()
  const fault: Member = { ...atomic(42, 1.1), kind: 'oops/page-fault', severity: 'fatal', signature: 'fault' };
  expect(groupIncidents([atomic(42, 1), fault])[0]?.follow).toEqual([{ report: 1, why: 'same-task-after' }]);
  expect(groupIncidents([atomic(42, 1), { ...fault, seconds: 30 }])).toHaveLength(2);
});
