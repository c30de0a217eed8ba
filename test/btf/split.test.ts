import { describe, expect, test } from 'vitest';
import { Btf } from '../../src/btf/btf.ts';
import { ElfFile } from '../../src/elf/elf-file.ts';
import { memoryAccess } from '../../src/io/random-access.ts';
import { btf, stringsOf, writeBtf } from '../helpers/btf-writer.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { failure, kernelTypes, open } from './sample.ts';

const kernel = open(kernelTypes);
const next = kernelTypes.length + 1;

/** Types of a module that use those of the kernel by their numbers. */
const moduleTypes = [
  btf.struct('port', 24, [
    ['owner', 17, 0],
    ['list', 5, 64],
  ]),
  btf.enum('mode', [['LOW', -1]]),
  btf.struct('task_struct', 4, [['mine', 1, 0]]),
];
const split = { base: stringsOf(kernelTypes) };

describe('a module', () => {
  const module = open(moduleTypes, split, kernel);

  test('goes on from its kernel', () => {
    expect(module.typeCount).toBe(next + 3);
    expect(module.type(next)).toMatchObject({ kind: 'structure', name: 'port' });
    expect(module.member('port', 'list.prev')).toEqual({ offset: 16, size: 8, type: 6 });
    expect(module.typeName(module.member('port', 'owner')?.type ?? 0)).toBe('struct task_struct *');
    expect(module.member('sched_entity', 'weight')?.offset).toBe(8);
    expect(module.enumValue('DEAD')).toBe(-1n);
    expect(module.variables('current_task')[0]?.place?.offset).toBe(32);
  });

  test('has its own types before those of the kernel', () => {
    expect(module.structs('task_struct').map(({ size }) => size)).toEqual([4, 88]);
    expect(module.member('task_struct', 'pid')?.offset).toBe(32);
    expect(kernel.struct('port')).toBeUndefined();
  });

  test('has enumerations with signs as its kernel has, though it has none that tells', () => {
    expect(module.enumValue('LOW')).toBe(0xffff_ffffn);
  });

  test('is not read without its kernel', () => {
    expect(failure(() => open(moduleTypes, split))).toBe(
      'KT-BTF-BASE: made has BTF that only continues that of its kernel: it is of a module, and the types of its kernel were not given',
    );
  });

  test('is not read with another kernel', () => {
    const other = open([...kernelTypes, btf.int('another_name', 4)]);
    expect(failure(() => open(moduleTypes, split, other))).toMatch(/^KT-BTF-BASE: .*: 1 of its 3 names are none/);
    const longer = open([btf.int('a_name_that_moves_all_that_are_behind_it', 4), ...kernelTypes]);
    expect(failure(() => open(moduleTypes, split, longer))).toMatch(/^KT-BTF-BASE: .*: 3 of its 3 names are none/);
    const big = open(kernelTypes, { bigEndian: true });
    expect(failure(() => open(moduleTypes, split, big))).toMatch(/^KT-BTF-BASE: .* order of bytes/);
  });
});

test('a kernel is read alone, whatever kernel is given', () => {
  const other = open([btf.int('int', 4)], {}, kernel);
  expect(other.typeCount).toBe(2);
  expect(other.struct('task_struct')).toBeUndefined();
});

