import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Answer, Answerer, type AnswerOptions } from '../../src/symbols/answer.ts';
import { hasCompiler, makeKernel, place } from './own-kernel.ts';
import { makeModule, moduleSource } from './own-module.ts';

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
    expect(both).not.toHaveProperty('address');
    const [first, second] = [kernel.symbol('twin', 0), kernel.symbol('twin', 1)];
    expect(both?.candidates).toMatchObject([
      { symbol: 'twin', address: first.address + 1n, size: first.size, frames: [{ function: 'twin', inlined: false }] },
      { symbol: 'twin', address: second.address + 1n, size: second.size },
    ]);
    // Each by its address or its size, and the longer one by an offset that only it has.
    const only = [
      `0x${(second.address + 1n).toString(16)}`,
      `twin+0x1/0x${second.size.toString(16)}`,
      `twin+0x${Math.max(first.size, second.size).toString(16)}`,
    ];
    for (const one of await answer(only, { vmlinux })) expect(one).toMatchObject({ symbol: 'twin', candidates: [] });
  });

  test('sections, absolute addresses, and what is before a symbol', async () => {
    const { address } = kernel.symbol('caller');
    const inText = Number(address - 0xffffffff81000000n);
    const inputs = [
      `.text+0x${inText.toString(16)}`,
      `*ABS*+0x${address.toString(16)}`,
      'end-0x1',
      '.none+0x1',
      '.text+0x99999',
    ];
    const [section, absolute, before, none, beyond] = await answer(inputs, { vmlinux });
    expect(section).toMatchObject({ address, symbol: 'caller', offset: 0 });
    expect(absolute).toMatchObject({ address, symbol: 'caller', offset: 0 });
    expect(before).toMatchObject({ address: kernel.symbol('end').address - 1n });
    expect(before?.symbol).not.toBe('end');
    expect(none?.problem).toMatch(/no section \.none/);
    expect(beyond?.problem).toMatch(/beyond its end/);
    const [offset] = await answer([inText.toString(16)], { vmlinux, section: '.text' });
    expect(offset).toMatchObject({ address, symbol: 'caller' });
  });

  test('data is told, and has no line', async () => {
    const [level] = await answer(['level'], { vmlinux });
    expect(level).toMatchObject({
      symbol: 'level',
      offset: 0,
      frames: [],
      notes: [expect.stringMatching(/no source line/)],
    });
    expect(level?.problem).toBeUndefined();
    const [same] = await answer([`0x${(level?.address ?? 0n).toString(16)}`], { vmlinux });
    expect(same).toMatchObject({ symbol: 'level', address: level?.address });
  });

  test('positions have the file as it was recorded, too', async () => {
    const [answered] = await answer(['caller'], { vmlinux });
    expect(answered?.frames[0]?.path).toBe(join(folder, 'kernel.c'));
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
    expect(forced?.notes?.join()).toMatch(/^UNVERIFIED \(--force\): it has size 0x/);
  });

  test('without a name the vmlinux of the release is sought', async () => {
    const debugDir = join(folder, 'root');
    mkdirSync(debugDir);
    await expect(answer(['caller'], { debugDir, release: '6.9.0-made' })).rejects.toMatchObject({
      code: 'KT-SYMBOLS-NO-VMLINUX',
    });
    place(vmlinux, join(debugDir, 'boot/vmlinux-6.9.0-made'));
    const [found] = await answer(['caller'], { debugDir, release: '6.9.0-made' });
    expect(found?.symbol).toBe('caller');
  });
});

describe.skipIf(!hasCompiler)('questions to a module of our own (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const module = makeModule(folder);
  const lineOf = (text: string): number => moduleSource.split('\n').findIndex((line) => line.includes(text)) + 1;

  test('by symbol, section, and address', async () => {
    const inputs = ['work', '.text+0x0', '0x0', 'helper+0x1 [made]', 'starts', '.init.text+0x1'];
    const [work, section, address, helper, starts, init] = await answer(inputs, { module });
    expect(work).toMatchObject({
      symbol: 'work',
      module: 'made',
      frames: [{ function: 'work', line: lineOf('/* work */') }],
    });
    // It has no address before it is loaded.
    expect(work).not.toHaveProperty('address');
    expect(section).toMatchObject({ symbol: 'helper', offset: 0, module: 'made' });
    expect(address).toMatchObject({ symbol: 'helper', offset: 0 });
    expect(helper).toMatchObject({ symbol: 'helper', offset: 1 });
    expect(starts).toMatchObject({ symbol: 'starts', notes: [expect.stringMatching(/__init text/)] });
    expect(init).toMatchObject({ symbol: 'starts', offset: 1 });
  });

  test('by addresses of where it was loaded', async () => {
    const moduleBase = 0xffffffffc0123000n;
    const [inside, outside, below] = await answer(['ffffffffc0123000', 'ffffffffc0200000', 'ffffffffc0000000'], {
      module,
      moduleBase,
    });
    expect(inside).toMatchObject({ symbol: 'helper', offset: 0 });
    expect(outside?.problem).toMatch(/module's code has/);
    expect(below?.problem).toMatch(/module's code has/);
    const [forgotten] = await answer(['ffffffffc0123000'], { module });
    expect(forgotten?.problem).toMatch(/--base/);
  });

  test('what the compiler made of a function is found by its name, and said', async () => {
    const [split, other] = await answer(['split', 'split.part.3'], { module });
    expect(split).toMatchObject({
      symbol: 'split.isra.0',
      notes: [expect.stringMatching(/made split\.isra\.0 of it/)],
    });
    expect(other?.problem).toMatch(/no symbol split\.part\.3, but split\.isra\.0/);
  });

  test('a module may be named in place of a vmlinux', async () => {
    const [work, same] = await answer(['work', 'work [made]'], { vmlinux: module });
    expect(work).toMatchObject({ symbol: 'work', module: 'made' });
    expect(same).toMatchObject({ symbol: 'work', module: 'made' });
  });

  test('files that cannot be used are errors', async () => {
    await expect(answer(['work'], { module: join(folder, 'none.ko') })).rejects.toMatchObject({
      code: 'KT-FILE-MISSING',
    });
    await expect(answer(['work'], { module: join(folder, 'made.c') })).rejects.toMatchObject({
      code: 'KT-ELF-NOT-ELF',
    });
    await expect(answer(['work'], { vmlinux: folder })).rejects.toMatchObject({ code: expect.stringMatching(/^KT-/) });
  });
});
