import { describe, expect, test } from 'vitest';
import { handlerRegisters } from '../../src/unwind/debugger-stop.ts';
import { unwind } from '../../src/unwind/unwind.ts';
import { MadeStacks, shape } from './made-kernel.ts';

describe('a kernel in its debugger', () => {
  const task = { name: 'task', start: 0xffff_c900_0001_0000n, end: 0xffff_c900_0001_4000n };
  // Not a multiple of 16: the processor aligns before it pushes.
  const sp = task.end - 0x108n;
  const saved = (sp & ~15n) - 168n;

  function x86(entry: string) {
    const made = new MadeStacks()
      .code('reader', { offset: 16 })
      .code(entry, { type: 'registers', offset: 0 })
      .code('ret_from_fork', { type: 'end' })
      .stack(task.start);
    const ip = made.at('reader', 3);
    made.ptRegs(saved, { ip, sp, cs: 0x10, ss: 0x18, flags: 0x10246, bx: 0xffff_8880_1234_0000n, orig_ax: -1 });
    made.words(saved - 8n, made.at(entry, 20)).words(sp + 8n, made.at('ret_from_fork', 20));
    // As its stub has them: segments and flags of 32 bits, and no control registers.
    const registers = {
      rip: ip,
      rsp: sp,
      cs: 0x10n,
      ss: 0x18n,
      eflags: 0x10246n,
      rbx: 0xffff_8880_1234_0000n,
      rax: 0n,
    };
    return { made, registers };
  }

  test('shows the exception that brought it there', async () => {
    const { made, registers } = x86('asm_exc_page_fault');
    const found = await handlerRegisters(made.kernel, registers);
    expect(found).toMatchObject({ rip: made.at('asm_exc_page_fault', 20), rsp: saved, cs: 0x10n });
    const raw = await unwind(made.kernel, { registers: found ?? {}, stacks: [task] });
    expect(shape(made.kernel, raw.frames)).toEqual([
      'task: asm_exc_page_fault (page-fault)',
      'task: reader',
      'task: ret_from_fork',
    ]);
    expect(raw.frames[0]?.entry).toMatchObject({ ptRegs: saved, registers: { rbx: registers.rbx, rsp: sp } });
  });

  test('and nothing where it was asked to stop, or has gone on since', async () => {
    const asked = x86('asm_exc_int3');
    expect(await handlerRegisters(asked.made.kernel, asked.registers)).toBeUndefined();
    const { made, registers } = x86('asm_exc_page_fault');
    expect(await handlerRegisters(made.kernel, { ...registers, rbx: 1n })).toBeUndefined();
    expect(await handlerRegisters(made.kernel, { ...registers, rsp: task.start })).toBeUndefined();
    expect(await handlerRegisters(made.kernel, { ...registers, rsp: 0n })).toBeUndefined();
    expect(await handlerRegisters(made.kernel, {})).toBeUndefined();
  });

  test.each([false, true])(
    'on arm64, with the functions that tell its kind (marks at pt_regs: %s)',
    async (hasMeta) => {
      const stack = { name: 'task', start: 0xffff_8000_0810_0000n, end: 0xffff_8000_0810_4000n };
      const made = new MadeStacks('arm64', { hasMeta })
        .code('reader')
        .code('el1h_64_sync')
        .code('el1h_64_sync_handler')
        .code('el1_abort')
        .code('ret_from_fork')
        .stack(stack.start);
      const frame = stack.end - 0x40n;
      const size = BigInt(made.kernel.types.sizeof('struct pt_regs') ?? 0);
      const at = frame - size;
      const record = made.made.at('pt_regs', 'stackframe', at);
      const pc = made.at('reader', 8);
      made.ptRegs(at, { pc, sp: frame, pstate: 0x8000_0005, 'regs[3]': 3, 'regs[29]': frame });
      made.words(record, ...(hasMeta ? [0n, 0n, 2n] : [frame, pc]));
      const handler = at - 0x30n;
      const abort = handler - 0x40n;
      made
        .words(handler, record, made.at('el1h_64_sync', 20))
        .words(abort, handler, made.at('el1h_64_sync_handler', 20));
      made.words(abort - 0x60n, abort, made.at('el1_abort', 20));
      made.words(frame, 0n, made.at('ret_from_fork'), 1n);
      const registers = { pc, sp: frame, x29: frame, x3: 3n, pstate: 0x8000_0005n };
      const found = await handlerRegisters(made.kernel, registers);
      expect(found).toMatchObject({ pc: made.at('el1_abort', 20), x29: abort });
      const raw = await unwind(made.kernel, { registers: found ?? {}, stacks: [stack] });
      expect(shape(made.kernel, raw.frames).slice(0, 4)).toEqual([
        'task: el1_abort',
        'task: el1h_64_sync_handler',
        'task: el1h_64_sync (page-fault)',
        'task: reader',
      ]);
      expect(await handlerRegisters(made.kernel, { ...registers, x3: 4n })).toBeUndefined();
    },
  );
});
