import { describe, expect, test } from 'vitest';
import { bitFieldValue } from '../../src/btf/bit-field.ts';
import { btf } from '../helpers/btf-writer.ts';
import { kernelTypes, open } from './sample.ts';

describe.each([
  ['little', false],
  ['big', true],
])('types in %s endian', (_, bigEndian) => {
  const kernel = open(kernelTypes, { bigEndian });

  test('are all there', () => {
    expect(kernel.littleEndian).toBe(!bigEndian);
    expect(kernel.typeCount).toBe(kernelTypes.length + 1);
    expect(kernel.problems).toEqual([]);
    expect(kernel.pointerSize).toBe(8);
    expect(kernel.type(0)).toEqual({ kind: 'void' });
    expect(kernel.type(kernelTypes.length + 1)).toEqual({ kind: 'unknown', number: 0 });
  });

  test('are read by number', () => {
    expect(kernel.type(1)).toEqual({ kind: 'base', name: 'int', size: 4, encoding: 'signed' });
    expect(kernel.type(4)).toEqual({ kind: 'array', element: 3, index: 1, count: 16 });
    expect(kernel.type(8)).toEqual({ kind: 'structure', keyword: 'struct', size: 8, isDeclaration: false });
    expect(kernel.type(18)).toEqual({
      kind: 'prototype',
      result: 1,
      parameters: [
        { name: 'p', type: 17 },
        { name: 'name', type: 15 },
      ],
      isVariadic: true,
    });
    expect(kernel.type(20)).toEqual({ kind: 'enumeration', name: 'state', size: 4, isSigned: true });
    expect(kernel.type(22)).toEqual({ kind: 'structure', keyword: 'struct', name: 'mystery', isDeclaration: true });
    expect(kernel.type(23)).toEqual({ kind: 'variable', name: 'current_task', linkage: 'global', type: 17 });
    expect(kernel.type(24)).toEqual({ kind: 'section', name: '.data..percpu', size: 64 });
    expect(kernel.type(25)).toEqual({ kind: 'base', name: 'double', size: 8, encoding: 'float' });
    expect(kernel.type(26)).toEqual({ kind: 'tagged', tag: 'user', target: 3 });
    expect(kernel.type(28)).toEqual({ kind: 'declaration-tag', tag: 'kfunc', target: 19 });
    expect(kernel.type(29)).toEqual({ kind: 'qualified', qualifier: 'volatile', target: 2 });
    expect(kernel.type(30)).toEqual({ kind: 'qualified', qualifier: 'restrict', target: 15 });
  });

  test('a structure has the members of its anonymous ones', () => {
    const layout = kernel.struct('task_struct');
    expect(layout?.size).toBe(88);
    expect(layout?.isComplete).toBe(true);
    expect(layout?.members.map(({ name, offset, size, isAlternative }) => [name, offset, size, isAlternative])).toEqual(
      [
        ['state', 0, 4, false],
        ['rcu_users', 8, 4, true],
        ['flags', 12, 4, true],
        ['word', 8, 8, true],
        ['tasks', 16, 16, false],
        ['pid', 32, 4, false],
        ['comm', 36, 16, false],
        ['se', 56, 16, false],
        ['on_cpu', 72, 4, false],
        ['prio', 72, 4, false],
        ['slots', 76, 4, false],
        ['stack', 80, 8, false],
      ],
    );
    expect(layout?.members.flatMap(({ bits, bitOffset }) => (bits === undefined ? [] : [[bitOffset, bits]]))).toEqual([
      [576, 1],
      [577, 7],
    ]);
  });

  test('members are found by paths', () => {
    expect(kernel.member('task_struct', 'se.vruntime')).toEqual({ offset: 56, size: 8, type: 2 });
    expect(kernel.member('struct task_struct', 'tasks.prev')).toEqual({ offset: 24, size: 8, type: 6 });
    expect(kernel.member('task_struct', 'flags')).toEqual({ offset: 12, size: 4, type: 1 });
    expect(kernel.member('task_struct', 'slots[1].value')).toEqual({ offset: 79, size: 1, type: 3 });
    expect(kernel.member('task_struct', 'prio')).toEqual({
      offset: 72,
      size: 4,
      type: 1,
      bits: { first: 577, count: 7 },
    });
    expect(kernel.member('bitmap', 'words[9]')).toEqual({ offset: 80, size: 8, type: 2 });
    expect(kernel.member(14, '[1].kind')).toEqual({ offset: 2, size: 1, type: 3 });
  });

  test.each([
    '',
    '.',
    'gone',
    'se.gone',
    'se..vruntime',
    'slots[2].kind',
    'slots[x]',
    'slots[-1]',
    'pid[0]',
    'pid.x',
    'prio.x',
    'tasks.next.next',
  ])('there is no member %o', (path) => {
    expect(kernel.member('task_struct', path)).toBeUndefined();
  });

  test('of several structures of a name the one that has a member is found', () => {
    expect(kernel.structs('list_head').map(({ size }) => size)).toEqual([16, 4]);
    expect(kernel.member('list_head', 'head')?.offset).toBe(0);
    expect(kernel.member('union list_head', 'head')).toBeUndefined();
    expect(kernel.struct('mystery')).toBeUndefined();
    expect(kernel.struct('gone')).toBeUndefined();
    expect(kernel.struct('sam\0')).toBeUndefined();
  });

  test('members are found by offsets', () => {
    const paths = (offset: number, size?: number) =>
      kernel.memberAt('task_struct', offset, size).map(({ path, fit, remaining }) => [path, fit, remaining]);
    expect(paths(56, 8)).toEqual([['se.vruntime', 'exact', 0]]);
    expect(paths(58, 1)).toEqual([['se.vruntime', 'within', 2]]);
    expect(paths(8, 8)).toEqual([
      ['word', 'exact', 0],
      ['rcu_users', 'wider', 0],
    ]);
    expect(paths(16, 16)).toEqual([
      ['tasks', 'exact', 0],
      ['tasks.next', 'wider', 0],
    ]);
    expect(paths(38)).toEqual([['comm[2]', 'exact', 0]]);
    expect(paths(79)).toEqual([['slots[1].value', 'exact', 0]]);
    expect(paths(72, 4)).toEqual([
      ['on_cpu', 'bits', 0],
      ['prio', 'bits', 0],
    ]);
    expect(paths(4, 4)).toEqual([]);
    expect(paths(Number.NaN)).toEqual([]);
    expect(kernel.memberAt('gone', 0)).toEqual([]);
    expect(kernel.memberAt('task_struct', 88 + 32, 4)).toEqual([
      { path: '[1].pid', type: 7, size: 4, remaining: 0, fit: 'exact', isAlternative: false, beyond: 1 },
    ]);
    expect(kernel.memberAt('task_struct', -8, 8)[0]?.path).toBe('[-1].stack');
    expect(kernel.memberAt('bitmap', 8 + 24, 8)[0]?.path).toBe('words[3]');
  });

  test('sizes', () => {
    const named = ['task_struct', 'pid_t', 'unsigned long', 'enum state', 'feature', 'union gone', 'mystery'];
    expect(named.map((name) => kernel.sizeof(name))).toEqual([88, 4, 8, 4, 8, undefined, undefined]);
    expect([4, 15, 32, 18, 0].map((id) => kernel.sizeof(id))).toEqual([16, 8, 0, undefined, undefined]);
  });

  test('enumerations', () => {
    expect(kernel.enumValue('DEAD')).toBe(-1n);
    expect(kernel.enumValue('TOP')).toBe(0x8000_0000n);
    expect(kernel.enumValue('HIGH', 'feature')).toBe(0x8000_0000_0000_0001n);
    expect(kernel.enumValue('HIGH', 'state')).toBeUndefined();
    expect(kernel.enumValue('task_struct')).toBeUndefined();
    expect(kernel.enumName(20, -1n)).toBe('DEAD');
    expect(kernel.enumName(20, 5n)).toBeUndefined();
    expect(kernel.enumerators(1)).toEqual([]);
  });

  test('functions and variables', () => {
    const [wake] = kernel.functions('wake_up');
    expect(wake).toMatchObject({ name: 'wake_up', linkage: 'global', result: 1, isVariadic: true });
    expect(kernel.declaration(wake?.id ?? 0)).toBe('int wake_up(struct task_struct *p, const char *name, ...)');
    expect(kernel.declaration(4, 'comm')).toBe('char comm[16]');
    expect(kernel.functions('task_struct')).toEqual([]);
    expect(kernel.variables('current_task')).toEqual([
      {
        id: 23,
        name: 'current_task',
        linkage: 'global',
        type: 17,
        place: { section: '.data..percpu', offset: 32, size: 8 },
      },
    ]);
  });
});

