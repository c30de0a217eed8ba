import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanForPageFaults } from '../../src/unwind/scan.ts';
import { unwind } from '../../src/unwind/unwind.ts';
import { MadeStacks, shape } from './made-kernel.ts';

const task = { name: 'task', start: 0xffff_c900_0001_0000n, end: 0xffff_c900_0001_4000n };
const irq = { name: 'IRQ', start: 0xffff_c900_0020_1000n, end: 0xffff_c900_0020_5000n };
const stacks = [task, irq];
const kernelMode = { cs: 0x10, ss: 0x18, flags: 0x2 };
const userMode = { cs: 0x33, ss: 0x2b, flags: 0x246, ip: 0x40_1000, sp: 0x7fff_0000 };

/** Functions of a silent hang: a page fault in an interrupt's handler, and in the way of its report a lock. */
function silentHang(): MadeStacks {
  return new MadeStacks()
    .code('spin', { offset: 8 })
    .code('report', { offset: 24, bp: -16 })
    .code('exc_page_fault', { offset: 16 })
    .code('asm_exc_page_fault', { type: 'registers', offset: 0 })
    .code('handler', { offset: 16 })
    .code('sysvec_apic_timer_interrupt', { base: 'sp-indirect', offset: 16 })
    .code('asm_sysvec_apic_timer_interrupt', { type: 'registers', offset: 0 })
    .code('do_idle', { offset: 8 })
    .code('start_secondary', { offset: 8 })
    .code('secondary_startup_64', { type: 'end' });
}

const faultRegs = irq.end - 0x200n;
const timerRegs = task.end - 0x200n;

