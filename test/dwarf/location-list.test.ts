import { describe, expect, test } from 'vitest';
import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { VariableReader } from '../../src/dwarf/variables.ts';
import {
  ByteWriter,
  memorySections,
  type WrittenAttribute,
  type WrittenDwarf,
  writeDwarf,
} from '../helpers/dwarf-writer.ts';
import { code, compileUnit, name, start, subprogram } from './sample.ts';

/** The register that variable `value` is in at some offsets of the function. */
function registersAt(dwarf: WrittenDwarf, offsets: readonly number[]): (number | string | undefined)[] {
  const info = new DebugInfo(memorySections(writeDwarf(dwarf), dwarf));
  const reader = new VariableReader(info.parts);
  return offsets.map((offset) => {
    const [scope] = reader.scopesAt(start + offset);
    const presence = scope?.variables[0]?.presence;
    return presence?.kind === 'expression' ? (presence.expression[0] ?? 0) - 0x50 : presence?.kind;
  });
}

/** A function with a variable whose location is `location`. */
function dwarfOf(location: WrittenAttribute, more: Partial<WrittenDwarf>, version = 5): WrittenDwarf {
  const variable = { tag: Tag.variable, attributes: [name('value'), location] };
  const root = compileUnit(
    [subprogram('first', start, 64, [variable])],
    [...code(start, 64), [Attribute.addrBase, Form.secOffset, 8], [Attribute.loclistsBase, Form.secOffset, 12]],
  );
  return { units: [{ version, root }], ...more };
}

const expression = (to: ByteWriter, register: number): ByteWriter => to.uleb(1).u8(0x50 + register);

describe('location lists', () => {
  test('of DWARF 5, with all kinds of entries', () => {
    const list = new ByteWriter();
    list.number(0, 4).number(0, 4).number(0, 4); // a header that is not read
    const at = list.length;
    list.number(4, 4); // the offset of list 0
    list.u8(9).uleb(1).uleb(2); // a pair of views
    expression(list.u8(4).uleb(0).uleb(4), 1); // offset pair
    expression(
      list
        .u8(8)
        .number(start + 4, 8)
        .uleb(4),
      2,
    ); // start and length
    expression(
      list
        .u8(7)
        .number(start + 8, 8)
        .number(start + 12, 8),
      3,
    ); // start and end
    list.u8(6).number(start + 8, 8); // base
    expression(list.u8(4).uleb(4).uleb(8), 4);
    expression(list.u8(2).uleb(0).uleb(1), 5); // indexes of addresses
    expression(list.u8(3).uleb(1).uleb(4), 6);
    list.u8(1).uleb(2); // base by index
    expression(list.u8(4).uleb(0).uleb(4), 7);
    list.u8(4).uleb(4).uleb(8).uleb(0); // an empty expression
    expression(list.u8(5), 8); // everywhere else
    list.u8(0);
    const addresses = new ByteWriter();
    addresses.number(28, 4).number(5, 2).u8(8).u8(0);
    for (const offset of [16, 20, 24]) addresses.number(start + offset, 8);
    const sections = { '.debug_loclists': list.bytes, '.debug_addr': addresses.bytes };
    const offsets = [0, 4, 8, 12, 16, 20, 24, 28, 32, 63];
    const expected = [1, 2, 3, 4, 5, 6, 7, 'optimized-out', 8, 8];
    expect(at).toBe(12);
    expect(registersAt(dwarfOf([Attribute.location, Form.loclistx, 0], { sections }), offsets)).toEqual(expected);
    // The same by its offset.
    expect(registersAt(dwarfOf([Attribute.location, Form.secOffset, 16], { sections }), offsets)).toEqual(expected);
  });

  test('of DWARF 4', () => {
    const list = new ByteWriter();
    const one = (low: number, high: number, register: number): void => {
      list
        .number(low, 8)
        .number(high, 8)
        .number(1, 2)
        .u8(0x50 + register);
    };
    one(0, 4, 1);
    list.number(-1n, 8).number(start + 8, 8);
    one(0, 4, 2);
    list.number(0, 16);
    const sections = { '.debug_loc': list.bytes };
    const dwarf = dwarfOf([Attribute.location, Form.secOffset, 0], { sections }, 4);
    expect(registersAt(dwarf, [0, 3, 4, 8, 11, 12])).toEqual([1, 1, 'optimized-out', 2, 2, 'optimized-out']);
    const old = dwarfOf([Attribute.location, Form.data4, 0], { sections }, 3);
    expect(registersAt(old, [0, 8])).toEqual([1, 2]);
  });

  test.each<[string, readonly number[]]>([
    ['are missing', []],
    ['do not end', [4, 0, 1]],
    ['have a kind that is not known', [17, 0, 0]],
    ['have an expression that is longer than the section', [4, 0, 1, 100, 0x50]],
  ])('that %s cost one variable, and it is noted', (_, bytes) => {
    const dwarf = dwarfOf([Attribute.location, Form.secOffset, 0], {
      sections: bytes.length > 0 ? { '.debug_loclists': bytes } : {},
    });
    const info = new DebugInfo(memorySections(writeDwarf(dwarf), dwarf));
    const [scope] = new VariableReader(info.parts).scopesAt(start + 8);
    expect(scope?.name).toBe('first');
    expect(scope?.variables).toMatchObject([{ name: 'value', presence: { kind: 'damaged' } }]);
    expect(info.problems.map(({ code: problem }) => problem)).toEqual([expect.stringMatching(/^KT-DWARF-/)]);
  });
});
