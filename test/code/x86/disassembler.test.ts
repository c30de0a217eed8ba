import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DecodedInstruction } from '../../../src/code/instruction.ts';
import { X86Disassembler } from '../../../src/code/x86/disassembler.ts';
import { bytes } from '../bytes.ts';

const wide = new X86Disassembler('x86_64');
const narrow = new X86Disassembler('i386');

function decode(hex: string, address = 0n, disassembler = wide): DecodedInstruction {
  const instruction = disassembler.decode(bytes(hex), 0, address);
  if (instruction === undefined) throw new Error('nothing there');
  return instruction;
}

test.each<[string, true | undefined]>([
  ['c6 07 00', true], // movb $0x0,(%rdi)
  ['c6 43 08 00', true],
  ['41 c6 04 24 00', true], // movb $0x0,(%r12)
  ['65 c6 05 10 00 00 00 00', true], // movb $0x0,%gs:0x10(%rip)
  ['c6 07 01', undefined],
  ['c6 c0 00', undefined], // mov $0x0,%al
  ['c7 07 00 00 00 00', undefined], // movl
  ['66 c7 07 00 00', undefined], // movw
  ['80 0f 00', undefined], // orb $0x0,(%rdi)
  ['88 47 00', undefined],
])('%s clears a byte of memory: %s', (hex, expected) => {
  expect(decode(hex).clearsByte).toBe(expected);
  expect(/^movb +\$0x0,/.test(decode(hex).text)).toBe(expected === true);
});

describe('text, as objdump -d prints it', () => {
  test.each<[string, string]>([
    ['48 8b 03', 'mov    (%rbx),%rax'],
    ['48 8b 43 00', 'mov    0x0(%rbx),%rax'],
    ['48 89 84 24 00 02 00 00', 'mov    %rax,0x200(%rsp)'],
    ['48 8b 45 f8', 'mov    -0x8(%rbp),%rax'],
    ['80 3c 02 00', 'cmpb   $0x0,(%rdx,%rax,1)'],
    ['ff 24 c5 60 17 00 82', 'jmp    *-0x7dffe8a0(,%rax,8)'],
    ['65 48 8b 04 25 c0 fb 01 00', 'mov    %gs:0x1fbc0,%rax'],
    ['48 8b 05 10 00 00 00', 'mov    0x10(%rip),%rax        # 0x17'],
    ['65 ff 0d 2a 40 32 5c', 'decl   %gs:0x5c32402a(%rip)        # 0x5c324031'],
    ['e8 f0 8e 14 fe', 'call   0xfffffffffe148ef5'],
    ['74 08', 'je     0xa'],
    ['ff 15 00 00 00 00', 'call   *0x0(%rip)        # 0x6'],
    ['ff d0', 'call   *%rax'],
    ['f0 0f b1 17', 'lock cmpxchg %edx,(%rdi)'],
    ['f3 48 a5', 'rep movsq %ds:(%rsi),%es:(%rdi)'],
    ['f3 aa', 'rep stos %al,%es:(%rdi)'],
    ['f3 a6', 'repz cmpsb %es:(%rdi),%ds:(%rsi)'],
    ['ac', 'lods   %ds:(%rsi),%al'],
    ['ee', 'out    %al,(%dx)'],
    ['6c', 'insb   (%dx),%es:(%rdi)'],
    ['48 d1 e8', 'shr    %rax'],
    ['48 c1 e8 01', 'shr    $0x1,%rax'],
    ['66 d1 38', 'sarw   (%rax)'],
    ['41 d0 c0', 'rol    %r8b'],
    ['c1 00 01', 'roll   $0x1,(%rax)'],
    ['48 69 d2 c0 08 00 00', 'imul   $0x8c0,%rdx,%rdx'],
    ['ff 74 24 38', 'push   0x38(%rsp)'],
    ['6a ff', 'push   $0xffffffffffffffff'],
    ['48 63 d0', 'movslq %eax,%rdx'],
    ['48 b8 00 01 00 00 00 00 ad de', 'movabs $0xdead000000000100,%rax'],
    ['0f 21 f8', 'mov    %db7,%rax'],
    ['0f 22 d8', 'mov    %rax,%cr3'],
    ['0f 01 c9', 'mwait  %eax,%ecx'],
    ['0f 0b', 'ud2'],
    ['f3 0f 1e fa', 'endbr64'],
    ['f3 c3', 'repz ret'],
    ['3e ff e0', 'notrack jmp *%rax'],
    ['2e e8 00 00 00 00', 'cs call 0x6'],
    ['66 90', 'xchg   %ax,%ax'],
    ['66 66 2e 0f 1f 84 00 00 00 00 00', 'data16 cs nopw 0x0(%rax,%rax,1)'],
    ['48 ff e0', 'rex.W jmp *%rax'],
    ['67 e8 00 00 00 00', 'addr32 call 0x6'],
    ['62 e1 7f 49 7f 00', 'vmovdqu8 %zmm16,(%rax){%k1}'],
    // Cut off, and none.
    ['48 8b', 'rex.W'],
    ['8b', '.byte 0x8b'],
    ['06', '(bad)'],
  ])('%s', (hex, text) => {
    expect(decode(hex).text).toBe(text);
  });

  test.each<[string, string]>([
    ['8b 40 08', 'mov    0x8(%eax),%eax'],
    ['64 a1 00 00 00 00', 'mov    %fs:0x0,%eax'],
    ['e8 f0 8e 14 fe', 'call   0xfe148ef5'],
    ['8d b4 26 00 00 00 00', 'lea    0x0(%esi,%eiz,1),%esi'],
    ['40', 'inc    %eax'],
    ['ff 75 08', 'push   0x8(%ebp)'],
  ])('32 bits: %s', (hex, text) => {
    expect(decode(hex, 0n, narrow).text).toBe(text);
  });

  test('addresses count from where the code is', () => {
    expect(decode('e8 00 10 00 00', 0xffffffff81000000n).text).toBe('call   0xffffffff81001005');
    expect(decode('8b 05 f8 ff ff ff', 0xffffffff81000000n).text).toBe(
      'mov    -0x8(%rip),%eax        # 0xffffffff80fffffe',
    );
    expect(wide.decode(bytes('90 eb fe'), 1, 0x1000n)?.target).toBe(0x1001n);
  });
});

