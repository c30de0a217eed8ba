import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeRegister, decodeRegisters } from '../../src/arch/register-words.ts';
import type { ArchitectureName, DecodedField } from '../../src/model/report.ts';

const names = (fields: readonly DecodedField[] | undefined): string =>
  (fields ?? []).map(({ name, value }) => (value === '1' ? name : `${name}=${value}`)).join(' ');

// Values of the lab's logs; what is set in them by the Intel manual and by `pstate: 60000005 (nZCv daif -PAN ...)`.
describe('registers in words', () => {
  test.each<[ArchitectureName, string, bigint, string]>([
    ['x86_64', 'eflags', 0x246n, 'PF ZF IF'],
    ['x86_64', 'eflags', 0x10046n, 'PF ZF IF=0 RF'],
    ['x86_64', 'cr0', 0x8005_0033n, 'PE MP NE WP AM PG'],
    ['x86_64', 'cr4', 0x75_1ee0n, 'PAE MCE PGE OSFXSR OSXMMEXCPT UMIP LA57 FSGSBASE OSXSAVE SMEP SMAP PKE'],
    ['x86_64', 'cr4', 0x6f0n, 'PSE PAE MCE PGE OSFXSR OSXMMEXCPT SMEP=0 SMAP=0'],
    ['x86_64', 'pkru', 0x5555_5554n, 'keys=0'],
    ['x86_64', 'pkru', 0xcn, 'key 1=3'],
    ['x86_64', 'cs', 0x10n, 'index=2 table=GDT RPL=0'],
    ['x86_64', 'cs', 0x33n, 'index=6 table=GDT RPL=3'],
    ['x86_64', 'ds', 0n, ''],
    ['i386', 'fs', 0xd8n, 'index=27 table=GDT RPL=0'],
    ['x86_64', 'dr6', 0xfffe_0ff0n, ''],
    ['x86_64', 'dr6', 0xffff_4ff1n, 'B0 BS'],
    ['x86_64', 'dr7', 0x400n, ''],
    ['x86_64', 'dr7', 0xd_0402n, 'DR0=global'],
    ['x86_64', 'efer', 0xd01n, 'SCE LME LMA NX'],
    ['arm64', 'pstate', 0x6000_0005n, 'Z C I=0 mode=0x5'],
    ['arm64', 'pstate', 0x6040_00c5n, 'Z C PAN I F mode=0x5'],
    ['arm64', 'pstate', 0x8000_0489n, 'N I BTYPE mode=0x9'],
    ['arm', 'psr', 0x6000_0013n, 'Z C I=0'],
    ['riscv64', 'status', 0x2_0000_0120n, 'SPIE SPP'],
  ])('%s %s %x', (architecture, register, value, expected) => {
    expect(names(decodeRegister(architecture, register, value))).toBe(expected);
  });

  test('CR3 with and without process-context identifiers', () => {
    const cr3 = (value: bigint, cr4: bigint) => names(decodeRegister('x86_64', 'cr3', value, { cr4 }));
    expect(cr3(0x2_0000_5802n, 1n << 17n)).toBe('table=0x200005000 PCID=2');
    expect(cr3(0x200_a000n, 0n)).toBe('table=0x200a000');
    expect(decodeRegister('x86_64', 'cr3', 0x5802n, { cr4: 1n << 17n })?.[1]?.meaning).toContain('user space (PTI)');
  });

  test('a breakpoint says what it waits for', () => {
    expect(decodeRegister('x86_64', 'dr7', 0xd_0402n)?.[0]?.meaning).toBe('writes of 4 bytes');
  });

  test('only registers that have fields', () => {
    const decoded = decodeRegisters('x86_64', { rax: 1n, cr0: 1n, ds: 0n, constructor: 1n });
    expect(Object.keys(decoded ?? {})).toEqual(['cr0']);
    expect(decodeRegisters('mips', { cr0: 1n })).toBeUndefined();
  });

  test('any value has fields or none', () => {
    const register = fc.constantFrom(
      'eflags',
      'cr0',
      'cr3',
      'cr4',
      'dr6',
      'dr7',
      'pkru',
      'efer',
      'cs',
      'pstate',
      'sctlr_el1',
    );
    const architecture = fc.constantFrom<ArchitectureName>('x86_64', 'i386', 'arm64');
    fc.assert(
      fc.property(architecture, register, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (name, key, value) => {
        for (const field of decodeRegister(name, key, value, { cr4: value }) ?? []) expect(field.name).not.toBe('');
      }),
    );
  });
});
