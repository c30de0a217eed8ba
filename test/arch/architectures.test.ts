import { describe, expect, test } from 'vitest';
import { architectureByName, architectures, recogniseArchitecture } from '../../src/arch/architectures.ts';
import { decodeEsr } from '../../src/arch/arm64-esr.ts';
import { decodeControlProtectionCode, decodePageFaultCode, decodeSelectorCode } from '../../src/arch/x86-error-code.ts';

const meanings = (fields: readonly { name: string; meaning?: string }[]) =>
  Object.fromEntries(fields.map((f) => [f.name, f.meaning]));

describe('architectures', () => {
  test('each is found by its own name and names its own pointers among its registers', () => {
    for (const a of architectures) {
      expect(architectureByName(a.name)).toBe(a);
      const all = [...a.registers, ...a.otherRegisters];
      expect(all).toContain(a.instructionPointer);
      expect(all).toContain(a.stackPointer);
      expect(new Set(a.registers).size).toBe(a.registers.length);
    }
    expect(architectureByName('unknown')).toBeUndefined();
  });

  test.each([
    ['x86_64', ['RIP: 0010:foo+0x1/0x2', 'RAX: 0000000000000000 RBX: 0000000000000000 RCX: 0000000000000000']],
    ['i386', ['EIP: foo+0x1/0x2', 'EAX: 00000000 EBX: c1234567 ECX: 00000000 EDX: 00000000']],
    [
      'arm64',
      ['pstate: 60000005 (nZCv daif -PAN -UAO)', 'pc : foo+0x1/0x2', 'x29: ffff800008683c60 x28: 0000000000000000'],
    ],
    ['arm', ['PC is at foo+0x1/0x2', 'pc : [<c0012345>]    lr : [<c0012345>]    psr: 60000013']],
    ['riscv64', ['epc : foo+0x1/0x2', 'status: 0000000200000120 badaddr: 0000000000000000 cause: 000000000000000d']],
    ['ppc64', ['NIP [c000000000012345] foo+0x1/0x2', 'GPR00: c000000000012345 c000000000012345']],
    ['s390x', ['Krnl PSW : 0404c00180000000 000000000045a78e (foo+0x62/0x7c)']],
    ['mips', ['$ 0   : 00000000 00000001 00000002 00000003', 'Cause : 00800008 (ExcCode 02)']],
    ['loongarch64', ['pc 9000000000210afc ra 9000000000210ac4 tp 90000001000d8000 sp 90000001000dbcd0']],
  ])('%s shows in its register dump', (name, lines) => {
    expect(recogniseArchitecture(lines)?.name).toBe(name);
  });

  test('prose shows none', () => {
    expect(recogniseArchitecture(['usb 1-1: new device', 'Kernel panic - not syncing: no init found'])).toBeUndefined();
  });
});

describe('error codes', () => {
  test('page fault bits', () => {
    expect(decodePageFaultCode(0n)).toMatchObject({ access: 'read', mode: 'kernel' });
    expect(decodePageFaultCode(0x2n)).toMatchObject({ access: 'write', mode: 'kernel' });
    const fetch = decodePageFaultCode(0x15n);
    expect(fetch).toMatchObject({ access: 'execute', mode: 'user' });
    expect(meanings(fetch.fields)).toMatchObject({ P: 'protection violation', I: 'instruction fetch' });
  });

  test('selector', () => {
    expect(decodeSelectorCode(0n).fields[0]?.meaning).toContain('no segment');
    expect(decodeSelectorCode(0x1dn).fields).toContainEqual({ name: 'table', value: 'LDT' });
    expect(decodeSelectorCode(0x1dn).fields).toContainEqual({ name: 'index', value: '3' });
  });

  test('an entry of the IDT names its vector', () => {
    expect(decodeSelectorCode(0x6an).fields).toContainEqual({ name: 'index', value: '13', meaning: 'vector #GP' });
  });

  test('control protection', () => {
    const { fields } = decodeControlProtectionCode(3n);
    expect(fields).toEqual([
      { name: 'CPEC', value: '3', meaning: 'an indirect jump or call to an instruction that is no ENDBR' },
    ]);
    expect(decodeControlProtectionCode(0x8001n).fields[1]?.name).toBe('ENCL');
  });

  test('ESR of a data abort', () => {
    const write = decodeEsr(0x96000046n);
    expect(write).toMatchObject({ access: 'write', mode: 'kernel' });
    expect(meanings(write.fields)).toMatchObject({
      EC: 'data abort at the current exception level (DABT)',
      WnR: 'write',
      FSC: 'level 2 translation fault',
      FnV: 'FAR is valid',
    });
    // Cache maintenance sets WnR but is no write.
    expect(decodeEsr(0x96000146n).access).toBe('read');
    // ISV is set: which register, how wide.
    expect(meanings(decodeEsr(0x97c08046n).fields)).toMatchObject({
      SAS: 'doubleword',
      SRT: 'register x0',
      SF: '64-bit register',
    });
  });

  test.each([
    [0x86000006n, 'execute', 'kernel', 'FSC', 'level 2 translation fault'],
    [0x8600000fn, 'execute', 'kernel', 'FSC', 'level 3 permission fault'],
    [0x96000010n, 'read', 'kernel', 'FSC', 'synchronous external abort'],
    [0x96000061n, 'write', 'kernel', 'FSC', 'alignment fault'],
    [0x92000011n, 'read', 'user', 'FSC', 'synchronous tag check fault'],
  ] as const)('ESR %s', (esr, access, mode, field, meaning) => {
    const decoded = decodeEsr(esr);
    expect(decoded).toMatchObject({ access, mode });
    expect(meanings(decoded.fields)[field]).toBe(meaning);
  });

  test('ESR of traps that are no aborts', () => {
    expect(meanings(decodeEsr(0xf2000800n).fields).comment).toBe('BUG or WARN');
    expect(meanings(decodeEsr(0xf2005512n).fields).comment).toBe('UBSAN trap');
    expect(meanings(decodeEsr(0xbe000011n).fields).DFSC).toBe('asynchronous SError');
    expect(decodeEsr(0x02000000n).fields[0]?.meaning).toBe('unknown or uncategorized');
    expect(decodeEsr(0xffffffffffffffffn).fields[0]?.meaning).toBe('unrecognized exception class');
  });

  test('others', () => {
    const of = (name: 'arm' | 'riscv64' | 'ppc64' | 'mips' | 'loongarch64') => architectureByName(name);
    expect(of('arm')?.decodeError(0x805n, 'page-fault')).toMatchObject({ access: 'write' });
    expect(of('arm')?.decodeError(0x5n, 'page-fault').fields[0]?.meaning).toBe('section translation fault');
    expect(of('arm')?.decodeError(0xa07n, 'page-fault').fields[0]?.meaning).toBe('level 3 translation fault');
    expect(of('arm')?.decodeError(0x80000007n, 'page-fault').access).toBe('execute');
    expect(of('riscv64')?.decodeError(0xfn, 'syndrome').access).toBe('write');
    expect(of('ppc64')?.decodeError(0x42000000n, 'syndrome').access).toBe('write');
    expect(of('mips')?.decodeError(0x0080000cn, 'syndrome').access).toBe('write');
    expect(of('loongarch64')?.decodeError(0x10000n, 'syndrome').access).toBe('read');
    for (const a of architectures) expect(a.decodeError(0xffffffffffffffffn, 'syndrome')).toBeDefined();
  });
});
