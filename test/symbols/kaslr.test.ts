import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import { toBigAddress } from '../../src/elf/address.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import { Image } from '../../src/symbols/image.ts';
import { projectRoot } from '../helpers/built.ts';

/** Where the lab of kernels that crash on demand keeps what it fetched. */
const kernel = join(process.env.KTLAB_DIR ?? join(homedir(), '.cache', 'ktlab'), '6.1-amd64');
const vmlinux = join(kernel, 'vmlinux');
const log = join(projectRoot, 'test', 'cases', 'lab-6.1-amd64-panic', 'panic.log');

const folder = mkdtempSync(join(tmpdir(), 'ktriage-kaslr-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const moved = 0xf800000n;
const frameLine = /^(\[ *\d+\.\d+\] {2})(\? )?([\w.]+)\+0x([0-9a-f]+)\/0x([0-9a-f]+)\r?$/;

/** The log as a kernel prints it that has no kallsyms, or as older ones do: with addresses. */
function withAddresses(image: Image, write: (address: string, frame: string, nth: number) => string): string {
  let nth = 0;
  const lines = readFileSync(log, 'latin1')
    .split('\n')
    .map((line) => {
      const [, time = '', doubt = '', name = '', offset = '', size = ''] = frameLine.exec(line) ?? [];
      const [symbol, other] = name === '' ? [] : image.symbolsNamed(name);
      if (symbol === undefined || other !== undefined) return line;
      const address = toBigAddress(symbol.address) + BigInt(`0x${offset}`) + moved;
      return `${time}${write(address.toString(16), `${doubt}${name}+0x${offset}/0x${size}`, nth++)}`;
    });
  expect(nth).toBeGreaterThan(8);
  return lines.join('\n');
}

async function analyzed(text: string): Promise<CrashReport | undefined> {
  const path = join(folder, 'moved.log');
  writeFileSync(path, text, 'latin1');
  const sources = await openSources({ vmlinux, modules: [kernel] });
  try {
    return (await analyzeFile(path, { sources })).reports.at(-1);
  } finally {
    sources.close();
  }
}

const positions = (report: CrashReport | undefined): string[] =>
  (report?.frames ?? []).map(
    ({ function: name, offset, source }: Frame) => `${name}+${offset} ${source?.file}:${source?.line}`,
  );

describe.skipIf(!existsSync(vmlinux))('a kernel that was moved (skipped without the lab and its 6.1-amd64)', () => {
  const doubt = (frame: string): string => (frame.startsWith('? ') ? '? ' : '');

  test('bare addresses get their functions by the offset that the log prints', async () => {
    const image = await Image.open(vmlinux);
    const plain = positions(await analyzed(readFileSync(log, 'latin1')));
    expect(plain.some((position) => position.startsWith('vfs_write+199 fs/read_write.c:'))).toBe(true);
    for (const write of [
      (address: string, frame: string): string => `[<${address}>] ${doubt(frame)}0x${address}`,
      (address: string, frame: string): string => `${doubt(frame)}0x${address}`,
    ]) {
      const report = await analyzed(withAddresses(image, write));
      expect(report?.symbols?.kaslr).toEqual({ offset: moved, from: 'log' });
      expect(positions(report)).toEqual(plain);
    }
    image.close();
  });

  test('without that line, by addresses that stand beside their symbols', async () => {
    const image = await Image.open(vmlinux);
    const text = withAddresses(image, (address, frame, nth) =>
      nth % 3 === 0 ? `[<${address}>]` : `[<${address}>] ${frame}`,
    );
    const report = await analyzed(text.replace(/^[^\n]*Kernel Offset[^\n]*\n/m, ''));
    expect(report?.symbols?.kaslr).toEqual({ offset: moved, from: 'pairs' });
    expect(positions(report)).toEqual(positions(await analyzed(readFileSync(log, 'latin1'))));
    // One that contradicts the others: then nothing is known.
    const wrong = text
      .replace(/^[^\n]*Kernel Offset[^\n]*\n/m, '')
      .replace(/\[<ffffffff9(\w+>\] vfs_write)/, '[<ffffffff8$1');
    expect((await analyzed(wrong))?.symbols?.kaslr).toBeUndefined();
    image.close();
  });
});
