import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AddressIndex } from '../../src/dwarf/address-index.ts';

describe('AddressIndex', () => {
  test('finds all units with a range there, the same ones each time', () => {
    const range = fc.record({ low: fc.integer({ min: -300, max: 300 }), length: fc.nat(80), unit: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(range, { maxLength: 60 }), fc.integer({ min: -320, max: 400 }), (ranges, address) => {
        const index = new AddressIndex();
        for (const { low, length, unit } of ranges) index.add(low, low + length, unit);
        const first = index.find(address);
        for (let nth = 0; nth < 40; nth++) index.find(0);
        expect(index.find(address)).toEqual(first);
        const expected = new Set(
          ranges.filter(({ low, length }) => low <= address && address < low + length).map(({ unit }) => unit),
        );
        expect(new Set(first)).toEqual(expected);
      }),
    );
  });
});
