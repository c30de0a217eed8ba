import { describe, expect, test } from 'vitest';
import { isUserMode, readPtRegs } from '../../src/kernel/pt-regs.ts';
import { StructureKernel } from './structure-kernel.ts';

const at = 0xffff_c900_0000_3f58n;

describe('saved registers', () => {
  test('of x86 have the names of the machine', async () => {
    const words = ['r15', 'r14', 'r13', 'r12', 'bp', 'bx', 'r11', 'r10', 'r9', 'r8', 'ax', 'cx', 'dx', 'si', 'di'];
    const made = new StructureKernel({
      pt_regs: [
        ...[...words, 'orig_ax', 'ip'].map((name) => [name, 'u64'] as const),
        // As since 6.9: 16 bits of a word.
        ...([
          ['cs', 'u16'],
          ['fred', 'u32'],
          ['flags', 'u64'],
          ['sp', 'u64'],
          ['ss', 'u16'],
        ] as const),
      ],
    });
    made.put('pt_regs', at, {
      ip: 0xffff_ffff_8123_4567n,
      cs: 0x10,
      fred: 0xff,
      ax: 1,
      orig_ax: -1n,
      flags: 0x246,
      ss: 0x18,
    });
    const registers = await readPtRegs(made.kernel, at);
    expect(registers).toMatchObject({
      ...{ rip: 0xffff_ffff_8123_4567n, cs: 0x10n, rax: 1n, orig_rax: 2n ** 64n - 1n, eflags: 0x246n, ss: 0x18n },
    });
    expect(Object.keys(registers ?? {})).toHaveLength(21);
    expect(isUserMode('x86_64', registers ?? {})).toBe(false);
    expect(isUserMode('x86_64', { cs: 0x33n })).toBe(true);
    expect(await readPtRegs(made.kernel, 0xffff_c900_0001_0000n)).toBeUndefined();
  });

  test('of arm64 too', async () => {
    const made = new StructureKernel(
      {
        pt_regs: [
          ...([
            ['regs', 'u64[31]'],
            ['sp', 'u64'],
            ['pc', 'u64'],
            ['pstate', 'u64'],
          ] as const),
          ...([
            ['orig_x0', 'u64'],
            ['syscallno', 'int'],
          ] as const),
        ],
      },
      'arm64',
    );
    made.put('pt_regs', at, { 'regs[0]': 7, 'regs[30]': 9, pc: 0x40_1234, pstate: 0x8000_1000, syscallno: -1 });
    const registers = await readPtRegs(made.kernel, at);
    expect(registers).toMatchObject({ x0: 7n, x30: 9n, pc: 0x40_1234n, syscallno: 0xffff_ffffn });
    expect(isUserMode('arm64', registers ?? {})).toBe(true);
    expect(isUserMode('arm64', { pstate: 0x3c5n })).toBe(false);
  });
});
