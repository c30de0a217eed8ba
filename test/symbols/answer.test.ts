import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Answer, Answerer, type AnswerOptions } from '../../src/symbols/answer.ts';
import { hasCompiler, makeKernel, place } from './own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-answer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function answer(inputs: readonly string[], options: AnswerOptions): Promise<Answer[]> {
  const answerer = new Answerer(options);
  try {
    return await answerer.answer(inputs);
  } finally {
    answerer.close();
  }
}

describe.skipIf(!hasCompiler)('questions to a kernel of our own (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(folder);
  const { vmlinux } = kernel;
  const caller = kernel.symbol('caller');
  const behind = kernel.afterCall('caller');

  test('addresses are taken as given, or as behind a call', async () => {
    const address = caller.address + BigInt(behind);
    const input = `0x${address.toString(16)}`;
    const [given] = await answer([input], { vmlinux });
    expect(given).toMatchObject({
      input,
      address,
      symbol: 'caller',
      offset: behind,
      size: caller.size,
      candidates: [],
    });
    expect(given?.frames).toMatchObject([{ function: 'caller', line: kernel.line('/* after the call */') }]);
    const [back] = await answer([input], { vmlinux, returnAddresses: true });
    expect(back).toMatchObject({ address, offset: behind });
    expect(back?.frames).toMatchObject([{ function: 'caller', line: kernel.line('/* calls outer */') }]);
    const moved = 0x1000_0000n;
    const [elsewhere] = await answer([`0x${(address + moved).toString(16)}`], { vmlinux, kaslrOffset: moved });
    expect(elsewhere).toMatchObject({ address, symbol: 'caller' });
  });

  test('inlined functions come innermost first', async () => {
    const inputs = Array.from({ length: kernel.symbol('outer').size }, (_, offset) => `outer+${offset}`);
    const answers = await answer(inputs, { vmlinux });
    const chain = answers.map(({ frames }) => frames).find(([first]) => first?.function === 'inner');
    expect(chain?.map((frame) => [frame.function, frame.inlined])).toEqual([
      ['inner', true],
      ['middle', true],
      ['outer', false],
    ]);
  });

  test('several functions are all told, and none is chosen', async () => {
    const [both] = await answer(['twin+0x1'], { vmlinux });
    expect(both?.frames).toEqual([]);
    expect(both?.candidates.map(({ file }) => file?.slice(-7))).toEqual(['twin1.c', 'twin2.c']);
    expect(both?.problem).toMatch(/^2 functions/);
  });

  test('what cannot be answered says why', async () => {
    const wrong = [
      `caller+0x1/0x${(caller.size + 1).toString(16)}`,
      'none+0x1',
      'a b c',
      '0x10',
      'caller+0x999',
      'f+0x1 [m]',
    ];
    const answers = await answer(wrong, { vmlinux });
    const reasons = [
      /of another build/,
      /no symbol none/,
      /not understood/,
      /no function/,
      /beyond its end/,
      /module m/,
    ];
    for (const [nth, reason] of reasons.entries()) {
      expect(answers[nth]?.frames).toEqual([]);
      expect(answers[nth]?.problem).toMatch(reason);
    }
    const [forced] = await answer([wrong[0] ?? ''], { vmlinux, force: true });
    expect(forced?.frames).not.toEqual([]);
  });

  test('without a name the vmlinux of the release is sought', async () => {
    const debugDir = join(folder, 'root');
    await expect(answer(['caller'], { debugDir, release: '6.9.0-made' })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-NO-VMLINUX',
    });
    place(vmlinux, join(debugDir, 'boot/vmlinux-6.9.0-made'));
    const [found] = await answer(['caller'], { debugDir, release: '6.9.0-made' });
    expect(found?.symbol).toBe('caller');
  });
});
