import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ElfFile } from '../../src/elf/elf-file.ts';
import { memoryAccess } from '../../src/io/random-access.ts';
import { Image } from '../../src/symbols/image.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { madeModule, madeVmlinux } from '../helpers/damaged-images.ts';

/** What a question may take on a busy machine; whole files take some milliseconds. */
const mostMilliseconds = 4000;
/** What all together may hold at any time. */
const mostBytes = 1_000_000_000;

/** Where an error says that the damage is; names of sections may be any text. */
const place = /^(?:made is no ELF file|cannot read [\s\S]+ of made|.*: \.[\w.]+ at 0x[0-9a-f]+)$/;

interface Asked {
  readonly release: string | undefined;
  readonly buildId: string | undefined;
  readonly banner: string | undefined;
  readonly symbols: readonly string[];
  readonly frames: readonly string[];
  readonly problems: readonly string[];
  readonly failures: readonly string[];
}

/** Asks everything that a log asks of a file. */
async function askAll(bytes: Uint8Array): Promise<Asked> {
  const failures: string[] = [];
  const guard = async <Result>(call: () => Result | Promise<Result>): Promise<Result | undefined> => {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      expect(error.code).toMatch(/^KT-(?:ELF|DWARF)-[A-Z-]+$/);
      expect(error.message).toMatch(place);
      failures.push(`${error.code} ${error.message}: ${error.why}`);
      return undefined;
    }
  };
  const image = await guard(() => Image.of(ElfFile.open(memoryAccess(bytes), 'made')));
  if (image === undefined) return { ...nothing, failures };
  try {
    const names = ['outer', 'spaced', 'older', 'none', 'made::rust'];
    await guard(() => image.prepare(names));
    const symbols = await guard(() => names.flatMap((name) => image.symbolsNamed(name)));
    const text = image.elf.sections.find((section) => section.name === '.text');
    const from = text?.address ?? 0;
    const addresses = [0, 1, 9, 20, 41, 0x3f, 0x81, 0x91, 0x95, 0xb1, 0xb9, 0xc1, 0xd0].map((each) => from + each);
    await guard(() => addresses.map((address) => image.symbolAt(address)?.name));
    const frames = await guard(() => image.resolve([...addresses, ...(symbols ?? []).map(({ address }) => address)]));
    for (const problem of image.problems) expect(problem).toMatch(/: \.[\w.]+ at 0x[0-9a-f]+: |cannot read /);
    return {
      release: await guard(() => image.release),
      buildId: await guard(() => image.buildId),
      banner: await guard(() => image.banner),
      symbols: (symbols ?? []).map(({ name }) => name),
      frames: (frames ?? []).map((chain) => chain.map(({ function: name, line }) => `${name}:${line}`).join(' < ')),
      problems: image.problems,
      failures,
    };
  } finally {
    image.close();
  }
}

const nothing: Asked = {
  release: undefined,
  buildId: undefined,
  banner: undefined,
  symbols: [],
  frames: [],
  problems: [],
  failures: [],
};

const images = [madeVmlinux(), madeModule()];
/** The parts of a file: its header, its sections and its table of sections, from byte to byte. */
const parts = images.map((bytes) => {
  const elf = ElfFile.open(memoryAccess(bytes), 'made');
  const sections = elf.sections
    .filter((section) => elf.hasContents(section))
    .map(({ offset, size }): [number, number] => [offset, offset + size]);
  const last = Math.max(...sections.map(([, end]) => end));
  return [[0, 64] as [number, number], ...sections, [Math.ceil(last / 8) * 8, bytes.length] as [number, number]];
});

