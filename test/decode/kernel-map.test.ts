import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MapCheck } from '../../src/decode/kernel-map.ts';
import { type DecodeOptions, LogDecoder } from '../../src/decode/log-decoder.ts';
import type { DecodeProblem } from '../../src/decode/problem.ts';
import { SystemMap } from '../../src/symbols/system-map.ts';
import { hasCompiler, makeKernel, place } from '../symbols/own-kernel.ts';
import { makeModule } from '../symbols/own-module.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-decode-map-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const text = 0xffff_ffff_8100_0000n;
const move = 0x100_0000n;
const functions = ['made_a', 'made_b', 'made_c', 'made_d', 'made_e'] as const;

/** A map of five functions with so many bytes each. */
function mapText(bytes = 0x100n, moved = 0n): string {
  const line = (address: bigint, rest: string): string => `${(address + moved).toString(16)} ${rest}\n`;
  const lines = functions.map((name, nth) => line(text + BigInt(nth) * bytes, `T ${name}`));
  return [line(text, 'T _text'), line(text, 'T _stext'), ...lines, line(text + 0x1000n, 'T _etext')].join('');
}

function write(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, contents);
  return path;
}

async function decode(log: string, options: DecodeOptions): Promise<{ text: string; problems: DecodeProblem[] }> {
  const problems: DecodeProblem[] = [];
  const decoder = await LogDecoder.open({
    debugDir: folder,
    home: folder,
    onProblem: (problem) => problems.push(problem),
    ...options,
  });
  try {
    const out = Buffer.concat([await decoder.push(Buffer.from(log, 'latin1')), await decoder.end()]);
    return { text: out.toString('latin1'), problems };
  } finally {
    decoder.close();
  }
}

const banner = 'Linux version 6.9.0-map (a@b) (gcc) #1 SMP x\n';
const offset = `Kernel Offset: 0x${move.toString(16)} from 0xffffffff81000000\n`;
const alone = (nth: number, more = 0x10n): string => `[<${(text + BigInt(nth) * 0x100n + more + move).toString(16)}>]`;

describe('a System.map that was named', () => {
  const systemMap = write('System.map', mapText());

  test('gives addresses without a symbol their functions; symbols stay', async () => {
    const log = `${banner}${offset} ${alone(1)}\r\n made_a+0x1/0x100\n`;
    const { text: out, problems } = await decode(log, { systemMap });
    expect(out).toBe(`${banner}${offset} made_b+0x10/0x100\r\n made_a+0x1/0x100\n`);
    expect(problems).toEqual([{ type: 'map only', path: systemMap }]);
  });

  test('does so where the log never says which kernel it is of', async () => {
    expect((await decode(`${alone(2)}\n`, { systemMap, kaslrOffset: move })).text).toBe('made_c+0x10/0x100\n');
    expect((await decode(`${alone(2)}\n`, { systemMap })).text).toBe(`${alone(2)}\n`);
    // Two addresses with their symbols tell how far the kernel was moved.
    const pairs = [0, 1].map((nth) => `${alone(nth)} ${functions[nth]}+0x10/0x100\n`).join('');
    expect((await decode(`${pairs}${alone(2)}\n`, { systemMap })).text).toMatch(/\nmade_c\+0x10\/0x100\n$/);
  });

  test('of another build is given up as soon as that is clear', async () => {
    const other = write('other/System.map', mapText(0x80n));
    const symbols = functions.map((name) => ` ${name}+0x1/0x100\n`).join('');
    const log = `${banner}${offset}${symbols}${alone(2)}\n`;
    const { text: out, problems } = await decode(log, { systemMap: other });
    expect(out).toBe(log);
    expect(problems.at(-1)).toMatchObject({ type: 'other build', path: other });
    expect((await decode(log, { systemMap: other, force: true })).text).toMatch(/\nmade_e\+0x10\/0x[0-9a-f]+\n$/);
  });

  test('may be a kallsyms of the same boot, which has the modules too', async () => {
    const modules = 'ffffffffc0201000 t frob\t[other]\nffffffffc0201100 t frob_more\t[other]\n';
    const kallsyms = write('kallsyms', `${mapText(0x100n, move)}${modules}`);
    const { text: out } = await decode(`${alone(1)}\n[<ffffffffc0201010>]\n`, { systemMap: kallsyms });
    expect(out).toBe('made_b+0x10/0x100\nfrob+0x10/0x100 [other]\n');
  });
});

