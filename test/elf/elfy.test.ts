import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { type ElfLiteral, flag, note, writeElf } from '../helpers/elf-writer.ts';
import { openBytes } from './make.ts';

/**
 * The package elfy as a second opinion, where it is installed. It is right about names, types, offsets and links;
 * addresses of 64 bits lose their low bits in it, and it reads sh_addralign and sh_entsize two bytes too early.
 */
type Parse = (bytes: Buffer) => unknown;

function elfyParse(): Parse | undefined {
  try {
    const elfy: unknown = createRequire(import.meta.url)('elfy');
    const parse: unknown = typeof elfy === 'object' && elfy !== null ? Reflect.get(elfy, 'parse') : undefined;
    return isParse(parse) ? parse : undefined;
  } catch {
    return undefined;
  }
}

function isParse(value: unknown): value is Parse {
  return typeof value === 'function';
}

const parse = elfyParse();
if (parse === undefined) console.warn('elf: the package elfy is not installed, its answers are not compared with');

/** A property of what elfy returns, which has no types. */
function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>(
    (held, key) => (typeof held === 'object' && held !== null ? Reflect.get(held, key) : undefined),
    value,
  );
}

const typeNames: Readonly<Record<string, number>> = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  note: 7,
  nobits: 8,
};
const machines: Readonly<Record<string, string>> = { x86_64: 'amd64', arm64: 'AArch64', i386: '386', mips: 'mips' };

const literal: ElfLiteral = {
  sections: [
    { name: '.text', flags: flag.alloc | flag.execute, address: 0x1000n, contents: 'code' },
    { name: '.notes', contents: note('GNU', 3, new Uint8Array(20)) },
    { name: '.bss', size: 64n, address: 0x3000n },
    { name: '.debug_info', contents: new Uint8Array(8) },
  ],
  symbols: [{ name: 'a', value: 0n, section: '.text' }],
  relocations: { '.debug_info': [{ offset: 0n, symbol: 'a', type: 1, addend: 1n }] },
};

describe.runIf(parse !== undefined)('elfy', () => {
  test.each([
    { bits: 64, endian: 'little', machine: 62, type: 1 },
    { bits: 64, endian: 'little', machine: 183, type: 3 },
    { bits: 32, endian: 'little', machine: 3, type: 2 },
    { bits: 32, endian: 'big', machine: 8, type: 2 },
  ] as const)('sees the same file: $bits bits, $endian endian, machine $machine', (kind) => {
    const bytes = writeElf({ ...literal, ...kind });
    const ours = openBytes(bytes);
    const theirs = parse?.(Buffer.from(bytes));
    expect([at(theirs, 'type'), at(theirs, 'machine')]).toEqual([ours.type, machines[ours.machine]]);
    const sections = at(theirs, 'body', 'sections');
    expect(Array.isArray(sections)).toBe(true);
    const listed = Array.isArray(sections) ? sections : [];
    expect(
      listed.map((each: unknown) => [
        at(each, 'name'),
        typeNames[String(at(each, 'type'))],
        at(each, 'off'),
        at(each, 'size'),
        at(each, 'link'),
        at(each, 'info'),
      ]),
    ).toEqual(ours.sections.map(({ name, type, offset, size, link, info }) => [name, type, offset, size, link, info]));
  });
});
