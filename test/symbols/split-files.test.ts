import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { Answerer } from '../../src/symbols/answer.ts';
import { OpenImages } from '../../src/symbols/candidates.ts';
import { Image } from '../../src/symbols/image.ts';
import { hasCompiler, makeKernel } from './own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-split-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(!hasCompiler)('a vmlinux that was stripped (skipped without gcc)', () => {
  const kernel = hasCompiler ? makeKernel(join(folder, 'kernel')) : undefined;
  if (kernel === undefined) return;
  const boot = join(folder, 'root/boot');
  const debug = join(folder, 'root/usr/lib/debug/boot');
  mkdirSync(boot, { recursive: true });
  mkdirSync(debug, { recursive: true });
  const stripped = join(boot, 'vmlinux-6.9.0-made');
  const separate = join(debug, 'vmlinux-6.9.0-made.debug');
  execFileSync('objcopy', ['--only-keep-debug', kernel.vmlinux, separate]);
  execFileSync('strip', ['--strip-all', '-o', stripped, kernel.vmlinux]);

  test('is answered for by the file that its debug information is in', async () => {
    const answerer = new Answerer({ vmlinux: stripped, debugDir: join(folder, 'root') });
    try {
      const [answer] = await answerer.answer([`outer+0x${kernel.afterCall('caller').toString(16)}`, 'outer']);
      expect(answer?.problem).toBeUndefined();
      expect(answer?.frames.at(-1)).toMatchObject({ function: 'outer', file: expect.stringMatching(/kernel\.c$/) });
    } finally {
      answerer.close();
    }
  });

  test('has the banner of the one and the symbols of the other', async () => {
    const image = await Image.open(stripped, undefined, join(folder, 'root'));
    try {
      expect(image.debugPath).toBe(separate);
      expect(image.banner).toBe(kernel.banner);
      expect(image.release).toBe('6.9.0-made');
      expect(image.symbolsNamed('outer')).toHaveLength(1);
    } finally {
      image.close();
    }
  });

  test('is refused where its debug information is nowhere', async () => {
    const images = new OpenImages(undefined, join(folder, 'elsewhere'));
    expect(await images.open(stripped)).toBe('it has no debug information, and no symbols either');
    images.close();
  });

  test('is not needed where the file of debug information was named itself', async () => {
    const image = await Image.open(separate);
    try {
      expect(image.hasDebugInfo).toBe(true);
      expect(image.banner).toBeUndefined();
      const { address } = kernel.symbol('outer');
      const [frames] = await image.resolve([Number(BigInt.asIntN(64, address))]);
      expect(frames?.at(-1)?.function).toBe('outer');
    } finally {
      image.close();
    }
  });
});
