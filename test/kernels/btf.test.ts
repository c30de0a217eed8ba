import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Btf } from '../../src/btf/btf.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { isInstalled } from './tools.ts';

/** All types of the lab's kernels, as bpftool has them. */
const lab = process.env.KTLAB_DIR ?? join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'ktlab');
const names = ['6.1-amd64', '6.1-arm64', '6.12-amd64', '7.2-amd64', '7.2-arm64'];

function kernels(): string[] {
  const say = (text: string): void => void process.stderr.write(`test:kernels: BTF: SKIPPED, ${text}\n`);
  if (!isInstalled('bpftool')) {
    say('bpftool is not installed');
    return [];
  }
  const found = names.filter((name) => existsSync(join(lab, name, 'vmlinux')));
  if (found.length === 0) say('there is no kernel of the lab');
  return found;
}

/** What `bpftool -j btf dump file` prints of a type, as far as it is compared. */
interface ToolType {
  readonly id: number;
  readonly kind: string;
  readonly name: string;
  readonly size?: number;
  readonly type_id?: number;
  readonly nr_elems?: number;
  readonly ret_type_id?: number;
  readonly members?: readonly { name: string; type_id: number; bits_offset: number; bitfield_size?: number }[];
  readonly values?: readonly { name: string; val: number | string }[];
  readonly params?: readonly { name: string; type_id: number }[];
  readonly vars?: readonly { type_id: number; offset: number; size: number }[];
}

function askBpftool(path: string): ToolType[] {
  const { stdout } = spawnSync('bpftool', ['-j', 'btf', 'dump', 'file', path], {
    encoding: 'latin1',
    maxBuffer: 1 << 30,
  });
  // Numbers that JSON would round.
  const { types }: { types: ToolType[] } = JSON.parse(stdout.replace(/"val":(-?\d{15,})/g, '"val":"$1"'));
  return types;
}

const named = (name: string | undefined): string => (name === undefined || name === '(anon)' ? '' : name);

/** bpftool 7.1 extends the sign of numbers without one, so only the bits are compared. */
const bits = (value: number | string | bigint): string => BigInt.asUintN(32, BigInt(value)).toString();

function ofTool(type: ToolType): unknown {
  const variadic = type.params?.at(-1);
  const isVariadic = variadic !== undefined && variadic.type_id === 0 && named(variadic.name) === '';
  return {
    name: named(type.name),
    size: ['PTR', 'FWD'].includes(type.kind) ? undefined : type.size,
    target: type.type_id ?? type.ret_type_id,
    count: type.nr_elems,
    members: type.members?.map((each) => [
      named(each.name),
      each.type_id,
      each.bits_offset,
      each.bitfield_size === 0 ? undefined : each.bitfield_size,
    ]),
    values: type.values?.map(({ name, val }) => [name, bits(val)]),
    parameters: type.params
      ?.slice(0, isVariadic ? -1 : undefined)
      .map(({ name, type_id: target }) => [named(name), target]),
    places: type.vars?.map(({ type_id: target, offset, size }) => [target, offset, size]),
  };
}

function ofOurs(btf: Btf, { id }: ToolType): unknown {
  const type = btf.type(id);
  const isStructure = type.kind === 'structure' && !type.isDeclaration;
  const places = type.kind === 'section' ? btf.places(id) : undefined;
  return {
    name: 'name' in type ? named(type.name) : 'tag' in type ? type.tag : '',
    size: 'size' in type ? type.size : undefined,
    target:
      'target' in type
        ? type.target
        : type.kind === 'prototype'
          ? type.result
          : type.kind === 'function'
            ? type.prototype
            : type.kind === 'variable'
              ? type.type
              : type.kind === 'array'
                ? type.element
                : undefined,
    count: type.kind === 'array' ? type.count : undefined,
    members: isStructure
      ? btf.members(id).map((each) => [named(each.name), each.type, each.bitOffset, each.bits])
      : undefined,
    values: type.kind === 'enumeration' ? btf.enumerators(id).map(({ name, value }) => [name, bits(value)]) : undefined,
    parameters: type.kind === 'prototype' ? type.parameters.map((each) => [named(each.name), each.type]) : undefined,
    places: places?.map(({ variable, offset, size }) => [variable, offset, size]),
  };
}

const found = kernels();

describe.skipIf(found.length === 0)('BTF', () => {
  test.each(found.length === 0 ? ['no kernel'] : found)('of %s is what bpftool reads', async (name) => {
    const path = join(lab, name, 'vmlinux');
    const elf = await openElf(path);
    const btf = Btf.open(elf);
    elf.close();
    const types = askBpftool(path);
    expect(btf.problems).toEqual([]);
    expect(btf.typeCount).toBe(types.length + 1);
    const different = types.filter((type) => JSON.stringify(ofTool(type)) !== JSON.stringify(ofOurs(btf, type)));
    expect(different.slice(0, 5).map((type) => [type.id, ofTool(type), ofOurs(btf, type)])).toEqual([]);
  });
});
