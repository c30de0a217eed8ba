import type { ComparedRun, CrashRecord } from '../../src/model/comparison.ts';

/** A crash of a run; parts can be replaced. */
export function crash(more: Partial<CrashRecord> = {}): CrashRecord {
  return {
    signature: '0123456789abcdef',
    kind: 'oops/null-deref',
    title: 'BUG: unable to handle kernel NULL pointer dereference in frob_read',
    altTitles: [],
    severity: 'error',
    isSpecific: true,
    culprit: 'frob_read',
    names: ['frob_read', 'frob_write', 'proc_reg_write', 'vfs_write', 'sys_write'],
    path: 'boot.log',
    line: 100,
    count: 1,
    ...more,
  };
}

export function run(name: string, ...crashes: readonly CrashRecord[]): ComparedRun {
  return { name, crashes, doubts: [] };
}
