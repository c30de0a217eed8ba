import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ResolvedFrame } from '../../src/dwarf/debug-info.ts';
import type { SectionHeader } from '../../src/elf/section-table.ts';
import type { KernelSymbol } from '../../src/elf/symbol-table.ts';
import { type Answer, Answerer, type AnswerOptions } from '../../src/symbols/answer.ts';
import { IndexCache } from '../../src/symbols/index-cache.ts';
import { hasCompiler, makeKernel } from './own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = (): string => join(folder, `${files++}`, 'made.ktindex');

const ours = { first: 0x1234, second: -5 };
const text: SectionHeader = {
  index: 1,
  name: '.text',
  type: 1,
  flags: 6,
  address: -(2 ** 31),
  offset: 64,
  size: 2 ** 24,
  link: 0,
  info: 0,
  alignment: 16,
  entrySize: 0,
};
const sections: readonly SectionHeader[] = [{ ...text, index: 0, name: '' }, text];
const open = (path: string, fingerprint = ours): IndexCache => new IndexCache(path, fingerprint, sections);

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const optional = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const frame: fc.Arbitrary<ResolvedFrame> = fc
  .record({
    function: optional(word),
    file: optional(word),
    path: optional(word),
    md5: optional(word),
    line: optional(fc.nat(100_000)),
    column: optional(fc.nat(200)),
    inlined: fc.boolean(),
    betweenFunctions: optional(fc.constant(true)),
  })
  .map((made) => {
    const { inlined, ...rest } = made;
    return { inlined, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) };
  });
const symbol: fc.Arbitrary<KernelSymbol> = fc.record({
  index: fc.nat(200_000),
  name: word,
  address: fc.integer({ min: text.address, max: text.address + text.size }),
  symbolSize: fc.nat(),
  type: fc.nat(15),
  binding: fc.nat(15),
  section: fc.constant(text),
  size: fc.nat(),
  sizeInSection: fc.nat(),
  sizeIsCertain: fc.boolean(),
  aliases: fc.array(word, { maxLength: 3 }),
});
interface Contents {
  readonly frames: readonly (readonly [number, readonly ResolvedFrame[]])[];
  readonly at: readonly (readonly [number, KernelSymbol | undefined])[];
  readonly named: readonly (readonly [string, readonly KernelSymbol[]])[];
  readonly banner: string | undefined;
}
const address = fc.integer({ min: -(2 ** 47), max: 2 ** 31 });
const contents: fc.Arbitrary<Contents> = fc.record({
  frames: fc.uniqueArray(fc.tuple(address, fc.array(frame, { maxLength: 4 })), {
    selector: ([key]) => key,
    maxLength: 8,
  }),
  at: fc.uniqueArray(fc.tuple(address, optional(symbol)), { selector: ([key]) => key, maxLength: 8 }),
  named: fc.uniqueArray(fc.tuple(word, fc.array(symbol, { maxLength: 3 })), { selector: ([key]) => key, maxLength: 8 }),
  banner: optional(word),
});

function keep(cache: IndexCache, { frames, at, named, banner }: Contents): void {
  for (const [key, value] of frames) cache.keepFrames(key, value);
  for (const [key, value] of at) cache.keepSymbolAt(key, value);
  for (const [key, value] of named) cache.keepSymbolsNamed(key, value);
  cache.keepBanner(banner);
  cache.save();
}

/** All of the contents is there; `or` what is found for each thing that is not. */
function expectFound(cache: IndexCache, { frames, at, named, banner }: Contents, mayMiss: boolean): void {
  const found: (readonly [actual: unknown, wanted: unknown])[] = [
    ...frames.map(([key, value]) => [cache.frames(key), value] as const),
    ...at.map(([key, value]) => [cache.symbolAt(key), { value }] as const),
    ...named.map(([key, value]) => [cache.symbolsNamed(key), value] as const),
    [cache.banner, { value: banner }],
  ];
  for (const [actual, wanted] of found) if (!mayMiss || actual !== undefined) expect(actual).toEqual(wanted);
}