test('types have the names that C gives them', () => {
  const names = open([
    btf.int('char', 1), // 1
    btf.const(1), // 2
    btf.pointer(2), // 3: const char *
    btf.const(3), // 4: const char * const
    btf.array(1, 4), // 5
    btf.array(5, 2), // 6: char [2][4]
    btf.pointer(5), // 7: char (*)[4]
    btf.const(5), // 8: const char [4]
    btf.prototype(0, []), // 9
    btf.pointer(9), // 10: void (*)(void)
    btf.const(10), // 11
    btf.prototype(10, [['', 3]]), // 12: a function that gives a function
    btf.array(10, 3), // 13
    btf.struct('', 0, []), // 14
    btf.typeTag('rcu', 14), // 15
    btf.pointer(15), // 16
    btf.volatile(2), // 17
    btf.union('u', 0, []), // 18
    btf.enum('', []), // 19
    btf.forward('f', true), // 20
    btf.array(1, 0), // 21
    btf.typedef('name_t', 1), // 22
    btf.variable('them', 6), // 23
    btf.section('.data', 0, []), // 24
    btf.declarationTag('tag', 23), // 25
    btf.int('long long unsigned int', 8), // 26
    btf.pointer(99), // 27
  ]);
  expect(Array.from({ length: names.typeCount }, (_, id) => names.typeName(id))).toEqual([
    'void',
    'char',
    'const char',
    'const char *',
    'const char * const',
    'char [4]',
    'char [2][4]',
    'char (*)[4]',
    'const char [4]',
    'void (void)',
    'void (*)(void)',
    'void (* const)(void)',
    'void (*(const char *))(void)',
    'void (*[3])(void)',
    'struct {...}',
    'struct {...}',
    'struct {...} *',
    'const volatile char',
    'union u',
    'enum {...}',
    'union f',
    'char []',
    'name_t',
    'char them[2][4]',
    '.data',
    'char them[2][4]',
    'unsigned long long',
    '? *',
  ]);
});

