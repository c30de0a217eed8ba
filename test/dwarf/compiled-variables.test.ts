import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { dwarfRegisters } from '../../src/arch/dwarf-registers.ts';
import { memberPaths } from '../../src/dwarf/type-path.ts';
import { VariableReader } from '../../src/dwarf/variables.ts';
import { FrameVariables, type LocatedScope } from '../../src/dwarf/variables-frames.ts';
import { needing, run, withDebugInfo } from './toolchain.ts';

const source = `
typedef unsigned long size_t;
struct list { struct list *next, *prev; };
struct slot { unsigned int key; short flags[3][2]; unsigned low : 3, high : 5; };
struct ring {
	struct list link;
	union { unsigned long word; struct { int first, second; }; };
	struct slot slots[4];
	int (*callback)(const char *, ...);
	const struct hidden *hidden;
	char tail[];
};
extern int sink(struct ring *ring, size_t count);

static inline __attribute__((always_inline)) unsigned int take(const struct ring *ring, size_t index)
{
	const struct slot *slot = &ring->slots[index];

	return slot->key + slot->flags[1][0];
}

__attribute__((noinline)) unsigned int leaf(const struct ring *const from, size_t count)
{
	unsigned int sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += take(from, i) ^ (unsigned int)i;
	return sum;
}

__attribute__((noinline)) int middle(struct ring *ring, int constant)
{
	unsigned int sum = leaf(ring, 7);

	if (sum > 100 && constant)
		sink(ring, sum);
	return (int)sum;
}

int outer(struct ring *ring)
{
	return middle(ring, 3) + sink(ring, 1);
}
`;

const folder = mkdtempSync(join(tmpdir(), 'ktriage-variables-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, 'sample.c'), source);

const architecture = process.arch === 'arm64' ? 'arm64' : 'x86_64';
const registers = dwarfRegisters(architecture);

/** The variables of a scope: `type name`. */
const declared = ({ scope }: LocatedScope): string[] =>
  scope.variables.map(({ name, type }) => `${scope.tools.types.name(type)} ${name}`);

describe.each([
  ['gcc', ['-gdwarf-5']],
  ['gcc', ['-gdwarf-4']],
  ['gcc', ['-gdwarf-4', '-gsplit-dwarf']],
  ['gcc', ['-gdwarf-5', '-gsplit-dwarf']],
  ['clang', ['-gdwarf-5']],
  ['clang', ['-gdwarf-4']],
])('%s %s', (compiler, flags) => {
  const { title, skip } = needing('has the variables and types of its source', [compiler, 'nm']);
  const output = `${compiler}${flags.join('')}.o`;

  test.skipIf(skip)(title, { timeout: 60_000 }, async () => {
    run(
      folder,
      compiler,
      '-O2',
      '-fno-asynchronous-unwind-tables',
      '-fno-ipa-cp',
      '-fno-pic',
      '-nostdlib',
      '-ffreestanding',
      ...flags,
      '-c',
      'sample.c',
      '-o',
      output,
    );
    const symbols = new Map(
      run(folder, 'nm', '-S', output)
        .split('\n')
        .flatMap((line) => {
          const [, at, size, name] = /^(\w+) (\w+) T (\w+)$/.exec(line) ?? [];
          return name === undefined ? [] : [[name, { at: Number(`0x${at}`), size: Number(`0x${size}`) }] as const];
        }),
    );
    await withDebugInfo(join(folder, output), ({ info }) => {
      const reader = new VariableReader(info.parts, architecture === 'arm64');
      // In object files sections have the addresses that they are given when they are read.
      const base =
        [...Array(0x4000).keys()].map((nth) => 0x10_0000 + 16 * nth).find((at) => reader.scopesAt(at).length > 0) ?? 0;
      const first = Math.min(...[...symbols.values()].map(({ at }) => at));
      const address = (name: string): number => base - first + (symbols.get(name)?.at ?? 0);
      if (registers === undefined) throw new Error('this machine has no registers');

      // Where a function begins, its arguments are where the calling convention has them.
      const values = new Map<number, bigint>(
        architecture === 'arm64'
          ? [0x1000n, 7n].map((value, nth) => [nth, value])
          : [
              [5, 0x1000n],
              [4, 7n],
            ],
      );
      const machine = { register: (register: number) => values.get(register) };
      const entry = new FrameVariables([{ reader, address: address('leaf'), isReturn: false }], machine, registers);
      const own = entry.scopes(0).at(-1);
      expect(own?.scope.name).toBe('leaf');
      expect(own && declared(own)).toEqual(
        expect.arrayContaining(['const struct ring * const from', 'size_t count', 'unsigned int sum']),
      );
      expect(own?.variables.slice(0, 2).map(({ value }) => value)).toEqual([
        { kind: 'known', value: 0x1000n },
        { kind: 'known', value: 7n },
      ]);

      // All addresses of all functions: the inlined one is somewhere in leaf, with its own.
      const seen = new Map<string, Set<string>>();
      for (const { at, size } of symbols.values()) {
        for (let each = at; each < at + size; each++) {
          for (const scope of new FrameVariables(
            [{ reader, address: base - first + each, isReturn: false }],
            {
              register: () => 0n,
            },
            registers,
          ).scopes(0)) {
            const known = seen.get(scope.scope.name ?? '?') ?? new Set();
            for (const text of declared(scope)) known.add(text);
            seen.set(scope.scope.name ?? '?', known);
          }
        }
      }
      expect([...(seen.get('take') ?? [])]).toEqual(
        expect.arrayContaining(['const struct ring * ring', 'size_t index', 'const struct slot * slot']),
      );
      expect([...(seen.get('middle') ?? [])]).toEqual(expect.arrayContaining(['struct ring * ring', 'int constant']));
      expect(info.problems).toEqual([]);

      const [scope] = reader.scopesAt(address('outer')).slice(-1);
      const { types } = scope?.tools ?? reader;
      const pointer = types.type(scope?.variables[0]?.type);
      const ring = pointer.kind === 'pointer' ? pointer.target : undefined;
      const path = (offset: number, size: number): string | undefined =>
        memberPaths(types, ring, offset, size)[0]?.path;
      expect(types.sizeOf(ring)).toBe(120);
      expect([path(0, 8), path(16, 8), path(20, 4), path(24, 4), path(24 + 2 * 20 + 8, 2), path(40, 1)]).toEqual([
        'link.next',
        'word',
        'second',
        'slots[0].key',
        'slots[2].flags[1][0]',
        'slots[0].low',
      ]);
      expect([path(104, 8), path(112, 8), path(130, 1)]).toEqual(['callback', 'hidden', 'tail[10]']);
      reader.close();
    });
  });
});
