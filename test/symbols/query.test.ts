import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinWords, parseQuery } from '../../src/symbols/query.ts';

describe('parseQuery', () => {
  const symbol = (name: string, offset: number, more: object = {}): object => ({
    kind: 'symbol',
    symbol: name,
    offset,
    ...more,
  });
  const address = (value: bigint): object => ({ kind: 'address', address: value });

  test.each([
    ['vfs_write+0xc7/0x3f0', symbol('vfs_write', 0xc7, { size: 0x3f0 })],
    ['foo.isra.0+0x1/0x2 [snd-hda-intel]', symbol('foo.isra.0', 1, { size: 2, module: 'snd-hda-intel' })],
    [`foo+0x1/0x2 [m ${'ab'.repeat(20)}]`, symbol('foo', 1, { size: 2, module: 'm' })],
    ['foo+0x1 m', symbol('foo', 1, { module: 'm' })],
    ['foo+16', symbol('foo', 16)],
    ['foo+16/32', symbol('foo', 16, { size: 32 })],
    ['foo+1f', symbol('foo', 0x1f)],
    ['foo-0x10', symbol('foo', -0x10)],
    ['foo-0', symbol('foo', 0)],
    ['add', symbol('add', 0, { address: 0xaddn })],
    ['schedule', symbol('schedule', 0)],
    ['<T as a::B>::c d+0x1/0x2', symbol('<T as a::B>::c d', 1, { size: 2 })],
    ['a::b+0x1/0x2 [rust_mod]', symbol('a::b', 1, { size: 2, module: 'rust_mod' })],
    ['.text+0x10', { kind: 'section', section: '.text', offset: 0x10 }],
    ['.init.text', { kind: 'section', section: '.init.text', offset: 0 }],
    ['.text+0x10 [ext4]', { kind: 'section', section: '.text', offset: 0x10, module: 'ext4' }],
    ['.dotted+0x10/0x20', symbol('.dotted', 0x10, { size: 0x20 })],
    ['0xffffffff81000000', address(0xffffffff81000000n)],
    ['ffffffff81000000', address(0xffffffff81000000n)],
    ['FFFFFFFF81000000', address(0xffffffff81000000n)],
    ['c0100000', address(0xc0100000n)],
    ['1234', address(0x1234n)],
    ['0x10', address(0x10n)],
    ['*ABS*+0xffffffff81000000', address(0xffffffff81000000n)],
    ['[<ffffffff81000000>]', address(0xffffffff81000000n)],
    ['[<ffffffff81000000>] ? foo+0x1/0x2 [m]', symbol('foo', 1, { size: 2, module: 'm' })],
    ['RIP: 0010:foo+0x1/0x2', symbol('foo', 1, { size: 2 })],
    ['pc : foo+0x1/0x2', symbol('foo', 1, { size: 2 })],
    ['? foo+0x1/0x2', symbol('foo', 1, { size: 2 })],
  ])('%s', (input, expected) => {
    const { module, ...rest } = { module: undefined, ...expected };
    expect(parseQuery(input)).toEqual({ input, ...rest, ...(module === undefined ? {} : { module }) });
  });

  test.each(['', ' ', 'foo+bar baz qux', 'foo+', 'foo+0x1/', 'x'.repeat(2000), 'foo+0x1/0x2 ../etc', '+0x1'])(
    'understands nothing of %.40j',
    (input) => {
      expect(parseQuery(input)).toBeUndefined();
    },
  );

  test('takes any text, and gives back the numbers that were printed', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseQuery(text)));
    const number = fc.nat(0x7fff_ffff);
    fc.assert(
      fc.property(fc.stringMatching(/^[g-z_][\w.]{0,20}$/), number, number, (name, offset, size) => {
        const input = `${name}+0x${offset.toString(16)}/0x${size.toString(16)}`;
        expect(parseQuery(input)).toEqual({ input, ...symbol(name, offset, { size }) });
      }),
    );
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const input = `0x${value.toString(16)}`;
        expect(parseQuery(input)).toEqual({ input, ...address(value) });
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

  test('leaves alone what has no module behind it', () => {
    expect(joinWords(['.text+0x10', 'ext4', '0xffffffff81000000', 'ext4'])).toEqual([
      '.text+0x10',
      'ext4',
      '0xffffffff81000000',
      'ext4',
    ]);
  });
});
