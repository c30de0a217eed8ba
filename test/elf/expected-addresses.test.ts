import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flag, type SymbolLiteral } from '../helpers/elf-writer.ts';
import { open } from './make.ts';

const base = 0xffff_ffff_8100_0000n;
const first = -0x7f00_0000;
const size = 0x8_0000;
const code = { name: '.text', flags: flag.alloc | flag.execute, address: base, contents: new Uint8Array(size) };
const cold = { ...code, name: '.init.text', address: base + 0x20_0000n, contents: new Uint8Array(0x100) };
const data = {
  name: '.data',
  flags: flag.alloc | flag.write,
  address: base + 0x10_0000n,
  contents: new Uint8Array(64),
};

const symbol = fc.record({
  name: fc.constantFrom('a', 'b', 'c_d', '__e', '$x', 'f'),
  // Far apart, close together, in data, beyond sections.
  offset: fc.oneof(
    fc.nat(size + 8),
    fc.integer({ min: 0x1_0000, max: 0x1_0040 }),
    fc.integer({ min: -9, max: 0x20_0110 }),
  ),
});

describe('addresses that are expected', () => {
  test('have the symbols that they have when nothing is expected', () => {
    fc.assert(
      fc.property(
        fc.array(symbol, { maxLength: 40 }),
        fc.array(fc.integer({ min: -0x1_0000, max: 0x20_1000 }), { maxLength: 8 }),
        (made, more) => {
          const symbols = made.map(
            ({ name, offset }): SymbolLiteral => ({
              name,
              value: base + BigInt(offset),
              section: offset >= 0x20_0000 ? '.init.text' : offset >= 0x10_0000 ? '.data' : '.text',
            }),
          );
          const file = { sections: [code, data, cold], symbols };
          const offsets = [...more, ...made.flatMap(({ offset }) => [offset - 1, offset, offset + 5, offset + 0x8001])];
          const asked = offsets.map((offset) => first + offset);
          const expected = open(file).symbols();
          const plain = open(file).symbols();
          expected.expect(asked.slice(0, 60));
          for (const address of asked) expect(expected.at(address)).toEqual(plain.at(address));
        },
      ),
      { numRuns: 200 },
    );
  });
});
