import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import type { FileResult } from '../../src/model/document.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import type { SymbolizeOptions } from '../../src/symbols/symbolize.ts';
import { hasCompiler, makeKernel, place } from './own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-symbols-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function analyze(log: string, options: SymbolizeOptions): Promise<FileResult> {
  const path = join(folder, 'log');
  writeFileSync(path, log);
  const sources = await openSources(options);
  try {
    return await analyzeFile(path, { sources });
  } finally {
    sources.close();
  }
}

describe.skipIf(!hasCompiler)('symbolizing by a kernel of our own (skipped without gcc)', () => {
  const kernel = hasCompiler ? makeKernel(join(folder, 'kernel')) : undefined;
  const other = hasCompiler ? makeKernel(join(folder, 'other'), '#8') : undefined;
  if (kernel === undefined || other === undefined) return;

  const printed = (name: string, offset: number, nth = 0): string =>
    `${name}+0x${offset.toString(16)}/0x${kernel.symbol(name, nth).size.toString(16)}`;

  /** An oops with these frames, as x86 prints it. */
  const oops = (ip: string, frames: readonly string[], { banner = true, more = '' } = {}): string =>
    [
      ...(banner ? [kernel.banner] : []),
      'BUG: kernel NULL pointer dereference, address: 0000000000000010',
      '#PF: supervisor write access in kernel mode',
      '#PF: error_code(0x0002) - not-present page',
      'Oops: 0002 [#1] PREEMPT SMP NOPTI',
      'CPU: 0 PID: 7 Comm: test Not tainted 6.9.0-made #7',
      `RIP: 0010:${ip}`,
      'RSP: 0018:ffffc90000000000 EFLAGS: 00010246',
      'RAX: 0000000000000010 RBX: 0000000000000000 RCX: 0000000000000000',
      'Call Trace:',
      ' <TASK>',
      ...frames.map((frame) => ` ${frame}`),
      ' </TASK>',
      ...(more === '' ? [] : [more]),
      'Modules linked in:',
      '---[ end trace 0000000000000000 ]---',
      '',
    ].join('\n');

  const first = (result: FileResult): CrashReport => {
    const [report] = result.reports;
    if (report === undefined) throw new Error('no report');
    return report;
  };
  const frameOf = (report: CrashReport, name: string): Frame => {
    const frame = report.frames.find((candidate) => candidate.function === name);
    if (frame === undefined) throw new Error(`no frame ${name}`);
    return frame;
  };

  const behind = kernel.afterCall('caller');
  const usual = oops(printed('outer', kernel.symbol('outer').size - 16 > 16 ? 16 : 10), [printed('caller', behind)]);

  test('reports of a log of many are handed on some at a time, in their order', async () => {
    const path = join(folder, 'many.log');
    const many = 600;
    const logs = Array.from({ length: many }, (_, nth) =>
      oops(printed('outer', 8), [printed('caller', 6)]).replace('PID: 7', `PID: ${nth + 100}`),
    );
    writeFileSync(path, logs.join('\n'));
    const sources = await openSources({ vmlinux: kernel.vmlinux });
    const batches: number[] = [];
    const counted: typeof sources = {
      ...sources,
      symbolize: (reports, boots) => {
        batches.push(reports.length);
        return sources.symbolize(reports, boots);
      },
    };
    const lines: number[] = [];
    const result = await analyzeFile(path, {
      sources: counted,
      onReport: (report) => {
        if (report.frames.some((frame) => frame.source !== undefined)) lines.push(report.startLine);
      },
    });
    sources.close();
    expect(lines.length).toBeGreaterThan(500);
    expect(lines).toEqual([...lines].sort((a, b) => a - b));
    expect(batches.length).toBeGreaterThan(1);
    expect(result.reports.length).toBeGreaterThan(0);
  });

  test('return addresses are told as the line of the call', async () => {
    const report = first(await analyze(usual, { vmlinux: kernel.vmlinux }));
    expect(frameOf(report, 'caller').source).toMatchObject({ line: kernel.line('/* calls outer */') });
    expect(report.symbols?.vmlinux?.match).toBe('certain');
  });

  test('the instruction pointer is told as it is, with what is inlined there, and culprit and file follow', async () => {
    // Some address of outer() is of the inlined store.
    const { size } = kernel.symbol('outer');
    const log = Array.from({ length: size }, (_, offset) => oops(printed('outer', offset), []));
    let found: CrashReport | undefined;
    for (const text of log) {
      const report = first(await analyze(text, { vmlinux: kernel.vmlinux }));
      if (report.frames[0]?.inlined?.[0]?.function !== 'inner') continue;
      found = report;
      break;
    }
    expect(found?.frames[0]?.inlined).toMatchObject([
      { function: 'inner', source: { line: kernel.line('/* the store */') } },
      { function: 'middle', source: { line: kernel.line('/* calls inner */') } },
    ]);
    expect(found?.frames[0]?.source).toMatchObject({ line: kernel.line('/* calls middle */') });
    expect(found?.culprit?.function).toBe('outer');
    expect(found?.guiltyFile).toMatch(/kernel\.c$/);
    expect(found?.registers?.[0]?.ip?.source).toEqual(found?.frames[0]?.source);
  });

  test('a call at the very end is found by the address less one', async () => {
    const report = first(
      await analyze(oops(printed('outer', 0), [printed('last', kernel.afterCall('last'))]), {
        vmlinux: kernel.vmlinux,
      }),
    );
    expect(frameOf(report, 'last').source).toMatchObject({ line: kernel.line('/* does not return */') });
  });

  test('functions of one name are told apart by their size', async () => {
    const sizes = [kernel.symbol('twin', 0).size, kernel.symbol('twin', 1).size];
    expect(sizes[0]).not.toBe(sizes[1]);
    for (const nth of [0, 1]) {
      const report = first(
        await analyze(oops(printed('outer', 0), [printed('twin', 1, nth)]), { vmlinux: kernel.vmlinux }),
      );
      expect(frameOf(report, 'twin').source?.file).toMatch(nth === 0 ? /twin1\.c$/ : /twin2\.c$/);
    }
  });

  test('without the size, all places are told and none is chosen', async () => {
    const report = first(await analyze(oops(printed('outer', 0), ['twin+0x1']), { vmlinux: kernel.vmlinux }));
    const frame = frameOf(report, 'twin');
    expect(frame.source).toBeUndefined();
    expect(frame.candidates?.map((each) => each.file.slice(-7))).toEqual(['twin1.c', 'twin2.c']);
  });

  describe('bare addresses', () => {
    const moved = 0x1c000000n;
    const at = (name: string, offset: number): string =>
      (kernel.symbol(name).address + BigInt(offset) + moved).toString(16);
    const bare = `0x${at('caller', behind)}`;
    const named = { function: 'caller', offset: behind, source: { line: kernel.line('/* calls outer */') } };
    const bareFrame = (report: CrashReport): Frame | undefined =>
      report.frames.find((frame) => frame.address !== undefined);

    test('are named where the user says how far the kernel was moved', async () => {
      const log = oops(printed('outer', 0), [bare]);
      const report = first(await analyze(log, { vmlinux: kernel.vmlinux, kaslrOffset: moved }));
      expect(bareFrame(report)).toMatchObject(named);
      expect(report.symbols?.kaslr).toEqual({ offset: moved, from: 'given' });
    });

    test('or the log does', async () => {
      const more = [
        'Kernel panic - not syncing: Fatal exception',
        'Kernel Offset: 0x1c000000 from 0xffffffff81000000 (relocation range: 0xffffffff80000000-0xffffffffbfffffff)',
      ].join('\n');
      const report = first(await analyze(oops(printed('outer', 0), [bare], { more }), { vmlinux: kernel.vmlinux }));
      expect(bareFrame(report)).toMatchObject(named);
      expect(report.symbols?.kaslr).toEqual({ offset: moved, from: 'log' });
    });

    test('or two addresses that stand beside their symbols', async () => {
      const end = kernel.afterCall('last');
      const pairs = [
        `[<${at('last', end)}>] ${printed('last', end)}`,
        `[<${at('caller', behind)}>] ${printed('caller', behind)}`,
      ];
      const two = first(await analyze(oops(printed('outer', 0), [bare, ...pairs]), { vmlinux: kernel.vmlinux }));
      expect(bareFrame(two)).toMatchObject(named);
      expect(two.symbols?.kaslr).toEqual({ offset: moved, from: 'pairs' });
      const one = first(
        await analyze(oops(printed('outer', 0), [bare, ...pairs.slice(1)]), { vmlinux: kernel.vmlinux }),
      );
      expect(bareFrame(one)?.function).toBeUndefined();
      expect(one.symbols?.missing?.join()).toContain('bare addresses');
    });
  });

  test('who calls a library is to blame, and not the library', async () => {
    const log = oops(printed('in_library', 1), [printed('calls_library', kernel.afterCall('calls_library'))]);
    const report = first(await analyze(log, { vmlinux: kernel.vmlinux }));
    expect(report.culprit?.function).toBe('calls_library');
    expect(report.culprit?.passed.at(-1)?.function).toBe('in_library');
    expect(report.guiltyFile).toMatch(/kernel\.c$/);
  });

  test('a kernel of another build is refused, and with force unverified', async () => {
    const log = usual;
    const refused = first(await analyze(log, { vmlinux: other.vmlinux }));
    expect(refused.symbols?.vmlinux?.match).toBe('refused');
    expect(refused.frames.some((frame) => frame.source !== undefined)).toBe(false);
    const forced = first(await analyze(log, { vmlinux: other.vmlinux, force: true }));
    expect(forced.symbols?.vmlinux?.match).toBe('unverified');
    const positions = forced.frames.flatMap(({ source, inlined = [] }) => [
      source,
      ...inlined.map((each) => each.source),
    ]);
    const known = positions.filter((position) => position !== undefined);
    expect(known.length).toBeGreaterThan(0);
    expect(known.every(({ unverified }) => unverified)).toBe(true);
  });

  test('without the banner the release, the build and sizes are compared', async () => {
    const log = oops(printed('outer', 0), [printed('caller', behind)], { banner: false });
    expect(first(await analyze(log, { vmlinux: kernel.vmlinux })).symbols?.vmlinux?.match).toBe('likely');
    expect(first(await analyze(log, { vmlinux: other.vmlinux })).symbols?.vmlinux?.match).toBe('refused');
  });

  test('the usual places are looked at below the folder in place of the root', async () => {
    const root = join(folder, 'root');
    place(other.vmlinux, join(root, 'usr/lib/debug/lib/modules/6.9.0-made/vmlinux'));
    place(kernel.vmlinux, join(root, 'usr/lib/debug/boot/vmlinux-6.9.0-made'));
    const tried = new Map<string, string | undefined>();
    const onTried = (path: string, refused?: string): void => void tried.set(path.slice(root.length), refused);
    const report = first(await analyze(usual, { debugDir: root, onTried }));
    expect(report.symbols?.vmlinux?.path).toBe(join(root, 'usr/lib/debug/boot/vmlinux-6.9.0-made'));
    expect(tried.get('/usr/lib/debug/lib/modules/6.9.0-made/vmlinux')).toMatch(/#7.*#8/);
    expect(tried.get('/boot/vmlinux-6.9.0-made')).toBe('there is no such file');
  });

  test('what is missing is said', async () => {
    const root = join(folder, 'empty');
    mkdirSync(root);
    const report = first(
      await analyze(usual.replace(printed('caller', behind), 'foo+0x1/0x2 [gone]'), { debugDir: root }),
    );
    expect(report.symbols?.vmlinux).toBeUndefined();
    expect(report.symbols?.missing?.join()).toMatch(/no vmlinux of 6\.9\.0-made.*module gone/);
  });

  test('reports wait for the end of the log where they get source lines', async () => {
    const path = join(folder, 'waiting.log');
    writeFileSync(path, usual);
    const sources = await openSources({ vmlinux: kernel.vmlinux });
    const told: CrashReport[] = [];
    await analyzeFile(path, { sources, onReport: (report) => told.push(report) });
    sources.close();
    expect(told.map((report) => report.symbols?.vmlinux?.match)).toEqual(['certain']);
  });
});

describe('files that were named', () => {
  const module = fileURLToPath(new URL('../../samples/modules/6.1.0-50-amd64/ktsample.ko.gz', import.meta.url));

  test('and cannot be used are errors', async () => {
    const path = join(folder, 'no-elf');
    writeFileSync(path, 'text');
    await expect(openSources({ vmlinux: path })).rejects.toMatchObject({ code: 'KT-ELF-NOT-ELF' });
    await expect(openSources({ vmlinux: join(folder, 'gone') })).rejects.toMatchObject({ code: 'KT-FILE-MISSING' });
    await expect(openSources({ modules: [join(folder, 'gone')] })).rejects.toMatchObject({ code: 'KT-FILE-MISSING' });
    await expect(openSources({ modules: [path] })).rejects.toMatchObject({ code: 'KT-FILE-IRREGULAR' });
    await expect(openSources({ debugDir: join(folder, 'gone') })).rejects.toMatchObject({ code: 'KT-FILE-MISSING' });
    await expect(openSources({ debugDir: path })).rejects.toMatchObject({ code: 'KT-FILE-IRREGULAR' });
    await expect(openSources({ systemMap: process.execPath })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-MAP',
      why: 'it is an ELF file, no System.map',
    });
    await expect(openSources({ symbolizer: { program: 'nothing', environment: {} } })).rejects.toMatchObject({
      code: 'KT-SYMBOLIZER-UNKNOWN',
    });
  });

  test('and are a module are no vmlinux', async () => {
    await expect(openSources({ vmlinux: module })).rejects.toMatchObject({ code: 'KT-SYMBOLS-MODULE' });
    (await openSources({ modules: [module] })).close();
  });
});