describe('a module with a base of its own', () => {
  // Names and sizes only.
  const baseTypes = [
    btf.int('int', 4, 1), // 1
    btf.struct('task_struct', 88, []), // 2
    btf.struct('list_head', 4, []), // 3: the second of the kernel
    btf.struct('lost', 48, []), // 4
    btf.forward('mystery'), // 5
    btf.enum('state', []), // 6
    btf.struct('sched_entity', 99, []), // 7: another size than in the kernel
  ];
  const types = [
    btf.pointer(2), // 8
    btf.struct('port', 80, [
      ['owner', 8, 0],
      ['list', 3, 64],
      ['lost', 4, 128],
      ['state', 6, 512],
      ['number', 1, 544],
      ['entity', 7, 576],
    ]), // 9
  ];
  const bytes = writeBtf(types, { base: stringsOf(baseTypes) });
  const base = writeBtf(baseTypes);

  test('uses the types of its kernel', () => {
    const module = Btf.open({ name: 'port.ko', bytes, base }, kernel);
    expect(module.type(next)).toEqual({ kind: 'pointer', target: 10 });
    const layout = module.struct('port');
    expect(layout?.members.map(({ name, type }) => [name, type])).toEqual([
      ['owner', next],
      ['list', 31],
      ['lost', next + 2 + 3],
      ['state', 20],
      ['number', 1],
      ['entity', next + 2 + 6],
    ]);
    expect(module.member('port', 'list.head')?.offset).toBe(8);
    expect(module.member('task_struct', 'pid')?.offset).toBe(32);
    expect(module.type(next + 5)).toEqual({
      kind: 'structure',
      keyword: 'struct',
      name: 'lost',
      size: 48,
      isDeclaration: true,
    });
    expect(module.struct('lost')).toBeUndefined();
    expect(module.sizeof('lost')).toBe(48);
    expect(module.typeCount).toBe(next + types.length + baseTypes.length);
  });

  test('is read without a kernel, with what its base tells', () => {
    const module = Btf.open({ name: 'port.ko', bytes, base });
    expect(module.struct('port')?.members.map(({ offset, size }) => [offset, size])).toEqual([
      [0, 8],
      [8, 4],
      [16, 48],
      [64, 4],
      [68, 4],
      [72, 99],
    ]);
    expect(module.typeName(1)).toBe('struct task_struct *');
    expect(module.struct('task_struct')).toBeUndefined();
  });

  test('is refused with a damaged base', () => {
    expect(failure(() => Btf.open({ name: 'port.ko', bytes, base: base.subarray(0, 10) }))).toMatch(/^KT-BTF-DAMAGED/);
    const cut = writeBtf([...baseTypes, { kind: 77 }]);
    expect(failure(() => Btf.open({ name: 'port.ko', bytes, base: cut }))).toMatch(/kind 77 is not known/);
    const big = writeBtf(baseTypes, { bigEndian: true });
    expect(failure(() => Btf.open({ name: 'port.ko', bytes, base: big }))).toMatch(/^KT-BTF-DAMAGED/);
  });

  test('is read from its file', () => {
    const elf = ElfFile.open(
      memoryAccess(
        writeElf({
          type: 1,
          sections: [
            { name: '.BTF', contents: bytes },
            { name: '.BTF.base', contents: base },
          ],
        }),
      ),
      'port.ko',
    );
    expect(Btf.open(elf, kernel).member('port', 'list.head')?.offset).toBe(8);
    expect(Btf.open(elf).struct('port')?.size).toBe(80);
  });
});

describe('a file', () => {
  const elf = (sections: NonNullable<Parameters<typeof writeElf>[0]['sections']>, bits: 32 | 64 = 64): ElfFile =>
    ElfFile.open(memoryAccess(writeElf({ sections, bits, machine: bits === 64 ? 62 : 40 })), 'vmlinux');

  test('has BTF in a section', () => {
    const kernelFile = Btf.open(elf([{ name: '.BTF', contents: writeBtf(kernelTypes) }]));
    expect(kernelFile.name).toBe('vmlinux');
    expect(kernelFile.struct('task_struct')?.size).toBe(88);
  });

  test('of 32 bits has pointers of 4 bytes', () => {
    expect(Btf.open(elf([{ name: '.BTF', contents: writeBtf([btf.pointer(0)]) }], 32)).sizeof(1)).toBe(4);
  });

  test.each([
    ['no section', []],
    ['a section without contents', [{ name: '.BTF', type: 8, size: 64n }]],
  ])('with %s has none', (_, sections) => {
    expect(failure(() => Btf.open(elf(sections)))).toBe(
      'KT-BTF-MISSING: vmlinux has no BTF: there is no section .BTF with contents',
    );
  });
});
