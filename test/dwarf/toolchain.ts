import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ResolvedFrame } from '../../src/dwarf/debug-info.ts';
import { type OpenedDebugInfo, openDebugInfo } from '../../src/dwarf/open-debug-info.ts';
import { openElf } from '../../src/elf/open-elf.ts';

/** A program with inlined functions, in two units of C and one of assembly. */
export const sources: Readonly<Record<string, string>> = {
  'twice.h': `
struct shared { int first; struct shared *next; char name[40]; unsigned long flags; };
static inline __attribute__((always_inline)) int twice(int value)
{
	volatile int result = value * 2;

	return result;
}
`,
  'first.c': `#include "twice.h"
int other(int value);
int listed(struct shared *list);

static inline __attribute__((always_inline)) int deeper(int value)
{
	if (value > 100)
		return twice(value) + 1;
	return twice(value + 2);
}

__attribute__((noinline)) int outer(int value)
{
	int sum = 0;

	for (int i = 0; i < value; i++)
		sum += deeper(i) ^ other(sum);
	return sum;
}

__attribute__((noinline, cold)) int rare(int value)
{
	return twice(value) - other(value);
}

int main(int argc, char **argv)
{
	struct shared list = { argc };

	(void)argv;
	if (__builtin_expect(argc > 20, 0))
		return rare(argc);
	return outer(argc) + listed(&list);
}
`,
  'second.c': `#include "twice.h"
__attribute__((noinline)) int other(int value)
{
	return twice(value) + twice(value + 1);
}
__attribute__((noinline)) int listed(struct shared *list)
{
	int sum = 0;

	for (; list; list = list->next)
		sum += twice(list->first) + list->flags;
	return sum;
}
`,
  'third.S': `
	.text
	.globl from_assembly
	.type from_assembly, %function
from_assembly:
	nop
	nop
	ret
	.size from_assembly, . - from_assembly
`,
};

/** Whether this machine makes programs that it can itself look at with its tools. */
export const ownMachine = process.arch === 'x64' || process.arch === 'arm64';

const known = new Map<string, boolean>();

/** Whether a tool is installed; some (gdb-add-index) do not know `--version` and say so. */
export function hasTool(name: string): boolean {
  let has = known.get(name);
  if (has === undefined) {
    has = spawnSync(name, ['--version'], { timeout: 60_000 }).status !== null;
    known.set(name, has);
  }
  return has;
}

/** The title of a test with what it lacks, and whether it is to be skipped. */
export function needing(title: string, tools: readonly string[]): { readonly title: string; readonly skip: boolean } {
  const missing = tools.filter((tool) => !hasTool(tool));
  const skip = missing.length > 0 || !ownMachine;
  return { title: skip ? `${title} (skipped: ${missing.join(', ') || 'machine'} not available)` : title, skip };
}

/** A folder with the sources. */
export function sourceFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-dwarf-'));
  for (const [name, text] of Object.entries(sources)) writeFileSync(join(folder, name), text);
  return folder;
}

export function run(folder: string, tool: string, ...args: string[]): string {
  return execFileSync(tool, args, { cwd: folder, encoding: 'utf8', stdio: 'pipe', timeout: 60_000 });
}

export function compile(folder: string, compiler: string, flags: readonly string[], output: string): string {
  run(folder, compiler, ...flags, '-o', output, 'first.c', 'second.c', 'third.S');
  return join(folder, output);
}

/** A frame as tools print it. */
export interface ToolFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

const base = (path: string | undefined): string => path?.slice(path.lastIndexOf('/') + 1) ?? '??';

/** Clones of functions are called by their symbol by some tools. */
export const plain = (name: string | undefined): string =>
  name?.replace(/\.(?:cold|constprop\.\d+|isra\.\d+|part\.\d+|lto_priv\.\d+|llvm\.\d+)/g, '') ?? '??';

/** What llvm-symbolizer says of addresses. */
export function llvmFrames(file: string, addresses: readonly number[], ...flags: string[]): ToolFrame[][] {
  const output = execFileSync('llvm-symbolizer', [`--obj=${file}`, '-i', '-f', ...flags], {
    input: addresses.map((address) => `0x${address.toString(16)}`).join('\n'),
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return output
    .trimEnd()
    .split('\n\n')
    .map((block) => {
      const lines = block.split('\n');
      const frames: ToolFrame[] = [];
      for (let each = 0; each + 1 < lines.length; each += 2) {
        const [, path, line] = /^(.*?):(\d+)(?::\d+)?$/.exec(lines[each + 1] ?? '') ?? [];
        frames.push({ function: plain(lines[each]), file: base(path), line: Number(line ?? 0) });
      }
      return frames;
    });
}

/** Our frames as the tools print them. */
export function asTools(frames: readonly ResolvedFrame[]): ToolFrame[] {
  return frames.map((frame) => ({
    function: plain(frame.function),
    file: base(frame.path),
    line: frame.line ?? 0,
  }));
}

/** All addresses of the sources' functions. */
export function addressesOf(path: string, names = /^(?:outer|other|rare|main|listed|from_assembly)/): number[] {
  const addresses: number[] = [];
  for (const line of execFileSync('nm', ['-S', path], { encoding: 'utf8' }).split('\n')) {
    const [, start, size, name] = /^(\w+) (\w+) [tT] (\S+)$/.exec(line) ?? [];
    if (start === undefined || size === undefined || !names.test(name ?? '')) continue;
    for (let at = Number(`0x${start}`); at < Number(`0x${start}`) + Number(`0x${size}`); at++) addresses.push(at);
  }
  return addresses;
}

/** Opens a file's debug information with all that belongs to it, for as long as `use` takes. */
export async function withDebugInfo<Result>(
  path: string,
  use: (opened: OpenedDebugInfo) => Result,
  root?: string,
): Promise<Result> {
  const elf = await openElf(path);
  const opened = await openDebugInfo(elf, root);
  try {
    return use(opened);
  } finally {
    opened.close();
    elf.close();
  }
}

/** An address at which we do not say what the tools say. */
export interface Difference {
  readonly address: string;
  readonly own: readonly ToolFrame[];
  readonly theirs: readonly ToolFrame[];
}

export function differences(
  addresses: readonly number[],
  found: readonly (readonly ResolvedFrame[])[],
  expected: readonly (readonly ToolFrame[])[],
): Difference[] {
  return addresses.flatMap((address, nth) => {
    const own = asTools(found[nth] ?? []);
    const theirs = expected[nth] ?? [];
    const last = own.at(-1);
    // The tool takes what has no entry (assembly of older assemblers) from the symbol table.
    if (last?.function === '??') own[own.length - 1] = { ...last, function: theirs[own.length - 1]?.function ?? '??' };
    return JSON.stringify(own) === JSON.stringify(theirs) ? [] : [{ address: address.toString(16), own, theirs }];
  });
}
