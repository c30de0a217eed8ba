import { describe, expect, test } from 'vitest';
import { isBeforeKernel } from '../../../src/kernel/slide/before-kernel.ts';

const on = 0x8005_0033n;
const cpus = (...all: readonly Record<string, bigint>[]) => all.map((registers, id) => ({ id, registers }));

describe('isBeforeKernel', () => {
  test.each([
    ['real mode', { cr0: 0x10n, cs: 0xf003n, rip: 0xfff0n }],
    ['what unpacks an image of x86', { cr0: on, cs: 0x10n, rip: 0x475_4fecn }],
    ['firmware of arm64', { pstate: 0x3c5n, pc: 0x4008_0000n }],
  ])('%s', (_, registers) => {
    expect(isBeforeKernel(cpus(registers))).toBe(true);
  });

  test.each([
    ['a kernel of x86', { cr0: on, cs: 0x10n, rip: 0xffff_ffff_8100_0000n }],
    ['a program of x86', { cr0: on, cs: 0x33n, rip: 0x40_1000n }],
    ['a kernel of arm64', { cpsr: 0x3c5n, pc: 0xffff_8000_8000_0000n }],
    ['a program of arm64', { pstate: 0n, pc: 0x40_1000n }],
    ['a CPU that does not tell', {}],
  ])('not %s, beside one in firmware', (_, registers) => {
    expect(isBeforeKernel(cpus({ cr0: 0x10n }, registers))).toBe(false);
  });

  test('not of no CPU', () => expect(isBeforeKernel([])).toBe(false));
});
