import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { type Answer, Answerer, type AnswerOptions } from '../../src/symbols/answer.ts';
import { SymbolFiles } from '../../src/symbols/symbol-files.ts';
import type { SymbolizeOptions } from '../../src/symbols/symbolize.ts';
import { writeElf } from '../helpers/elf-writer.ts';
import { hasCompiler, makeKernel, place } from './own-kernel.ts';
import { makeModule } from './own-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-symbols-only-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function ask(inputs: readonly string[], options: AnswerOptions): Promise<[Answer[], readonly string[]]> {
  const answerer = new Answerer(options);
  try {
    return [await answerer.answer(inputs), answerer.problems];
  } finally {
    answerer.close();
  }
}

async function analyze(log: string, options: SymbolizeOptions): Promise<CrashReport> {
  const path = join(folder, 'log');
  writeFileSync(path, log);
  const sources = await openSources(options);
  try {
    const [report] = (await analyzeFile(path, { sources })).reports;
    if (report === undefined) throw new Error('no report');
    return report;
  } finally {
    sources.close();
  }
}

test('a dump of memory is said to be one', async () => {
  const path = join(folder, 'core');
  writeFileSync(path, writeElf({ type: 4, sections: [] }));
  await expect(new SymbolFiles({ vmlinux: path }).check()).rejects.toMatchObject({
    code: 'KT-SYMBOLS-NO-DEBUG-INFO',
    why: expect.stringContaining('core file'),
  });
});

