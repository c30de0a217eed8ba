import { garbledError, shown, unsupportedError } from './errors.ts';
import { unescapeBinary } from './packet-parser.ts';

/** Where memory is asked for. */
export interface MemorySource {
  readonly peer: string;
  /** Bytes of one request at most. */
  readonly mostBytes: number;
  /** Whether it answers in binary (`x`). */
  readonly isBinary: boolean;
  readonly ask: (request: string) => Promise<Buffer>;
}

/** Bytes that one call reads at most. */
export const mostBytesOfRead = 16_777_216;

/**
 * Reads memory, all requests under way at once.
 * @returns undefined if a part of it is not there, is beyond the end of the address space, or is more than 16 MiB.
 * @throws KtriageError KT-GDB-GARBLED, -UNSUPPORTED, and those of the connection.
 */
export async function readMemory(source: MemorySource, address: bigint, length: number): Promise<Buffer | undefined> {
  if (!Number.isInteger(length) || length < 0 || length > mostBytesOfRead || address < 0n) return undefined;
  if (address + BigInt(length) > 1n << 64n) return undefined;
  const memory = Buffer.allocUnsafe(length);
  const parts: Promise<boolean>[] = [];
  for (let at = 0; at < length; at += source.mostBytes) {
    parts.push(readPart(source, address, memory, at, Math.min(length, at + source.mostBytes)));
  }
  return (await Promise.all(parts)).every(Boolean) ? memory : undefined;
}

/** Stubs may give less than they were asked for: as much as they can. */
async function readPart(
  source: MemorySource,
  base: bigint,
  memory: Buffer,
  start: number,
  end: number,
): Promise<boolean> {
  for (let at = start; at < end; ) {
    const place = `${(base + BigInt(at)).toString(16)},${(end - at).toString(16)}`;
    const request = `${source.isBinary ? 'x' : 'm'}${place}`;
    const got = takeAnswer(source, request, await source.ask(request), memory.subarray(at, end));
    if (got === 0) return false;
    at += got;
  }
  return true;
}

/** Bytes that an answer has, put into place; 0 if it is an error. */
function takeAnswer(source: MemorySource, request: string, answer: Buffer, into: Buffer): number {
  if (answer.length === 0) throw unsupportedError(source.peer, 'read memory');
  if (source.isBinary && answer[0] === 0x62) {
    const bytes = unescapeBinary(answer.subarray(1));
    if (bytes.length <= into.length) return bytes.copy(into);
  } else if (!source.isBinary && answer.length % 2 === 0) {
    const got = answer.length / 2;
    if (got <= into.length && into.write(answer.toString('latin1'), 0, 'hex') === got) return got;
  }
  // E 0x45: E14, and E.words of newer stubs. An answer of hex digits has an even number of them.
  if (answer[0] === 0x45) return 0;
  throw garbledError(source.peer, `the answer to ${shown(request)} is ${shown(answer.toString('latin1', 0, 80))}`);
}
