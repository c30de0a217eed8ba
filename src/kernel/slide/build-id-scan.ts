import type { Machine } from '../../machine/machine.ts';
import type { MemoryRange } from '../../machine/qmp/memory-map.ts';
import { readChunk } from './read-chunk.ts';

/** The head of a note with a build ID of SHA-1: name of 4 bytes, description of 20, type NT_GNU_BUILD_ID, `GNU`. */
const noteHead = Buffer.from('\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0', 'latin1');
const idBytes = 20;
const elfMagic = Buffer.from('\x7fELF', 'latin1');
const pageBytes = 4096;

/**
 * The first build ID among bytes of an image that is the kernel's own: the vDSO is in there too, an ELF file that begins
 * with a page and has its note in that one.
 */
export function buildIdIn(bytes: Buffer): string | undefined {
  for (let at = bytes.indexOf(noteHead); at !== -1; at = bytes.indexOf(noteHead, at + 1)) {
    const page = at - (at % pageBytes);
    const isVdso = bytes.subarray(page, page + elfMagic.length).equals(elfMagic);
    const id = bytes.subarray(at + noteHead.length, at + noteHead.length + idBytes);
    if (!isVdso && id.length === idBytes) return id.toString('hex');
  }
  return undefined;
}

const chunkBytes = 0x10_0000;
/** Chunks that are looked at: constants, in which notes are, have less. */
const mostChunks = 32;

/** The build ID of a kernel whose banner is at a physical address: its notes follow later in the same image. */
export async function buildIdBehind(machine: Machine, banner: bigint, end: bigint): Promise<string | undefined> {
  const start = banner - (banner % BigInt(pageBytes));
  const stop = minimum(end, start + BigInt(mostChunks * chunkBytes));
  for (let at = start; at < stop; at += BigInt(chunkBytes)) {
    const bytes = await readChunk(machine, at, Number(minimum(BigInt(chunkBytes), stop - at)));
    const id = bytes === undefined ? undefined : buildIdIn(bytes);
    if (id !== undefined) return id;
  }
  return undefined;
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}

/** Memory behind a banner that can be of the same image. */
export function behind(banner: bigint, { end }: MemoryRange, memory: readonly MemoryRange[]): bigint {
  const range = memory.find((each) => banner >= each.start && banner < each.end);
  return range?.end ?? end;
}
