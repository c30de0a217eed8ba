import { expect, test } from 'vitest';
import type { Incident } from '../../src/model/incident.ts';
import { shareEndings } from '../../src/oops/endings.ts';
import { logLines } from './extract/raw.ts';

const incident = (root: number, boot = 0): Incident => ({ root, boot, follow: [], ending: [] });
const range = (line: number) => ({ firstLine: line, lastLine: line, firstByte: 0, endByte: 1 });

function endingsOf(incidents: readonly Incident[], reports: Parameters<typeof shareEndings>[1], at: readonly number[]) {
  const endings = at
    .flatMap((line) => logLines('Kernel panic - not syncing: demo', line))
    .map((line) => ({ boot: 0, line }));
  return shareEndings(incidents, reports, endings).map(({ ending }) => ending.map((each) => each.range.firstLine));
}

test('the end of a kernel is of the incident that came last before it', () => {
  const reports = [{ startLine: 10 }, { startLine: 50 }];
  expect(endingsOf([incident(0), incident(1)], reports, [5, 20, 60, 61])).toEqual([[20], [60, 61]]);
});

test('or of the one that tells of the panic, whatever began in the middle of it', () => {
  const reports = [{ startLine: 10, panic: { message: 'demo', range: range(60) } }, { startLine: 50 }];
  expect(endingsOf([incident(0), incident(1)], reports, [60, 61])).toEqual([[60, 61], []]);
});

test('never of another boot, and not without bound', () => {
  expect(endingsOf([incident(0, 1)], [{ startLine: 10 }], [20])).toEqual([[]]);
  const many = Array.from({ length: 50 }, (_, i) => 20 + i);
  expect(endingsOf([incident(0)], [{ startLine: 10 }], many)[0]).toHaveLength(10);
});
