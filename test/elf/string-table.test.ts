import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StringTable } from '../../src/elf/string-table.ts';

/** A table that is read as it is asked for, and how much of it was. */
function lazily(bytes: Uint8Array): { table: StringTable; read: () => number } {
  let read = 0;
  const source = {
    size: bytes.length,
    read(offset: number, length: number): Uint8Array {
      read += length;
      return bytes.slice(offset, offset + length);
    },
  };
  return { table: new StringTable(source), read: () => read };
}

describe('StringTable', () => {
  test('has the same strings whether it is read as a whole or in windows', () => {
    const names = fc.array(fc.oneof(fc.string({ maxLength: 20 }), fc.constant('x'.repeat(700))), { maxLength: 200 });
    fc.assert(
      fc.property(names, fc.array(fc.nat(5000), { maxLength: 300 }), (strings, offsets) => {
        const bytes = Buffer.from(strings.join('\0'), 'latin1');
        const whole = new StringTable(bytes);
        const { table } = lazily(bytes);
        for (const offset of offsets) expect(table.text(offset)).toBe(whole.text(offset));
      }),
    );
  });

  test('of which a few are asked for is not read as a whole', () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, nth) => `symbol_${nth}`).join('\0'));
    const { table, read } = lazily(bytes);
    expect(table.text(bytes.indexOf('symbol_77777'))).toBe('symbol_77777');
    expect(table.beginning(bytes.indexOf('symbol_500'))?.subarray(0, 10).toString()).toBe('symbol_500');
    expect(read()).toBeLessThan(10_000);
  });

  test('of which many are asked for is', () => {
    const bytes = Buffer.from(Array.from({ length: 10_000 }, (_, nth) => `symbol_${nth}`).join('\0'));
    const { table, read } = lazily(bytes);
    for (let nth = 0; nth < 9_000; nth++) {
      const name = `symbol_${1 + ((nth * 7919) % 9_990)}`;
      expect(table.text(bytes.indexOf(`\0${name}\0`) + 1)).toBe(name);
    }
    expect(read()).toBeLessThan(bytes.length + 200_000);
  });
});
