import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { UnitRange } from '../../src/dwarf/address-index.ts';
import type { ResolvedFrame } from '../../src/dwarf/debug-info.ts';
import type { CodePiece, Piece } from '../../src/dwarf/unit-pieces.ts';
import { type Answer, Answerer, type AnswerOptions } from '../../src/symbols/answer.ts';
import { IndexCache } from '../../src/symbols/index-cache.ts';
import { PieceCollector } from '../../src/symbols/index-cache-code.ts';
import { emptyTables, type IndexState, indexBytes } from '../../src/symbols/index-cache-file.ts';
import { writeIndex } from '../../src/symbols/index-cache-folder.ts';
import { writeUnits } from '../../src/symbols/index-cache-units.ts';
import { runAfterwards } from '../../src/util/afterwards.ts';
import { hasCompiler, makeKernel } from './own-kernel.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-index-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let files = 0;
const freshPath = (): string => join(folder, `${files++}`, 'made.ktindex');

const ours = { first: 0x1234, second: -5 };
const base = -(2 ** 31);
const open = (path: string, fingerprint = ours): IndexCache => new IndexCache({ path, fingerprint }, []);

interface Segment {
  readonly address: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
  readonly call: number;
}

const columns = (low: number, segments: readonly Segment[]): CodePiece['segments'] => ({
  count: segments.length,
  starts: Int32Array.from(segments, ({ address }) => address - low),
  files: Int32Array.from(segments, ({ file }) => file),
  lines: Int32Array.from(segments, ({ line }) => line),
  columns: Int32Array.from(segments, ({ column }) => column),
  calls: Int32Array.from(segments, ({ call }) => call),
});

/** What the frames at a segment should be, said anew. */
function framesAt(piece: Piece, address: number): ResolvedFrame[] | undefined {
  if (address < piece.low || address >= piece.high) return undefined;
  if (piece.kind === 'bare') return [];
  const { segments, calls, kind, low } = piece;
  const nth = segments.starts.findLastIndex((start) => start <= address - low);
  const value = (column: Int32Array): number => column[nth] ?? Number.NaN;
  const at = { file: value(segments.files), line: value(segments.lines), column: value(segments.columns) };
  const frame = (name: string | undefined, file: number, line: number, column: number, inlined: boolean) => {
    const source = file < 0 ? undefined : piece.file(file);
    return {
      inlined,
      ...(name !== undefined && { function: name }),
      ...(source && { file: source.name, path: source.path }),
      ...(source?.md5 !== undefined && { md5: source.md5 }),
      ...(line > 0 && { line }),
      ...(column > 0 && { column }),
    };
  };
  if (kind !== 'function') {
    if (at.file < 0) return [];
    const only = frame(undefined, at.file, at.line, at.column, false);
    return [kind === 'padding' ? { ...only, betweenFunctions: true } : only];
  }
  const frames: ResolvedFrame[] = [];
  let position = [at.file, at.line, at.column] as const;
  for (let call = calls[value(segments.calls)]; call !== undefined; call = calls[call.parent]) {
    frames.push(frame(piece.nameOf(call), ...position, true));
    position = [call.callFile, call.callLine, call.callColumn];
  }
  frames.push(frame(piece.name, ...position, false));
  return frames;
}

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const line = fc.oneof(fc.nat(60), fc.nat(100_000));
const call = fc.record({
  origin: fc.nat(9),
  callFile: fc.nat(9),
  callLine: line,
  callColumn: fc.nat(200),
  around: fc.double({ min: 0, max: 1, noNaN: true }),
});
const change = fc.record({
  distance: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 70_000 })),
  file: fc.integer({ min: -1, max: 9 }),
  line,
  column: fc.nat(200),
  call: fc.double({ min: 0, max: 1, noNaN: true }),
});
const madePiece = fc.record({
  kind: fc.constantFrom<Piece['kind']>('bare', 'function', 'padding', 'assembly'),
  gap: fc.nat(40),
  name: fc.option(word, { nil: undefined }),
  names: fc.array(fc.option(word, { nil: undefined }), { minLength: 10, maxLength: 10 }),
  calls: fc.array(call, { maxLength: 6 }),
  changes: fc.array(change, { minLength: 1, maxLength: 9 }),
  last: fc.integer({ min: 1, max: 300 }),
});

