import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openDebugInfo } from '../../src/dwarf/open-debug-info.ts';
import type { ElfFile } from '../../src/elf/elf-file.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { asTools, differences, hasTool, llvmFrames, run, sourceFolder, type ToolFrame } from './toolchain.ts';

/** Without a library, so that a compiler is all that is needed. */
const source = `#include "twice.h"
int other(int value);

__attribute__((noinline)) int outer(int value)
{
	int sum = 0;

	for (int i = 0; i < value; i++)
		sum += twice(i) ^ other(sum);
	return sum;
}

__attribute__((noinline)) int other(int value)
{
	return twice(value) + 3;
}

int _start(void)
{
	return outer(4);
}
`;

interface Target {
  readonly machine: ElfFile['machine'];
  readonly is64: boolean;
  readonly littleEndian: boolean;
  readonly gcc?: string;
  readonly clang?: string;
  readonly flags?: readonly string[];
  /** lld links for it. */
  readonly lld?: boolean;
}

const little = { littleEndian: true };
const big = { littleEndian: false };
const targets: readonly Target[] = [
  { machine: 'x86_64', is64: true, ...little, gcc: 'x86_64-linux-gnu-gcc', clang: 'x86_64-linux-gnu', lld: true },
  { machine: 'arm64', is64: true, ...little, gcc: 'aarch64-linux-gnu-gcc', clang: 'aarch64-linux-gnu', lld: true },
  { machine: 'i386', is64: false, ...little, gcc: 'i686-linux-gnu-gcc', clang: 'i386-linux-gnu', lld: true },
  { machine: 'arm', is64: false, ...little, gcc: 'arm-linux-gnueabihf-gcc', clang: 'armv7-linux-gnueabi', lld: true },
  {
    machine: 'riscv64',
    is64: true,
    ...little,
    gcc: 'riscv64-linux-gnu-gcc',
    clang: 'riscv64-linux-gnu',
    // What the linker takes out is not where it was in the object.
    flags: ['-mno-relax'],
    lld: true,
  },
  { machine: 'ppc64', is64: true, ...big, gcc: 'powerpc64-linux-gnu-gcc', flags: ['-mabi=elfv2'] },
  { machine: 'ppc64', is64: true, ...little, clang: 'powerpc64le-linux-gnu', lld: true },
  { machine: 's390x', is64: true, ...big, gcc: 's390x-linux-gnu-gcc', clang: 's390x-linux-gnu' },
  { machine: 'mips', is64: false, ...big, clang: 'mips-linux-gnu', lld: true },
];

let folder = '';

beforeAll(() => {
  folder = sourceFolder();
  writeFileSync(join(folder, 'bare.c'), source);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const names = ['outer', 'other', '_start'];

interface Looked {
  readonly file: ElfFile;
  /** What each byte of each function is, and its address. */
  readonly frames: ReadonlyMap<string, readonly ToolFrame[]>;
  readonly addresses: readonly number[];
  readonly found: Awaited<ReturnType<typeof openDebugInfo>>['info'];
}

async function look(name: string, { machine, is64, littleEndian }: Target): Promise<Looked> {
  const file = await openElf(join(folder, name));
  expect({ machine: file.machine, is64: file.is64, little: file.littleEndian }).toEqual({
    machine,
    is64,
    little: littleEndian,
  });
  const opened = await openDebugInfo(file);
  const frames = new Map<string, readonly ToolFrame[]>();
  const addresses: number[] = [];
  for (const title of names) {
    const [symbol] = file.symbols().named(title);
    if (symbol === undefined) throw new Error(`${name} has no ${title}`);
    expect(symbol.symbolSize).toBeGreaterThan(4);
    for (let offset = 0; offset < symbol.symbolSize; offset += 2) {
      const address = symbol.address + offset;
      expect(file.symbols().at(address)?.name).toBe(title);
      frames.set(`${title}+${offset}`, asTools(opened.info.resolve([address])[0] ?? []));
      addresses.push(address);
    }
  }
  expect(opened.info.problems).toEqual([]);
  file.close();
  return { file, frames, addresses, found: opened.info };
}

/** Compiles to an object and to a linked file, and compares them with each other and with llvm-symbolizer. */
async function compare(compiler: string, flags: readonly string[], target: Target, linker?: readonly string[]) {
  const version = `${compiler}-${target.machine}-${target.littleEndian ? 'little' : 'big'}`.replaceAll('/', '_');
  run(folder, compiler, ...flags, '-c', 'bare.c', '-o', `${version}.o`);
  const object = await look(`${version}.o`, target);
  expect(object.frames.get('outer+0')?.at(-1)).toMatchObject({ function: 'outer', file: 'bare.c' });
  expect([...object.frames.values()].some((frames) => frames.length === 2 && frames[0]?.function === 'twice')).toBe(
    true,
  );
  if (linker === undefined) return;
  run(folder, compiler, ...flags, ...linker, 'bare.c', '-o', version);
  const linked = await look(version, target);
  expect(Object.fromEntries(object.frames)).toEqual(Object.fromEntries(linked.frames));
  if (!hasTool('llvm-symbolizer')) return;
  const expected = llvmFrames(join(folder, version), linked.addresses);
  const file = await openElf(join(folder, version));
  const { info } = await openDebugInfo(file);
  expect(differences(linked.addresses, info.resolve(linked.addresses), expected).slice(0, 3)).toEqual([]);
  file.close();
}

describe('code for other machines', () => {
  const common = ['-O2', '-g', '-fno-asynchronous-unwind-tables', '-ffreestanding'];
  const link = ['-nostdlib', '-static', '-no-pie', '-Wl,-e,_start'];
  for (const target of targets) {
    const { machine, littleEndian, gcc, clang, flags = [], lld = false } = target;
    const title = `${machine}, ${littleEndian ? 'little' : 'big'} endian`;
    if (gcc !== undefined)
      test.skipIf(!hasTool(gcc))(`${title}, by gcc${hasTool(gcc) ? '' : ` (skipped: ${gcc} not installed)`}`, () =>
        compare(gcc, [...common, ...flags], target, link),
      );
    const tools = ['clang', ...(lld ? ['ld.lld'] : [])].filter((tool) => !hasTool(tool));
    if (clang !== undefined)
      test.skipIf(tools.length > 0)(
        `${title}, by clang${tools.length > 0 ? ` (skipped: ${tools.join(', ')} not installed)` : ''}`,
        () =>
          compare(
            'clang',
            [`--target=${clang}`, '-integrated-as', ...common, ...flags],
            target,
            lld ? [...link, '-fuse-ld=lld'] : undefined,
          ),
      );
  }
});
