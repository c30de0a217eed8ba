import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { scanForPageFaults } from '../../src/unwind/scan.ts';
import { unwind } from '../../src/unwind/unwind.ts';
import { MadeStacks, shape } from './made-kernel.ts';

const task = { name: 'task', start: 0xffff_8000_0810_0000n, end: 0xffff_8000_0810_4000n };
const irq = { name: 'IRQ', start: 0xffff_8000_0820_0000n, end: 0xffff_8000_0820_4000n };
const stacks = [task, irq];
/** EL1h with interrupts off, and EL0t. */
const el1 = 0x8000_00c5;
const el0 = 0x8000_1000;
const signed = (address: bigint): bigint =>
  (address & ~0x007f_0000_0000_0000n & ~0xff00_0000_0000_0000n) | 0x0093_0000_0000_0000n;

/** A data abort in an interrupt that came while the CPU was idle. */
function abort(hasMeta: boolean, sign: (address: bigint) => bigint = (address) => address) {
  const made = new MadeStacks('arm64', { hasMeta })
    .code('spin')
    .code('do_mem_abort')
    .code('el1h_64_sync')
    .code('memcpy')
    .code('handler')
    .code('call_on_irq_stack')
    .code('el1_interrupt')
    .code('el1h_64_irq')
    .code('do_idle')
    .code('__secondary_switched')
    .stack(task.start)
    .stack(irq.start);
  const at = (name: string): bigint => made.at(name, 20);
  const fault = irq.end - 0x300n;
  const timer = task.end - 0x300n;
  const inner = fault - 0x40n;
  const handler = irq.end - 0x40n;
  const caller = timer - 0x40n;
  const outer = task.end - 0x60n;
  const last = task.end - 0x20n;
  const record = (registers: bigint): bigint => made.made.at('pt_regs', 'stackframe', registers);
  // From 6.14 on there is no record at a pt_regs, but a mark.
  const entered = (x29: bigint, pc: bigint): bigint[] => (hasMeta ? [0n, 0n, 2n] : [x29, pc]);
  made.words(inner, inner + 16n, sign(at('do_mem_abort'))).words(inner + 16n, record(fault), sign(at('el1h_64_sync')));
  made.ptRegs(fault, {
    ...{ pc: made.at('memcpy', 8), sp: handler - 16n, pstate: el1, 'regs[0]': 7 },
    ...{ 'regs[29]': handler, 'regs[30]': sign(at('handler')) },
  });
  made.words(record(fault), ...entered(handler, made.at('memcpy', 8)));
  // What memcpy returns to is only in the link register; the record is of the handler.
  made.words(handler, caller, sign(at('call_on_irq_stack')));
  made.words(caller, caller + 16n, sign(at('el1_interrupt'))).words(caller + 16n, record(timer), at('el1h_64_irq'));
  made.ptRegs(timer, { pc: made.at('do_idle', 4), sp: outer, pstate: el1, 'regs[29]': outer });
  made.words(record(timer), ...entered(outer, made.at('do_idle', 4)));
  made.words(outer, last, sign(at('__secondary_switched'))).words(last, 0n, 0n, 1n);
  const registers = { pc: made.at('spin', 8), sp: inner - 16n, x29: inner, x30: 1n, pstate: 0x3c5n };
  return { made, registers, fault, timer };
}

const expected = [
  'IRQ: spin',
  'IRQ: do_mem_abort',
  'IRQ: el1h_64_sync (page-fault)',
  'IRQ: memcpy',
  'IRQ: handler',
  'IRQ: call_on_irq_stack',
  'task: el1_interrupt',
  'task: el1h_64_irq (interrupt)',
  'task: do_idle',
  'task: __secondary_switched',
];

