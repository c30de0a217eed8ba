import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources, type SourcesOptions } from '../../src/analyze/sources.ts';
import type { CrashReport } from '../../src/model/report.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-maps-'));
mkdirSync(join(folder, 'nothing'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const moved = 0x1c00_0000n;

/** A map of a kernel that never was, moved by so much. */
const mapText = (by = 0n): string =>
  [
    [0xffffffff81000000n, 'T', '_text'],
    [0xffffffff81000000n, 'T', '_stext'],
    [0xffffffff81000100n, 'T', 'frob_all'],
    [0xffffffff81000200n, 'T', 'frob_write'],
    [0xffffffff81000400n, 'T', 'vfs_frob'],
    [0xffffffff81000480n, 'T', 'ksys_frob'],
    [0xffffffff81001000n, 'T', '_etext'],
    [0xffffffff82000000n, 'D', '__init_begin'],
    [0xffffffff82001000n, 'T', '_sinittext'],
    [0xffffffff82001000n, 't', 'frob_setup'],
    [0xffffffff82001100n, 'T', '_einittext'],
    [0xffffffff82002000n, 'R', '__init_end'],
  ]
    .map(([address, type, name]) => `${(BigInt(address ?? 0) + by).toString(16)} ${type} ${name}\n`)
    .join('');

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
  return path;
};

const bare = (address: bigint): string => `0x${(address + moved).toString(16)}`;

/** An oops whose kernel printed some of its symbols as addresses only. */
function oops({
  offset = true,
  release = '6.9.0-made',
  more = [] as string[],
  named = 'vfs_frob+0x10/0x80',
} = {}): string {
  return [
    'BUG: kernel NULL pointer dereference, address: 0000000000000010',
    '#PF: supervisor write access in kernel mode',
    'Oops: 0002 [#1] PREEMPT SMP NOPTI',
    `CPU: 0 PID: 7 Comm: test Not tainted ${release} #7`,
    `RIP: 0010:${bare(0xffffffff81000110n)}`,
    'RAX: 0000000000000010 RBX: 0000000000000000 RCX: 0000000000000000',
    'Call Trace:',
    ' <TASK>',
    ` ${bare(0xffffffff81000210n)}`,
    ` ${named}`,
    ...more,
    ' ksys_frob+0x8/0xb80',
    ' </TASK>',
    'Modules linked in:',
    '---[ end trace 0000000000000000 ]---',
    ...(offset
      ? ['Kernel panic - not syncing: Fatal exception', 'Kernel Offset: 0x1c000000 from 0xffffffff81000000']
      : []),
    '',
  ].join('\n');
}

async function analyze(log: string, options: SourcesOptions): Promise<CrashReport> {
  const sources = await openSources(options);
  try {
    const { reports } = await analyzeFile(write('log', log), { sources });
    const [report] = reports;
    if (report === undefined) throw new Error('no report');
    return report;
  } finally {
    sources.close();
  }
}

const functions = (report: CrashReport): (string | undefined)[] => report.frames.map((frame) => frame.function);
const allNamed = ['frob_all', 'frob_write', 'vfs_frob', 'ksys_frob'];

describe('bare addresses by a System.map', () => {
  const systemMap = write('System.map', mapText());

  test('get the functions that the kernel would have printed, and the culprit follows', async () => {
    const report = await analyze(oops(), { systemMap });
    expect(functions(report)).toEqual(allNamed);
    expect(report.frames[0]).toMatchObject({ offset: 0x10, size: 0x100 });
    expect(report.culprit?.function).toBe('frob_all');
    expect(report.symbols).toMatchObject({
      systemMap: { match: 'likely', reasons: ['the sizes of all 2 functions agree'] },
      kaslr: { offset: moved, from: 'log' },
    });
    expect(report.symbols?.notFound?.release).toBe('6.9.0-made');
  });

  test('by the offset that was given', async () => {
    const report = await analyze(oops({ offset: false }), { systemMap, kaslrOffset: moved });
    expect(functions(report)).toEqual(allNamed);
    expect(report.symbols?.kaslr).toEqual({ offset: moved, from: 'given' });
  });

  test('stay bare where nothing says how far the kernel was moved, and it is said', async () => {
    const report = await analyze(oops({ offset: false }), { systemMap });
    expect(functions(report).slice(0, 2)).toEqual([undefined, undefined]);
    expect(report.symbols?.missing?.join()).toContain('how far the kernel was moved');
  });

  test('a map of another build is refused, and used if the user insists', async () => {
    const log = oops({ named: 'vfs_frob+0x10/0x90' });
    const report = await analyze(log, { systemMap });
    expect(functions(report)[0]).toBeUndefined();
    expect(report.symbols?.systemMap?.match).toBe('refused');
    const forced = await analyze(log, { systemMap, force: true });
    expect(functions(forced)).toEqual(allNamed);
    expect(forced.symbols?.systemMap?.match).toBe('unverified');
  });

  test('init code is said to be so, unless the kernel was booting', async () => {
    const inInit = ` ${bare(0xffffffff82001010n)}`;
    const late = await analyze(oops({ more: [inInit] }), { systemMap });
    expect(late.frames[3]).toMatchObject({ function: 'frob_setup', initText: true });
    const booting = await analyze(oops({ more: [inInit, ' do_one_initcall+0x50/0x300'] }), { systemMap, force: true });
    expect(booting.frames[3]).toMatchObject({ function: 'frob_setup' });
    expect(booting.frames[3]?.initText).toBeUndefined();
  });

  test('a kallsyms of the same boot needs no offset', async () => {
    const kallsyms = write('kallsyms', `${mapText(moved)}ffffffffc0201000 t other\t[other]\n`);
    const report = await analyze(oops({ offset: false }), { systemMap: kallsyms });
    expect(functions(report)).toEqual(allNamed);
    expect(report.symbols?.kaslr).toEqual({ offset: 0n, from: 'kallsyms' });
  });

  test('a kallsyms of another boot was moved by something else', async () => {
    const kallsyms = write('kallsyms', `${mapText(0x200_0000n)}ffffffffc0201000 t other\t[other]\n`);
    const report = await analyze(oops(), { systemMap: kallsyms });
    expect(functions(report)).toEqual(allNamed);
  });

  test('functions of modules are in kallsyms too', async () => {
    const kallsyms = write('kallsyms', `${mapText(moved)}ffffffffc0201000 t frob_read\t[frob]\n`);
    const log = oops({ offset: false, more: [' 0xffffffffc0201020'] });
    const report = await analyze(log, { systemMap: kallsyms });
    expect(report.frames[3]).toMatchObject({ function: 'frob_read', module: 'frob', offset: 0x20 });
  });
});

describe('the usual places', () => {
  test('have the map, and the note that Debian puts there is passed over', async () => {
    const debugDir = join(folder, 'root');
    write(
      'root/boot/System.map-6.9.0-made',
      'ffffffffffffffff B The real System.map is in the linux-image-x-dbg package\n',
    );
    write('root/usr/lib/debug/boot/System.map-6.9.0-made', 'ffffffffffffffff B The real System.map is in here\n');
    write('root/lib/modules/6.9.0-made/build/System.map', mapText());
    const tried = new Map<string, string | undefined>();
    const report = await analyze(oops(), {
      debugDir,
      onTried: (path, why) => tried.set(path.slice(debugDir.length), why),
    });
    expect(functions(report)).toEqual(allNamed);
    expect(tried.get('/boot/System.map-6.9.0-made')).toContain('linux-image-x-dbg');
    expect(tried.get('/lib/modules/6.9.0-made/System.map')).toBe('there is no such file');
    expect(tried.has('/lib/modules/6.9.0-made/build/System.map')).toBe(true);
    expect(tried.get('/lib/modules/6.9.0-made/build/System.map')).toBeUndefined();
  });

  test('that have nothing are told once each, and what is missing is in the report', async () => {
    const debugDir = join(folder, 'nothing');
    const tried: string[] = [];
    const report = await analyze(oops(), { debugDir, onTried: (path) => tried.push(path) });
    expect(new Set(tried).size).toBe(tried.length);
    expect(tried.every((path) => path.startsWith(debugDir))).toBe(true);
    expect(report.symbols?.notFound).toMatchObject({ release: '6.9.0-made', how: { distribution: 'self-built' } });
    expect(report.symbols?.missing).toEqual([
      `no vmlinux of 6.9.0-made was found in ${report.symbols?.notFound?.places} places`,
    ]);
  });

  test('are not sought for a log that has its positions', async () => {
    const log = oops({ named: 'vfs_frob+0x10/0x80 fs/frob.c:12' });
    const report = await analyze(log, { debugDir: join(folder, 'nothing') });
    expect(report.frames.some((frame) => frame.source !== undefined)).toBe(true);
    expect(report.symbols).toBeUndefined();
  });
});
