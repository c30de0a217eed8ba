import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runCall } from '../../src/cli/run-call.ts';
import { hasCompiler, makeKernel } from '../symbols/own-kernel.ts';
import { makeModule } from '../symbols/own-module.ts';
import { fakeSession } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-symbolize-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function symbolize(args: readonly string[], stdin = ''): Promise<Run> {
  const session = fakeSession({ env: { KTRIAGE_CACHE: 'off' } });
  session.stdin.end(stdin);
  const code = await runCall(['symbolize', ...args], session);
  return { code, out: session.stdout.text, err: session.stderr.text };
}

describe.skipIf(!hasCompiler)('ktriage symbolize (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(folder);
  const module = makeModule(folder);
  const { vmlinux } = kernel;
  const { address, size } = kernel.symbol('caller');
  const hex = address.toString(16);

  test('prints a symbol with its stack, and says what an address is', async () => {
    const { code, out } = await symbolize(['--vmlinux', vmlinux, 'caller+0x0', `0x${hex}`]);
    expect(code).toBe(0);
    const [frame] = / {2}caller at kernel\.c:\d+:\d+/.exec(out) ?? [];
    expect(out).toBe(`caller+0x0\n${frame}\n0x${hex} is caller+0x0/0x${size.toString(16)}\n${frame}\n`);
  });

  test.each([
    ['as addr2line is called', ['-fie', vmlinux, hex]],
    ['as addr2line is called, apart', ['-e', vmlinux, '-f', '-i', '-p', '-C', '-a', hex]],
    ['as faddr2line is called', [vmlinux, 'caller+0']],
    ['with the section of the address', ['-e', vmlinux, '-j', '.text', (address - 0xffffffff81000000n).toString(16)]],
  ])('%s', async (_how, args) => {
    const { code, out } = await symbolize(args);
    expect(out).toContain('  caller at kernel.c:');
    expect(code).toBe(0);
  });

  test('reads standard input where there is -, or nothing else', async () => {
    const input = `caller\n\n  0x${hex}  \nnone`;
    for (const args of [['-'], []]) {
      const { code, out } = await symbolize(['-e', vmlinux, '--format', 'jsonl', ...args], input);
      expect(code).toBe(3);
      const answers = out
        .trimEnd()
        .split('\n')
        .map((text) => JSON.parse(text));
      expect(answers.map((answer) => answer.input)).toEqual(['caller', `0x${hex}`, 'none']);
    }
    const { out } = await symbolize(['-e', vmlinux, '--format', 'jsonl', 'end', '-', 'outer'], 'caller\n');
    const answers = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    expect(answers.map((answer) => answer.symbol)).toEqual(['end', 'caller', 'outer']);
  });

  test('jsonl has these keys and no others, and files as they were recorded', async () => {
    const { out } = await symbolize(['--vmlinux', vmlinux, '--format', 'jsonl', `0x${hex}`, 'twin+0x1', 'none+0x1']);
    const [found, several, none] = out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text));
    const file = join(folder, 'kernel.c');
    expect(found).toEqual({
      input: `0x${hex}`,
      address: `0x${hex}`,
      symbol: 'caller',
      offset: 0,
      size,
      frames: [{ function: 'caller', file, line: expect.any(Number), column: expect.any(Number), inlined: false }],
      candidates: [],
    });
    expect(several.frames).toEqual([]);
    expect(several.candidates[0]).toEqual({
      symbol: 'twin',
      address: `0x${(kernel.symbol('twin').address + 1n).toString(16)}`,
      size: kernel.symbol('twin').size,
      file: join(folder, 'twin1.c'),
      line: expect.any(Number),
      column: expect.any(Number),
      frames: [expect.objectContaining({ function: 'twin', file: join(folder, 'twin1.c') })],
    });
    expect(none).toEqual({
      input: 'none+0x1',
      symbol: 'none',
      offset: 1,
      frames: [],
      candidates: [],
      problem: expect.stringContaining('no symbol none'),
    });
  });

  test('of a module: sections, and where it was loaded', async () => {
    const { code, out } = await symbolize([
      '--module',
      module,
      '--base',
      'ffffffffc0100000',
      'ffffffffc0100000',
      '.init.text+0x0',
    ]);
    expect(code).toBe(0);
    expect(out).toMatch(/^ffffffffc0100000 is helper\+0x0/);
    expect(out).toContain('.init.text+0x0 is starts+0x0');
    expect(out).toContain('(in __init text, which is freed');
  });

  test('all that fit are told with what tells them apart', async () => {
    const { code, out } = await symbolize(['-e', vmlinux, 'twin+0x1']);
    expect(code).toBe(3);
    expect(out.match(/ {2}one of twin\+0x1\/0x[0-9a-f]+ at 0x[0-9a-f]+\n {4}twin at twin\d\.c:\d+/g)).toHaveLength(2);
    expect(out).toContain('?? 2 functions of this name fit');
  });

  test('a wrong call, file or tool ends with 2', async () => {
    for (const [args, code] of [
      [['-e', join(folder, 'none'), 'x'], 'KT-FILE-MISSING'],
      [['-e', vmlinux, '--symbolizer', 'gdb', 'x'], 'KT-SYMBOLIZER-UNKNOWN'],
      [['-e', vmlinux, '--symbolizer', 'addr2line', 'x'], 'KT-SYMBOLIZER-MISSING'],
      [['-e', vmlinux, '--base', 'x', 'x'], 'KT-USAGE'],
      [['-r', '../../etc', 'x'], '--release ../../etc is no'],
      [['-r', '6.9.9', '--debug-dir', folder, 'x'], 'none of 6.9.9 is at any of'],
    ] as const) {
      const run = await symbolize(args);
      expect(run.err).toContain(code);
      expect(run.code).toBe(2);
    }
  });

  test('a terminal is told what is waited for, if it is clear what to look up in', async () => {
    const session = fakeSession({ env: { KTRIAGE_CACHE: 'off' } });
    session.stdin.isTTY = true;
    session.stdin.end('caller\n');
    expect(await runCall(['symbolize', '-e', vmlinux], session)).toBe(0);
    expect(session.stderr.text).toMatch(/^note: symbols and addresses are read from the terminal/);
    expect(session.stdout.text).toContain('caller at');
    const lost = fakeSession();
    lost.stdin.isTTY = true;
    expect(await runCall(['symbolize'], lost)).toBe(2);
    expect(lost.stderr.text).toContain('Usage: ktriage symbolize');
  });

  test('an empty pipe has no answers, and that is no failure', async () => {
    expect(await symbolize(['-e', vmlinux])).toEqual({ code: 0, out: '', err: '' });
  });

  test('answers a line when it comes, without waiting for the next', async () => {
    const session = fakeSession({ env: { KTRIAGE_CACHE: 'off' } });
    const done = runCall(['symbolize', '-e', vmlinux, '-'], session);
    session.stdin.write('caller\n');
    await expect.poll(() => session.stdout.text, { timeout: 5000 }).toContain('caller at');
    session.stdin.end('outer\n');
    expect(await done).toBe(0);
    expect(session.stdout.text).toContain('outer at');
  });
});