describe('an arm64 stack', () => {
  test.each([
    ['with records in pt_regs', false, false],
    ['with records in pt_regs, and signed addresses', false, true],
    ['with marked records', true, false],
    ['with marked records, and signed addresses', true, true],
  ])('%s is unwound through an abort, an interrupt and its stack to the start', async (_, hasMeta, isSigned) => {
    const { made, registers, fault, timer } = abort(hasMeta, isSigned ? signed : undefined);
    const { kernel } = made;
    const raw = await unwind(kernel, { registers: { ...registers, ESR_EL1: 0x9600_0006n, FAR_EL1: 0x20n }, stacks });
    expect(shape(kernel, raw.frames)).toEqual(expected);
    expect(raw.endsBecause).toBeUndefined();
    expect(raw.frames[2]?.entry).toMatchObject({
      ...{ ptRegs: fault, isUser: false, errorCode: 0x9600_0006n, faultAddress: 0x20n },
      registers: { x0: 7n, pc: made.at('memcpy', 8) },
    });
    expect(raw.frames[3]).toMatchObject({ isReturn: false, reliable: true });
    expect(raw.frames[4]?.pc).toBe(made.at('handler', 20));
    // An interrupt has neither.
    expect(raw.frames[7]?.entry).toMatchObject({ kind: 'interrupt', ptRegs: timer });
    expect(raw.frames[7]?.entry).not.toHaveProperty('errorCode');
    expect(await scanForPageFaults(kernel, irq)).toMatchObject([{ ptRegs: fault }]);
  });

  test.each([false, true])('of a system call ends in user space; marked records: %s', async (hasMeta) => {
    const made = new MadeStacks('arm64', { hasMeta }).code('el0_svc').code('el0t_64_sync').stack(task.start);
    const regs = task.end - 0x150n;
    const record = made.made.at('pt_regs', 'stackframe', regs);
    made.ptRegs(regs, { pc: 0x40_1000, sp: 0x7fff_0000, pstate: el0 });
    if (hasMeta) made.words(record, 0n, 0n, 1n);
    const at = regs - 0x20n;
    made.words(at, record, made.at('el0t_64_sync', 20));
    const { kernel } = made;
    const saved = { pc: made.at('el0_svc', 20), sp: at - 16n, x29: at, x19: 19n };
    const raw = await unwind(kernel, { saved, stacks: [task] });
    expect(shape(kernel, raw.frames)).toEqual(['task: el0_svc', 'task: el0t_64_sync (system-call)', 'user: user']);
    expect(raw.frames[0]?.registers.x19).toBe(19n);
    expect(raw.frames.at(-1)).toMatchObject({ pc: 0x40_1000n, sp: 0x7fff_0000n });
    const user = await unwind(kernel, { registers: { pc: 0x40_1000n, sp: 1n, pstate: 0n }, stacks });
    expect(user.frames).toMatchObject([{ stack: 'user' }]);
  });

  test('of a new task, of what was called by a null pointer, and of nothing', async () => {
    const made = new MadeStacks('arm64').code('ret_from_fork').code('caller').code('first').stack(task.start);
    const { kernel } = made;
    const fresh = await unwind(kernel, {
      saved: { pc: made.at('ret_from_fork'), sp: task.end - 0x150n, x29: 0n },
      stacks,
    });
    expect(shape(kernel, fresh.frames)).toEqual(['task: ret_from_fork']);
    expect(fresh.endsBecause).toBeUndefined();
    const at = task.end - 0x40n;
    made.words(at, at + 0x20n, made.at('first', 20));
    const registers = { pc: 0n, sp: at, x29: at, x30: made.at('caller', 20), pstate: 5n };
    const called = await unwind(kernel, { registers, stacks });
    expect(shape(kernel, called.frames)).toEqual(['task: -', 'task: caller', 'task: first']);
    expect(await unwind(kernel, { saved: {}, stacks })).toMatchObject({ frames: [] });
  });

  test('whose records lead in a circle, or nowhere, ends', async () => {
    const made = new MadeStacks('arm64').code('loop').stack(task.start);
    const at = task.end - 0x100n;
    made.words(at, at, made.at('loop', 20));
    const { kernel } = made;
    const registers = { pc: made.at('loop', 24), sp: at, x29: at, x30: made.at('loop', 20), pstate: 5n };
    const raw = await unwind(kernel, { registers, stacks });
    expect(raw.frames.length).toBeLessThan(6);
    expect(raw.endsBecause).toBeDefined();
    const nowhere = await unwind(kernel, { registers: { ...registers, x29: 0xffff_0000_0000_1000n }, stacks });
    expect(nowhere.endsBecause).toBe('the frame record cannot be read');
  });

  test('of garbage ends, whatever it is', async () => {
    const { made } = abort(true);
    const small = [task, irq].map(({ name, start }) => ({ name, start, end: start + 0x800n }));
    const word = fc.oneof(
      fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }),
      fc.nat(10 * 64).map((offset) => made.at('spin') + BigInt(4 * offset)),
      fc.nat(0x100).map((offset) => task.start + BigInt(8 * offset)),
      fc.nat(0x100).map((offset) => irq.start + BigInt(8 * offset)),
      fc.constantFrom(0n, 1n, 2n, 0x3c5n),
    );
    const { kernel } = made;
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 40, maxLength: 200 }), word, word, async (words, pc, x29) => {
        made.words(task.start, ...words).words(irq.start, ...words.toReversed());
        for (const sp of [task.start, irq.start + 8n]) {
          const raw = await unwind(kernel, { registers: { pc, sp, x29, x30: x29, pstate: 5n }, stacks: small });
          expect(raw.frames.length).toBeLessThanOrEqual(1024);
          const saved = await unwind(kernel, { saved: { pc, sp, x29 }, stacks: small, precise: true });
          expect(saved.frames.length).toBeLessThanOrEqual(1024);
        }
      }),
      { numRuns: 60 },
    );
  });
});
