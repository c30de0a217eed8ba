import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinWords, parseQuery } from '../../src/symbols/query.ts';

describe('parseQuery', () => {
  test.each([
    ['vfs_write+0xc7/0x3f0', { symbol: 'vfs_write', offset: 0xc7, size: 0x3f0 }],
    ['foo.isra.0+0x1/0x2 [snd-hda-intel]', { symbol: 'foo.isra.0', offset: 1, size: 2, module: 'snd-hda-intel' }],
    [`foo+0x1/0x2 [m ${'ab'.repeat(20)}]`, { symbol: 'foo', offset: 1, size: 2, module: 'm' }],
    ['foo+16', { symbol: 'foo', offset: 16 }],
    ['foo+1f', { symbol: 'foo', offset: 0x1f }],
    ['add', { symbol: 'add', offset: 0 }],
    ['0xffffffff81000000', { address: 0xffffffff81000000n }],
    ['ffffffff81000000', { address: 0xffffffff81000000n }],
  ])('%s', (input, expected) => {
    expect(parseQuery(input)).toEqual({ input, ...expected });
  });

  test.each(['', ' ', 'foo+bar baz qux', 'foo+', 'foo+0x1/', 'x'.repeat(2000), 'foo+0x1/0x2 ../etc'])(
    'understands nothing of %j',
    (input) => {
      expect(parseQuery(input)).toBeUndefined();
    },
  );

  test('takes any text, and gives back the numbers that were printed', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseQuery(text)));
    const number = fc.nat(0x7fff_ffff);
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z_][\w.]{0,20}$/), number, number, (symbol, offset, size) => {
        const input = `${symbol}+0x${offset.toString(16)}/0x${size.toString(16)}`;
        expect(parseQuery(input)).toEqual({ input, symbol, offset, size });
      }),
    );
  });
});

describe('joinWords', () => {
  test('puts modules behind their symbols', () => {
    expect(joinWords(['a+0x1', 'ext4', 'b+0x2/0x3', '[kvm]', 'c+0x1', 'd+0x1'])).toEqual([
      'a+0x1 ext4',
      'b+0x2/0x3 [kvm]',
      'c+0x1',
      'd+0x1',
    ]);
    expect(joinWords(['a+0x1', 'ffffffff81000000', 'vfs_write', 'ext4'])).toEqual([
      'a+0x1',
      'ffffffff81000000',
      'vfs_write',
      'ext4',
    ]);
  });
});