/** Pieces one behind the other, with gaps between them. */
const pieces: fc.Arbitrary<readonly Piece[]> = fc.array(madePiece, { minLength: 1, maxLength: 12 }).map((made) => {
  let at = base;
  return made.map(({ kind, gap, name, names, calls, changes, last }): Piece => {
    const low = at + gap;
    const segments: Segment[] = [];
    let address = low;
    for (const { distance, call: which, file, line: own, column } of changes) {
      const none = file < 0;
      const number = Math.floor(which * (calls.length + 1)) - 1;
      const position = { file, line: none ? 0 : own, column: none ? 0 : column };
      segments.push({ address, ...position, call: kind === 'function' ? Math.min(number, calls.length - 1) : -1 });
      address += distance;
    }
    const high = (segments.at(-1)?.address ?? low) + last;
    at = high;
    if (kind === 'bare') return { kind, low, high };
    return {
      kind,
      low,
      high,
      name: kind === 'function' ? name : undefined,
      calls: calls.map(({ around, ...rest }, nth) => {
        const parent = Math.floor(around * (nth + 1)) - 1;
        return { ...rest, parent: Math.min(parent, nth - 1), depth: 1, size: 1, lows: [], highs: [] };
      }),
      segments: columns(low, segments),
      nameOf: ({ origin }) => names[origin],
      file: (index) => {
        const own = names[index];
        const path = index > 3 ? `/build/${own}` : `/elsewhere ${index}`;
        return own === undefined ? undefined : { name: own, path, ...(index > 6 && { md5: 'ab' }) };
      },
    };
  });
});

function contents(made: readonly Piece[], banner?: string, ranges: readonly UnitRange[] = []) {
  const tables = emptyTables();
  const collector = new PieceCollector();
  // In any order.
  for (const piece of made.toReversed()) collector.add(piece);
  collector.write(tables.code, base);
  writeUnits(ranges, tables.units, base);
  return { base, banner, tables };
}

function keep(path: string, made: readonly Piece[], banner?: string, state: IndexState = 'whole'): void {
  writeIndex(path, indexBytes(ours, state, contents(made, banner)) ?? []);
}

/** Addresses where something begins, or has just ended. */
function addressesOf(made: readonly Piece[]): number[] {
  const found = new Set<number>();
  for (const piece of made) {
    for (const at of [piece.low, piece.high, ...(piece.kind === 'bare' ? [] : piece.segments.starts)].map(
      (each, nth) => (nth < 2 ? each : each + piece.low),
    ))
      for (const near of [at - 1, at, at + 1]) found.add(near);
  }
  return [...found];
}

function expectFrames(cache: IndexCache, made: readonly Piece[], mayMiss: boolean): void {
  for (const address of addressesOf(made)) {
    const found = cache.frames(address);
    const piece = made.find((each) => address >= each.low && address < each.high);
    if (found !== undefined || !mayMiss) expect(found).toEqual(piece && framesAt(piece, address));
  }
}

const overlap = (one: UnitRange, other: UnitRange | undefined): boolean =>
  other !== undefined && one.low < other.high && other.low < one.high;