describe.skipIf(!hasCompiler)('files without debug information (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(join(folder, 'kernel'));
  const other = makeKernel(join(folder, 'other'), '#8');
  const module = makeModule(folder);
  const plain = join(folder, 'plain/vmlinux');
  const bare = join(folder, 'bare/vmlinux');
  const plainModule = join(folder, 'plain/made.ko');
  mkdirSync(join(folder, 'plain'));
  mkdirSync(join(folder, 'bare'));
  execFileSync('strip', ['--strip-debug', '-o', plain, kernel.vmlinux]);
  execFileSync('strip', ['--strip-all', '-o', bare, kernel.vmlinux]);
  execFileSync('strip', ['--strip-debug', '-o', plainModule, module]);

  const move = 0x100_0000n;
  const caller = kernel.symbol('caller');
  const size = `0x${caller.size.toString(16)}`;
  const alone = `[<${(caller.address + 5n + move).toString(16)}>]`;
  const oops = (build = '#7'): string =>
    [
      build === '#7' ? kernel.banner : other.banner,
      'BUG: kernel NULL pointer dereference, address: 0000000000000010',
      'Oops: 0002 [#1] PREEMPT SMP NOPTI',
      `CPU: 0 PID: 7 Comm: test Not tainted 6.9.0-made ${build}`,
      `RIP: 0010:outer+0x0/0x${kernel.symbol('outer').size.toString(16)}`,
      'Call Trace:',
      ' <TASK>',
      ` caller+0x5/${size}`,
      ` ${alone}`,
      ' </TASK>',
      '---[ end trace 0000000000000000 ]---',
      `Kernel Offset: 0x${move.toString(16)} from 0xffffffff81000000`,
      '',
    ].join('\n');

  test('a vmlinux answers with functions, and it is told how to get lines', async () => {
    const [answers, problems] = await ask(['caller+0x3', caller.address.toString(16), 'none'], { vmlinux: plain });
    expect(answers).toMatchObject([
      { symbol: 'caller', offset: 3, frames: [{ function: 'caller', inlined: false }] },
      { symbol: 'caller', offset: 0, size: caller.size, frames: [{ function: 'caller', inlined: false }] },
      { problem: expect.stringContaining('has no symbol none') },
    ]);
    expect(answers.slice(0, 2).map(({ problem }) => problem)).toEqual([undefined, undefined]);
    expect(problems).toEqual([
      expect.stringMatching(/plain\/vmlinux has symbols and no debug information.*to get it: /),
    ]);
  });

  test('so does a module', async () => {
    const [[answer], problems] = await ask(['.text+0x1'], { module: plainModule });
    expect(answer).toMatchObject({ module: 'made', symbol: expect.any(String), frames: [{ inlined: false }] });
    expect(answer?.problem).toBeUndefined();
    expect(problems).toHaveLength(1);
  });

  test('without symbols there is nothing to answer from', async () => {
    await expect(ask(['caller'], { vmlinux: bare })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-NO-DEBUG-INFO',
      why: 'it has no debug information, and no symbols either',
    });
  });

  test('a log gets the functions of its bare addresses, and is told what is missing', async () => {
    const report = await analyze(oops(), { vmlinux: plain });
    expect(report.frames.map((frame) => frame.function)).toEqual(['outer', 'caller', 'caller']);
    expect(report.frames.some(({ source }) => source !== undefined)).toBe(false);
    expect(report.symbols).toMatchObject({
      vmlinux: { path: plain, symbolsOnly: true, match: 'certain' },
      missing: [expect.stringContaining('no debug information')],
      notFound: { release: '6.9.0-made', how: {} },
    });
    const refused = await analyze(oops('#8'), { vmlinux: plain });
    expect(refused.symbols?.vmlinux?.match).toBe('refused');
    expect(refused.frames[2]?.function).toBeUndefined();
  });

  test('at the usual places one with lines is taken, wherever it lies, and else one without', async () => {
    const root = join(folder, 'root');
    const first = join(root, 'usr/lib/debug/lib/modules/6.9.0-made/vmlinux');
    const last = join(root, 'boot/vmlinux-6.9.0-made');
    place(plain, first);
    expect((await analyze(oops(), { debugDir: root })).symbols?.vmlinux).toMatchObject({
      path: first,
      symbolsOnly: true,
    });
    place(kernel.vmlinux, last);
    const report = await analyze(oops(), { debugDir: root });
    expect(report.symbols?.vmlinux?.path).toBe(last);
    expect(report.symbols?.vmlinux?.symbolsOnly).toBeUndefined();
    expect(report.frames[1]?.source?.file).toBe('kernel.c');
  });

  test('compressed ones are found at the usual places', async () => {
    const root = join(folder, 'compressed');
    mkdirSync(join(root, 'boot'), { recursive: true });
    writeFileSync(join(root, 'boot/vmlinux-6.9.0-made.gz'), gzipSync(readFileSync(kernel.vmlinux)));
    const report = await analyze(oops(), { debugDir: root });
    expect(report.symbols?.vmlinux?.path).toBe(join(root, 'boot/vmlinux-6.9.0-made.gz'));
    expect(report.frames[1]?.source?.file).toBe('kernel.c');
  });

  test('a vmlinux that was named for another kernel leaves this one its own', async () => {
    const root = join(folder, 'both');
    const usual = join(root, 'boot/vmlinux-6.9.0-made');
    place(kernel.vmlinux, usual);
    const report = await analyze(oops(), { vmlinux: other.vmlinux, debugDir: root });
    expect(report.symbols).toMatchObject({
      vmlinux: { path: usual, match: 'certain' },
      refused: { path: other.vmlinux, match: 'refused' },
    });
    expect(report.frames[1]?.source?.file).toBe('kernel.c');
    const own = await analyze(oops('#8'), { vmlinux: other.vmlinux, debugDir: root });
    expect(own.symbols?.vmlinux?.path).toBe(other.vmlinux);
    expect(own.symbols?.refused).toBeUndefined();
    const neither = await analyze(oops(), { vmlinux: other.vmlinux, debugDir: folder });
    expect(neither.symbols?.vmlinux).toMatchObject({ path: other.vmlinux, match: 'refused' });
    expect(neither.symbols?.refused).toBeUndefined();
  });

  test('files of debug information that are not of a stripped one are told', async () => {
    const stripped = join(folder, 'plain/linked.ko');
    copyFileSync(kernel.vmlinux, join(folder, 'plain/linked.debug'));
    execFileSync('objcopy', [`--add-gnu-debuglink=${join(folder, 'plain/linked.debug')}`, plainModule, stripped]);
    const tried = new Map<string, string | undefined>();
    await ask(['.text+0x1'], { module: stripped, onTried: (path, refused) => tried.set(path, refused) });
    expect(tried.get(join(folder, 'plain/linked.debug'))).toEqual(expect.any(String));
  });

  test('without a vmlinux the System.map of the release answers', async () => {
    const root = join(folder, 'mapped');
    const map = join(root, 'lib/modules/6.9.0-made/build/System.map');
    mkdirSync(join(map, '..'), { recursive: true });
    writeFileSync(map, execFileSync('nm', ['-n', kernel.vmlinux]));
    const inputs = ['caller+0x3', caller.address.toString(16), '.text+0x1', 'none'];
    const [answers, problems] = await ask(inputs, { release: '6.9.0-made', debugDir: root });
    expect(answers).toMatchObject([
      { symbol: 'caller', offset: 3, frames: [{ function: 'caller' }] },
      { symbol: 'caller', offset: 0, frames: [{ function: 'caller' }] },
      { problem: 'a System.map knows no sections' },
      { problem: expect.stringContaining('no symbol none') },
    ]);
    expect(problems).toEqual([expect.stringContaining(`${map} has functions only`)]);
    await expect(ask(['caller'], { release: '6.9.1-made', debugDir: root })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-NO-VMLINUX',
    });
  });

  test('an address in a function that kernels leave out has the name that its line is of', async () => {
    const hidden = join(folder, 'hidden');
    execFileSync('objcopy', ['--redefine-sym', 'end=__efistub_end', kernel.vmlinux, hidden]);
    const { address } = kernel.symbol('calls_library');
    const at = address + BigInt(kernel.symbol('calls_library').size);
    const [[answer, own]] = await ask([at.toString(16), address.toString(16)], { vmlinux: hidden });
    expect(answer).toMatchObject({
      symbol: 'calls_library',
      frames: [{ function: 'end', file: 'kernel.c', line: kernel.line('void __attribute__((noinline)) end(void)') }],
      notes: [expect.stringContaining('calls_library')],
    });
    expect(own).toMatchObject({ symbol: 'calls_library', frames: [{ function: 'calls_library' }] });
    expect(own?.notes).toBeUndefined();
  });
});
