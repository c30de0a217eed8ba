import { describe, expect, test } from 'vitest';
import { decodePtRegs, ptRegsWords, wordsIn } from './pt-regs.ts';

describe('pt_regs as QEMU prints memory', () => {
  test('words are told from addresses', () => {
    const text = 'ffffc900000d0e78: 0x0000000000000001 0xffff88801f523040\nffffc900000d0e88: 0x0000000000000000 0x20\n';
    expect(wordsIn(text)).toEqual(['0x0000000000000001', '0xffff88801f523040', '0x0000000000000000', '0x20']);
  });

  test('words have the names of registers', () => {
    const words = (count: number): string[] => Array.from({ length: count }, (_, nth) => `0x${nth.toString(16)}`);
    expect(decodePtRegs('amd64', words(ptRegsWords('amd64')))).toMatchObject({
      r15: 0n,
      orig_rax: 15n,
      rip: 16n,
      ss: 20n,
    });
    expect(decodePtRegs('arm64', words(ptRegsWords('arm64')))).toMatchObject({
      x0: 0n,
      x30: 30n,
      sp: 31n,
      pc: 32n,
      pstate: 33n,
    });
  });
});