describe('an index', () => {
  test('has what was written, and nothing else', () => {
    fc.assert(
      fc.property(pieces, fc.option(word, { nil: undefined }), (made, banner) => {
        const path = freshPath();
        keep(path, made, banner);
        const cache = open(path);
        expectFrames(cache, made, false);
        expect(cache.banner).toEqual({ value: banner });
        expect(cache.frames(base - 1)).toBe(undefined);
        expect(cache.frames(2 ** 50)).toBe(undefined);
        expect(cache.symbolAt(base)).toBe(undefined);
        expect(cache.symbolsNamed('nobody')).toBe(undefined);
        expect(cache.finish()).toBe(false);
      }),
      { numRuns: 150 },
    );
  });

  test('of many pages too', () => {
    const [some = []] = fc.sample(pieces, { numRuns: 1, seed: 3 });
    const many: Piece[] = [];
    const length = (some.at(-1)?.high ?? base) - base + 1;
    for (let nth = 0; nth < 120; nth++)
      for (const piece of some) {
        const by = nth * length;
        const low = piece.low + by;
        const high = piece.high + by;
        many.push({ ...piece, low, high });
      }
    const path = freshPath();
    keep(path, many);
    expect(readFileSync(path).length).toBeGreaterThan(16_000);
    expectFrames(open(path), many, false);
  });

  test('has the units of addresses, but not where several may be meant', () => {
    const number = fc.oneof(fc.nat(60), fc.nat(100_000));
    const range = fc.tuple(number, fc.integer({ min: 1, max: 40 }), fc.nat(2 ** 32));
    const sorted = fc
      .array(range, { maxLength: 400 })
      .map((made) =>
        made
          .map(([from, length, unit]) => ({ low: base + from, high: base + from + length, unit }))
          .sort((a, b) => a.low - b.low),
      );
    fc.assert(
      fc.property(sorted, (ranges) => {
        const path = freshPath();
        writeIndex(path, indexBytes(ours, 'whole', contents([], undefined, ranges)) ?? []);
        const cache = open(path);
        for (const { low, high } of ranges)
          for (const address of [low - 1, low, high - 1, high]) {
            const meant = ranges.filter((each) => address >= each.low && address < each.high);
            const found = cache.unitAt(address);
            if (meant.length === 1 && ranges.every((each) => each === meant[0] || !overlap(each, meant[0])))
              expect(found).toBe(meant[0]?.unit);
            else expect(found).toBe(undefined);
          }
        expect(cache.unitAt(base - 1)).toBe(undefined);
        expect(cache.unitAt(2 ** 50)).toBe(undefined);
      }),
      { numRuns: 100 },
    );
  });

  test('is of these files, and of this version', () => {
    const path = freshPath();
    keep(path, [{ kind: 'bare', low: base, high: base + 8 }], 'one');
    expect(open(path).frames(base)).toEqual([]);
    expect(open(path, { first: ours.first, second: 6 }).frames(base)).toBe(undefined);
    const bytes = readFileSync(path);
    bytes.writeUInt32LE(bytes.readUInt32LE(4) + 1, 4);
    writeFileSync(path, bytes);
    expect(open(path).banner).toBe(undefined);
  });

  test('never says anything wrong, however it is damaged', () => {
    const change = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255));
    const length = fc.double({ min: 0, max: 1, noNaN: true });
    const [made = []] = fc.sample(pieces, { numRuns: 1, seed: 11 });
    const path = freshPath();
    keep(path, made, 'Linux version 1');
    const bytes = readFileSync(path);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 12 }), fc.option(length), (changes, cut) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[Math.floor(at * (damaged.length - 1))] = value;
        writeFileSync(path, cut === null ? damaged : damaged.subarray(0, Math.floor(cut * damaged.length)));
        const cache = open(path);
        expectFrames(cache, made, true);
        expect(cache.symbolAt(base)).toBe(undefined);
        expect(cache.symbolsNamed('nobody')).toBe(undefined);
        const { banner } = cache;
        if (banner !== undefined) expect(banner).toEqual({ value: 'Linux version 1' });
        cache.finish();
      }),
      { numRuns: 400 },
    );
  });

  test('is wanted the second time that it is missed, and made anew where it is damaged', () => {
    const path = freshPath();
    expect(open(path).finish()).toBe(false);
    // Nobody asked.
    expect(existsSync(path)).toBe(false);
    const run = (): boolean => {
      const cache = open(path);
      cache.frames(base);
      return cache.finish();
    };
    expect(run()).toBe(false);
    expect(existsSync(path)).toBe(true);
    expect([run(), run()]).toEqual([true, true]);
    keep(path, [], undefined, 'useless');
    expect(run()).toBe(false);
    keep(path, [{ kind: 'bare', low: base, high: base + 8 }]);
    expect(run()).toBe(false);
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    writeFileSync(path, bytes);
    expect([run(), run()]).toEqual([false, true]);
  });

  test('cannot be written where there is no place for it, and nobody minds', () => {
    const path = freshPath();
    writeFileSync(join(folder, 'plain'), '');
    for (const where of [join(folder, 'plain', 'x.ktindex'), '/proc/none/x.ktindex', `${path}\0`]) {
      keep(where, [], 'one');
      const cache = open(where);
      expect(cache.banner).toBe(undefined);
      expect(cache.finish()).toBe(false);
    }
    mkdirSync(path, { recursive: true });
    keep(path, [], 'one');
    expect(open(path).banner).toBe(undefined);
    expect(readdirSync(join(path, '..'))).toEqual(['made.ktindex']);
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
    keep(path, [], 'one');
    const left = readdirSync(beside('')).sort();
    expect(left).toContain('made.ktindex');
    expect(left).toContain('old-0.ktindex');
    expect(left).toContain('somebody.else');
    expect(left).not.toContain('old-19.ktindex');
    expect(left).not.toContain('left.ktindex.1.abc.tmp');
    expect(left.filter((name) => name.startsWith('old-'))).toHaveLength(15);
  });

  test('that is used is not the oldest', () => {
    const path = freshPath();
    keep(path, [], 'one');
    utimesSync(path, 1_000_000, 1_000_000);
    expect(open(path).banner).toEqual({ value: 'one' });
    expect(Date.now() - statSync(path).mtimeMs).toBeLessThan(60_000);
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
    // All of the code, and what is around it.
    ...Array.from({ length: 600 }, (_, at) => `0x${(outer.address + BigInt(at - 200)).toString(16)}`),
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
    await runAfterwards();
    const [name] = readdirSync(cache);
    const path = join(cache, name ?? '');
    expect(readFileSync(path).length).toBeLessThan(400);
    expect(await answer({ cache })).toEqual(without);
    await runAfterwards();
    const bytes = readFileSync(path);
    expect(bytes.length).toBeGreaterThan(1000);
    expect(await answer({ cache })).toEqual(without);
    await runAfterwards();
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
