import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  addressesOf,
  compile,
  differences,
  llvmFrames,
  needing,
  ownMachine,
  sourceFolder,
  withDebugInfo,
} from './toolchain.ts';

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
  folder = sourceFolder();
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The file that the tool is asked about: of GCC's split files it finds only one, so that it gets the same unsplit. */
function referenceFor({ compiler, flags }: Build, name: string, path: string): string {
  if (compiler !== 'gcc' || !flags.includes('-gsplit-dwarf')) return path;
  return compile(
    folder,
    compiler,
    flags.filter((flag) => flag !== '-gsplit-dwarf'),
    `${name}-whole`,
  );
}

describe('what compilers make', () => {
  for (const [nth, build] of builds.entries()) {
    const { compiler, flags } = build;
    const tools = [compiler, 'nm', 'llvm-symbolizer', ...(flags.includes('-fuse-ld=lld') ? ['ld.lld'] : [])];
    const { title, skip } = needing(`${compiler} ${flags.join(' ')}`, tools);
    test.skipIf(skip || !ownMachine)(title, async () => {
      const name = `program-${nth}`;
      const path = compile(folder, compiler, flags, name);
      const addresses = addressesOf(path);
      expect(addresses.length).toBeGreaterThan(100);
      const expected = llvmFrames(referenceFor(build, name, path), addresses);
      await withDebugInfo(path, ({ info }) => {
        const found = info.resolve(addresses);
        expect(info.problems).toEqual([]);
        expect(differences(addresses, found, expected).slice(0, 3)).toEqual([]);
        const deep = found.some((frames) => frames.length >= (flags.includes('-O0') ? 2 : 3));
        expect(deep || compiler === 'clang').toBe(true);
        expect(found.flat().some((frame) => frame.path?.endsWith('first.c'))).toBe(true);
      });
    });
  }
});
