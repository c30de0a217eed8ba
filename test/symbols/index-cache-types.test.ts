import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { Btf } from '../../src/btf/btf.ts';
import type { KnownTypes } from '../../src/btf/known-types.ts';
import { typesToKnow } from '../../src/btf/types-to-know.ts';
import { ElfFile } from '../../src/elf/elf-file.ts';
import { memoryAccess, type RandomAccess } from '../../src/io/random-access.ts';
import { IndexCache } from '../../src/symbols/index-cache.ts';
import { emptyTables, indexBytes } from '../../src/symbols/index-cache-file.ts';
import { writeIndex } from '../../src/symbols/index-cache-folder.ts';
import { writeTypes } from '../../src/symbols/index-cache-types.ts';
import { kernelTypes } from '../btf/sample.ts';
import { type BtfOptions, btf, stringsOf, type WrittenType, writeBtf } from '../helpers/btf-writer.ts';
import { writeElf } from '../helpers/elf-writer.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-index-types-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const fingerprint = { first: 1, second: 2 };

/** Enough for pages of the index and windows of the BTF; structures share names, enumerators and members. */
const many: readonly WrittenType[] = [
  btf.int('int', 4, 1), // 1
  ...Array.from({ length: 700 }, (_, nth) => [
    btf.struct(`structure_${nth % 690}_${'x'.repeat(nth % 40)}`, 8 + nth, [
      [`member_${nth}`, 1, 0],
      ['shared', 1, 32],
    ]),
    btf.pointer(2 + 3 * nth),
    btf.enum(nth % 5 === 0 ? '' : `kind_${nth}`, [
      [`VALUE_${nth % 600}`, nth],
      [`structure_${nth}_`, 1],
    ]),
  ]).flat(),
  btf.variable('here', 2), // 2102
  btf.section('.data..percpu', 64, [[2102, 32, 4]]),
];

function fileWith(contents: Uint8Array, onRead?: (bytes: number) => void): ElfFile {
  const access = memoryAccess(writeElf({ sections: [{ name: '.BTF', contents }] }));
  const counting: RandomAccess = {
    size: access.size,
    readInto: (into, offset) => {
      onRead?.(into.length);
      return access.readInto(into, offset);
    },
    close: () => access.close(),
  };
  return ElfFile.open(counting, 'vmlinux');
}

/** An index of the types of a file, in a file. */
function indexOf(file: ElfFile): { readonly path: string; readonly cache: IndexCache } {
  const tables = emptyTables();
  const known = typesToKnow(file);
  if (known !== undefined) writeTypes(known, tables.types, tables.typeNames);
  const path = join(folder, `${files++}`, 'made.ktindex');
  writeIndex(path, indexBytes(fingerprint, 'whole', { base: 0, banner: undefined, tables }) ?? []);
  return { path, cache: new IndexCache({ path, fingerprint }, []) };
}

const knownOf = (file: ElfFile): KnownTypes | undefined => indexOf(file).cache.types;

function openBoth(types: readonly WrittenType[], options?: BtfOptions): { plain: Btf; indexed: Btf } {
  const file = fileWith(writeBtf(types, options));
  const known = knownOf(file);
  if (known === undefined) throw new Error('there is nothing in the index');
  return { plain: Btf.open(file), indexed: Btf.openIndexed(file, known) };
}

const namesOf = (types: readonly WrittenType[]): string[] => [
  ...new Set(types.flatMap(({ name = '', words = [] }) => [name, ...words.filter((each) => typeof each === 'string')])),
  ...['', 'task', 'no_such_name', 'struct task_struct', 'union task_struct', 'shared\0', 'pid_t ', '\u{263a}'],
];

/** All that is told of types, by their numbers and by names. */
function told(types: Btf, names: readonly string[]): unknown {
  return [
    types.littleEndian,
    types.pointerSize,
    types.typeCount,
    types.problems,
    Array.from({ length: types.typeCount + 2 }, (_, id) => [
      types.type(id),
      types.members(id),
      types.enumerators(id),
      types.places(id),
      types.layout(id),
      types.typeName(id),
      types.sizeof(id),
    ]),
    names.map((name) => [
      types.find(name),
      types.struct(name),
      types.structs(name).length,
      types.sizeof(name),
      types.enumValue(name),
      types.functions(name),
      types.variables(name),
      types.member(name, 'shared'),
      types.memberAt(name, 4, 4),
    ]),
  ];
}

