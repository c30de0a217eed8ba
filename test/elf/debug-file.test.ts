import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { debugFilePaths, sharedFilePaths } from '../../src/elf/debug-files.ts';
import type { ElfFile } from '../../src/elf/elf-file.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import { type DebugFileOptions, withDebugFile } from '../../src/elf/with-debug-file.ts';

test('places of a debug file', () => {
  expect(debugFilePaths('/no/such/place/vmlinux-6.9', 'vmlinux.link', '')).toEqual([
    '/no/such/place/vmlinux.link',
    '/no/such/place/.debug/vmlinux.link',
    '/no/such/place/vmlinux-6.9.debug',
    '/no/such/place/.debug/vmlinux-6.9.debug',
    '/usr/lib/debug/no/such/place/vmlinux.link',
    '/usr/lib/debug/no/such/place/vmlinux-6.9.debug',
    '/usr/lib/debug/no/such/place/vmlinux-6.9',
  ]);
  const module = debugFilePaths('/else/lib/modules/6.9-made/kernel/made.ko.xz', undefined, '/else');
  expect(module).toContain('/else/usr/lib/debug/lib/modules/6.9-made/kernel/made.ko.debug');
  expect(module).toContain('/else/usr/lib/debug/usr/lib/modules/6.9-made/kernel/made.ko.debug');
  expect(module).toContain('/else/usr/lib/debug/lib/modules/6.9-made/kernel/made.ko');
  expect(module).not.toContain('/else/lib/modules/6.9-made/kernel/made.ko.xz');
  expect(sharedFilePaths('/a/b/c', '../.dwz/x', 'abcd', '')).toEqual([
    '/a/b/../.dwz/x',
    '/usr/lib/debug/.build-id/ab/cd.debug',
    '/.build-id/ab/cd.debug',
    '/usr/lib/debug/.dwz/x',
  ]);
  // What is no build ID leads nowhere.
  expect(sharedFilePaths('/a/b/c', '/x', '../../etc', '/r')).toEqual(['/r/x', '/x', '/r/usr/lib/debug/.dwz/x']);
});

const tools = ['gcc', 'ld', 'objcopy', 'strip'].filter((tool) => spawnSync(tool, ['--version']).status !== 0);
if (tools.length > 0) console.warn(`debug files: skipped, ${tools.join(', ')} not installed`);
const hasEuStrip = spawnSync('eu-strip', ['--version']).status === 0;

const source = `
static int counter = 3;
int outside(int a) { return a + counter; }
static __attribute__((noinline)) int inner(int a) { return a * counter + outside(a); }
int outer(int a) { return inner(a) + inner(a + 1); }
__attribute__((section(".modinfo"), used)) static const char info[] = "vermagic=6.9.0-made SMP";
`;

