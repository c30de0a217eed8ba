import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { describeExpression, readOperations } from '../../src/dwarf/expression.ts';
import { type ExpressionContext, evaluate, evaluateNumber } from '../../src/dwarf/expression-evaluate.ts';
import { known, missing } from '../../src/dwarf/expression-location.ts';
import { Operation, operationForms } from '../../src/dwarf/expression-operations.ts';

const encoding = { version: 5, addressSize: 8, is64: false, littleEndian: true };
const wide = 1n << 64n;

/** A machine whose register n is 0x1000 times n, and whose memory has at each address the address. */
const machine: ExpressionContext = {
  encoding,
  register: (register) => (register < 16 ? BigInt(register) * 0x1000n : undefined),
  memory: (address, size) => (address < 0x10_0000n ? BigInt.asUintN(8 * size, address) : undefined),
  callFrameAddress: () => 0x8000n,
  frameBase: () => known(0x9000n),
  runtimeAddress: (address) => address + 0x100n,
  indexed: (index) => BigInt(index) * 16n,
  baseType: (offset) =>
    ({
      1: { size: 4, kind: 'signed' as const },
      2: { size: 4, kind: 'unsigned' as const },
      3: { size: 8, kind: 'float' as const },
      4: { size: 8, kind: 'signed' as const },
      5: { size: 16, kind: 'unsigned' as const },
    })[offset],
};

const run = (...bytes: number[]) => evaluate(Uint8Array.from(bytes), machine);
const number = (...bytes: number[]): bigint | undefined => {
  const location = run(...bytes, Operation.stackValue);
  return location.kind === 'value' ? location.content.value : undefined;
};

