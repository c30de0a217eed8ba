import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addressText, toBigAddress } from '../../src/elf/address.ts';
import { debugLink, fileCrc } from '../../src/elf/debug-link.ts';
import type { ElfFile } from '../../src/elf/elf-file.ts';
import { layoutBase } from '../../src/elf/module-layout.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { openRandomAccess } from '../../src/io/random-access.ts';
import { contents, hex } from './make.ts';

function has(...tools: string[]): boolean {
  return tools.every((tool) => {
    try {
      execFileSync(tool, ['--version'], { stdio: 'pipe' });
      return true;
    } catch {
      return false;
    }
  });
}

const tools = has('gcc', 'ld', 'objcopy', 'readelf', 'nm', 'strip');
if (!tools) console.warn('elf: no gcc and binutils here, their objects are not compared with');

const source = `
#include <stdint.h>
static int counter = 3;
int table[100];
extern int outside(int);
static __attribute__((noinline)) int inner(int a) { return a * counter + outside(a); }
__attribute__((section(".init.text"))) int init_module(void) { return inner(5); }
__attribute__((cold, noinline)) int cold_one(int a) { return inner(a) - table[a & 63]; }
int outer(int a) { for (int i = 0; i < a; i++) table[i] = inner(i); return a > 40 ? cold_one(a) : a; }
extern int alias_of_outer(int) __attribute__((alias("outer")));
`;