describe.skipIf(tools.length > 0)('a stripped file and the one with its debug information', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);
  const run = (tool: string, ...args: string[]): void => {
    execFileSync(tool, args, { cwd: folder, stdio: 'pipe', timeout: 60_000 });
  };

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ktriage-split-'));
    writeFileSync(path('a.c'), source);
    run('gcc', '-O1', '-g', '-fno-pie', '-c', 'a.c', '-o', 'a.o');
    run('ld', '--build-id=sha1', '-Ttext=0xffffffff81000000', '-e', 'outer', 'a.o', '-o', 'whole');
    run('ld', '--build-id=none', '-Ttext=0xffffffff81000000', '-e', 'outer', 'a.o', '-o', 'nameless');
    run('ld', '-r', '--build-id=sha1', 'a.o', '-o', 'whole.ko');
    writeFileSync(path('b.c'), `${source}int more(int a) { return outer(a) + 7; }\n`);
    run('gcc', '-O1', '-g', '-fno-pie', '-c', 'b.c', '-o', 'b.o');
    run('ld', '--build-id=sha1', '-Ttext=0xffffffff81000000', '-e', 'outer', 'b.o', '-o', 'other');
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  beforeEach(() => {
    rmSync(path('d'), { recursive: true, force: true });
    mkdirSync(path('d'));
  });

  /** Splits a file in two as packages do. `link` puts the link in, `names` keeps the symbols in the stripped one. */
  function split(whole: string, stripped: string, debug: string, { link = true, names = false } = {}): void {
    run('objcopy', '--only-keep-debug', whole, debug);
    run('strip', names ? '--strip-debug' : '--strip-all', '-o', stripped, whole);
    if (link) run('objcopy', `--add-gnu-debuglink=${debug}`, stripped);
  }

  interface Seen {
    readonly symbols: string;
    readonly debug: string;
    readonly refused: readonly string[];
  }

  async function look(name: string, options: DebugFileOptions = {}): Promise<Seen> {
    const refused: string[] = [];
    const loaded = await openElf(path(name));
    const opened: ElfFile[] = [loaded];
    try {
      const files = await withDebugFile(loaded, {
        onRefused: (file, why) => refused.push(`${file}: ${why}`),
        ...options,
      });
      opened.push(files.debug);
      const names = (file: ElfFile): string => file.name.slice(folder.length + 1);
      return { symbols: names(files.symbols), debug: names(files.debug), refused };
    } finally {
      for (const file of new Set(opened)) file.close();
    }
  }

  test('is found by the link, beside it and in .debug', async () => {
    split('whole', 'd/stripped', 'd/some.dbg');
    expect(await look('d/stripped')).toEqual({ symbols: 'd/some.dbg', debug: 'd/some.dbg', refused: [] });
    mkdirSync(path('d/.debug'));
    run('mv', 'd/some.dbg', 'd/.debug/some.dbg');
    expect((await look('d/stripped')).debug).toBe('d/.debug/some.dbg');
    run('rm', 'd/.debug/some.dbg');
    expect(await look('d/stripped')).toEqual({ symbols: 'd/stripped', debug: 'd/stripped', refused: [] });
  });

  test('is found below usr/lib/debug of another root, and by build ID', async () => {
    split('whole', 'd/stripped', 'd/stripped.debug', { link: false });
    mkdirSync(path(`d/root/boot`), { recursive: true });
    mkdirSync(path(`d/root/usr/lib/debug/boot`), { recursive: true });
    copyFileSync(path('d/stripped'), path('d/root/boot/vmlinux-6.9'));
    copyFileSync(path('d/stripped.debug'), path('d/root/usr/lib/debug/boot/vmlinux-6.9.debug'));
    const root = path('d/root');
    const name = 'd/root/boot/vmlinux-6.9';
    expect((await look(name, { root })).debug).toBe('d/root/usr/lib/debug/boot/vmlinux-6.9.debug');
    const elf = await openElf(path(name));
    const id = elf.buildId ?? '';
    elf.close();
    mkdirSync(path(`d/root/usr/lib/debug/.build-id/${id.slice(0, 2)}`), { recursive: true });
    const linked = `d/root/usr/lib/debug/.build-id/${id.slice(0, 2)}/${id.slice(2)}.debug`;
    symlinkSync('../../boot/vmlinux-6.9.debug', path(linked));
    expect((await look(name, { root })).debug).toBe(linked);
  });

  test('has symbols where they are more', async () => {
    split('whole', 'd/stripped', 'd/stripped.debug', { names: true });
    expect((await look('d/stripped')).symbols).toBe('d/stripped.debug');
    run('objcopy', '--strip-symbol=inner', '--strip-symbol=counter', '--strip-symbol=info', 'd/stripped.debug');
    const seen = await look('d/stripped');
    expect(seen).toEqual({ symbols: 'd/stripped', debug: 'd/stripped.debug', refused: [] });
  });

  test('must have the same build ID', async () => {
    split('whole', 'd/stripped', 'd/stripped.debug');
    run('objcopy', '--only-keep-debug', 'other', 'd/stripped.debug');
    const { debug, refused } = await look('d/stripped');
    expect(debug).toBe('d/stripped');
    expect(refused.join()).toMatch(/its build ID is [0-9a-f]{40}, that of /);
  });

  test('must have the CRC of the link where there is no build ID', async () => {
    split('nameless', 'd/stripped', 'd/stripped.debug');
    expect((await look('d/stripped')).debug).toBe('d/stripped.debug');
    writeFileSync(path('d/stripped.debug'), Buffer.concat([readFileSync(path('d/stripped.debug')), Buffer.from([0])]));
    const { debug, refused } = await look('d/stripped');
    expect(debug).toBe('d/stripped');
    expect(refused.join()).toMatch(/its CRC is not what /);
    split('nameless', 'd/alone', 'd/alone.debug', { link: false });
    expect((await look('d/alone')).refused.join()).toMatch(/a build ID is missing/);
  });

  test('may be anything, and is then refused', async () => {
    split('whole', 'd/stripped', 'd/stripped.debug');
    writeFileSync(path('d/stripped.debug'), 'nothing');
    expect((await look('d/stripped')).refused.join()).toContain('stripped.debug: ');
    rmSync(path('d/stripped.debug'));
    mkdirSync(path('d/stripped.debug'));
    expect((await look('d/stripped')).debug).toBe('d/stripped');
    rmSync(path('d/stripped.debug'), { recursive: true });
    run('mkfifo', 'd/stripped.debug');
    expect((await look('d/stripped')).debug).toBe('d/stripped');
    rmSync(path('d/stripped.debug'));
    symlinkSync('stripped', path('d/stripped.debug'));
    expect((await look('d/stripped')).debug).toBe('d/stripped');
  });

  test('is not sought for a file that has its own', async () => {
    expect(await look('whole')).toEqual({ symbols: 'whole', debug: 'whole', refused: [] });
  });

  test('stops when asked to', async () => {
    split('whole', 'd/stripped', 'd/stripped.debug');
    await expect(look('d/stripped', { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  });

  const ways = [
    {
      how: 'objcopy',
      run: (): void => split('whole.ko', 'd/made.ko', 'd/made.ko.debug', { link: false, names: true }),
    },
    {
      how: 'eu-strip',
      run: (): void =>
        run('eu-strip', '--reloc-debug-sections', '-f', 'd/made.ko.debug', '-o', 'd/made.ko', 'whole.ko'),
    },
  ];
  for (const { how, run: make } of ways)
    test.skipIf(how === 'eu-strip' && !hasEuStrip)(
      `works for modules split by ${how}${how === 'eu-strip' && !hasEuStrip ? ' (skipped: not installed)' : ''}`,
      async () => {
        make();
        const { debug, refused } = await look('d/made.ko');
        expect({ debug, refused }).toEqual({ debug: 'd/made.ko.debug', refused: [] });
        const [one, other] = [await openElf(path('d/made.ko')), await openElf(path('d/made.ko.debug'))];
        expect(other.symbols().named('outer')[0]?.address).toBe(one.symbols().named('outer')[0]?.address);
        one.close();
        other.close();
      },
    );
});
