import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createArm64Disassembler } from '../../../src/code/arm64/disassembler.ts';
import type { DecodedInstruction, DecodedMemory, Disassembler } from '../../../src/code/instruction.ts';

let disassembler: Disassembler;
beforeAll(async () => {
  disassembler = await createArm64Disassembler();
});

const address = 0xffff800008010000n;

function bytesOf(word: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, word, true);
  return bytes;
}

function decode(word: number): DecodedInstruction {
  const decoded = disassembler.decode(bytesOf(word), 0, address);
  if (decoded === undefined) throw new Error('nothing decoded');
  return decoded;
}

/** `read 8 x0 + 0x10`. */
function memoryText({ access, size, base, index, scale, extend, displacement, update }: DecodedMemory): string {
  const second = index === undefined ? '' : ` + ${index}${extend === undefined ? '' : ` ${extend}`} * ${scale}`;
  const offset =
    displacement === 0n ? '' : ` ${displacement < 0n ? '-' : '+'} ${displacement < 0n ? -displacement : displacement}`;
  return `${access} ${size} ${base ?? ''}${second}${offset}${update === undefined ? '' : ` ${update}`}`;
}

describe('memory operands', () => {
  test.each([
    [0xf9400fa0, 'ldr x0, [x29, #24]', 'read 8 x29 + 24', 'x29', 'x0'],
    [0xf85f8c43, 'ldr x3, [x2, #-8]!', 'read 8 x2 - 8 before', 'x2', 'x3 x2'],
    [0xf8408441, 'ldr x1, [x2], #8', 'read 8 x2 after', 'x2', 'x1 x2'],
    [0xf85c86bc, 'ldr x28, [x21], #-56', 'read 8 x21 after', 'x21', 'x28 x21'],
    [0xa9be7bfd, 'stp x29, x30, [sp, #-32]!', 'write 16 sp - 32 before', 'sp x29 x30', 'sp'],
    [0xa8c27bfd, 'ldp x29, x30, [sp], #32', 'read 16 sp after', 'sp', 'x29 x30 sp'],
    [0x29440443, 'ldp w3, w1, [x2, #32]', 'read 8 x2 + 32', 'x2', 'x3 x1'],
    [0x69440440, 'ldpsw x0, x1, [x2, #32]', 'read 8 x2 + 32', 'x2', 'x0 x1'],
    [0xad400440, 'ldp q0, q1, [x2]', 'read 32 x2', 'x2', ''],
    [0x39400001, 'ldrb w1, [x0]', 'read 1 x0', 'x0', 'x1'],
    [0x39c0ffe0, 'ldrsb w0, [sp, #63]', 'read 1 sp + 63', 'sp', 'x0'],
    [0x79401bf6, 'ldrh w22, [sp, #12]', 'read 2 sp + 12', 'sp', 'x22'],
    [0xb9807a82, 'ldrsw x2, [x20, #120]', 'read 4 x20 + 120', 'x20', 'x2'],
    [0xf800047f, 'str xzr, [x3], #0', 'write 8 x3 after', 'x3', 'x3'],
    [0xf8617802, 'ldr x2, [x0, x1, lsl #3]', 'read 8 x0 + x1 * 8', 'x0 x1', 'x2'],
    [0xb8615802, 'ldr w2, [x0, w1, uxtw #2]', 'read 4 x0 + x1 uxtw * 4', 'x0 x1', 'x2'],
    [0xf861d802, 'ldr x2, [x0, w1, sxtw #3]', 'read 8 x0 + x1 sxtw * 8', 'x0 x1', 'x2'],
    [0x3dc00400, 'ldr q0, [x0, #16]', 'read 16 x0 + 16', 'x0', ''],
    [0x3c800401, 'str q1, [x0], #0', 'write 16 x0 after', 'x0', 'x0'],
    [0xb8400842, 'ldtr w2, [x2]', 'read 4 x2', 'x2', 'x2'],
    [0x38001821, 'sttrb w1, [x1, #1]', 'write 1 x1 + 1', 'x1', ''],
    [0x885ffc60, 'ldaxr w0, [x3]', 'read 4 x3', 'x3', 'x0'],
    [0xc8017c62, 'stxr w1, x2, [x3]', 'write 8 x3', 'x3 x2', 'x1'],
    [0xc87f0440, 'ldxp x0, x1, [x2]', 'read 16 x2', 'x2', 'x0 x1'],
    [0x889ffc01, 'stlr w1, [x0]', 'write 4 x0', 'x0 x1', ''],
    [0x88e17c02, 'casa w1, w2, [x0]', 'read-write 4 x0', 'x0 x1 x2', 'x1'],
    [0x48207c82, 'casp x0, x1, x2, x3, [x4]', 'read-write 16 x4', 'x4 x0 x1 x2 x3', 'x0 x1'],
    [0xf8e10041, 'ldaddal x1, x1, [x2]', 'read-write 8 x2', 'x2 x1', 'x1'],
    [0xb821005f, 'stadd w1, [x2]', 'read-write 4 x2', 'x2 x1', ''],
    [0xf8a18062, 'swpa x1, x2, [x3]', 'read-write 8 x3', 'x3 x1', 'x2'],
    [0xf8bfc020, 'ldapr x0, [x1]', 'read 8 x1', 'x1', 'x0'],
    [0xf8204420, 'ldraa x0, [x1, #32]', 'read 8 x1 + 32', 'x1', 'x0'],
    [0xf8204c20, 'ldraa x0, [x1, #32]!', 'read 8 x1 + 32 before', 'x1', 'x0 x1'],
    [0x4c407820, 'ld1 {v0.4s}, [x1]', 'read 16 x1', 'x1', ''],
    [0x4cdf2020, 'ld1 {v0.16b-v3.16b}, [x1], #64', 'read 64 x1 after', 'x1', 'x1'],
    [0x0d008020, 'st1 {v0.s}[0], [x1]', 'write 4 x1', 'x1', ''],
    [0x58000040, 'ldr x0, 0xffff800008010008', 'read 8 pc + 8', '', 'x0'],
    [0xd9600040, 'ldg x0, [x2]', 'read 16 x2', 'x2 x0', 'x0'],
    [0x19e30401, 'ldtaddal w3, w1, [x0]', 'read-write 4 x0', 'x0 x3', 'x1'],
    [0xc9c1fcc2, 'casalt x1, x2, [x6]', 'read-write 8 x6', 'x6 x1 x2', 'x1'],
    [0xd91f1c01, 'gcssttr x1, [x0]', 'write 8 x0', 'x0 x1', ''],
    [0xd50b7421, 'dc zva, x1', 'write 0 x1', 'x1', ''],
    [0xd50b7e21, 'dc civac, x1', 'none 0 x1', 'x1', ''],
    [0xf9800000, 'prfm pldl1keep, [x0]', 'none 0 x0', 'x0', ''],
  ] as const)('%x', (word, text, memory, reads, writes) => {
    const decoded = decode(word);
    expect(decoded.text).toBe(text);
    expect(decoded.valid).toBe(true);
    expect(decoded.memory.map(memoryText)).toEqual([memory]);
    expect(decoded.reads.join(' ')).toBe(reads);
    expect(decoded.writes.join(' ')).toBe(writes);
  });

  test('of instructions that work on registers: none', () => {
    for (const word of [0xaa0103e0, 0x8b020020, 0xd503201f, 0x1e620820]) expect(decode(word).memory).toEqual([]);
  });
});

