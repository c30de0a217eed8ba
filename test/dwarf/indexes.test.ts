import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressIndex } from '../../src/dwarf/address-index.ts';
import { readGdbIndex } from '../../src/dwarf/gdb-index.ts';
import { DwarfPackage } from '../../src/dwarf/package.ts';
import { SectionSet } from '../../src/dwarf/sections.ts';
import { UnitStore } from '../../src/dwarf/unit-store.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { ByteWriter, memorySection, memorySections, writeDwarf } from '../helpers/dwarf-writer.ts';
import { code, compileUnit, start } from './sample.ts';

const sections = writeDwarf({
  units: [{ root: compileUnit([], code(start, 64)) }, { root: compileUnit([], code(start + 64, 64)) }],
});
const store = (): UnitStore => new UnitStore(new SectionSet(memorySections(sections), false));
const offsets = [...store().headers()].map(({ offset, end }) => [offset, end - offset] as const);

/** An index of gdb: its head, units, no type units, addresses, no symbols. */
function gdbIndex(version = 8): number[] {
  const body = new ByteWriter();
  for (const part of offsets.flat()) body.number(part, 8);
  const unitsAt = 24;
  const addressesAt = unitsAt + body.length;
  for (const unit of [0, 1])
    body
      .number(start + 64 * unit, 8)
      .number(start + 64 * (unit + 1), 8)
      .number(unit, 4);
  const end = unitsAt + body.length;
  const head = [version, unitsAt, addressesAt, addressesAt, end, end];
  return [...head.reduce((to, field) => to.number(field, 4), new ByteWriter()).bytes, ...body.bytes];
}

const ids = [0x1111_2222_3333_4444n, 0x5555_6666_0000_0004n, 0x0n];

/** An index of a package: the second unit falls onto the first one's slot and goes a step on. */
function packageIndex(version: 2 | 5): number[] {
  const slots = 4;
  const to = new ByteWriter();
  if (version === 2) to.number(2, 4);
  else to.number(5, 2).number(0, 2);
  const kinds = [1, 3, 6];
  to.number(kinds.length, 4).number(2, 4).number(slots, 4);
  // 4 & 3 is slot 0 for both; the step of the second one is (0x55556666 & 3) | 1.
  const table = [1, 0, 0, 2];
  for (const row of table) to.number(row === 0 ? 0n : (ids[row - 1] ?? 0n), 8);
  for (const row of table) to.number(row, 4);
  for (const kind of kinds) to.number(kind, 4);
  for (const row of [
    [0, 0, 0],
    [10, 20, 30],
    [10, 20, 30],
    [5, 6, 7],
  ])
    for (const part of row) to.number(part, 4);
  return to.bytes;
}

const content = new Map<string, Uint8Array>(
  ['.debug_info.dwo', '.debug_abbrev.dwo', '.debug_str_offsets.dwo', '.debug_str.dwo'].map((name) => [
    name,
    Uint8Array.from({ length: 40 }, (_, each) => each),
  ]),
);

const packageOf = (index: readonly number[]): DwarfPackage =>
  new DwarfPackage(memorySections(new Map([...content, ['.debug_cu_index', Uint8Array.from(index)]])));

const damage = fc.array(
  fc.record({
    at: fc.nat(200),
    bytes: fc.array(fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff), { minLength: 1, maxLength: 8 }),
  }),
  { minLength: 1, maxLength: 4 },
);

function damaged(bytes: readonly number[], changes: readonly { at: number; bytes: number[] }[], cut: number): number[] {
  const copy = [...bytes];
  for (const { at, bytes: put } of changes) copy.splice(Math.min(at, copy.length), put.length, ...put);
  return copy.slice(0, Math.max(0, copy.length - cut));
}

/** Nothing but errors that name their section. */
function survive(call: () => void): void {
  try {
    call();
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    expect(`${error.code} ${error.message}`).toMatch(/^KT-DWARF-[A-Z-]+ .*: \.\w+ at 0x[0-9a-f]+$/);
  }
}

describe('an index of gdb', () => {
  const read = (bytes: readonly number[]): AddressIndex => {
    const index = new AddressIndex();
    readGdbIndex(memorySection('.gdb_index', Uint8Array.from(bytes)), store(), index);
    return index;
  };

  test('says which unit has an address', () => {
    const index = read(gdbIndex());
    expect(index.find(start + 63)).toEqual([offsets[0]?.[0]]);
    expect(index.find(start + 64)).toEqual([offsets[1]?.[0]]);
    expect(index.find(start + 128)).toEqual([]);
  });

  test('of another version is passed over', () => {
    for (const version of [0, 3, 10]) expect(read(gdbIndex(version)).count).toBe(0);
  });

  test('of another file is refused', () => {
    const bytes = gdbIndex();
    bytes[24 + 24] = 99;
    expect(() => read(bytes)).toThrow(KtriageError);
  });

  test('that is damaged is refused, or tells less', () => {
    fc.assert(
      fc.property(damage, fc.nat(40), (changes, cut) => survive(() => void read(damaged(gdbIndex(), changes, cut)))),
      { numRuns: 2000 },
    );
  });
});

describe.each([2, 5] as const)('the index of a package of version %i', (version) => {
  const partOf = (made: DwarfPackage, id: bigint, name: '.debug_info.dwo' | '.debug_str.dwo'): number[] | undefined => {
    const part = made.unit(id)?.get(name);
    return part && [...part.read(0, part.size)];
  };

  test('finds the parts of a unit', () => {
    const made = packageOf(packageIndex(version));
    expect(partOf(made, ids[0] ?? 0n, '.debug_info.dwo')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(partOf(made, ids[1] ?? 0n, '.debug_info.dwo')).toEqual([10, 11, 12, 13, 14]);
    expect(partOf(made, ids[1] ?? 0n, '.debug_str.dwo')).toHaveLength(40);
    expect(made.unit(77n)).toBeUndefined();
    expect(made.unit(ids[2] ?? 0n)).toBeUndefined();
  });

  test('that is damaged is refused, or tells less', () => {
    fc.assert(
      fc.property(damage, fc.nat(40), (changes, cut) =>
        survive(() => {
          const made = packageOf(damaged(packageIndex(version), changes, cut));
          for (const id of ids) expect((partOf(made, id, '.debug_info.dwo') ?? []).length).toBeLessThanOrEqual(40);
        }),
      ),
      { numRuns: 2000 },
    );
  });
});
