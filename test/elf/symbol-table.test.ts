import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareAliases } from '../../src/elf/kallsyms-rules.ts';
import { sortByAddress } from '../../src/elf/sort-addresses.ts';
import { flag, type SymbolLiteral } from '../helpers/elf-writer.ts';
import { open } from './make.ts';

const base = 0xffff_ffff_8100_0000n;
/** The same as the number that the room has for it. */
const at = (offset: number): number => -0x7f00_0000 + offset;

const code = { name: '.text', flags: flag.alloc | flag.execute, address: base, contents: new Uint8Array(0x1000) };
const data = {
  name: '.data',
  flags: flag.alloc | flag.write,
  address: base + 0x10_0000n,
  contents: new Uint8Array(0x100),
};

function symbol(name: string, offset: number, more: Partial<SymbolLiteral> = {}): SymbolLiteral {
  return { name, value: base + BigInt(offset), section: '.text', ...more };
}

function table(...symbols: SymbolLiteral[]) {
  return open({ sections: [code, data], symbols }).symbols();
}

describe('names that are sought together', () => {
  const symbols = () =>
    table(
      symbol('a', 0),
      symbol('linux_banner', 0x10_0000, { section: '.data' }),
      symbol('__start_mcount_loc', 0x10_0010, { section: '.data' }),
    );

  test('are found alone, together, again and among others', () => {
    const names = symbols();
    expect(names.named('__stop_mcount_loc')).toEqual([]);
    expect(names.named('linux_banner')).toMatchObject([{ name: 'linux_banner', address: at(0x10_0000) }]);
    const each = names.namedEach(['__start_mcount_loc', '__stop_mcount_loc', 'linux_banner']);
    expect(each.map((found) => found.map(({ name }) => name))).toEqual([['__start_mcount_loc'], [], ['linux_banner']]);
    const mixed = names.namedEach(['linux_banner', 'a']);
    expect(mixed.map((found) => found.map(({ name }) => name))).toEqual([['linux_banner'], ['a']]);
  });

  test('no name at all finds nothing', () => {
    expect(symbols().namedEach([])).toEqual([]);
  });
});

describe('the size of a symbol', () => {
  test('reaches to the next one, whatever st_size says', () => {
    const [found] = table(symbol('a', 0, { size: 3n }), symbol('b', 0x40)).named('a');
    expect(found).toMatchObject({ size: 0x40, sizeInSection: 0x40, symbolSize: 3, address: at(0) });
  });

  test.each(['$x', '$d.2', '.L1', '.Ltmp', '__efistub_memcpy', '__pi_$x', '__kcfi_typeid_a', '__crc_a', '', 'L0'])(
    'passes over %j, which kallsyms does not have',
    (name) => {
      const symbols = table(symbol('a', 0), symbol(name, 0x20), symbol('b', 0x40));
      expect(symbols.named('a')).toMatchObject([{ size: 0x40 }]);
      expect(symbols.at(at(0x20))?.name).toBe('a');
      expect(name === '' ? [] : symbols.named(name)).toEqual([]);
    },
  );

  test.each(['__pfx_b', '__kvm_nvhe_b', 'L0b', '_b', '__b', '.b', 'b.cold', 'x$b'])('ends at %s', (name) => {
    expect(table(symbol('a', 0), symbol(name, 0x20), symbol('c', 0x40)).named('a')).toMatchObject([{ size: 0x20 }]);
  });

  test('passes over what is no symbol of the image', () => {
    const symbols = table(
      symbol('a', 0),
      symbol('constant', 0x8, { section: 0xfff1 }),
      symbol('elsewhere', 0x10, { section: 0 }),
      symbol('file.c', 0x18, { type: 4 }),
      symbol('section', 0x20, { type: 3 }),
      symbol('b', 0x40),
    );
    expect(symbols.named('a')).toMatchObject([{ size: 0x40 }]);
  });

  test('of the last in its section reaches to the next section, or to the end', () => {
    const far = symbol('value', 0x10_0010, { section: '.data', type: 1 });
    const symbols = table(symbol('a', 0xff0), far);
    expect(symbols.named('a')).toMatchObject([{ size: 0x10_0010 - 0xff0, sizeInSection: 0x10 }]);
    expect(symbols.named('value')).toMatchObject([{ size: 0xf0 }]);
  });

  test('counts veneers only where there are none', () => {
    const symbols = [symbol('a', 0), symbol('__memcpy_veneer', 0x20), symbol('b', 0x40)];
    const on = (machine: number) =>
      open({ machine, sections: [code], symbols })
        .symbols()
        .named('a')[0]?.size;
    expect(on(40)).toBe(0x40);
    expect(on(62)).toBe(0x20);
  });
});

describe('an address', () => {
  const symbols = table(
    symbol('first', 0x10),
    symbol('second', 0x20),
    symbol('value', 0x10_0000, { section: '.data', type: 1 }),
  );

  test.each([
    [0x10, 'first'],
    [0x1f, 'first'],
    [0x20, 'second'],
    [0xfff, 'second'],
    // The gap to the next section, as the kernel sees it.
    [0x1000, 'second'],
    [0x10_0000, 'value'],
    [0x10_00ff, 'value'],
  ])('at %d is in %s', (offset, name) => {
    expect(symbols.at(at(offset))?.name).toBe(name);
  });

  test.each([0, 0xf, 0x10_0100, -0x100_0000])('at %d is in none', (offset) => {
    expect(symbols.at(at(offset))).toBeUndefined();
  });
});

