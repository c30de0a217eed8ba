import { describe, expect, test } from 'vitest';
import { findFaults } from '../../../src/live/faults/find-faults.ts';
import type { LiveEntry } from '../../../src/model/live.ts';
import { StructureKernel } from '../../kernel/structure-kernel.ts';
import { madeEntry, madeThread, type Written } from '../made-threads.ts';

const table = 0xffff_ffff_8200_0000n;

/** A kernel that is prepared for faults at these addresses. */
function madeKernel(...addresses: readonly bigint[]) {
  const made = new StructureKernel({ exception_table_entry: [['insn', 'u32'], ['fixup', 'u32'], ['data', 'u32'], ['pad', 'u32']] }); // biome-ignore format: one line
  made.symbol('__start___ex_table', table).symbol('__stop___ex_table', table + BigInt(addresses.length * 16));
  for (const [nth, address] of [...addresses].sort((a, b) => (a < b ? -1 : 1)).entries()) {
    const at = table + BigInt(nth * 16);
    made.put('exception_table_entry', at, { insn: BigInt.asUintN(32, address - at) });
  }
  return made.kernel;
}

const judged = async (entry: Partial<LiveEntry>, inner: readonly Written[], kernel = madeKernel()) => {
  const thread = madeThread({ cpu: 0, frames: [...inner, { at: 'asm_exc', entry: madeEntry(entry) }, 'frob'] });
  const [fault] = await findFaults(kernel, [thread]);
  return fault?.judgement;
};

/** Where `frob` is, behind so many frames. */
const placeOf = (nth: number): bigint => 0xffff_ffff_8100_0000n + BigInt(nth * 0x100);

describe('faults on a stack', () => {
  test('one that is being reported is fatal for sure', async () => {
    expect(await judged({}, ['vprintk', 'page_fault_oops', 'exc_page_fault'])).toMatchObject({
      fatal: true,
      isSure: true,
    });
    expect(await judged({ kind: 'invalid-opcode' }, ['panic', 'die'])).toMatchObject({ fatal: true, isSure: true });
  });

  test('one of the kernel without a fixup is fatal', async () => {
    expect(await judged({}, ['exc_page_fault'])).toMatchObject({ fatal: true, isSure: false });
  });

  test('innocent: of user space, with a fixup, while its page is brought in', async () => {
    expect(await judged({ isUser: true }, ['handle_mm_fault'])).toMatchObject({ fatal: false });
    expect(await judged({}, ['exc_page_fault'], madeKernel(placeOf(2), 0xffff_ffff_8100_9000n))).toMatchObject({
      fatal: false,
    });
    expect(await judged({}, ['__schedule', 'handle_mm_fault', 'do_user_addr_fault'])).toMatchObject({ fatal: false });
  });

  test('a warning that is being printed is none', async () => {
    expect(await judged({ kind: 'invalid-opcode' }, ['__warn', 'report_bug', 'exc_invalid_op'])).toMatchObject({
      fatal: false,
    });
  });

  test('interrupts and system calls are no faults', async () => {
    expect(await judged({ kind: 'interrupt' }, ['panic'])).toBeUndefined();
    expect(await judged({ kind: 'breakpoint' }, ['kprobe_int3_handler'])).toBeUndefined();
  });

  test('what cannot be judged is not fatal', async () => {
    expect(await judged({}, ['exc_page_fault'], new StructureKernel({}).kernel)).toMatchObject({ fatal: false });
  });
});
