import { describe, expect, test } from 'vitest';
import { fieldOf } from '../../src/kernel/field.ts';
import { View } from '../../src/kernel/view.ts';
import { madeTypes } from './structure-kernel.ts';

const types = madeTypes({
  inner: [['word', 'u16']],
  printk_info: [
    ['seq', 'u64'],
    ['count', 'u32'],
    ['facility', 'u8'],
    ['flags', 'u8:5'],
    ['level', 'u8:3'],
    ['inner', 'inner'],
  ],
});
const bytes = Uint8Array.from({ length: 16 }, (_, nth) => 0xf7 - 17 * nth);
const structure = new DataView(bytes.buffer);

describe('a field of structures in an array', () => {
  test('is what a view of each would have', () => {
    const view = new View(types, 'printk_info', 0n, bytes);
    for (const path of ['seq', 'count', 'facility', 'flags', 'level', 'inner.word', 'nothing', 'inner']) {
      expect([path, fieldOf(types, 'printk_info', path, bytes.length)(structure)]).toEqual([path, view.big(path)]);
    }
    expect(view.big('level')).toBeDefined();
  });

  test('beyond the end of the structure is not there', () => {
    expect(fieldOf(types, 'printk_info', 'seq', 7)(structure)).toBeUndefined();
    expect(fieldOf(types, 'printk_info', 'level', 13)(structure)).toBeUndefined();
    expect(fieldOf(types, 'no_such', 'seq', 16)(structure)).toBeUndefined();
  });
});