describe('types by an index', () => {
  test.each<[string, readonly WrittenType[], BtfOptions]>([
    ['a small kernel', kernelTypes, {}],
    ['a small kernel of big endian', kernelTypes, { bigEndian: true }],
    ['one with a longer header', kernelTypes, { headerLength: 40 }],
    ['many types', many, {}],
    ['many types of big endian', many, { bigEndian: true }],
  ])('are those of the BTF: %s', (_, types, options) => {
    const { plain, indexed } = openBoth(types, options);
    const names = namesOf(types);
    expect(told(indexed, names)).toEqual(told(plain, names));
  });

  test('are read where they are, and not all', () => {
    let bytes = 0;
    const contents = writeBtf(many);
    const file = fileWith(contents, (count) => {
      bytes += count;
    });
    const known = knownOf(file);
    if (known === undefined) throw new Error('there is nothing in the index');
    bytes = 0;
    const types = Btf.openIndexed(file, known);
    expect(types.member('structure_7_xxxxxxx', 'member_7')).toEqual({ offset: 0, size: 4, type: 1 });
    expect(types.enumValue('VALUE_8')).toBe(8n);
    expect(types.find('structure_8')).toEqual([]);
    expect(types.variables('here')[0]?.place?.offset).toBe(32);
    expect(bytes).toBeGreaterThan(100);
    expect(bytes).toBeLessThan(contents.length / 2);
  });

  test('of a module go on from the whole kernel', () => {
    const { plain, indexed } = openBoth(kernelTypes);
    const bytes = writeBtf([btf.struct('port', 8, [['task', 17, 0]])], { base: stringsOf(kernelTypes) });
    const names = namesOf(kernelTypes);
    const source = { name: 'module', bytes };
    expect(told(Btf.open(source, indexed), names)).toEqual(told(Btf.open(source, plain), names));
  });

  test('are those of the BTF however the index is damaged', () => {
    const file = fileWith(writeBtf(many));
    const { path } = indexOf(file);
    const whole = readFileSync(path);
    const expected = (types: Btf): unknown =>
      ['structure_3_xxx', 'kind_1', 'VALUE_7', 'VALUE_599', 'none'].map((name) => [
        types.struct(name),
        types.find(name),
        types.enumValue(name),
      ]);
    const plain = expected(Btf.open(file));
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Uint8Array.from(whole);
        damaged[at] = (damaged[at] ?? 0) ^ change;
        writeFileSync(path, damaged);
        const known = new IndexCache({ path, fingerprint }, []).types;
        expect(expected(known === undefined ? Btf.open(file) : Btf.openIndexed(file, known))).toEqual(plain);
      }),
      { numRuns: 300 },
    );
  });

  test('have the name that was asked for, whatever the index says', () => {
    const file = fileWith(writeBtf(kernelTypes));
    const known = knownOf(file);
    if (known === undefined) throw new Error('there is nothing in the index');
    const ids = fc.array(fc.oneof(fc.nat(40), fc.double(), fc.integer()), { maxLength: 5 });
    const start = fc.option(fc.oneof(fc.nat(400), fc.nat()), { nil: undefined });
    fc.assert(
      fc.property(ids, start, fc.constantFrom(...namesOf(kernelTypes)), (said, word, name) => {
        const lying: KnownTypes = {
          ...knownFacts(known),
          start: () => word,
          named: () => said,
          withEnumerator: () => said,
        };
        const types = Btf.openIndexed(file, lying);
        for (const id of types.find(name)) {
          const type = types.type(id);
          expect('name' in type ? type.name : 'tag' in type ? type.tag : '').toBe(name);
        }
        types.struct(name);
        types.sizeof(name);
        types.enumValue(name);
        types.members(3);
        types.typeName(7);
      }),
    );
  });

  test('are not taken from an index of other BTF', () => {
    const known = knownOf(fileWith(writeBtf(many)));
    if (known === undefined) throw new Error('there is nothing in the index');
    const names = namesOf(kernelTypes);
    const file = fileWith(writeBtf(kernelTypes));
    expect(told(Btf.openIndexed(file, known), names)).toEqual(told(Btf.open(file), names));
  });
});

describe('there is no index of types', () => {
  const nothing = (contents: Uint8Array): void => expect(knownOf(fileWith(contents))).toBeUndefined();

  test('that end in what is not known', () => nothing(writeBtf([...kernelTypes, { kind: 99 }])));

  test('of a module, which go on from others', () =>
    nothing(writeBtf([btf.struct('port', 8, [['task', 17, 0]])], { base: stringsOf(kernelTypes) })));

  test('whose names are cut, as nobody writes them', () =>
    nothing(writeBtf([btf.int('int', 4, 1), btf.forward('x'.repeat(600))])));

  test('with a name that is the end of another', () => {
    const bytes = Buffer.from(writeBtf([btf.forward('prefix_name')]));
    const first = bytes.readUInt32LE(4);
    bytes.writeUInt32LE(bytes.readUInt32LE(first) + 3, first);
    nothing(bytes);
  });
});

/** Without the class, to be changed. */
function knownFacts(known: KnownTypes): Omit<KnownTypes, 'start' | 'named' | 'withEnumerator'> {
  const { typeBytes, stringBytes, count, tellsSigns, sections } = known;
  return { typeBytes, stringBytes, count, tellsSigns, sections };
}