describe('numbers', () => {
  const { lit0, const1s, const1u } = Operation;
  const lit = (value: number): number => lit0 + value;
  test.each<[string, number[], bigint]>([
    ['lit31', [0x4f], 31n],
    ['const1s', [const1s, 0xff], wide - 1n],
    ['const2u', [Operation.const2u, 0x34, 0x12], 0x1234n],
    ['const2s', [Operation.const2s, 0xfe, 0xff], wide - 2n],
    ['const4u', [Operation.const4u, 0xff, 0xff, 0xff, 0xff], 0xffff_ffffn],
    ['const4s', [Operation.const4s, 0xff, 0xff, 0xff, 0xff], wide - 1n],
    ['const8u', [Operation.const8u, 1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000_0000_0000_0001n],
    ['constu', [Operation.constu, 0x80, 0x02], 256n],
    ['consts', [Operation.consts, 0x7f], wide - 1n],
    ['addr', [Operation.addr, 0x10, 0, 0, 0, 0, 0, 0, 0], 0x110n],
    ['addrx', [Operation.addrx, 2], 0x120n],
    ['constx', [Operation.constx, 2], 0x20n],
    ['dup', [lit(3), Operation.dup, Operation.plus], 6n],
    ['drop', [lit(3), lit(4), Operation.drop], 3n],
    ['over', [lit(3), lit(4), Operation.over], 3n],
    ['pick', [lit(3), lit(4), lit(5), Operation.pick, 2], 3n],
    ['swap', [lit(9), lit(4), Operation.swap, Operation.minus], wide - 5n],
    // a b c becomes c a b: the top goes below two others.
    ['rot', [lit(1), lit(2), lit(3), Operation.rot, Operation.drop], 1n],
    ['abs', [const1s, 0xfb, Operation.abs], 5n],
    ['neg', [lit(5), Operation.neg], wide - 5n],
    ['not', [lit(0), Operation.not], wide - 1n],
    ['and', [lit(12), lit(10), Operation.and], 8n],
    ['or', [lit(12), lit(10), Operation.or], 14n],
    ['xor', [lit(12), lit(10), Operation.xor], 6n],
    ['plus that overflows', [const1s, 0xff, lit(2), Operation.plus], 1n],
    ['mul', [lit(12), lit(10), Operation.mul], 120n],
    ['div has a sign', [const1s, 0xf8, lit(2), Operation.div], wide - 4n],
    ['mod has none', [const1s, 0xff, lit(10), Operation.mod], (wide - 1n) % 10n],
    ['shl', [lit(1), lit(31), lit(31), Operation.plus, Operation.shl], 1n << 62n],
    ['shl too far', [lit(1), const1u, 64, Operation.shl], 0n],
    ['shr', [const1s, 0xff, const1u, 60, Operation.shr], 15n],
    ['shra', [const1s, 0xf0, lit(2), Operation.shra], wide - 4n],
    ['shra too far', [const1s, 0xf0, const1u, 200, Operation.shra], wide - 1n],
    ['plus_uconst', [lit(1), Operation.plusUconst, 0x80, 0x01], 129n],
    ['lt with a sign', [const1s, 0xff, lit(0), Operation.lt], 1n],
    ['ge', [lit(3), lit(3), Operation.ge], 1n],
    ['gt', [lit(3), lit(3), Operation.gt], 0n],
    ['le', [lit(3), lit(4), Operation.le], 1n],
    ['eq', [lit(3), lit(4), Operation.eq], 0n],
    ['ne', [lit(3), lit(4), Operation.ne], 1n],
    ['skip', [lit(3), Operation.skip, 1, 0, lit(9), Operation.nop], 3n],
    ['bra taken', [lit(3), lit(1), Operation.bra, 1, 0, lit(9), Operation.nop], 3n],
    ['bra not taken', [lit(3), lit(0), Operation.bra, 1, 0, lit(9), Operation.nop], 9n],
    ['breg', [Operation.breg0 + 2, 0x78], 0x1ff8n],
    ['bregx', [Operation.bregx, 2, 8], 0x2008n],
    ['fbreg', [Operation.fbreg, 0x70], 0x8ff0n],
    ['call_frame_cfa', [Operation.callFrameCfa], 0x8000n],
    ['deref', [Operation.breg0 + 2, 0, Operation.deref], 0x2000n],
    ['deref_size', [Operation.breg0 + 2, 1, Operation.derefSize, 1], 1n],
    [
      'const_type of 4 bytes that overflow',
      [Operation.constType, 2, 4, 255, 255, 255, 255, Operation.constType, 2, 4, 1, 0, 0, 0, Operation.plus],
      0n,
    ],
    [
      'convert with the sign of what was',
      [Operation.constType, 1, 4, 255, 255, 255, 255, Operation.convert, 4, Operation.convert, 0],
      wide - 1n,
    ],
    ['convert without', [Operation.constType, 2, 4, 255, 255, 255, 255, Operation.convert, 0], 0xffff_ffffn],
    [
      'lt of unsigned numbers',
      [Operation.constType, 2, 4, 255, 255, 255, 255, Operation.constType, 2, 4, 1, 0, 0, 0, Operation.lt],
      0n,
    ],
    [
      'reinterpret',
      [
        Operation.constType,
        2,
        4,
        255,
        255,
        255,
        255,
        Operation.reinterpret,
        1,
        Operation.convert,
        4,
        Operation.convert,
        0,
      ],
      wide - 1n,
    ],
    ['regval_type', [Operation.regvalType, 2, 2, Operation.convert, 0], 0x2000n],
    ['deref_type', [Operation.breg0 + 2, 0, Operation.derefType, 4, 2, Operation.convert, 0], 0x2000n],
  ])('%s', (_, bytes, expected) => {
    expect(number(...bytes)).toBe(expected);
  });

  test.each<[string, number[], string]>([
    ['of a register that is not known', [Operation.breg0 + 20, 8], 'register'],
    ['of memory that was not printed', [Operation.const4u, 0, 0, 0, 0xff, Operation.deref], 'memory'],
    ['of what the caller passed', [Operation.entryValue, 1, Operation.reg0 + 5], 'caller'],
    ['divided by zero', [0x31, 0x30, Operation.div], 'arithmetic'],
    ['with fractions', [Operation.constType, 3, 8, 0, 0, 0, 0, 0, 0, 0, 0, Operation.neg], 'type'],
    ['of a thread', [0x31, Operation.formTlsAddress], 'thread'],
    ['of an object', [Operation.pushObjectAddress], 'object'],
    ['of another address space', [0x31, 0x32, Operation.xderef], 'unsupported'],
  ])('%s are not known', (_, bytes, reason) => {
    const location = run(...bytes, Operation.stackValue);
    expect(location).toMatchObject({ kind: 'value', content: { missing: { reason } } });
  });
});

describe('locations', () => {
  test('in a register', () => {
    expect(run(Operation.reg0 + 5)).toEqual({ kind: 'register', register: 5 });
    expect(run(Operation.regx, 40)).toEqual({ kind: 'register', register: 40 });
  });

  test('in memory say what the address is made of', () => {
    expect(run(Operation.breg0 + 7, 16)).toEqual({
      kind: 'memory',
      address: { value: 0x7010n, base: { kind: 'register', register: 7 }, offset: 16n },
    });
    const stripped = evaluate(Uint8Array.from([Operation.breg0 + 7, 16, Operation.plusUconst, 8]), { encoding });
    expect(stripped).toEqual({
      kind: 'memory',
      address: { base: { kind: 'register', register: 7 }, offset: 24n, missing: { reason: 'register', register: 7 } },
    });
  });

  test('in pieces', () => {
    const bytes = [Operation.reg0 + 3, Operation.piece, 4, Operation.piece, 2, 0x31, Operation.stackValue];
    expect(run(...bytes, Operation.bitPiece, 3, 1)).toEqual({
      kind: 'pieces',
      pieces: [
        { bits: 32, skip: 0, location: { kind: 'register', register: 3 } },
        { bits: 16, skip: 0, location: { kind: 'optimized-out', why: 'empty' } },
        { bits: 3, skip: 1, location: { kind: 'value', content: { value: 1n, offset: 0n } } },
      ],
    });
  });

  test('nowhere', () => {
    expect(run()).toEqual({ kind: 'optimized-out', why: 'empty' });
    expect(run(Operation.implicitValue, 2, 7, 8)).toEqual({ kind: 'bytes', bytes: Uint8Array.from([7, 8]) });
    expect(run(Operation.implicitPointer, 0x44, 0x33, 0x22, 0x11, 0x7c)).toEqual({
      kind: 'implicit-pointer',
      entry: 0x11223344,
      offset: -4n,
    });
  });

  test('by what the caller passed', () => {
    const entry = [Operation.entryValue, 1, Operation.reg0 + 5, Operation.plusUconst, 8, Operation.stackValue];
    expect(run(...entry)).toMatchObject({
      kind: 'value',
      content: { base: { kind: 'entry-register', register: 5 }, offset: 8n, missing: { reason: 'caller' } },
    });
    const told = { ...machine, entryValue: () => ({ value: 0x40n, offset: 0n, isAssumed: true as const }) };
    expect(evaluate(Uint8Array.from(entry), told)).toMatchObject({ content: { value: 0x48n, isAssumed: true } });
  });

  test('by the expressions of other entries', () => {
    const context: ExpressionContext = { ...machine, expressionOf: () => Uint8Array.from([0x35, Operation.plus]) };
    const bytes = Uint8Array.from([0x33, Operation.call2, 1, 0, Operation.stackValue]);
    expect(evaluateNumber(bytes, context).value).toBe(8n);
    const endless: ExpressionContext = { ...machine, expressionOf: () => bytes };
    expect(evaluate(bytes, endless)).toEqual({ kind: 'unknown', missing: { reason: 'damaged' } });
  });

  test.each<[string, number[], string]>([
    ['pops what is not there', [Operation.plus], 'damaged'],
    ['is cut off', [Operation.const4u, 1], 'unsupported'],
    ['has an operation that is not known', [0xe5], 'unsupported'],
    ['has more behind a register', [Operation.reg0, 0x31], 'damaged'],
    ['jumps out', [Operation.skip, 0x00, 0x40], 'damaged'],
    ['turns in circles', [0x31, Operation.skip, 0xfd, 0xff], 'damaged'],
    ['branches on what is not known', [Operation.breg0 + 20, 0, Operation.bra, 0, 0], 'register'],
    ['has a type that is not there', [0x31, Operation.convert, 99], 'type'],
  ])('are not known where an expression %s', (_, bytes, reason) => {
    expect(run(...bytes)).toEqual({ kind: 'unknown', missing: { reason } });
  });

  test('of machines with 32 bits', () => {
    const narrow: ExpressionContext = {
      ...machine,
      encoding: { ...encoding, addressSize: 4 },
      register: () => 0xffff_fff0n,
    };
    expect(evaluateNumber(Uint8Array.from([Operation.breg0, 0x20]), narrow).value).toBe(0x10n);
  });
});

test('expressions in words', () => {
  const name = (register: number): string | undefined => (register === 5 ? 'rdi' : undefined);
  const bytes = [Operation.entryValue, 1, Operation.reg0 + 5, Operation.plusUconst, 8, Operation.stackValue, 0xe5];
  expect(describeExpression(Uint8Array.from(bytes), encoding, name)).toBe(
    'DW_OP_entry_value (DW_OP_reg5 (rdi)); DW_OP_plus_uconst 8; DW_OP_stack_value; (what begins with 0xe5 is not known)',
  );
});

describe('random expressions', () => {
  const codes = [...operationForms.keys()];
  // Half of the bytes are operations, so that many go far.
  const bytes = fc
    .uint8Array({ maxLength: 60 })
    .map((raw) =>
      Uint8Array.from(raw, (byte, nth) => (nth % 2 === 0 ? (codes[byte % codes.length] ?? byte) : byte & 0x0f)),
    );
  const calling: ExpressionContext = {
    ...machine,
    expressionOf: (offset) => Uint8Array.from([0x31, offset & 0xff, Operation.call2, 0, 0]),
    entryValue: (expression) => (expression.length > 2 ? known(1n) : missing('caller')),
  };

  test('never throw nor hang, whatever the machine knows', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 })), fc.boolean(), (expression, knows) => {
        const location = evaluate(expression, knows ? calling : { encoding });
        expect(location.kind).toBeTypeOf('string');
        expect(describeExpression(expression, encoding)).toBeTypeOf('string');
        expect(readOperations(expression, encoding).every(({ at, end }) => end > at)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});
