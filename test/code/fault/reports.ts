import type { CrashReport, FaultInfo, RegisterSet } from '../../../src/model/report.ts';

const range = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 1 };

/** A report with nothing but what an explanation is made from. */
export function made(
  architecture: CrashReport['architecture'],
  headline: string,
  fault: FaultInfo,
  values: Readonly<Record<string, bigint>>,
  more: Partial<CrashReport> = {},
): CrashReport {
  const set: RegisterSet = { mode: 'kernel', values, ranges: {}, range };
  return {
    title: headline,
    altTitles: [],
    type: 'UNKNOWN',
    kind: 'oops/page-fault',
    severity: 'error',
    corrupted: false,
    suppressed: false,
    panicked: false,
    signature: '0000000000000000',
    startLine: 1,
    endLine: 1,
    range,
    headline,
    reportText: headline,
    architecture,
    frames: [],
    stacks: [],
    registers: [set],
    fault,
    ...more,
  };
}
