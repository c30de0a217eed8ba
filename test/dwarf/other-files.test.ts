import { copyFileSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AddressIndex } from '../../src/dwarf/address-index.ts';
import { elfDebugSections } from '../../src/dwarf/elf-sections.ts';
import { readGdbIndex } from '../../src/dwarf/gdb-index.ts';
import { SectionSet } from '../../src/dwarf/sections.ts';
import { UnitStore } from '../../src/dwarf/unit-store.ts';
import { sharedFileId } from '../../src/elf/debug-link.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import {
  addressesOf,
  compile,
  differences,
  llvmFrames,
  needing,
  run,
  sourceFolder,
  type ToolFrame,
  withDebugInfo,
} from './toolchain.ts';

let folder = '';

beforeAll(() => {
  folder = sourceFolder();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Compiles a program, and asks about it before anything is moved to other files. */
function build(
  compiler: string,
  flags: readonly string[],
  name: string,
): { path: string; addresses: number[]; expected: ToolFrame[][] } {
  const path = compile(folder, compiler, flags, name);
  const addresses = addressesOf(path);
  expect(addresses.length).toBeGreaterThan(100);
  return { path, addresses, expected: llvmFrames(path, addresses) };
}

const dwoFiles = (): string[] => readdirSync(folder).filter((each) => each.endsWith('.dwo'));

async function expectSame(
  path: string,
  addresses: readonly number[],
  expected: readonly (readonly ToolFrame[])[],
): Promise<void> {
  await withDebugInfo(path, ({ info }) => {
    const found = info.resolve(addresses);
    expect(info.problems).toEqual([]);
    expect(differences(addresses, found, expected).slice(0, 3)).toEqual([]);
  });
}

describe('what dwz made smaller', () => {
  const two = (version: number): { path: string; addresses: number[]; expected: ToolFrame[][] } => {
    build('gcc', ['-O2', `-gdwarf-${version}`], `same-${version}`);
    return build('gcc', ['-O2', `-gdwarf-${version}`], `small-${version}`);
  };

  const tools = ['gcc', 'nm', 'dwz', 'llvm-symbolizer'];
  for (const [version, form] of [
    [4, []],
    [5, []],
    [5, ['--dwarf-5']],
  ] as const) {
    const { title, skip } = needing(`shared by two files, of DWARF ${version} ${form.join('')}`, tools);
    test.skipIf(skip)(title, async () => {
      const { path, addresses, expected } = two(version);
      run(folder, 'dwz', ...form, '-m', 'shared.dwz', `same-${version}`, `small-${version}`);
      await expectSame(path, addresses, expected);
      // Without the other file there are lines, and names that are not in it.
      renameSync(join(folder, 'shared.dwz'), join(folder, 'moved.dwz'));
      await withDebugInfo(path, ({ info }) => {
        const found = info.resolve(addresses);
        expect(info.problems.map((problem) => problem.code)).toEqual(['KT-DWARF-SUPPLEMENT']);
        expect(info.problems[0]?.why).toContain('shared.dwz is at none of');
        const lines = (frames: readonly { readonly line?: number }[]): (number | undefined)[] =>
          frames.map((frame) => frame.line);
        expect(found.map(lines)).toEqual(expected.map(lines));
        expect(found.flat().some((frame) => frame.function === undefined)).toBe(true);
      });
      // Another file of that name is not taken.
      copyFileSync(path, join(folder, 'shared.dwz'));
      await withDebugInfo(path, ({ info }) => {
        info.resolve(addresses);
        expect(info.problems[0]?.why).toMatch(/shared\.dwz has the build ID [0-9a-f]{40}, not [0-9a-f]{40}$/);
      });
      // Packages have it by its build ID too.
      const elf = await openElf(join(folder, 'moved.dwz'));
      const id = sharedFileId(elf) ?? '';
      elf.close();
      const place = join(folder, `root/usr/lib/debug/.build-id/${id.slice(0, 2)}`);
      mkdirSync(place, { recursive: true });
      copyFileSync(join(folder, 'moved.dwz'), join(place, `${id.slice(2)}.debug`));
      await withDebugInfo(
        path,
        ({ info }) => {
          expect(differences(addresses, info.resolve(addresses), expected).slice(0, 3)).toEqual([]);
          expect(info.problems).toEqual([]);
        },
        join(folder, 'root'),
      );
    });
  }

  const { title, skip } = needing('within one file', tools);
  test.skipIf(skip)(title, async () => {
    const { path, addresses, expected } = build('gcc', ['-O2', '-gdwarf-5'], 'single');
    run(folder, 'dwz', 'single');
    await expectSame(path, addresses, expected);
  });
});

describe('split debug information in a package', () => {
  for (const [compiler, version, more] of [
    ['clang', 5, []],
    ['clang', 4, []],
    ['gcc', 5, []],
    ['gcc', 4, []],
  ] as const) {
    const flags = ['-O2', `-gdwarf-${version}`, ...more];
    const { title, skip } = needing(`${compiler} ${flags.join(' ')}`, [compiler, 'nm', 'llvm-dwp', 'llvm-symbolizer']);
    test.skipIf(skip)(title, async () => {
      const name = `packed-${compiler}-${version}-${more.length}`;
      const whole = build(compiler, flags, `${name}-whole`);
      const before = new Set(dwoFiles());
      const path = compile(folder, compiler, [...flags, '-gsplit-dwarf'], name);
      const split = dwoFiles().filter((each) => !before.has(each));
      expect(split.length).toBeGreaterThanOrEqual(2);
      run(folder, 'llvm-dwp', ...split, '-o', `${name}.dwp`);
      for (const each of split) rmSync(join(folder, each));
      // The code is the same at the same places, or nearly.
      expect(addressesOf(path)).toEqual(whole.addresses);
      await expectSame(path, whole.addresses, whole.expected);
      rmSync(join(folder, `${name}.dwp`));
      await withDebugInfo(path, ({ info }) => {
        info.resolve(whole.addresses);
        expect(info.problems.map((problem) => problem.code)).toContain('KT-DWARF-SPLIT');
      });
    });
  }

  const { title, skip } = needing('in the objects themselves', ['clang', 'nm', 'llvm-symbolizer']);
  test.skipIf(skip)(title, async () => {
    const whole = build('clang', ['-O2', '-gdwarf-5'], 'single-whole');
    const objects = ['first', 'second'].map((unit) => {
      run(folder, 'clang', '-O2', '-gdwarf-5', '-gsplit-dwarf=single', '-c', `${unit}.c`, '-o', `${unit}-single.o`);
      return `${unit}-single.o`;
    });
    run(folder, 'clang', '-o', 'single-split', ...objects, 'third.S', '-g');
    const path = join(folder, 'single-split');
    await expectSame(path, whole.addresses, whole.expected);
  });
});

describe('an index for gdb', () => {
  const cases = [
    {
      title: 'made by gdb-add-index',
      compiler: 'gcc',
      flags: ['-O2', '-g'],
      tools: ['gdb-add-index', 'gdb', 'objcopy'],
    },
    {
      title: 'made by lld',
      compiler: 'clang',
      flags: ['-O2', '-g', '-ggnu-pubnames', '-fuse-ld=lld', '-Wl,--gdb-index'],
      tools: ['ld.lld'],
    },
  ];
  for (const [nth, { title: what, compiler, flags, tools }] of cases.entries()) {
    const { title, skip } = needing(what, [compiler, 'nm', 'llvm-symbolizer', 'objcopy', ...tools]);
    test.skipIf(skip)(title, async () => {
      const { path, addresses, expected } = build(compiler, flags, `indexed-${nth}`);
      if (compiler === 'gcc') run(folder, 'gdb-add-index', path);
      run(folder, 'objcopy', '--remove-section=.debug_aranges', path);
      const elf = await openElf(path);
      const section = elf.section('.gdb_index');
      expect(elf.section('.debug_aranges')).toBeUndefined();
      if (section === undefined) throw new Error('no .gdb_index');
      const index = new AddressIndex();
      const store = new UnitStore(new SectionSet(elfDebugSections(elf), false));
      const told = readGdbIndex(elf.data(section), store, index);
      expect(index.count).toBeGreaterThanOrEqual(2);
      expect(addresses.filter((address) => index.find(address).some((unit) => told.has(unit)))).toEqual(addresses);
      elf.close();
      await expectSame(path, addresses, expected);
    });
  }
});