describe('flow', () => {
  test.each([
    [0x94000002, 'bl 0xffff800008010008', 'call', 0xffff800008010008n],
    [0x17ffffff, 'b 0xffff80000800fffc', 'jump', 0xffff80000800fffcn],
    [0x54ffff61, 'b.ne 0xffff80000800ffec', 'branch', 0xffff80000800ffecn],
    [0x54000042, 'b.cs 0xffff800008010008', 'branch', 0xffff800008010008n],
    [0xb4000060, 'cbz x0, 0xffff80000801000c', 'branch', 0xffff80000801000cn],
    [0xb7000041, 'tbnz x1, #32, 0xffff800008010008', 'branch', 0xffff800008010008n],
    [0xd63f0040, 'blr x2', 'call-indirect', undefined],
    [0xd73f0841, 'blraa x2, x1', 'call-indirect', undefined],
    [0xd61f0040, 'br x2', 'jump-indirect', undefined],
    [0xd65f03c0, 'ret', 'return', undefined],
    [0xd65f0bff, 'retaa', 'return', undefined],
    [0xd69f03e0, 'eret', 'return', undefined],
    [0xd4210000, 'brk #0x800', 'trap', undefined],
    [0x00000000, 'udf #0', 'trap', undefined],
    [0xd4000001, 'svc #0x0', 'next', undefined],
    [0xd503207f, 'wfi', 'stop', undefined],
    [0xd503233f, 'paciasp', 'next', undefined],
  ] as const)('%x', (word, text, flow, target) => {
    const decoded = decode(word);
    expect(decoded.text).toBe(text);
    expect(decoded.flow).toBe(flow);
    expect(decoded.target).toBe(target);
  });

  test('calls write the link register', () => {
    expect(decode(0xd63f0040)).toMatchObject({ reads: ['x2'], writes: ['x30'] });
    expect(decode(0x94000002)).toMatchObject({ reads: [], writes: ['x30'] });
  });
});

