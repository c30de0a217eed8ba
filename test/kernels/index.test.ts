import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Btf } from '../../src/btf/btf.ts';
import type { KernelSymbol } from '../../src/elf/symbol-table.ts';
import { Image } from '../../src/symbols/image.ts';
import { makeIndex } from '../../src/symbols/index-cache-build.ts';

const kernels = inject('kernels');
const folder = mkdtempSync(join(tmpdir(), 'ktriage-kernel-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Every so many of a kernel's symbols are asked for, code and data. */
const step = 97;
/** Names of more symbols are not compared. */
const mostOfName = 200;
/** Bytes from a symbol at which it is looked for: before it, at it, in it, and far behind it. */
const distances = [-1, 0, 1, 17, 0x2_0000, 0x30_0000];

/** All that is known of a symbol, to compare. */
const told = (symbol: KernelSymbol | undefined): unknown =>
  symbol && { ...symbol, section: symbol.section.index, aliases: [...symbol.aliases] };

// A file without any test is an error to vitest.
describe.skipIf(kernels.length > 0)('indexes', () => {
  test.skip('SKIPPED, there is no kernel', () => {});
});

describe.each(kernels)('the index of $name', ({ vmlinux }) => {
  let plain: Image;
  let indexed: Image;

  beforeAll(async () => {
    await makeIndex({ path: vmlinux, root: undefined, folder });
    plain = await Image.open(vmlinux);
    indexed = await Image.open(vmlinux);
    await indexed.useCache(folder);
  }, 120_000);
  afterAll(() => {
    plain.close();
    indexed.close();
  });

  test('has the symbols of code and data, at all addresses, and knows what there is not', () => {
    const table = plain.elf.symbols();
    const some = [table.code, table.data].flatMap((set) => [...set.all()].filter((_each, nth) => nth % step === 0));
    expect(some.length).toBeGreaterThan(500);
    const entries = some.map((index) => table.entry(index)).filter((entry) => entry !== undefined);
    for (const name of ['no_such_symbol_anywhere', 'schedul', ...new Set(entries.map((entry) => entry.name))]) {
      const expected = table.named(name);
      // Of names as __func__.0 the table gives no more than so many, and which ones is open.
      if (expected.length > mostOfName) continue;
      const [found = []] = indexed.symbolsNamedEach([name]);
      expect(found.map(told), name).toEqual(expected.map(told));
    }
    for (const { address } of entries) {
      for (const distance of distances)
        expect(told(indexed.symbolAt(address + distance))).toEqual(told(table.at(address + distance)));
    }
  }, 120_000);

  test('has the types that the BTF has, by their names', () => {
    const types = Btf.open(plain.elf);
    const { knownTypes } = indexed;
    expect(knownTypes).toBeDefined();
    if (knownTypes === undefined) return;
    const known = Btf.openIndexed(indexed.elf, knownTypes);
    expect(known.typeCount).toBe(types.typeCount);
    let structures = 0;
    for (let id = 0; id <= types.typeCount; id++) {
      const type = types.type(id);
      const isStructure = type.kind === 'structure' && type.name !== undefined;
      if (isStructure) {
        structures++;
        if (known.find(type.name).join() !== types.find(type.name).join())
          expect(known.find(type.name), type.name).toEqual(types.find(type.name));
      }
      if (id % step !== 0) continue;
      expect(known.type(id)).toEqual(type);
      expect(known.layout(id)).toEqual(types.layout(id));
      const size = types.sizeof(id) ?? 0;
      for (const at of [0, size >>> 1, size]) expect(known.memberAt(id, at, 8)).toEqual(types.memberAt(id, at, 8));
      if ('name' in type && type.name !== undefined) expect(known.find(type.name)).toEqual(types.find(type.name));
      for (const { name } of types.enumerators(id).slice(0, 2))
        expect(known.enumValue(name), name).toBe(types.enumValue(name));
    }
    expect(structures).toBeGreaterThan(1000);
    expect(known.find('no_such_type_anywhere')).toEqual([]);
    expect(known.enumValue('NO_SUCH_ENUMERATOR')).toBeUndefined();
    for (const name of ['system_states', 'current_task', '.data..percpu'])
      expect([known.find(name), known.variables(name)]).toEqual([types.find(name), types.variables(name)]);
  }, 120_000);

  test('has the frames that the debug information has', async () => {
    const { code } = plain.elf.symbols();
    const addresses = [...code.all()]
      .filter((_each, nth) => nth % (step * 4) === 0)
      .flatMap((index) => {
        const entry = plain.elf.symbols().entry(index);
        return entry === undefined ? [] : [entry.address + Math.floor(entry.symbolSize / 2)];
      });
    expect(addresses.length).toBeGreaterThan(100);
    expect(await indexed.resolve(addresses)).toEqual(await plain.resolve(addresses));
    const [known, read] = [await indexed.variables(), await plain.variables()];
    const unitOf = (reader: typeof known, address: number) => reader.unitAt(address)?.unit.header.offset;
    expect(addresses.map((each) => unitOf(known, each))).toEqual(addresses.map((each) => unitOf(read, each)));
  }, 120_000);
});