describe('what an instruction does', () => {
  test.each<[string, Partial<DecodedInstruction>]>([
    [
      '48 8b 43 20',
      {
        mnemonic: 'mov',
        memory: [{ access: 'read', size: 8, base: 'rbx', scale: 1, displacement: 0x20n }],
        reads: ['rbx'],
        writes: ['rax'],
        flow: 'next',
        effect: { kind: 'load', to: 'rax' },
      },
    ],
    [
      'f0 0f b1 17',
      {
        mnemonic: 'cmpxchg',
        memory: [{ access: 'read-write', size: 4, base: 'rdi', scale: 1, displacement: 0n }],
        writes: ['rax'],
      },
    ],
    [
      '65 48 8b 04 25 c0 fb 01 00',
      { memory: [{ access: 'read', size: 8, scale: 1, displacement: 0x1fbc0n, segment: 'gs' }] },
    ],
    [
      '48 8b 05 f0 ff ff ff',
      { memory: [{ access: 'read', size: 8, base: 'rip', scale: 1, displacement: -16n }], writes: ['rax'] },
    ],
    [
      'f3 48 a5',
      {
        mnemonic: 'movs',
        memory: [
          { access: 'read', size: 8, base: 'rsi', scale: 1, displacement: 0n, update: 'after' },
          { access: 'write', size: 8, base: 'rdi', scale: 1, displacement: 0n, update: 'after' },
        ],
      },
    ],
    [
      '53',
      {
        mnemonic: 'push',
        memory: [{ access: 'write', size: 8, base: 'rsp', scale: 1, displacement: -8n, update: 'before' }],
        reads: ['rbx', 'rsp'],
        writes: ['rsp'],
      },
    ],
    [
      'ff 50 18',
      {
        mnemonic: 'call',
        flow: 'call-indirect',
        memory: [
          { access: 'read', size: 8, base: 'rax', scale: 1, displacement: 0x18n },
          { access: 'write', size: 8, base: 'rsp', scale: 1, displacement: -8n, update: 'before' },
        ],
      },
    ],
    [
      '48 8d 44 cb f0',
      {
        mnemonic: 'lea',
        memory: [{ access: 'none', size: 0, base: 'rbx', index: 'rcx', scale: 8, displacement: -16n }],
        effect: { kind: 'address', to: 'rax' },
      },
    ],
    [
      '48 83 ec 08',
      {
        memory: [{ access: 'none', size: 0, base: 'rsp', scale: 1, displacement: -8n }],
        effect: { kind: 'address', to: 'rsp' },
      },
    ],
    ['48 89 df', { effect: { kind: 'move', to: 'rdi', from: 'rbx' }, reads: ['rbx'], writes: ['rdi'] }],
    ['89 df', { effect: { kind: 'move', to: 'rdi', from: 'rbx', bits: 32 } }],
    ['48 63 fb', { effect: { kind: 'move', to: 'rdi', from: 'rbx', bits: 32, signed: true } }],
    ['0f b6 c4', { mnemonic: 'movzx', reads: ['rax'], writes: ['rax'] }],
    ['31 c0', { effect: { kind: 'constant', to: 'rax', value: 0n }, reads: [] }],
    ['b8 ff ff ff ff', { effect: { kind: 'constant', to: 'rax', value: 0xffffffffn } }],
    ['48 c7 c0 ff ff ff ff', { effect: { kind: 'constant', to: 'rax', value: 0xffffffffffffffffn } }],
    ['48 f7 f5', { mnemonic: 'div', reads: ['rbp', 'rax', 'rdx'], memory: [] }],
    ['0f 1f 44 00 00', { mnemonic: 'nop', reads: [], writes: [] }],
    ['c3', { mnemonic: 'ret', flow: 'return' }],
    ['eb fe', { flow: 'jump', target: 0n }],
    ['74 00', { flow: 'branch', target: 2n }],
    ['e8 00 00 00 00', { flow: 'call', target: 5n }],
    ['ff e0', { flow: 'jump-indirect' }],
    ['0f 0b', { flow: 'trap' }],
    ['67 0f b9 40 01', { mnemonic: 'ud1', flow: 'trap' }],
    ['cc', { flow: 'trap' }],
    ['f4', { flow: 'stop' }],
    ['0f 05', { flow: 'next' }],
    ['8b', { valid: false, length: 1, memory: [], flow: 'next' }],
  ])('%s', (hex, expected) => {
    expect(decode(hex)).toMatchObject(expected);
  });

  test('bytes of which nothing is moved have no effect', () => {
    for (const hex of ['8a 03', '66 8b 03', '88 e0', '0f b6 c4', '48 0f af c3', '01 d8', '83 c0 01', '0f 20 d8'])
      expect([hex, decode(hex).effect]).toEqual([hex, undefined]);
  });
});