describe('what it does with values', () => {
  test.each([
    [0xaa0103e0, 'mov x0, x1', { kind: 'move', to: 'x0', from: 'x1' }],
    [0x2a0103e0, 'mov w0, w1', { kind: 'move', to: 'x0', from: 'x1', bits: 32 }],
    [0x910003fd, 'mov x29, sp', { kind: 'move', to: 'x29', from: 'sp' }],
    [0x93407c20, 'sxtw x0, w1', { kind: 'move', to: 'x0', from: 'x1', bits: 32, signed: true }],
    [0x53001c20, 'uxtb w0, w1', { kind: 'move', to: 'x0', from: 'x1', bits: 8 }],
    [0x92401c20, 'and x0, x1, #0xff', { kind: 'move', to: 'x0', from: 'x1', bits: 8 }],
    [0x91002020, 'add x0, x1, #0x8', { kind: 'address', to: 'x0' }],
    [0xd1402020, 'sub x0, x1, #0x8, lsl #12', { kind: 'address', to: 'x0' }],
    [0xd2800540, 'mov x0, #0x2a', { kind: 'constant', to: 'x0', value: 42n }],
    [0x92800000, 'mov x0, #0xffffffffffffffff', { kind: 'constant', to: 'x0', value: 0xffffffffffffffffn }],
    [0x12800000, 'mov w0, #0xffffffff', { kind: 'constant', to: 'x0', value: 0xffffffffn }],
    [0xb2407fe0, 'mov x0, #0xffffffff', { kind: 'constant', to: 'x0', value: 0xffffffffn }],
    [0xaa1f03e0, 'mov x0, xzr', { kind: 'constant', to: 'x0', value: 0n }],
    [0x90000001, 'adrp x1, 0xffff800008010000', { kind: 'constant', to: 'x1', value: 0xffff800008010000n }],
    [0xf9400441, 'ldr x1, [x2, #8]', { kind: 'load', to: 'x1' }],
    [0xb9800441, 'ldrsw x1, [x2, #4]', { kind: 'load', to: 'x1', signed: true }],
    [0xa9400c02, 'ldp x2, x3, [x0]', { kind: 'load', to: 'x2', second: 'x3' }],
    [0x9a820020, 'csel x0, x1, x2, eq', undefined],
    [0xf2a00020, 'movk x0, #0x1, lsl #16', undefined],
    [0x8b020020, 'add x0, x1, x2', undefined],
  ] as const)('%x', (word, text, effect) => {
    const decoded = decode(word);
    expect(decoded.text).toBe(text);
    expect(decoded.effect).toEqual(effect);
  });

  test('the address of an addition is its memory operand', () => {
    expect(decode(0xd1402020).memory).toEqual([
      { access: 'none', size: 0, base: 'x1', scale: 1, displacement: -0x8000n },
    ]);
  });
});

describe('hostile bytes', () => {
  test('no instruction', () => {
    expect(decode(0xff3944a8)).toMatchObject({ length: 4, text: '.inst 0xff3944a8 ; undefined', valid: false });
  });

  test('a word that is cut off, and the end', () => {
    expect(disassembler.decode(new Uint8Array(6), 4, 0n)).toMatchObject({ length: 2, text: '(bad)', valid: false });
    for (const offset of [4, -1, Number.NaN])
      expect(disassembler.decode(new Uint8Array(4), offset, 0n)).toBeUndefined();
  });

  test('any word is decoded, at any address', () => {
    const names = /^(?:x(?:[12]?\d|30)|sp)$/;
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.bigInt({ min: -(1n << 64n), max: 1n << 64n }), (word, at) => {
        const decoded = disassembler.decode(bytesOf(word), 0, at);
        expect(decoded?.length).toBe(4);
        expect(decoded?.text).toMatch(/^[\x20-\x7e]+$/);
        for (const name of [...(decoded?.reads ?? []), ...(decoded?.writes ?? [])]) expect(name).toMatch(names);
        for (const { base, size } of decoded?.memory ?? []) {
          expect(base).toMatch(/^(?:x(?:[12]?\d|30)|sp|pc)$/);
          expect(size).toBeLessThanOrEqual(64);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
