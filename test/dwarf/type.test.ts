import { describe, expect, test } from 'vitest';
import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { containerPaths } from '../../src/dwarf/type-container.ts';
import { joinPath, memberPaths } from '../../src/dwarf/type-path.ts';
import type { TypeReader, TypeRef } from '../../src/dwarf/type-reader.ts';
import { VariableReader } from '../../src/dwarf/variables.ts';
import {
  memorySections,
  type WrittenAttribute,
  type WrittenDwarf,
  type WrittenEntry,
  writeDwarf,
} from '../helpers/dwarf-writer.ts';
import { code, compileUnit, name, start, subprogram } from './sample.ts';

const size = (bytes: number): WrittenAttribute => [Attribute.byteSize, Form.data1, bytes];
const of = (label: string): WrittenAttribute => [Attribute.type, Form.ref4, label];
const flag = (attribute: number): WrittenAttribute => [attribute, Form.flagPresent, 1];

function type(label: string, tag: number, ...attributes: WrittenAttribute[]): WrittenEntry {
  return { tag, label, attributes };
}

function base(label: string, title: string, bytes: number, encoding: number): WrittenEntry {
  return type(label, Tag.baseType, name(title), size(bytes), [Attribute.encoding, Form.data1, encoding]);
}

function structure(
  label: string,
  bytes: number,
  members: readonly WrittenEntry[],
  tag: number = Tag.structureType,
): WrittenEntry {
  const named = label.startsWith('(') ? [] : [name(label)];
  return { tag, label, attributes: [...named, size(bytes)], children: members };
}

function member(title: string | undefined, of_: string, offset: number, ...more: WrittenAttribute[]): WrittenEntry {
  const named = title === undefined ? [] : [name(title)];
  return {
    tag: Tag.member,
    attributes: [...named, of(of_), [Attribute.dataMemberLocation, Form.data1, offset], ...more],
  };
}

function array(label: string, element: string, ...counts: (number | undefined)[]): WrittenEntry {
  const children = counts.map((count) => ({
    tag: Tag.subrangeType,
    attributes: count === undefined ? [] : ([[Attribute.upperBound, Form.sdata, count - 1]] as const),
  }));
  return { tag: Tag.arrayType, label, attributes: [of(element)], children };
}

function routine(
  label: string,
  result: string | undefined,
  parameters: readonly string[],
  isVariadic = false,
): WrittenEntry {
  return {
    tag: Tag.subroutineType,
    label,
    attributes: [flag(Attribute.prototyped), ...(result === undefined ? [] : [of(result)])],
    children: [
      ...parameters.map((each) => ({ tag: Tag.formalParameter, attributes: [of(each)] })),
      ...(isVariadic ? [{ tag: Tag.unspecifiedParameters, attributes: [] }] : []),
    ],
  };
}

const types: readonly WrittenEntry[] = [
  base('int', 'int', 4, 5),
  base('char', 'char', 1, 6),
  base('ulong', 'long unsigned int', 8, 7),
  type('void *', Tag.pointerType, size(8)),
  type('const char', Tag.constType, of('char')),
  type('const char *', Tag.pointerType, size(8), of('const char')),
  type('char *', Tag.pointerType, size(8), of('char')),
  type('char * const', Tag.constType, of('char *')),
  type('const volatile', Tag.volatileType, of('const char')),
  type('const void', Tag.constType),
  type('const void *', Tag.pointerType, size(8), of('const void')),
  array('int [4]', 'int', 4),
  array('int [2][3]', 'int', 2, 3),
  array('int []', 'int', undefined),
  array('int [0]', 'int', 0),
  type('const int [4]', Tag.constType, of('int [4]')),
  type('int (*)[4]', Tag.pointerType, size(8), of('int [4]')),
  array('char * [2]', 'char *', 2),
  routine('int (const char *, ...)', 'int', ['const char *'], true),
  routine('void (void)', undefined, []),
  type('void (*)(void)', Tag.pointerType, size(8), of('void (void)')),
  type('noreturn', Tag.volatileType, of('void (void)')),
  type('noreturn *', Tag.pointerType, size(8), of('noreturn')),
  type('int (*)(const char *, ...)', Tag.pointerType, size(8), of('int (const char *, ...)')),
  routine('returns function', 'void (*)(void)', ['int']),
  type('u32', Tag.typedef, name('u32'), of('int')),
  { ...type('mode', Tag.enumerationType, name('mode'), size(4)), children: [] },
  structure('list', 16, [member('next', 'list *', 0), member('prev', 'list *', 8)]),
  type('list *', Tag.pointerType, size(8), of('list')),
  structure('(inner)', 8, [member('a', 'int', 0), member('b', 'int', 4)]),
  structure('(either)', 8, [member('word', 'ulong', 0), member(undefined, '(inner)', 0)], Tag.unionType),
  structure('slot', 28, [member('key', 'int', 0), member('values', 'int [2][3]', 4)]),
  array('slots', 'slot', 2),
  structure(
    'ring',
    104,
    [
      member('link', 'list', 0),
      member(undefined, '(either)', 16),
      member('slots', 'slots', 24),
      member('low', 'int', 80, [Attribute.bitSize, Form.data1, 3], [Attribute.dataBitOffset, Form.data2, 640]),
      member('mode', 'mode', 84),
      member('callback', 'int (*)(const char *, ...)', 88),
      member('nested', 'ulong', 96),
      member('tail', 'int []', 104),
    ].map((each) =>
      each.attributes.some(([key]) => key === Attribute.dataBitOffset)
        ? { ...each, attributes: each.attributes.filter(([key]) => key !== Attribute.dataMemberLocation) }
        : each,
    ),
  ),
  type('ring *', Tag.pointerType, size(8), of('ring')),
  type('const ring', Tag.constType, of('ring')),
  type('hidden', Tag.structureType, name('hidden'), flag(Attribute.declaration)),
  type('hidden *', Tag.pointerType, size(8), of('hidden')),
  // Of DWARF 3: three bits from the high end of four bytes.
  structure('old', 4, [
    member('flag', 'int', 0, size(4), [Attribute.bitSize, Form.data1, 3], [Attribute.bitOffset, Form.data1, 26]),
  ]),
];