test('ends where the code does', () => {
  const code = bytes('90');
  for (const offset of [1, 2, -1, Number.NaN]) {
    expect(wide.decode(code, offset, 0n)).toBeUndefined();
    expect(wide.lengthAt(code, offset)).toBe(0);
  }
});

test('any bytes: goes on to their end, and lengths sum up', () => {
  const architectures = fc.constantFrom(wide, narrow);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.bigInt(0n, 2n ** 64n), architectures, (code, address, each) => {
      let at = 0;
      while (at < code.length) {
        const instruction = each.decode(code, at, address);
        if (instruction === undefined) throw new Error('it stopped');
        expect(instruction.length).toBeGreaterThanOrEqual(1);
        expect(instruction.length).toBeLessThanOrEqual(instruction.valid ? each.maxLength : 1);
        expect(instruction.text).not.toBe('');
        expect(instruction.mnemonic).not.toBe('');
        expect(each.lengthAt(code, at)).toBe(instruction.length);
        for (const name of [...instruction.reads, ...instruction.writes]) expect(name).toMatch(/^[a-z][a-z0-9]*$/);
        at += instruction.length;
      }
      expect(at).toBe(code.length);
    }),
    { numRuns: 300 },
  );
});

/** All that there is to know, which is found out when it is asked for. */
function everything(instruction: DecodedInstruction | undefined): Partial<DecodedInstruction> {
  if (instruction === undefined) return {};
  const { text, locked, memory, reads, writes, effect } = instruction;
  return { ...instruction, text, locked, memory, reads, writes, effect };
}

test('all of some code is what each instruction of it is', () => {
  const architectures = fc.constantFrom(wide, narrow);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.bigInt(0n, 2n ** 64n), architectures, (code, address, each) => {
      const all = each.decodeAll(code, address, 9);
      let at = 0;
      for (const instruction of all) {
        expect(everything(instruction)).toEqual(everything(each.decode(code, at, address)));
        at += instruction.length;
      }
      // It stops before what is none, at the end, or where it has enough.
      if (all.length < 9 && at < code.length) expect(each.decode(code, at, address)?.valid).toBe(false);
    }),
    { numRuns: 300 },
  );
  expect(wide.decodeAll(bytes('90 f0 48 0f b1 17'), 0n, 9).map(({ locked }) => locked)).toEqual([false, true]);
});