describe('a System.map at the usual places', () => {
  const map = write('root/boot/System.map-6.9.0-map', mapText());
  const debugDir = join(folder, 'root');
  const log = `${banner}${offset}${alone(1)}\n`;

  test('is used, and it is told that there is no vmlinux', async () => {
    const { text: out, problems } = await decode(log, { debugDir });
    expect(out).toBe(`${banner}${offset}made_b+0x10/0x100\n`);
    expect(problems).toMatchObject([{ type: 'no vmlinux', release: '6.9.0-map' }]);
  });

  test('is enough for a release that was named', async () => {
    const { text: out, problems } = await decode(`${offset}${alone(1)}\n`, { debugDir, release: '6.9.0-map' });
    expect(out).toBe(`${offset}made_b+0x10/0x100\n`);
    expect(problems).toEqual([{ type: 'map only', path: map }]);
    await expect(decode('', { debugDir, release: '6.9.1-map' })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-NO-VMLINUX',
    });
  });
});

test('a map is not given up for a few damaged lines among many that agree', async () => {
  const map = await SystemMap.read(write('check', mapText()));
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...functions.slice(0, 4)), { minLength: 1, maxLength: 12 }), (names) => {
      const check = new MapCheck();
      const range = { firstLine: 1, lastLine: 1, firstByte: 0, endByte: 0 };
      for (const name of names)
        expect(check.whyOther(map, { function: name, offset: 0, size: 0x100, reliable: true, range })).toBeUndefined();
      // The same damaged line again and again is one.
      for (let n = 0; n < 10; n++) {
        const damaged = { function: 'made_a', offset: 0, size: 0x10, reliable: true, range };
        expect(check.whyOther(map, damaged)).toBeUndefined();
      }
    }),
  );
});

describe.skipIf(!hasCompiler)('kernels of our own (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(join(folder, 'kernel'));
  const other = makeKernel(join(folder, 'other-kernel'), '#8');
  const line = ` in_library+0x0/0x${kernel.symbol('in_library').size.toString(16)}\n`;
  const decoded = ' in_library (lib/library.c:3)\n';

  test('a vmlinux without debug information gives what a map does, and it is told', async () => {
    const vmlinux = join(folder, 'stripped');
    execFileSync('strip', ['--strip-debug', '-o', vmlinux, kernel.vmlinux]);
    const { address, size } = kernel.symbol('caller');
    const log = `${kernel.banner}\n${offset}[<${(address + move + 1n).toString(16)}>]\n${line}`;
    const { text: out, problems } = await decode(log, { vmlinux });
    expect(out).toBe(`${kernel.banner}\n${offset}caller+0x1/0x${size.toString(16)}\n${line}`);
    expect(problems).toMatchObject([{ type: 'no lines', path: vmlinux }]);
    expect((await decode(line, { vmlinux })).problems).toMatchObject([{ type: 'no lines', path: vmlinux }]);
  });

  test('a module without debug information is told too', async () => {
    const modules = join(folder, 'modules');
    mkdirSync(modules);
    execFileSync('strip', ['--strip-debug', '-o', join(modules, 'made.ko'), makeModule(folder)]);
    // The last of a module's code: its size is what the kernel allocated.
    const log = ' work+0x1/0x1000 [made]\n work+0x1/0x1000 [made]\n';
    const { text: out, problems } = await decode(log, { vmlinux: kernel.vmlinux, modules: [modules] });
    expect(out).toBe(log);
    expect(problems).toMatchObject([{ type: 'no module', module: 'made', why: expect.any(String) }]);
  });

  test('where the vmlinux that was named is of one boot, the other has its own', async () => {
    const root = join(folder, 'both');
    const usual = join(root, 'boot/vmlinux-6.9.0-made');
    place(kernel.vmlinux, usual);
    const log = `${other.banner}\n${line}${kernel.banner}\n${line}`;
    const { text: out, problems } = await decode(log, { vmlinux: other.vmlinux, debugDir: root });
    expect(out).toBe(`${other.banner}\n${decoded}${kernel.banner}\n${decoded}`);
    expect(problems).toMatchObject([{ type: 'other used', path: other.vmlinux, used: usual }]);
    // Without the other's file the refusal is an error.
    const alone = await decode(log, { vmlinux: other.vmlinux });
    expect(alone.text).toBe(`${other.banner}\n${decoded}${kernel.banner}\n${line}`);
    expect(alone.problems).toMatchObject([{ type: 'other build', path: other.vmlinux }]);
  });
});