describe('an index of what was looked up', () => {
  test('has what was kept, and nothing else', () => {
    fc.assert(
      fc.property(contents, (made) => {
        const path = freshPath();
        keep(open(path), made);
        const cache = open(path);
        expectFound(cache, made, false);
        expect(cache.frames(2 ** 40)).toBe(undefined);
        expect(cache.symbolsNamed('nobody has thirteen')).toBe(undefined);
      }),
      { numRuns: 60 },
    );
  });

  test('is added to by later runs', () => {
    fc.assert(
      fc.property(contents, contents, (first, second) => {
        const path = freshPath();
        keep(open(path), first);
        keep(open(path), second);
        const later = { ...second, banner: second.banner };
        const both = open(path);
        expectFound(both, later, false);
        const keys = new Set(second.frames.map(([key]) => key));
        expectFound(both, { ...later, frames: first.frames.filter(([key]) => !keys.has(key)) }, false);
      }),
      { numRuns: 30 },
    );
  });

  test('is of these files only', () => {
    const path = freshPath();
    open(path).keepBanner('never saved');
    expect(existsSync(path)).toBe(false);
    keep(open(path), { frames: [[1, []]], at: [], named: [], banner: 'one' });
    const other = { first: ours.first, second: 6 };
    expect(open(path, other).banner).toBe(undefined);
    keep(open(path, other), { frames: [], at: [], named: [], banner: 'two' });
    expect(open(path, other).banner).toEqual({ value: 'two' });
    expect(open(path).frames(1)).toBe(undefined);
  });

  test('of another version is none', () => {
    const path = freshPath();
    keep(open(path), { frames: [], at: [], named: [], banner: 'one' });
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(bytes.readUInt32LE(4) + 1, 4);
    writeFileSync(path, bytes);
    expect(open(path).banner).toBe(undefined);
  });

  test('never says anything wrong, however it is damaged', () => {
    const damage = fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255)), {
      minLength: 1,
      maxLength: 12,
    });
    const length = fc.double({ min: 0, max: 1, noNaN: true });
    const [made] = fc.sample(fc.record({ contents }), { numRuns: 1, seed: 11 });
    const whole: Contents = { ...(made?.contents ?? { frames: [], at: [], named: [] }), banner: 'Linux version 1' };
    const path = freshPath();
    keep(open(path), whole);
    const bytes = readFileSync(path);
    expectFound(open(path), whole, false);
    fc.assert(
      fc.property(damage, optional(length), (changes, cut) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[Math.floor(at * (damaged.length - 1))] = value;
        writeFileSync(path, cut === undefined ? damaged : damaged.subarray(0, Math.floor(cut * damaged.length)));
        const cache = open(path);
        expectFound(cache, whole, true);
        // What is written over it is whole again.
        keep(cache, whole);
        expectFound(open(path), whole, false);
      }),
      { numRuns: 400 },
    );
  });

  test('cannot be written where there is no place for it, and nobody minds', () => {
    const path = freshPath();
    writeFileSync(join(folder, 'plain'), '');
    for (const where of [join(folder, 'plain', 'x.ktindex'), '/proc/none/x.ktindex', `${path}\0`]) {
      const cache = open(where);
      cache.keepBanner('one');
      cache.save();
      expect(open(where).banner).toBe(undefined);
    }
    mkdirSync(path, { recursive: true });
    keep(open(path), { frames: [], at: [], named: [], banner: 'one' });
    expect(open(path).banner).toBe(undefined);
    expect(readdirSync(join(path, '..'))).toEqual(['made.ktindex']);
  });

  test('of two that are written at once one stays, whole', () => {
    const path = freshPath();
    const [first, second] = [open(path), open(path)];
    expect([first.banner, second.banner]).toEqual([undefined, undefined]);
    first.keepBanner('one');
    second.keepFrames(7, [{ inlined: false, line: 3 }]);
    first.save();
    second.save();
    expect(open(path).frames(7)).toEqual([{ inlined: false, line: 3 }]);
    expect(readdirSync(join(path, '..'))).toEqual(['made.ktindex']);
  });

  test('too much of one run is not kept', () => {
    const path = freshPath();
    const cache = open(path);
    for (let each = 0; each < 20_000; each++) cache.keepFrames(each, []);
    cache.save();
    expect(existsSync(path)).toBe(false);
  });

  test('makes room by removing the oldest', () => {
    const path = freshPath();
    const beside = (name: string): string => join(path, '..', name);
    mkdirSync(beside(''), { recursive: true });
    // Sparse, of 16 MiB each: together more than the folder may take.
    for (let age = 0; age < 20; age++) {
      const old = beside(`old-${age}.ktindex`);
      writeFileSync(old, '');
      truncateSync(old, 16 * 1024 * 1024);
      utimesSync(old, 1_000_000 - age, 1_000_000 - age);
    }
    writeFileSync(beside('left.ktindex.1.abc.tmp'), '');
    utimesSync(beside('left.ktindex.1.abc.tmp'), 1, 1);
    writeFileSync(beside('somebody.else'), '');
    keep(open(path), { frames: [], at: [], named: [], banner: 'one' });
    const left = readdirSync(beside('')).sort();
    expect(left).toContain('made.ktindex');
    expect(left).toContain('old-0.ktindex');
    expect(left).toContain('somebody.else');
    expect(left).not.toContain('old-19.ktindex');
    expect(left).not.toContain('left.ktindex.1.abc.tmp');
    expect(left.filter((name) => name.startsWith('old-'))).toHaveLength(15);
  });
});

describe.skipIf(!hasCompiler)('answers with an index (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(join(folder, 'kernel'));
  const { vmlinux } = kernel;
  // Small files have none.
  appendFileSync(vmlinux, Buffer.alloc(4 * 1024 * 1024));
  const cache = join(folder, 'indexes');
  const outer = kernel.symbol('outer');
  const questions = [
    ...Array.from({ length: Math.min(outer.size, 24) }, (_, at) => `0x${(outer.address + BigInt(at)).toString(16)}`),
    `caller+0x4/0x${kernel.symbol('caller').size.toString(16)}`,
    'twin+0x1',
    'nobody+0x1',
    '0xffffffff80000000',
    'last',
  ];

  async function answer(options: AnswerOptions): Promise<Answer[]> {
    const answerer = new Answerer({ vmlinux, ...options });
    try {
      return await answerer.answer(questions);
    } finally {
      answerer.close();
    }
  }

  test('are the same as without, the first time, again, and however the index is damaged', async () => {
    const without = await answer({});
    expect(await answer({ cache })).toEqual(without);
    const [name] = readdirSync(cache);
    const path = join(cache, name ?? '');
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(1000);
    expect(await answer({ cache })).toEqual(without);
    expect(readFileSync(path).equals(bytes)).toBe(true);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 40 }),
        async (changes) => {
          const damaged = Buffer.from(bytes);
          for (const [at, value] of changes) damaged[at] = value;
          writeFileSync(path, damaged);
          expect(await answer({ cache })).toEqual(without);
        },
      ),
      { numRuns: 100 },
    );
  });

  test('are not those of a file that was there before', async () => {
    await answer({ cache });
    const before = readdirSync(cache).length;
    utimesSync(vmlinux, 1_700_000_000, 1_700_000_000);
    const without = await answer({});
    expect(await answer({ cache })).toEqual(without);
    expect(readdirSync(cache)).toHaveLength(before + 1);
  });
});
