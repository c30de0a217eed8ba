import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KernelModule, readModules } from '../../src/kernel/module.ts';
import { loadedModule, readModuleSymbols } from '../../src/kernel/module-kallsyms.ts';
import { readBuildId, readSections } from '../../src/kernel/module-sections.ts';
import { StructureKernel, type Structures } from './structure-kernel.ts';

const common: Structures = {
  list_head: [
    ['next', '*'],
    ['prev', '*'],
  ],
  mod_kallsyms: [
    ['symtab', '*'],
    ['num_symtab', 'u32'],
    ['strtab', '*'],
  ],
  mod_arch_specific: [
    ['num_orcs', 'u32'],
    ['orc_unwind_ip', '*'],
    ['orc_unwind', '*'],
  ],
  attribute: [
    ['name', '*'],
    ['mode', 'u16'],
  ],
  bin_attribute: [
    ['attr', 'attribute'],
    ['size', 'u64'],
    ['private', '*'],
  ],
  attribute_group: [
    ['name', '*'],
    ['bin_attrs', '*'],
  ],
};
const start = [
  ['state', 'u32'],
  ['list', 'list_head'],
  ['name', 'char[56]'],
  ['version', '*'],
  ['taints', 'u64'],
] as const;
const end = [
  ['arch', 'mod_arch_specific'],
  ['core_kallsyms', 'mod_kallsyms'],
  ['sect_attrs', '*'],
] as const;

/** As of 6.14 and later. */
const newest: Structures = {
  ...common,
  module_memory: [
    ['base', '*'],
    ['size', 'u32'],
  ],
  module_sect_attrs: [
    ['grp', 'attribute_group'],
    ['attrs', 'bin_attribute[0]'],
  ],
  module: [...start, ['mem', 'module_memory[7]'], ...end],
};

/** As of 5.8 to 6.3. */
const older: Structures = {
  ...common,
  module_layout: [
    ['base', '*'],
    ['size', 'u32'],
    ['text_size', 'u32'],
  ],
  module_sect_attr: [
    ['battr', 'bin_attribute'],
    ['address', 'u64'],
  ],
  module_sect_attrs: [
    ['grp', 'attribute_group'],
    ['nsections', 'u32'],
    ['attrs', 'module_sect_attr[0]'],
  ],
  module: [...start, ['core_layout', 'module_layout'], ['init_layout', 'module_layout'], ...end],
};

/** As of 5.4. */
const oldest: Structures = {
  ...older,
  module_sect_attr: [
    ['mattr', 'attribute'],
    ['name', '*'],
    ['address', 'u64'],
  ],
};

const head = 0xffff_ffff_8290_0000n;
const at = 0xffff_ffff_c020_0000n;
const text = 0xffff_ffff_c030_0000n;
const tables = 0xffff_8880_0010_0000n;

const sections = [
  ['.text', text],
  ['.init.text', text + 0x1_0000n],
  ['.note.gnu.build-id', text + 0x5000n],
  ['.data', text + 0x2000n],
] as const;

/** A kernel with one module. */
function made(structures: Structures, values: Record<string, bigint | number | string>): StructureKernel {
  const kernel = new StructureKernel(structures).symbol('modules', head);
  kernel.put('module', at, { name: 'ktmod', taints: 0x3000, sect_attrs: tables, ...values });
  const link = kernel.at('module', 'list', at);
  kernel
    .word(head, link)
    .word(head + 8n, link)
    .word(link, head)
    .word(link + 8n, head);
  const type = kernel.types.sizeof('module_sect_attr') === undefined ? 'bin_attribute' : 'module_sect_attr';
  const first = kernel.at('module_sect_attrs', 'attrs', tables);
  const size = BigInt(kernel.types.sizeof(type) ?? 0);
  const has = (path: string): boolean => kernel.types.member(type, path) !== undefined;
  const name = ['battr.attr.name', 'attr.name', 'name'].find(has) ?? '';
  kernel.put('module_sect_attrs', tables, has('address') ? { nsections: 4 } : { 'grp.bin_attrs': tables + 0x800n });
  for (const [index, [title, address]] of sections.entries()) {
    const place = tables + 0x1000n + BigInt(index * 64);
    const attribute = first + BigInt(index) * size;
    kernel.bytes(place, `${title}\0`).put(type, attribute, {
      [name]: place,
      [has('address') ? 'address' : 'private']: address,
    });
    kernel.word(tables + 0x800n + BigInt(index * 8), attribute);
  }
  kernel.word(tables + 0x800n + 32n, 0n);
  const note = Buffer.alloc(4096);
  note.writeUInt32LE(4, 0);
  note.writeUInt32LE(4, 4);
  note.writeUInt32LE(3, 8);
  note.write('GNU\0', 12, 'latin1');
  note.writeUInt32BE(0xdeadbeef, 16);
  return kernel.bytes(text + 0x5000n, note);
}

