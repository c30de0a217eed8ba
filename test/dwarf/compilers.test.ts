import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { elfDebugSections, openSplitFile } from '../../src/dwarf/elf-sections.ts';
import { openElf } from '../../src/elf/open-elf.ts';

const header = `
static inline __attribute__((always_inline)) int twice(int value)
{
	volatile int result = value * 2;

	return result;
}
`;

const first = `#include "twice.h"
int other(int value);

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
	(void)argv;
	if (__builtin_expect(argc > 20, 0))
		return rare(argc);
	return outer(argc);
}
`;

const second = `#include "twice.h"
__attribute__((noinline)) int other(int value)
{
	return twice(value) + twice(value + 1);
}
`;

const assembly = `
	.text
	.globl from_assembly
	.type from_assembly, %function
from_assembly:
	nop
	nop
	ret
	.size from_assembly, . - from_assembly
`;

const hasTool = (name: string): boolean => spawnSync(name, ['--version']).status === 0;
const ownMachine = process.arch === 'x64' || process.arch === 'arm64';

interface Build {
  readonly compiler: 'gcc' | 'clang';
  readonly flags: readonly string[];
}

const builds: readonly Build[] = [
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2'] },
  { compiler: 'gcc', flags: ['-gdwarf-4', '-O2'] },
  { compiler: 'gcc', flags: ['-gdwarf-3', '-O1'] },
  { compiler: 'gcc', flags: ['-gdwarf-2', '-gstrict-dwarf', '-O1'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-gdwarf64', '-O2'] },
  { compiler: 'gcc', flags: ['-gdwarf-4', '-gdwarf64', '-O2'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2', '-ffunction-sections', '-freorder-blocks-and-partition'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2', '-fdebug-types-section'] },
  { compiler: 'gcc', flags: ['-gdwarf-4', '-O2', '-fdebug-types-section'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2', '-gz=zlib'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2', '-flto'] },
  { compiler: 'gcc', flags: ['-gdwarf-5', '-O2', '-gsplit-dwarf'] },
  { compiler: 'gcc', flags: ['-gdwarf-4', '-O2', '-gsplit-dwarf'] },
  { compiler: 'gcc', flags: ['-g', '-O0'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-O2'] },
  { compiler: 'clang', flags: ['-gdwarf-4', '-O2'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-gdwarf64', '-O2'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-O2', '-ffunction-sections', '-fuse-ld=lld', '-Wl,--gc-sections'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-O2', '-flto=thin', '-fuse-ld=lld'] },
  { compiler: 'clang', flags: ['-gdwarf-4', '-O2', '-flto=full', '-fuse-ld=lld'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-O2', '-gsplit-dwarf'] },
  { compiler: 'clang', flags: ['-gdwarf-4', '-O2', '-gsplit-dwarf'] },
  { compiler: 'clang', flags: ['-gdwarf-5', '-O1', '-gdwarf-aranges'] },
];

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-dwarf-'));
  writeFileSync(join(folder, 'twice.h'), header);
  writeFileSync(join(folder, 'first.c'), first);
  writeFileSync(join(folder, 'second.c'), second);
  writeFileSync(join(folder, 'third.S'), assembly);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A frame as the tools print it. */
interface ToolFrame {
  readonly function: string;
  readonly file: string;
  readonly line: number;
}

const base = (path: string | undefined): string => path?.slice(path.lastIndexOf('/') + 1) ?? '??';

/** Clones of functions are called by their symbol by some tools. */
const plain = (name: string | undefined): string =>
  name?.replace(/\.(?:cold|constprop\.\d+|isra\.\d+|part\.\d+|lto_priv\.\d+|llvm\.\d+)/g, '') ?? '??';

function llvmFrames(tool: string, file: string, addresses: readonly number[]): ToolFrame[][] {
  const input = addresses.map((address) => `0x${address.toString(16)}`).join('\n');
  const output = execFileSync(tool, [`--obj=${file}`, '-i', '-f'], {
    input,
    encoding: 'utf8',
    cwd: folder,
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

/** The code that the sources became, from the symbol table: start and size of each function. */
async function functionsOf(path: string): Promise<number[]> {
  const file = await openElf(path);
  const addresses: number[] = [];
  try {
    const output = execFileSync('nm', ['-S', path], { encoding: 'utf8' });
    for (const line of output.split('\n')) {
      const [, start, size, name] = /^(\w+) (\w+) [tT] (\S+)$/.exec(line) ?? [];
      if (start !== undefined && size !== undefined && /^(?:outer|other|rare|main|from_assembly)/.test(name ?? '')) {
        for (let at = Number(`0x${start}`); at < Number(`0x${start}`) + Number(`0x${size}`); at++) addresses.push(at);
      }
    }
  } finally {
    file.close();
  }
  return addresses;
}

function compile(compiler: string, flags: readonly string[], output: string): void {
  const inputs = ['first.c', 'second.c', 'third.S'];
  execFileSync(compiler, [...flags, '-o', output, ...inputs], { cwd: folder, stdio: 'pipe' });
}

/** The file that the tool is asked about: of GCC's split files it finds only one, so that it gets the same unsplit. */
function referenceFor(compiler: string, flags: readonly string[], output: string): string {
  if (compiler !== 'gcc' || !flags.includes('-gsplit-dwarf')) {
    return output;
  }
  compile(
    compiler,
    flags.filter((flag) => flag !== '-gsplit-dwarf'),
    `${output}-whole`,
  );
  return `${output}-whole`;
}

describe('what compilers make', () => {
  for (const { compiler, flags } of builds) {
    const needs = [compiler, 'nm', 'llvm-symbolizer', ...(flags.includes('-fuse-ld=lld') ? ['ld.lld'] : [])];
    const missing = needs.filter((tool) => !hasTool(tool));
    const title = `${compiler} ${flags.join(' ')}`;
    test.skipIf(missing.length > 0 || !ownMachine)(
      missing.length > 0 ? `${title} (skipped: ${missing.join(', ')} not installed)` : title,
      async () => {
        const output = join(folder, `program-${builds.findIndex((build) => build.flags === flags)}`);
        compile(compiler, flags, output);
        const addresses = await functionsOf(output);
        expect(addresses.length).toBeGreaterThan(100);
        const expected = llvmFrames('llvm-symbolizer', referenceFor(compiler, flags, output), addresses);
        const file = await openElf(output);
        const info = new DebugInfo(elfDebugSections(file), { openSplitFile, directory: folder });
        const found = info.resolve(addresses);
        file.close();
        expect(info.problems).toEqual([]);
        const differing = addresses.flatMap((address, nth) => {
          const own = (found[nth] ?? []).map((frame) => ({
            function: plain(frame.function),
            file: base(frame.path),
            line: frame.line ?? 0,
          }));
          const theirs = expected[nth] ?? [];
          // The tool takes what has no entry (assembly of older assemblers) from the symbol table.
          const last = own[own.length - 1];
          if (last?.function === '??')
            own[own.length - 1] = { ...last, function: theirs[own.length - 1]?.function ?? '??' };
          return JSON.stringify(own) === JSON.stringify(theirs) ? [] : [{ address: address.toString(16), own, theirs }];
        });
        expect(differing.slice(0, 3)).toEqual([]);
        expect(found.some((frames) => frames.length >= (flags.includes('-O0') ? 2 : 3) || compiler === 'clang')).toBe(
          true,
        );
        expect(found.flat().some((frame) => frame.file === 'first.c' || frame.path?.endsWith('/first.c'))).toBe(true);
      },
    );
  }
});