test('bit fields before 4.20 are types of their own', () => {
  const old = open([
    btf.int('unsigned int', 4), // 1
    btf.int('unsigned int', 4, 0, 3), // 2
    btf.int('unsigned int', 4, 0, 5, 3), // 3
    btf.struct('flags', 4, [
      ['low', 2, 0],
      ['high', 3, 0],
      ['after', 2, 8],
    ]),
  ]);
  expect(old.struct('flags')?.members.map(({ bitOffset, bits }) => [bitOffset, bits])).toEqual([
    [0, 3],
    [3, 5],
    [8, 3],
  ]);
  expect(old.memberAt('flags', 1, 1).map(({ path, fit }) => [path, fit])).toEqual([['after', 'bits']]);
});

test('enumerations have a sign in kernels where none tells', () => {
  const old = open([btf.enum('errors', [['BAD', -5]])]);
  expect(old.enumValue('BAD')).toBe(-5n);
});

test('the size of a pointer is that of long', () => {
  expect(open([btf.int('long unsigned int', 4), btf.pointer(0)]).sizeof(2)).toBe(4);
  expect(open([btf.int('long int', 8)]).pointerSize).toBe(8);
  expect(open([]).pointerSize).toBe(8);
});

test.each([
  ['little', [0b1010_0110, 0b1], 1, 4, true, 0b0011n],
  ['little, over bytes', [0x80, 0x01], 7, 2, true, 0b11n],
  ['big', [0b1010_0110, 0], 1, 4, false, 0b0100n],
  ['big, over bytes', [0x01, 0x80], 7, 2, false, 0b11n],
  ['all of it', [1, 2, 3, 4, 5, 6, 7, 8], 0, 64, true, 0x0807_0605_0403_0201n],
  ['all of it, big', [1, 2, 3, 4, 5, 6, 7, 8], 0, 64, false, 0x0102_0304_0506_0708n],
  ['cut off', [0xff], 4, 8, true, 0xfn],
])('a bit field: %s', (_, bytes, first, count, littleEndian, value) => {
  expect(bitFieldValue(Uint8Array.from(bytes), first, count, littleEndian)).toBe(value);
});
