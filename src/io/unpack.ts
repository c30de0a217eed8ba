import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DamagedDataError } from './damaged.ts';
import { gunzip } from './gunzip.ts';
import type { Compression } from './magic.ts';
import { memoryAccess, openedAccess, type RandomAccess } from './random-access.ts';
import { unxz } from './unxz.ts';
import { unzstd } from './unzstd.ts';

/** What is held in memory when it is unpacked; the largest modules have more with their debug information. */
const heldBytes = 67_108_864;
/** Beyond that, data that becomes so many times as much is none: files of debug information become 3 to 10 times. */
const believedRatio = 100;
const windowBytes = 262_144;

const decoders: Readonly<
  Record<Exclude<Compression, 'none'>, (source: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>>
> = { gzip: gunzip, xz: unxz, zstd: unzstd };

/**
 * The contents of a file that is compressed as a whole. `stored` is closed when they are unpacked.
 * @throws DamagedDataError; the signal's reason.
 */
export async function unpack(
  stored: RandomAccess,
  compression: Exclude<Compression, 'none'>,
  signal?: AbortSignal,
): Promise<RandomAccess> {
  const target = new UnpackedBytes();
  try {
    for await (const chunk of decoders[compression](windowsOf(stored, signal))) {
      signal?.throwIfAborted();
      if (target.size + chunk.length > Math.max(heldBytes, stored.size * believedRatio))
        throw new DamagedDataError(`${stored.size} bytes became ${target.size} and more, which is not believed`);
      target.append(chunk);
    }
    const unpacked = target.finish();
    stored.close();
    return unpacked;
  } catch (error) {
    target.discard();
    throw error;
  }
}

async function* windowsOf(access: RandomAccess, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const window = new Uint8Array(Math.min(windowBytes, access.size));
  for (let offset = 0; offset < access.size; ) {
    signal?.throwIfAborted();
    const read = access.readInto(window, offset);
    if (read === 0) return;
    yield window.subarray(0, read);
    offset += read;
  }
}

/** Bytes that arrive in pieces: in memory first, in a temporary file without a name when they become many. */
class UnpackedBytes {
  size = 0;
  #held: Uint8Array[] = [];
  #descriptor: number | undefined;

  append(chunk: Uint8Array): void {
    this.size += chunk.length;
    if (this.#descriptor === undefined && this.size > heldBytes) {
      this.#descriptor = openNameless();
      for (const each of this.#held) writeAll(this.#descriptor, each);
      this.#held = [];
    }
    if (this.#descriptor === undefined) this.#held.push(Buffer.from(chunk));
    else writeAll(this.#descriptor, chunk);
  }

  finish(): RandomAccess {
    if (this.#descriptor === undefined) return memoryAccess(Buffer.concat(this.#held));
    return openedAccess('a temporary file', this.#descriptor, this.size);
  }

  discard(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** A file that is gone when it is closed, however the program ends. */
function openNameless(): number {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-'));
  try {
    return openSync(join(folder, 'unpacked'), 'wx+', 0o600);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length; ) written += writeSync(descriptor, bytes, written);
}
