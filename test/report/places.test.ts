import { describe, expect, test } from 'vitest';
import { withFindings } from '../../src/diagnose/diagnose-file.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { textReport } from '../../src/report/text.ts';
import { crashReport, frame, lines, plainOptions } from './make.ts';

const screen = (more: Partial<CrashReport>, all = false): string =>
  [...textReport(withFindings(crashReport(more)), 'log', plainOptions({ all }))].join('').replace(/\s+/g, ' ');

const at = (line: number): { source: { file: string; line: number } } => ({ source: { file: 'mm/frob.c', line } });

describe('positions beside the trap', () => {
  test('of locks', () => {
    const details = {
      of: 'lockdep',
      task: 'a',
      pid: 9,
      wanted: { name: '&p->lock', function: 'frob_take', offset: 0x12 },
      held: [{ name: '&q->lock', function: 'frob_hold', offset: 0x34 }],
      chain: [],
    } as const;
    const mentioned = [
      { function: 'frob_take', offset: 0x12, module: 'frob', ...at(5) },
      { function: 'frob_hold', offset: 0x34, ...at(7) },
    ];
    const kind = 'lockdep/circular';
    const text = screen({ kind, fault: {}, details, symbols: { mentioned } });
    expect(text).toContain('Wanted: &p->lock (taken in frob_take+0x12 at mm/frob.c:5).');
    expect(text).toContain('Held: &q->lock (taken in frob_hold+0x34 at mm/frob.c:7).');
    expect(screen({ kind, fault: {}, details })).toContain('(taken in frob_take+0x12).');
  });

  test('of functions in quotes of the log', () => {
    const details = { of: 'scheduling', operation: 'smp_processor_id()', caller: 'frob_run+0x1/0x2 [frob]' } as const;
    const mentioned = [{ function: 'frob_run', offset: 1, module: 'frob', ...at(3) }];
    expect(screen({ kind: 'atomic/preemptible-smp-id', fault: {}, details, symbols: { mentioned } })).toContain(
      'The caller is frob_run+0x1/0x2 [frob] at mm/frob.c:3.',
    );
  });

  const frames = [frame('kmalloc_trace+0x1/0x2', 130), frame('frob_new+0x12/0x34 [frob]', 131, at(9))];
  const stack = (label: string) => ({ role: 'allocated' as const, label, frames, range: lines(129, 131) });

  test('of stacks of allocation, and of their labels', () => {
    const mentioned = [{ function: 'frob_free', offset: 0x7, ...at(4) }];
    const text = screen({ stacks: [stack('Freed in frob_free+0x7/0x9 age=1')], symbols: { mentioned } });
    expect(text).toContain('Freed in frob_free+0x7/0x9 at mm/frob.c:4 age=1: frob_new+0x12 [frob] at mm/frob.c:9');
    expect(screen({ stacks: [stack('Allocated in frob_new+0x12/0x34 [frob] age=1')] })).toContain(
      'Allocated in frob_new+0x12/0x34 [frob] age=1: frob_new+0x12 [frob] at mm/frob.c:9',
    );
  });

  test('of registers, of other stacks in full, with what is inlined', () => {
    const inlined = [{ function: 'frob_get', source: { file: 'mm/frob.h', line: 2 } }];
    const ip = frame('frob_new+0x12/0x34 [frob]', 131, { ...at(9), inlined });
    const registers = [{ mode: 'kernel' as const, values: {}, ranges: {}, ip, range: lines(131) }];
    const task = { role: 'task' as const, label: 'task:x', frames: [ip], range: lines(131) };
    const text = screen({ registers, stacks: [task] }, true);
    expect(text).toContain('instruction pointer frob_new+0x12/0x34 [frob] at mm/frob.c:9, in frob_get inlined from');
    expect(text).toContain('task:x frob_get at mm/frob.h:2 (inlined into the next) frob_new+0x12/0x34 [frob] at');
  });

  test('of frames that may be at several places', () => {
    const candidates = [at(1).source, at(2).source];
    expect(screen({ frames: [frame('twin+0x1/0x2', 104, { candidates })] })).toContain(
      'Stack: twin+0x1/0x2 at one of mm/frob.c:1 and mm/frob.c:2',
    );
  });
});
