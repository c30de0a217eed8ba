import type { Machine } from '../../machine/machine.ts';
import type { MemoryRange } from '../../machine/qmp/memory-map.ts';
import { bannerIn, bannerStart } from './banner.ts';
import type { KernelFile } from './kernel-file.ts';
import { readChunk } from './read-chunk.ts';

/** Places that are probed for each width of steps, each by one page: 64 GiB in steps of 2 MiB, 2 GiB in those of 64 KiB. */
const mostProbes = 32_768;
/** Probes at once. */
const together = 64;
/** Where nobody tells what memory there is. */
const usualMemory: readonly MemoryRange[] = [{ start: 0n, end: 0x1_0000_0000n }];
const everyPage = 4096n;
/** Less than the numbers of the first records: buffers have less than a million. */
const firstRecords = 0xfff0_0000;
/**
 * `#1 SMP ...`: since 6.1 an image has another banner before its own, of init/version.c, which the one with the number of
 * the build replaces as it is weak (init/version-timestamp.c).
 */
const hasBuildNumber = / #\S/;
const wanted = Buffer.from(bannerStart, 'latin1');

/** The memory of a machine; the usual place of some where that is not known. */
export function memoryOf(machine: Machine): readonly MemoryRange[] {
  return machine.memory ?? usualMemory;
}

/** Goes through the places where an image can be loaded; gives those where its banner would be where it should. */
export async function* scanForImage(
  machine: Machine,
  file: KernelFile,
  steps: readonly bigint[],
  signal?: AbortSignal,
): AsyncIterable<bigint> {
  const bannerOffset = file.bannerAt - file.text;
  for (const [nth, step] of steps.entries()) {
    const before = steps[nth - 1];
    let places: bigint[] = [];
    let left = mostProbes;
    for (const place of placesIn(memoryOf(machine), step, file.text % step)) {
      if (left-- <= 0) break;
      // Seen with the wider step.
      if (before !== undefined && place % before === file.text % before) continue;
      places.push(place);
      if (places.length < together) continue;
      yield* await probe(machine, places, bannerOffset);
      signal?.throwIfAborted();
      places = [];
    }
    yield* await probe(machine, places, bannerOffset);
  }
}

function* placesIn(memory: readonly MemoryRange[], step: bigint, offset: bigint): Iterable<bigint> {
  for (const { start, end } of memory) {
    const first = ((start + step - 1n - offset) / step) * step + offset;
    for (let place = first < 0n ? offset : first; place < end; place += step) yield place;
  }
}

async function probe(machine: Machine, places: readonly bigint[], bannerOffset: bigint): Promise<bigint[]> {
  const found = await Promise.all(
    places.map(async (place) => {
      const bytes = await machine.readPhysical(place + bannerOffset, wanted.length);
      return bytes !== undefined && wanted.equals(bytes);
    }),
  );
  return places.filter((_, nth) => found[nth]);
}

/** A banner in physical memory. */
export interface FoundBanner {
  readonly at: bigint;
  readonly banner: string;
  /** Physical addresses that were looked at, which it is in. */
  readonly within: MemoryRange;
}

const chunkBytes = 0x10_0000;
/** Chunks that are read at once. */
const chunksTogether = 4;

/** The parts of a range that are memory; all of it where that is not known. */
function inMemory(machine: Machine, range: MemoryRange): MemoryRange[] {
  if (machine.memory === undefined) return [range];
  return machine.memory.flatMap(({ start, end }) => {
    const part = { start: start > range.start ? start : range.start, end: end < range.end ? end : range.end };
    return part.start < part.end ? [part] : [];
  });
}

/** Looks at all of some memory for a banner, in its order or from its end; `most` bytes of it. */
export async function scanForBanner(
  machine: Machine,
  ranges: readonly MemoryRange[],
  most: number,
  options: { readonly backwards?: boolean; readonly signal?: AbortSignal | undefined } = {},
): Promise<FoundBanner | undefined> {
  let left = Math.ceil(most / chunkBytes);
  for (const within of ranges.flatMap((range) => inMemory(machine, range))) {
    const chunks = chunksOf(within, options.backwards === true);
    for (let batch = take(chunks, chunksTogether); batch.length > 0 && left > 0; batch = take(chunks, chunksTogether)) {
      left -= batch.length;
      for (const found of await Promise.all(batch.map((start) => bannerInChunk(machine, start, within.end))))
        if (found !== undefined) return { ...found, within };
      options.signal?.throwIfAborted();
    }
  }
  return undefined;
}

function* chunksOf({ start, end }: MemoryRange, backwards: boolean): Generator<bigint> {
  const size = BigInt(chunkBytes);
  const first = start - (start % everyPage);
  if (!backwards) {
    for (let at = first; at < end; at += size) yield at;
    return;
  }
  for (let at = end - (end % everyPage); at > first; ) {
    at = at > first + size ? at - size : first;
    yield at;
  }
}

function take(chunks: Generator<bigint>, count: number): bigint[] {
  const taken: bigint[] = [];
  while (taken.length < count) {
    const next = chunks.next();
    if (next.done === true) break;
    taken.push(next.value);
  }
  return taken;
}

/**
 * Whether a banner is the one that was printed, in the printk buffer. There its last two characters come twice, as what is
 * printed is moved over the two bytes of its level (printk_sprint() in kernel/printk/printk.c, since 5.13), and in front of
 * it is the number of its record, one of the first: these are just below 2^32 or 2^62 (kernel/printk/printk_ringbuffer.h).
 */
function isLogged(buffer: Buffer, at: number, banner: string): boolean {
  if (at < 8 || banner.slice(-2) !== banner.slice(-4, -2)) return false;
  const [low, high] = [buffer.readUInt32LE(at - 8), buffer.readUInt32LE(at - 4)];
  return low >= firstRecords && (high === 0 || high === 0x3fff_ffff);
}

async function bannerInChunk(
  machine: Machine,
  start: bigint,
  end: bigint,
): Promise<{ readonly at: bigint; readonly banner: string } | undefined> {
  const length = Number(end - start < BigInt(chunkBytes) ? end - start : BigInt(chunkBytes));
  // One that begins in the last page of a chunk may end in the next.
  const buffer = await readChunk(machine, start, length + Number(everyPage));
  if (buffer === undefined) return undefined;
  for (let at = buffer.indexOf(wanted); at !== -1 && at < length; at = buffer.indexOf(wanted, at + 1)) {
    const banner = bannerIn(buffer.subarray(at));
    if (banner !== undefined && hasBuildNumber.test(banner) && !isLogged(buffer, at, banner))
      return { at: start + BigInt(at), banner };
  }
  return undefined;
}