const evil = fc.constantFrom(
  [0],
  [0xff],
  [0x80],
  [0x7f],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff],
  [0, 0, 0, 0, 1, 0, 0, 0],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  new Array<number>(40).fill(0x80),
  new Array<number>(40).fill(0xff),
  new Array<number>(16).fill(0),
);
/** Anywhere alike: doubles would mostly be next to 0. */
const fraction = fc.noBias(fc.nat(999_999)).map((millionths) => millionths / 1_000_000);
const change = fc.record({
  part: fraction,
  at: fraction,
  bytes: fc.oneof(evil, fc.array(fc.nat(255), { minLength: 1, maxLength: 6 })),
});
/** One of so many has it. */
const rarely = <Value>(of: number, arbitrary: fc.Arbitrary<Value>): fc.Arbitrary<Value | null> =>
  fc.oneof({ weight: of - 1, arbitrary: fc.constant(null) }, { weight: 1, arbitrary });
const mutant = fc.record({
  which: fc.nat(images.length - 1),
  changes: fc.array(change, { minLength: 1, maxLength: 5 }),
  /** Bytes from one place are put at another: sections become each other. */
  copy: rarely(4, fc.tuple(fraction, fraction, fc.nat(200))),
  cut: rarely(8, fraction),
});

function mutate({
  which,
  changes,
  copy,
  cut,
}: typeof mutant extends fc.Arbitrary<infer Value> ? Value : never): Uint8Array {
  const bytes = Uint8Array.from(images[which] ?? []);
  const places = parts[which] ?? [];
  for (const { part, at, bytes: put } of changes) {
    const [from, to] = places[Math.floor(part * places.length)] ?? [0, 0];
    const start = from + Math.floor(at * (to - from));
    bytes.set(put.slice(0, bytes.length - start), start);
  }
  if (copy !== null) {
    const [from, to, length] = copy;
    const source = Math.floor(from * bytes.length);
    const target = Math.floor(to * bytes.length);
    bytes.set(bytes.slice(source, source + Math.min(length, bytes.length - target)), target);
  }
  return cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
}

describe('files of a kernel that are', () => {
  test('whole have everything', async () => {
    const [vmlinux, module] = [await askAll(madeVmlinux()), await askAll(madeModule())];
    for (const asked of [vmlinux, module]) {
      expect(asked.failures).toEqual([]);
      expect(asked).toMatchObject({ release: '6.9.0-made', buildId: '07'.repeat(20) });
      expect(asked.symbols).toEqual(expect.arrayContaining(['outer', 'spaced', 'older']));
      expect(asked.frames[2]).toBe('inner:4 < outer:100');
      expect(asked.frames[4]).toBe('inner:12 < inner:5 < outer:120');
      expect(asked.frames[8]).toMatch(/^inner older:\d+ < older:3$/);
      expect(asked.problems.join()).toContain('gone.dwo');
    }
    expect(vmlinux.banner).toMatch(/^Linux version 6\.9\.0-made /);
    expect(module.frames.slice(0, 13)).toEqual(vmlinux.frames.slice(0, 13));
  });

  test('damaged in ten thousand ways are refused in words, or answered for as far as they go', async () => {
    let worst = 0;
    let held = 0;
    let answered = 0;
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(mutant, async (damage) => {
        const before = performance.now();
        const asked = await askAll(mutate(damage));
        const took = performance.now() - before;
        worst = Math.max(worst, took);
        if (asked.frames.some((frame) => frame !== '')) answered++;
        if (++runs % 100 === 0) {
          const { heapUsed, arrayBuffers } = process.memoryUsage();
          held = Math.max(held, heapUsed + arrayBuffers);
        }
        expect(took).toBeLessThan(mostMilliseconds);
      }),
      { numRuns: 10_000 },
    );
    expect(held).toBeLessThan(mostBytes);
    // Most damage is to one thing, and leaves the others.
    expect(answered).toBeGreaterThan(runs / 4);
  }, 120_000);

  test('cut off anywhere are refused in words', async () => {
    for (const bytes of images)
      for (let length = 0; length < bytes.length; length += 41) await askAll(bytes.subarray(0, length));
  }, 60_000);
});
