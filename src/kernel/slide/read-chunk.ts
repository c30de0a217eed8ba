import type { Machine } from '../../machine/machine.ts';

const pageBytes = 4096;

/**
 * Physical memory from an address on, with zeros in place of pages that are not there; undefined if none is. Most is
 * there as a whole; memory has holes, and so have recordings of it.
 */
export async function readChunk(machine: Machine, start: bigint, length: number): Promise<Buffer | undefined> {
  const whole = await machine.readPhysical(start, length);
  if (whole !== undefined) return Buffer.from(whole.buffer, whole.byteOffset, whole.length);
  const chunk = Buffer.alloc(length);
  const pieces: Promise<boolean>[] = [];
  for (let at = 0; at < length; ) {
    const offset = at;
    const bytes = Math.min(length - at, pageBytes - Number((start + BigInt(at)) % BigInt(pageBytes)));
    pieces.push(
      machine.readPhysical(start + BigInt(at), bytes).then((piece) => {
        if (piece !== undefined) chunk.set(piece, offset);
        return piece !== undefined;
      }),
    );
    at += bytes;
  }
  return (await Promise.all(pieces)).includes(true) ? chunk : undefined;
}