interface Opened {
  readonly reader: VariableReader;
  readonly types: TypeReader;
  /** The type of the variable with a name: each type has one of its label. */
  ref(label: string): TypeRef;
}

function open(more: readonly WrittenEntry[] = [], units: WrittenDwarf['units'] = [], language = 12): Opened {
  const labels = [...types, ...more].flatMap(({ label }) => label ?? []);
  const variables = labels.map((label) => ({ tag: Tag.variable, attributes: [name(label), of(label)] }));
  const root = compileUnit(
    [...types, ...more, subprogram('first', start, 64, variables)],
    [...code(start, 64), [Attribute.language, Form.data2, language]],
  );
  const dwarf: WrittenDwarf = { units: [{ root }, ...units] };
  const info = new DebugInfo(memorySections(writeDwarf(dwarf), dwarf));
  const reader = new VariableReader(info.parts);
  const [scope] = reader.scopesAt(start);
  return {
    reader,
    types: reader.types,
    ref: (label) => scope?.variables.find((variable) => variable.name === label)?.type,
  };
}

describe('names of types', () => {
  const opened = open();
  test.each([
    ['int', 'int'],
    ['ulong', 'unsigned long'],
    ['void *', 'void *'],
    ['const char *', 'const char *'],
    ['char * const', 'char * const'],
    ['const volatile', 'const volatile char'],
    ['const void *', 'const void *'],
    ['int [4]', 'int [4]'],
    ['int [2][3]', 'int [2][3]'],
    ['int []', 'int []'],
    ['const int [4]', 'const int [4]'],
    ['int (*)[4]', 'int (*)[4]'],
    ['char * [2]', 'char *[2]'],
    ['int (const char *, ...)', 'int (const char *, ...)'],
    ['void (*)(void)', 'void (*)(void)'],
    ['noreturn *', 'void (*)(void)'],
    ['int (*)(const char *, ...)', 'int (*)(const char *, ...)'],
    ['returns function', 'void (*(int))(void)'],
    ['u32', 'u32'],
    ['mode', 'enum mode'],
    ['list *', 'struct list *'],
    ['(either)', 'union {...}'],
    ['const ring', 'const struct ring'],
  ])('%s', (label, expected) => {
    expect(opened.types.name(opened.ref(label))).toBe(expected);
  });

  test('that point to themselves end', () => {
    const loop = type('loop', Tag.pointerType, size(8), of('loop'));
    const turn = type('turn', Tag.typedef, name('turn'), of('turn'));
    const self = routine('self', 'self', ['self', 'self']);
    const looping = open([loop, turn, self]);
    expect(looping.types.name(looping.ref('loop'))).toMatch(/^\.\.\. \*+$/);
    expect(looping.types.name(looping.ref('self')).length).toBeLessThanOrEqual(4096);
    expect(looping.types.name(looping.ref('turn'))).toBe('turn');
    expect(looping.types.sizeOf(looping.ref('turn'))).toBeUndefined();
  });

  test('have the namespaces of C++ and Rust', () => {
    const option = structure('Option<u8>', 2, []);
    const scoped: WrittenEntry = {
      tag: Tag.namespace,
      attributes: [name('core')],
      children: [{ tag: Tag.namespace, attributes: [name('option')], children: [{ ...option, label: 'option' }] }],
    };
    const variable = { tag: Tag.variable, attributes: [name('x'), of('option')] };
    const made = (language: number): string => {
      const root = compileUnit(
        [scoped, subprogram('first', start, 64, [variable])],
        [...code(start, 64), [Attribute.language, Form.data2, language]],
      );
      const dwarf: WrittenDwarf = { units: [{ root }] };
      const reader = new VariableReader(new DebugInfo(memorySections(writeDwarf(dwarf), dwarf)).parts);
      return reader.types.name(reader.scopesAt(start)[0]?.variables[0]?.type);
    };
    expect(made(0x1c)).toBe('core::option::Option<u8>');
    expect(made(0x21)).toBe('struct core::option::Option<u8>');
    expect(made(0x0c)).toBe('struct Option<u8>');
  });
});