describe.runIf(tools)('what gcc and binutils make', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const run = (tool: string, ...args: string[]): string =>
    execFileSync(tool, args, { cwd: folder, encoding: 'latin1', env: { ...process.env, LC_ALL: 'C' }, stdio: 'pipe' });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ktriage-elf-'));
    writeFileSync(path('a.c'), source);
    writeFileSync(path('b.c'), 'int outside(int a) { return a + 1; }\nint _start(void) { return 0; }\n');
    run('gcc', '-O1', '-g', '-gdwarf-4', '-fno-pie', '-c', 'a.c', '-o', 'a.o');
    run('gcc', '-O1', '-g', '-gdwarf-4', '-fno-pie', '-c', 'b.c', '-o', 'b.o');
    run('ld', '--build-id=sha1', '-Ttext=0xffffffff81000000', 'a.o', 'b.o', '-o', 'linked');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const withFile = async (name: string, use: (elf: ElfFile) => void): Promise<void> => {
    const elf = await openElf(path(name));
    try {
      use(elf);
    } finally {
      elf.close();
    }
  };

  test.each(['a.o', 'linked'])('has the sections that readelf lists: %s', async (name) => {
    const listed = [
      ...run('readelf', '-SW', name).matchAll(
        /^ +\[ *\d+\] (\S*) +([A-Z_]+) +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]{2}) /gm,
      ),
    ].filter(([, title]) => title !== '');
    await withFile(name, (elf) => {
      expect(listed.length).toBe(elf.sections.length - 1);
      const found = elf.sections
        .slice(1)
        .map((section) => [
          section.name,
          elf.type === 'rel' ? 0n : toBigAddress(section.address),
          section.offset,
          section.size,
          section.entrySize,
        ]);
      expect(found).toEqual(
        listed.map(([, title, , address, offset, size, entrySize]) => [
          title,
          BigInt(`0x${address}`),
          Number(`0x${offset}`),
          Number(`0x${size}`),
          Number(`0x${entrySize}`),
        ]),
      );
    });
  });

  test('has the symbols that nm lists', async () => {
    const listed = run('nm', 'linked')
      .trim()
      .split('\n')
      .map((line) => line.split(' '));
    await withFile('linked', (elf) => {
      const symbols = elf.symbols();
      for (const [address, letter, name = ''] of listed) {
        if (letter === 'A') continue;
        expect(symbols.named(name).map((each) => addressText(each.address))).toContain(`0x${address}`);
      }
      const { aliases, name } = symbols.at(symbols.named('outer')[0]?.address ?? 0) ?? {};
      expect([name, aliases]).toEqual(['alias_of_outer', ['outer']]);
    });
  });

  test('has the build ID that readelf prints', async () => {
    const printed = /Build ID: ([0-9a-f]+)/.exec(run('readelf', '-n', 'linked'))?.[1];
    await withFile('linked', (elf) => expect(elf.buildId).toBe(printed));
  });

  test('is relocated as ld does it, for the places that sections were given', async () => {
    await withFile('a.o', (elf) => {
      const script = elf.sections
        .filter(({ address, size }) => address > 0 && size > 0)
        .map(({ name, address }) => `${name} ${address} : { *(${name}) }`);
      writeFileSync(path('layout.ld'), `SECTIONS { ${script.join('\n')} }`);
      run(
        'ld',
        '-e',
        '0',
        '--noinhibit-exec',
        '--unresolved-symbols=ignore-all',
        '-T',
        'layout.ld',
        'a.o',
        '-o',
        'placed',
      );
      // Without what is merged with other strings: there ld moves them.
      for (const name of ['.debug_aranges', '.debug_line', '.debug_loc', '.debug_ranges', '.debug_frame']) {
        if (elf.section(name) === undefined) continue;
        run(
          'objcopy',
          '-O',
          'binary',
          `--only-section=${name}`,
          '--set-section-flags',
          `${name}=alloc`,
          'placed',
          'dump',
        );
        expect([name, hex(contents(elf, name))]).toEqual([name, readFileSync(path('dump')).toString('hex')]);
      }
    });
  });

  test('is the same when its sections are compressed', async () => {
    const help = run('objcopy', '--help');
    const ways = ['zlib', 'zlib-gnu', 'zstd'].filter((way) => new RegExp(`\\b${way}\\b`).test(help));
    const plain = await openElf(path('a.o'));
    for (const way of ways) {
      try {
        run('objcopy', `--compress-debug-sections=${way}`, 'a.o', `${way}.o`);
      } catch {
        console.warn(`elf: objcopy cannot write ${way} here`);
        continue;
      }
      await withFile(`${way}.o`, (elf) => {
        for (const name of ['.debug_info', '.debug_str', '.debug_line', '.debug_abbrev'])
          expect([way, name, hex(contents(elf, name))]).toEqual([way, name, hex(contents(plain, name))]);
      });
    }
    plain.close();
  });

  test('is split into a stripped file and one of debug information, linked by name and CRC', async () => {
    run('objcopy', '--only-keep-debug', 'linked', 'linked.debug');
    run('objcopy', '--strip-debug', '--add-gnu-debuglink=linked.debug', 'linked', 'stripped');
    await withFile('stripped', (elf) => {
      const debug = openRandomAccess(path('linked.debug'));
      expect(debugLink(elf)).toEqual({ file: 'linked.debug', crc: fileCrc(debug) });
      debug.close();
    });
    await withFile('linked.debug', (elf) => {
      const text = elf.section('.text');
      expect(text === undefined ? undefined : elf.hasContents(text)).toBe(false);
      expect(elf.symbols().named('outer').length).toBe(1);
      expect(elf.buildId).toHaveLength(40);
    });
  });

  test('keeps its places in mind: code of a relocatable file begins at the base', async () => {
    await withFile('a.o', (elf) => {
      expect(elf.section('.text')?.address).toBe(layoutBase);
      expect(elf.symbols().named('init_module')).toMatchObject([{ section: { name: '.init.text' } }]);
    });
  });

  const packers = [
    ['gzip', 'gz'],
    ['xz', 'xz'],
    ['zstd', 'zst'],
  ] as const;
  test.each(packers.filter(([tool]) => has(tool)))('is read when it is packed by %s', async (tool, suffix) => {
    run(tool, '-k', '-f', ...(tool === 'xz' ? ['--check=crc32'] : []), 'a.o');
    const plain = await openElf(path('a.o'));
    await withFile(`a.o.${suffix}`, (elf) => {
      expect(hex(contents(elf, '.debug_info'))).toBe(hex(contents(plain, '.debug_info')));
    });
    plain.close();
  });
});