describe('an x86 stack', () => {
  test('is unwound through a page fault, an interrupt and its stack to the start', async () => {
    const made = silentHang().stack(task.start).stack(irq.start);
    const sp = faultRegs - 48n;
    made.words(sp, made.at('report', 20), 0n, 0xb0bn, made.at('exc_page_fault', 20));
    made.words(sp + 32n, 0n, made.at('asm_exc_page_fault', 20));
    const registers = { rip: made.at('spin', 7), rsp: sp, rbp: 0x77n, cs: 0x10n, cr2: 0x20n };
    const top = irq.end - 0x40n;
    made.ptRegs(faultRegs, { ...kernelMode, ip: made.at('handler', 3), sp: top, bx: 0xbb, orig_ax: -1 });
    // The top of the stack says where the one below was left, and there is where the call was.
    const left = timerRegs - 0x10n;
    made.words(top, 0n, made.at('sysvec_apic_timer_interrupt', 20), left);
    made.words(left, 0n, made.at('asm_sysvec_apic_timer_interrupt', 20));
    made.ptRegs(timerRegs, { ...kernelMode, ip: made.at('do_idle', 4), sp: task.end - 0x50n, r12: 12 });
    made.words(task.end - 0x50n, made.at('start_secondary', 20), made.at('secondary_startup_64', 20));
    const { kernel } = made;
    const raw = await unwind(kernel, { registers, stacks });
    expect(shape(kernel, raw.frames)).toEqual([
      'IRQ: spin',
      'IRQ: report',
      'IRQ: exc_page_fault',
      'IRQ: asm_exc_page_fault (page-fault)',
      'IRQ: handler',
      'IRQ: sysvec_apic_timer_interrupt',
      'task: asm_sysvec_apic_timer_interrupt (interrupt)',
      'task: do_idle',
      'task: start_secondary',
      'task: secondary_startup_64',
    ]);
    expect(raw.endsBecause).toBeUndefined();
    const [, , caught, fault, handler] = raw.frames;
    expect(caught?.registers.rbp).toBe(0xb0bn);
    expect(fault?.entry).toMatchObject({ ptRegs: faultRegs, isUser: false, faultAddress: 0x20n });
    expect(handler).toMatchObject({ isReturn: false, registers: { rbx: 0xbbn, rip: made.at('handler', 3) } });
    expect(raw.memory(timerRegs - 8n, 8)).toBe(made.at('asm_sysvec_apic_timer_interrupt', 20));
    expect(raw.memory(0n, 8)).toBeUndefined();
    expect(await scanForPageFaults(kernel, irq)).toMatchObject([{ ptRegs: faultRegs, isUser: false }]);
  });

  test('ends in user space', async () => {
    const made = new MadeStacks()
      .code('sys_write', { offset: 16 })
      .code('entry_SYSCALL_64_after_hwframe', { type: 'registers', offset: 0 })
      .stack(task.start);
    const regs = task.end - 168n;
    made.words(regs - 16n, 0n, made.at('entry_SYSCALL_64_after_hwframe', 20)).ptRegs(regs, userMode);
    const { kernel } = made;
    const registers = { rip: made.at('sys_write', 9), rsp: regs - 16n, cs: 0x10n };
    const raw = await unwind(kernel, { registers, stacks });
    expect(shape(kernel, raw.frames)).toEqual([
      'task: sys_write',
      'task: entry_SYSCALL_64_after_hwframe (system-call)',
      'user: user',
    ]);
    expect(raw.frames.at(-1)).toMatchObject({ pc: 0x40_1000n, sp: 0x7fff_0000n });
    const inUser = await unwind(kernel, { registers: { rip: 0x40_1000n, rsp: 1n, cs: 0x33n }, stacks });
    expect(inUser.frames).toMatchObject([{ pc: 0x40_1000n, stack: 'user' }]);
  });

  test('of a sleeping task begins where it was switched away from', async () => {
    const made = new MadeStacks()
      .code('schedule', { offset: 16, bp: -16 })
      .code('kthread', { offset: 8 })
      .code('ret_from_fork', { type: 'end' })
      .stack(task.start);
    const rsp = task.end - 0x100n;
    made.made.put('inactive_task_frame', rsp, { ret_addr: made.at('schedule', 20), bx: 5, bp: 6 });
    made.words(rsp + 56n, 7n, made.at('kthread', 20), made.at('ret_from_fork', 20));
    const { kernel } = made;
    const raw = await unwind(kernel, { saved: { rsp }, stacks: [task] });
    expect(shape(kernel, raw.frames)).toEqual(['task: schedule', 'task: kthread', 'task: ret_from_fork']);
    expect(raw.frames[0]?.registers).toMatchObject({ rbx: 5n, rbp: 6n, rsp: rsp + 56n });
    expect(raw.frames[1]?.registers.rbp).toBe(7n);

    // A new one has not run yet.
    made.made.put('inactive_task_frame', rsp, { ret_addr: made.at('ret_from_fork') });
    const fresh = await unwind(kernel, { saved: { rsp }, stacks: [task] });
    expect(fresh.frames).toMatchObject([{ pc: made.at('ret_from_fork'), isReturn: false }]);
    expect(fresh.endsBecause).toBeUndefined();
    expect(await unwind(kernel, { saved: {}, stacks: [task] })).toMatchObject({
      frames: [],
      endsBecause: 'the stack pointer is not known',
    });
    expect((await unwind(kernel, { saved: { rsp: 0x1000n }, stacks: [task] })).frames).toEqual([]);
  });

  test('goes on where a null pointer was called', async () => {
    const made = new MadeStacks().code('caller', { offset: 8 }).code('start', { type: 'end' }).stack(task.start);
    const rsp = task.end - 0x20n;
    made.words(rsp, made.at('caller', 20), made.at('start', 20));
    const { kernel } = made;
    const raw = await unwind(kernel, { registers: { rip: 0n, rsp, cs: 0x10n }, stacks });
    expect(shape(kernel, raw.frames)).toEqual(['task: -', 'task: caller', 'task: start']);
    // Of any other address it is a guess.
    const wild = await unwind(kernel, { registers: { rip: 0x1234n, rsp, cs: 0x10n }, stacks });
    expect(shape(kernel, wild.frames)).toEqual(['task: -', '? task: caller', '? task: start']);
  });

  test('is guessed on where there is no unwind information, and certain again at an entry', async () => {
    const made = silentHang().code('assembly').stack(task.start);
    const rsp = timerRegs - 0x40n;
    made.words(rsp, 1n, made.at('do_idle', 3), made.at('report', 20), 0n, 0n, 0n);
    made.words(rsp + 24n, 0n, 0n, made.at('handler', 20), 0n, made.at('asm_sysvec_apic_timer_interrupt', 20));
    made.ptRegs(timerRegs, { ...kernelMode, ip: made.at('start_secondary', 4), sp: task.end - 0x50n });
    made.words(task.end - 0x50n, made.at('secondary_startup_64', 20));
    const { kernel } = made;
    const raw = await unwind(kernel, { registers: { rip: made.at('assembly', 7), rsp, cs: 0x10n }, stacks });
    expect(shape(kernel, raw.frames)).toEqual([
      'task: assembly',
      '? task: report',
      '? task: handler',
      '? task: asm_sysvec_apic_timer_interrupt (interrupt)',
      'task: start_secondary',
      'task: secondary_startup_64',
    ]);
  });

  test('that was used up goes on above its start', async () => {
    const made = new MadeStacks()
      .code('asm_exc_double_fault', { type: 'registers', offset: 0 })
      .code('recursion', { offset: 32 })
      .code('start', { type: 'end' })
      .stack(task.start);
    const double = { name: '#DF', start: 0xffff_fe00_0000_1000n, end: 0xffff_fe00_0000_3000n };
    made.stack(double.start, 0x2000);
    const regs = double.end - 168n;
    made.ptRegs(regs, { ...kernelMode, ip: made.at('recursion', 3), sp: task.start - 24n });
    let at = task.start;
    for (; at < task.end - 32n; at += 32n) made.words(at, made.at('recursion', 20));
    made.words(at, made.at('start', 20));
    const { kernel } = made;
    const registers = { rip: made.at('asm_exc_double_fault', 9), rsp: regs, cs: 0x10n };
    const raw = await unwind(kernel, { registers, stacks: [task, double], most: 11 });
    expect(raw.frames).toHaveLength(11);
    expect(raw.omitted).toEqual({ after: 6, frames: 0x4000 / 32 + 2 - 11 });
    expect(shape(kernel, raw.frames.slice(0, 3))).toEqual([
      '#DF: asm_exc_double_fault (double-fault)',
      'task: recursion',
      'task: recursion',
    ]);
    expect(shape(kernel, raw.frames.slice(-2))).toEqual(['task: recursion', 'task: start']);
  });

  test('with frame pointers is followed through their encoded pt_regs', async () => {
    const made = new MadeStacks()
      .code('inner')
      .code('outer')
      .code('asm_exc_page_fault')
      .code('first')
      .stack(task.start);
    const regs = task.end - 0x200n;
    const [a, b, c] = [regs - 0x40n, regs - 0x20n, task.end - 0x30n] as const;
    made.words(a, b, made.at('outer', 20)).words(b, regs | 1n, made.at('asm_exc_page_fault', 20));
    made.ptRegs(regs, { ...kernelMode, ip: made.at('first', 3), sp: task.end - 0x40n, bp: c });
    made.words(c, 0n, 0n);
    const { kernel } = made;
    const registers = { rip: made.at('inner', 9), rsp: a - 16n, rbp: a, cs: 0x10n };
    const raw = await unwind(kernel, { registers, stacks });
    expect(shape(kernel, raw.frames)).toEqual([
      'task: inner',
      'task: outer',
      'task: asm_exc_page_fault (page-fault)',
      'task: first',
    ]);
    expect(raw.frames[2]?.entry?.ptRegs).toBe(regs);
    expect(raw.endsBecause).toBeUndefined();
  });

  test('that nobody knows is taken for one', async () => {
    const made = new MadeStacks().code('early', { offset: 8 }).code('start', { type: 'end' }).stack(task.start);
    const rsp = task.end - 0x20n;
    made.words(rsp, made.at('start', 20));
    const { kernel } = made;
    const raw = await unwind(kernel, { registers: { rip: made.at('early', 7), rsp, cs: 0x10n }, stacks: [irq] });
    expect(shape(kernel, raw.frames)).toEqual(['unknown: early', 'unknown: start']);
  });

  test('that comes back to itself ends', async () => {
    const made = new MadeStacks().code('turn', { base: 'bp', offset: 16, bp: -16 }).stack(task.start);
    const at = task.end - 0x100n;
    made.words(at, at, made.at('turn', 20));
    const { kernel } = made;
    const registers = { rip: made.at('turn', 20), rsp: at - 16n, rbp: at, cs: 0x10n };
    const raw = await unwind(kernel, { registers, stacks });
    expect(raw.frames.length).toBeLessThan(8);
    expect(raw.endsBecause).toBe('it does not lead on');
  });

  test('of garbage ends, whatever it is', async () => {
    const made = silentHang().stack(task.start, 0x1000).stack(irq.start, 0x1000);
    const small = [task, irq].map(({ name, start }) => ({ name, start, end: start + 0x1000n }));
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.nat(10 * 256).map((offset) => made.at('spin') + BigInt(offset)),
      fc.nat(0x1100).map((offset) => task.start + BigInt(offset)),
      fc.nat(0x1100).map((offset) => irq.start + BigInt(offset)),
      fc.constantFrom(0x10n, 0x18n, 0x33n, 0n),
    );
    const { kernel } = made;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 40, maxLength: 200 }), word, word, async (words, rip, rbp) => {
        made.words(task.start, ...words).words(irq.start, ...words.toReversed());
        for (const rsp of [task.start, irq.start + 8n]) {
          const raw = await unwind(kernel, { registers: { rip, rsp, rbp, cs: 0x10n }, stacks: small });
          expect(raw.frames.length).toBeGreaterThan(0);
          expect(raw.frames.length).toBeLessThanOrEqual(1024);
          const saved = await unwind(kernel, { saved: { rsp }, stacks: small });
          expect(saved.frames.length).toBeLessThanOrEqual(1024);
        }
      }),
      { numRuns: 60 },
    );
  });
});
