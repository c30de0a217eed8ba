import type { CrashReport } from '../model/report.ts';
import { mayWantLock } from './locks/waiting-stack.ts';

/**
 * Whether a report says enough of its machine for anything to be explained: registers of the kernel, its code, or, with
 * the files of the kernel, a stack that waits for a lock.
 */
export function isExplainable(report: CrashReport, hasFiles = false): boolean {
  const { registers, code } = report;
  return (
    registers?.some(({ mode }) => mode === 'kernel') === true ||
    code?.some(({ mode }) => mode === 'kernel') === true ||
    (hasFiles && mayWantLock(report))
  );
}
