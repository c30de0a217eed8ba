import type { CrashReport } from '../model/report.ts';

/** Whether a report says enough of its machine for anything to be explained: registers of the kernel, or its code. */
export function isExplainable({ registers, code }: CrashReport): boolean {
  return (
    registers?.some(({ mode }) => mode === 'kernel') === true || code?.some(({ mode }) => mode === 'kernel') === true
  );
}