describe('several names of one address', () => {
  test('are told, the one that the kernel prints first', () => {
    const symbols = table(
      symbol('__start_a', 0),
      symbol('__aaa', 0),
      symbol('weak', 0, { binding: 2 }),
      symbol('_bbb', 0),
      symbol('ccc', 0),
      symbol('abc', 0),
      symbol('end', 0x10),
    );
    expect(symbols.at(at(1))).toMatchObject({ name: 'abc', aliases: ['ccc', '_bbb', '__aaa', '__start_a', 'weak'] });
    expect(symbols.named('weak')).toMatchObject([{ aliases: ['abc', 'ccc', '_bbb', '__aaa', '__start_a'], size: 16 }]);
  });

  test('are sorted the same whatever their order was', () => {
    const names = ['__start_text', '__text_end', '_text', 'text', '__text', '__stop_x', '_x_start', '__x_start'];
    const alias = fc.record({ name: fc.constantFrom(...names), weak: fc.boolean(), index: fc.nat(9) });
    fc.assert(
      fc.property(alias, alias, alias, (a, b, c) => {
        expect(Math.sign(compareAliases(a, b))).toBe(-Math.sign(compareAliases(b, a)) + 0);
        if (compareAliases(a, b) < 0 && compareAliases(b, c) < 0) expect(compareAliases(a, c)).toBeLessThan(0);
      }),
    );
  });
});

describe('a name', () => {
  const symbols = table(
    symbol('show', 0x10),
    symbol('show.cold', 0x80),
    symbol('show', 0x40),
    symbol('show_all', 0x60),
    symbol('show.part.0', 0x70),
    symbol('counter', 0x10_0000, { section: '.data', type: 1 }),
  );

  test('may be that of several symbols', () => {
    expect(symbols.named('show').map(({ address, size }) => [address, size])).toEqual([
      [at(0x10), 0x30],
      [at(0x40), 0x20],
    ]);
  });

  test('of data is found as well', () => {
    expect(symbols.named('counter')).toMatchObject([{ section: { name: '.data' } }]);
  });

  test.each(['sho', 'how', 'show_', '', 'show\0', 'sh\u{1f4a9}w', 'x'.repeat(100_000)])('%j is none', (name) => {
    expect(symbols.named(name)).toEqual([]);
  });

  test('may have variants', () => {
    expect(symbols.variantsOf('show').map(({ name }) => name)).toEqual(['show.part.0', 'show.cold']);
  });
});

test('the end of one name may be another', () => {
  // Linkers store `cpy` once, as the end of `memcpy`: here as in .strtab, where names begin anywhere.
  const symbols = table(symbol('memcpy', 0), symbol('cpy', 0x10));
  expect(symbols.named('cpy')).toMatchObject([{ address: at(0x10) }]);
});

test('entries are read by their numbers', () => {
  const symbols = table(symbol('a', 0), symbol('constant', 8, { section: 0xfff1 }));
  expect(symbols.count).toBe(3);
  expect(symbols.entry(1)).toMatchObject({ name: 'a', section: { name: '.text' } });
  expect(symbols.entry(2)).toMatchObject({ name: 'constant', section: undefined, address: at(8) });
  expect([symbols.entry(3), symbols.entry(-1), symbols.entry(0.5)]).toEqual([undefined, undefined, undefined]);
});

test('functions of Thumb code begin at even addresses', () => {
  const text = { ...code, address: 0xc010_0000n };
  const symbols = open({
    machine: 40,
    bits: 32,
    sections: [text],
    symbols: [
      { name: 'thumb', value: 0xc010_0011n, section: '.text' },
      { name: 'next', value: 0xc010_0021n, section: '.text' },
    ],
  }).symbols();
  expect(symbols.at(0xc010_0010)).toMatchObject({ name: 'thumb', address: 0xc010_0010, size: 0x10 });
  expect(symbols.at(0xc010_000f)).toBeUndefined();
});

test('a file without symbols has none', () => {
  const symbols = open({ sections: [code] }).symbols();
  expect(symbols.count).toBe(0);
  expect([symbols.at(at(0)), ...symbols.named('a')]).toEqual([undefined]);
});

test('names that are left out are many, and still passed over', () => {
  const many = Array.from({ length: 100_000 }, (_, index) => symbol('$x', 1 + (index % 0x200)));
  const symbols = table(symbol('a', 0), ...many, symbol('b', 0x800));
  for (let round = 0; round < 5; round++) {
    expect(symbols.named('a')).toMatchObject([{ size: 0x800 }]);
    expect(symbols.at(at(0x7ff))?.name).toBe('a');
  }
  expect(symbols.code.all().length).toBe(2);
});

test('addresses are sorted with what belongs to them', () => {
  const address = fc.oneof(
    fc.integer({ min: -(2 ** 31), max: 2 ** 31 }),
    fc.maxSafeInteger(),
    fc.integer({ min: 0, max: 3 }),
  );
  fc.assert(
    fc.property(fc.array(address), (addresses) => {
      const indexes = Uint32Array.from(addresses, (_, index) => index + 7);
      const sorted = sortByAddress(Float64Array.from(addresses), indexes);
      const expected = addresses
        .map((each, index) => [each, index + 7] as const)
        .sort(([a, i], [b, j]) => a - b || i - j);
      expect([...sorted.addresses]).toEqual(expected.map(([each]) => each));
      expect([...sorted.indexes]).toEqual(expected.map(([, index]) => index));
    }),
  );
});