describe('sizes and members', () => {
  const opened = open();
  test.each([
    ['int [2][3]', 24],
    ['int []', undefined],
    ['int [0]', 0],
    ['u32', 4],
    ['const ring', 104],
    ['void (*)(void)', 8],
    ['int (const char *, ...)', undefined],
    ['hidden', undefined],
  ])('of %s', (label, expected) => {
    expect(opened.types.sizeOf(opened.ref(label))).toBe(expected);
  });

  test('of bit fields', () => {
    expect(opened.types.members(opened.ref('ring'))[3]).toMatchObject({
      name: 'low',
      offset: 80,
      bits: { first: 0, count: 3 },
    });
    expect(opened.types.members(opened.ref('old'))[0]).toMatchObject({ offset: 0, bits: { first: 3, count: 3 } });
  });
});

describe('paths to members', () => {
  const opened = open();
  const paths = (label: string, offset: number, bytes: number): string[] =>
    memberPaths(opened.types, opened.ref(label), offset, bytes).map(
      ({ path, fit, remaining, isAlternative }) =>
        `${path} ${fit}${remaining === 0 ? '' : ` +${remaining}`}${isAlternative ? ' or' : ''}`,
    );

  test.each<[number, number, string[]]>([
    [0, 8, ['link.next exact']],
    [12, 1, ['link.prev within +4']],
    [0, 16, ['link exact', 'link.next wider']],
    [16, 8, ['word exact or', 'a wider or']],
    [20, 4, ['b exact or', 'word within +4 or']],
    [24, 4, ['slots[0].key exact']],
    [24 + 28 + 4 + 16, 4, ['slots[1].values[1][1] exact']],
    [80, 1, ['low bits']],
    [81, 1, []],
    [88, 8, ['callback exact']],
    [104, 4, ['tail[0] exact']],
    [1104, 4, ['tail[250] exact']],
    [-8, 8, ['[-1].nested exact']],
  ])('of a ring at %i, %i bytes', (offset, bytes, expected) => {
    expect(paths('const ring', offset, bytes)).toEqual(expected);
  });

  test('beyond the object count as of an array', () => {
    expect(memberPaths(opened.types, opened.ref('list'), 40, 8)).toMatchObject([
      { path: '[2].prev', beyond: 2, fit: 'exact' },
    ]);
    expect(memberPaths(opened.types, opened.ref('int'), 8, 4)).toMatchObject([{ path: '[2]', beyond: 2 }]);
  });

  test('of what is only declared, or makes no sense, are none', () => {
    expect(paths('hidden', 0, 8)).toEqual([]);
    expect(paths('ring', Number.NaN, 8)).toEqual([]);
  });

  test('behind names', () => {
    expect(joinPath('ring', true, 'slots[2].key')).toBe('ring->slots[2].key');
    expect(joinPath('ring', false, 'slots[2].key')).toBe('ring.slots[2].key');
    expect(joinPath('ring', true, '[1].key')).toBe('ring[1].key');
    expect(joinPath('ring', true, '')).toBe('*ring');
  });

  test('in the structure around', () => {
    const found = containerPaths(opened.types, opened.ref('list'), [opened.ref('ring'), opened.ref('slot')], 88, 8);
    expect(found).toMatchObject([{ member: 'link', path: { path: 'callback' } }]);
  });
});

describe('types by name', () => {
  const definition = structure('hidden', 24, [member('here', 'int', 16)]);
  const other = { root: compileUnit([base('int', 'int', 4, 5), { ...definition, label: 'hidden 2' }]) };

  test('are sought in the unit, and what is declared in all others', () => {
    const {
      reader,
      types: read,
      ref,
    } = open(
      [],
      [{ root: compileUnit([type('x', Tag.structureType, name('hidden'), flag(Attribute.declaration))]) }, other],
    );
    expect(read.type(ref('hidden'))).toMatchObject({ name: 'hidden', isDeclaration: true });
    const resolved = reader.search.resolve(read, ref('hidden'));
    expect(read.type(resolved)).toMatchObject({ name: 'hidden', isDeclaration: false, size: 24 });
    expect(memberPaths(read, resolved, 16, 4)).toMatchObject([{ path: 'here' }]);
    expect(reader.search.resolve(read, ref('ring'))).toBe(ref('ring'));
    expect(reader.search.anywhere('hidden', 'struct')).toBe(resolved);
    expect(reader.search.anywhere('nowhere', 'struct')).toBeUndefined();
    const at = reader.unitAt(start);
    expect(at && reader.search.inUnit(at.unit, 'ring', 'struct')).toBe(read.plain(ref('ring')));
    expect(at && reader.search.inUnit(at.unit, 'u32', 'typedef')).toBe(ref('u32'));
  });

  test('are declared only where no unit has them', () => {
    const { reader, types: read, ref } = open();
    expect(reader.search.resolve(read, ref('hidden'))).toBe(ref('hidden'));
  });
});