const layouts = {
  newest: [
    newest,
    { 'mem[0].base': text, 'mem[0].size': 0x2000, 'mem[1].base': text + 0x2000n, 'mem[1].size': 0x1000 },
  ],
  older: [older, { 'core_layout.base': text, 'core_layout.size': 0x3000 }],
  oldest: [oldest, { 'core_layout.base': text, 'core_layout.size': 0x3000 }],
} as const;

async function only(kernel: StructureKernel): Promise<KernelModule> {
  const [module] = (await readModules(kernel.kernel)).modules;
  if (module === undefined) throw new Error('there is no module');
  return module;
}

describe.each(['newest', 'older', 'oldest'] as const)('modules of the %s kernels', (which) => {
  const [structures, values] = layouts[which];

  test('have names, ranges and states', async () => {
    const kernel = made(structures, { ...values, 'arch.num_orcs': 5, 'arch.orc_unwind_ip': 1, 'arch.orc_unwind': 2 });
    const { modules, problems } = await readModules(kernel.kernel);
    expect(problems).toEqual([]);
    expect(modules).toHaveLength(1);
    expect(modules[0]).toMatchObject({
      ...{ name: 'ktmod', state: 'live', taints: 0x3000n, orc: { count: 5, ips: 1n, entries: 2n } },
    });
    expect(modules[0]?.ranges.map(({ start: from, bytes, isText }) => [from, bytes, isText])).toEqual(
      which === 'newest'
        ? [
            [text, 0x2000, true],
            [text + 0x2000n, 0x1000, false],
          ]
        : [[text, 0x3000, true]],
    );
  });

  test('have sections, but no more those of their init code', async () => {
    const kernel = made(structures, values);
    const module = await only(kernel);
    const found = await readSections(kernel.kernel, module);
    expect(found).toEqual(
      sections.filter(([name]) => name !== '.init.text').map(([name, address]) => ({ name, address })),
    );
    expect(await readBuildId(kernel.kernel, module, found ?? [])).toBe('deadbeef');
    const coming = made(structures, { ...values, state: 1 });
    expect(await readSections(coming.kernel, await only(coming))).toHaveLength(4);
  });
});

describe('symbols of a module', () => {
  const names = '\0first\0second\0$x\0undefined\0';
  const symbols = tables + 0x2000n;

  function withSymbols(): StructureKernel {
    const kernel = made(newest, {
      ...layouts.newest[1],
      ...{ 'core_kallsyms.symtab': symbols, 'core_kallsyms.num_symtab': 5, 'core_kallsyms.strtab': symbols + 0x1000n },
    });
    kernel.bytes(symbols, new Uint8Array(120)).bytes(symbols + 0x1000n, new Uint8Array(4096));
    kernel.bytes(symbols + 0x1000n, names);
    const entries = [
      ['second', 1, text + 0x40n],
      ['first', 1, text],
      ['$x', 1, text],
      ['undefined', 0, text],
    ] as const;
    for (const [index, [name, section, address]] of entries.entries()) {
      const entry = symbols + BigInt((index + 1) * 24);
      kernel
        .word(entry, BigInt(names.indexOf(name)), 4)
        .word(entry + 6n, BigInt(section), 2)
        .word(entry + 8n, address);
    }
    return kernel;
  }

  test('are in the order of their addresses', async () => {
    const kernel = withSymbols();
    expect(await readModuleSymbols(kernel.kernel, await only(kernel))).toEqual([
      { name: 'first', address: text },
      { name: 'second', address: text + 0x40n },
    ]);
  });

  test('make it known with its sections', async () => {
    const kernel = withSymbols();
    const loaded = await loadedModule(kernel.kernel, await only(kernel));
    expect(loaded).toMatchObject({ name: 'ktmod', ranges: [{ start: text, bytes: 0x2000 }, { bytes: 0x1000 }] });
    expect(loaded.sections).toHaveLength(3);
    expect(loaded.symbols).toHaveLength(2);
  });

  test('are missing where their table is', async () => {
    const kernel = withSymbols().drop(symbols);
    expect(await readModuleSymbols(kernel.kernel, await only(kernel))).toBeUndefined();
  });
});

describe('hostile modules', () => {
  test('end', async () => {
    const kernel = made(newest, layouts.newest[1]);
    kernel.word(kernel.at('module', 'list', at), kernel.at('module', 'list', at));
    expect(await readModules(kernel.kernel)).toMatchObject({
      ...{ modules: [{ name: 'ktmod' }], problems: ['the list of modules is broken: it leads in a circle'] },
    });
    expect(await readModules(new StructureKernel(newest).kernel)).toEqual({ modules: [], problems: [] });
  });

  test('of garbage throw nothing', async () => {
    const word = fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.constantFrom(at, tables, text, head));
    const size = made(newest, {}).types.sizeof('module') ?? 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.nat(size - 8), word), { maxLength: 12 }), async (words) => {
        const kernel = made(newest, layouts.newest[1]);
        for (const [offset, value] of words) kernel.word(at + BigInt(offset), value);
        const { modules } = await readModules(kernel.kernel);
        for (const module of modules) await loadedModule(kernel.kernel, module);
        expect(modules.length).toBeLessThan(8);
      }),
      { numRuns: 25 },
    );
  });
});
