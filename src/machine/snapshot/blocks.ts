import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import type { RandomAccess } from '../../io/random-access.ts';
import { snapshotDamaged, snapshotNotOne, snapshotTooLarge, snapshotVersion } from './errors.ts';

/**
 * The file of a snapshot: a head (`KTRIAGE`, a line end, version), then blocks, the last of which is an end. A block is
 * its type (4 letters), the length of its contents, its length in the file, the CRC-32 of type and contents, each 32
 * bits little endian, and its contents compressed with gzip. Types that are not known are skipped.
 */
const magic = Buffer.from('KTRIAGE\n', 'latin1');
/** Counted up where an old reader would misread a new file. */
const version = 1;
const headBytes = 12;
const blockHeadBytes = 16;
const endType = 'END ';

/** Bytes of a block's contents at most. */
export const mostBlockBytes = 67_108_864;
/** Bytes of all contents at most. */
const mostBytes = 1_073_741_824;
/** gzip adds at most this to what cannot be compressed: 5 bytes for every 16 KiB, and its head. */
const mostGrowth = (bytes: number): number => bytes + (bytes >> 10) + 1024;

/** A part of a snapshot. */
export interface Block {
  /** Four letters. */
  readonly type: string;
  readonly contents: Uint8Array;
}

/** The bytes of a file with these blocks, piece by piece. */
export function* encodeBlocks(blocks: Iterable<Block>): Generator<Uint8Array> {
  const head = Buffer.alloc(headBytes);
  magic.copy(head);
  head.writeUInt32LE(version, 8);
  yield head;
  for (const block of blocks) yield* encodeBlock(block);
  yield* encodeBlock({ type: endType, contents: new Uint8Array(0) });
}

function* encodeBlock({ type, contents }: Block): Generator<Uint8Array> {
  const stored = gzipSync(contents, { level: 9 });
  const head = Buffer.alloc(blockHeadBytes);
  head.write(type, 0, 4, 'latin1');
  head.writeUInt32LE(contents.length, 4);
  head.writeUInt32LE(stored.length, 8);
  head.writeUInt32LE(checksumOf(type, contents), 12);
  yield head;
  yield stored;
}

function checksumOf(type: string, contents: Uint8Array): number {
  // In this order: of no bytes zlib gives 0 whatever came before, if they are nowhere.
  return crc32(type, crc32(contents));
}

/** Whether a file begins as a snapshot does. */
export function isSnapshot(access: RandomAccess): boolean {
  const head = Buffer.alloc(magic.length);
  return access.readInto(head, 0) === head.length && head.equals(magic);
}

/**
 * The blocks of a file, one after the other.
 * @throws KtriageError KT-SNAPSHOT-UNKNOWN, KT-SNAPSHOT-VERSION, KT-SNAPSHOT-DAMAGED, KT-SNAPSHOT-TOO-LARGE, and what
 * reading throws.
 */
export function* decodeBlocks(name: string, access: RandomAccess): Generator<Block> {
  if (!isSnapshot(access)) throw snapshotNotOne(name);
  const given = bytesAt(name, access, 8, 4).readUInt32LE(0);
  if (given !== version) throw snapshotVersion(name, given, version);
  let total = 0;
  for (let at = headBytes; ; ) {
    const head = bytesAt(name, access, at, blockHeadBytes);
    const type = head.toString('latin1', 0, 4);
    const length = head.readUInt32LE(4);
    const stored = head.readUInt32LE(8);
    if (length > mostBlockBytes || stored > mostGrowth(length))
      throw snapshotDamaged(name, `a block at ${at} is too long`);
    total += length;
    if (total > mostBytes) throw snapshotTooLarge(name, mostBytes);
    const contents = inflated(name, at, bytesAt(name, access, at + blockHeadBytes, stored), length);
    if (checksumOf(type, contents) !== head.readUInt32LE(12))
      throw snapshotDamaged(name, `the checksum of a block at ${at} is wrong`);
    if (type === endType) return;
    yield { type, contents };
    at += blockHeadBytes + stored;
  }
}

function bytesAt(name: string, access: RandomAccess, at: number, length: number): Buffer {
  // Nothing is made for a length that the file does not have.
  if (length > access.size - at) throw snapshotDamaged(name, `it ends in the middle of a block, at ${access.size}`);
  const bytes = Buffer.alloc(length);
  if (access.readInto(bytes, at) !== length) throw snapshotDamaged(name, 'it became shorter while it was read');
  return bytes;
}

function inflated(name: string, at: number, stored: Uint8Array, length: number): Buffer {
  try {
    const contents = gunzipSync(stored, { maxOutputLength: Math.max(length, 1) });
    if (contents.length === length) return contents;
  } catch {
    // What zlib says ("incorrect header check") helps nobody.
  }
  throw snapshotDamaged(name, `a block at ${at} cannot be decompressed`);
}
