import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FrameFormat, frameRow } from '../../src/dwarf/call-frame-program.ts';
import { CallFrameTable } from '../../src/dwarf/call-frame-table.ts';
import { SectionSet } from '../../src/dwarf/sections.ts';
import { ByteWriter, memorySections } from '../helpers/dwarf-writer.ts';

const format: FrameFormat = {
  littleEndian: true,
  addressSize: 8,
  codeAlignment: 1n,
  dataAlignment: -8n,
  isArm64: false,
};
const initial = Uint8Array.from([0x0c, 7, 8, 0x80 | 16, 1]); // def_cfa rsp+8; return address at cfa-8
const rows = (program: readonly number[], address: bigint, more: Partial<FrameFormat> = {}) =>
  frameRow(initial, Uint8Array.from(program), { ...format, ...more }, 0x1000n, address);

describe('instructions of call frames', () => {
  // push %rbx; sub $16,%rsp; ...; restored before the end
  const program = [0x41, 0x0e, 16, 0x83, 2, 0x44, 0x0e, 32, 0x48, 0x0a, 0x0e, 8, 0xc3, 0x41, 0x0b];

  test.each<[bigint, bigint, boolean]>([
    [0x1000n, 8n, false],
    [0x1001n, 16n, true],
    [0x1004n, 16n, true],
    [0x1005n, 32n, true],
    [0x100cn, 32n, true],
    [0x100dn, 8n, false],
    [0x100en, 32n, true],
  ])('at 0x%x', (address, offset, hasRbx) => {
    const row = rows(program, address);
    expect(row?.frame).toEqual({ kind: 'register', register: 7, offset });
    expect(row?.registers.get(3)).toEqual(hasRbx ? { kind: 'offset', offset: -16n } : undefined);
    expect(row?.registers.get(16)).toEqual({ kind: 'offset', offset: -8n });
  });

  test.each<[string, number[], object]>([
    ['offset_extended', [0x05, 3, 2], { kind: 'offset', offset: -16n }],
    ['offset_extended_sf', [0x11, 3, 0x7e], { kind: 'offset', offset: 16n }],
    ['GNU_negative_offset_extended', [0x2f, 3, 2], { kind: 'offset', offset: 16n }],
    ['val_offset', [0x14, 3, 2], { kind: 'value-offset', offset: -16n }],
    ['val_offset_sf', [0x15, 3, 0x7e], { kind: 'value-offset', offset: 16n }],
    ['undefined', [0x07, 3], { kind: 'undefined' }],
    ['same_value', [0x08, 3], { kind: 'same' }],
    ['register', [0x09, 3, 6], { kind: 'register', register: 6 }],
    ['expression', [0x10, 3, 1, 0x30], { kind: 'expression', expression: Uint8Array.from([0x30]) }],
    ['val_expression', [0x16, 3, 1, 0x30], { kind: 'value-expression', expression: Uint8Array.from([0x30]) }],
    ['GNU_args_size before', [0x2e, 8, 0x08, 3], { kind: 'same' }],
    ['set_loc before', [0x01, 1, 0x10, 0, 0, 0, 0, 0, 0, 0x08, 3], { kind: 'same' }],
    ['advance_loc1, 2 and 4', [0x02, 1, 0x03, 1, 0, 0x04, 1, 0, 0, 0, 0x08, 3], { kind: 'same' }],
  ])('%s', (_, program, rule) => {
    expect(rows(program, 0x1010n)?.registers.get(3)).toEqual(rule);
  });

  test('of the call frame address', () => {
    const frame = (...program: number[]) => rows(program, 0x1000n)?.frame;
    expect(frame(0x0c, 6, 16)).toEqual({ kind: 'register', register: 6, offset: 16n });
    expect(frame(0x12, 6, 0x7e)).toEqual({ kind: 'register', register: 6, offset: 16n });
    expect(frame(0x0d, 6)).toEqual({ kind: 'register', register: 6, offset: 8n });
    expect(frame(0x13, 0x7c)).toEqual({ kind: 'register', register: 7, offset: 32n });
    expect(frame(0x0f, 1, 0x35)).toEqual({ kind: 'expression', expression: Uint8Array.from([0x35]) });
  });

  test('of arm64 say where return addresses are signed', () => {
    expect(rows([0x2d], 0x1000n, { isArm64: true })?.isSigned).toBe(true);
    expect(rows([0x2d, 0x2d], 0x1000n, { isArm64: true })?.isSigned).toBe(false);
    expect(rows([0x2d], 0x1000n)).toBeUndefined();
  });

  test.each([
    ['that are not known', [0x3f]],
    ['that are cut off', [0x0c, 7]],
    ['that restore what was not remembered', [0x0b]],
    ['with a register beyond all', [0x08, 0xff, 0xff, 0x7f]],
    ['that count from no register', [0x0f, 0, 0x0e, 8]],
  ])('%s give no rules', (_, program) => {
    expect(rows(program, 0x1010n)).toBeUndefined();
  });

  test('never throw nor hang', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), fc.uint8Array({ maxLength: 20 }), (program, first) => {
        const row = frameRow(first, program, format, 0n, 1000n);
        expect(row === undefined || row.registers instanceof Map).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A `.debug_frame` with one function. */
function frameSection(low: number, size: number, { is64 = false, version = 4, augmentation = '' } = {}): number[] {
  const offsetSize = is64 ? 8 : 4;
  const writer = new ByteWriter();
  writer.withLength(is64, (to) => {
    to.number(is64 ? -1n : 0xffffffff, offsetSize)
      .u8(version)
      .string(augmentation);
    if (version >= 4) to.u8(8).u8(0);
    to.uleb(1).sleb(-8).uleb(16).raw(initial);
  });
  writer.withLength(is64, (to) => {
    to.number(0, offsetSize).number(low, 8).number(size, 8).raw([0x41, 0x0e, 16, 0, 0]);
  });
  return writer.bytes;
}

describe('.debug_frame', () => {
  const low = -0x7f000000;
  const table = (bytes: readonly number[]): CallFrameTable =>
    new CallFrameTable(
      new SectionSet(memorySections(new Map([['.debug_frame', Uint8Array.from(bytes)]])), false),
      false,
    );

  test.each([
    ['version 4', {}],
    ['version 3', { version: 3 }],
    ['version 1', { version: 1 }],
    ['64-bit DWARF', { is64: true }],
  ])('of %s', (_, options) => {
    const frames = table(frameSection(low, 16, options));
    expect(frames.at(low)?.frame).toEqual({ kind: 'register', register: 7, offset: 8n });
    expect(frames.at(low + 15)).toMatchObject({
      frame: { kind: 'register', register: 7, offset: 16n },
      returnAddress: 16,
    });
    expect([frames.at(low - 1), frames.at(low + 16)]).toEqual([undefined, undefined]);
  });

  test('without a function, of a version or with an augmentation that is not known, gives no rules', () => {
    expect(table([]).at(low)).toBeUndefined();
    expect(table(frameSection(low, 16, { version: 9 })).at(low)).toBeUndefined();
    expect(table(frameSection(low, 16, { augmentation: 'eh' })).at(low)).toBeUndefined();
  });

  test('that is cut off is an error', () => {
    expect(() => table(frameSection(low, 16).slice(0, -4)).at(low)).toThrow(/cut off/);
  });
});
