import { createHash, randomUUID } from 'node:crypto';
import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { openRandomAccess, type RandomAccess } from '../../io/random-access.ts';
import { KtriageError } from '../../util/errors.ts';
import { pageBytes } from '../page-cache.ts';
import { type Block, decodeBlocks, encodeBlocks } from './blocks.ts';
import { snapshotDamaged } from './errors.ts';
import { decodeHead, encodeHead, type SnapshotHead } from './head.ts';
import type { Snapshot, Space } from './snapshot.ts';

/** Blocks: the head in JSON, contents of pages (each kept once), and which page of which space has which contents. */
const headType = 'HEAD';
const contentsType = 'PAGE';
const mapType = 'MAP ';

const pagesOfBlock = 256;
/** An entry of a map: space, the contents' index from 0 or `noContents`, and the page's number in 64 bits. */
const entryBytes = 16;
const entriesOfBlock = 65_536;
const physicalSpace = 0xffff_ffff;
const noContents = 0xffff_ffff;

function* blocksOf(snapshot: Snapshot): Generator<Block> {
  yield { type: headType, contents: encodeHead(snapshot) };
  const indices = new Map<string, number>();
  const entries: Buffer[] = [];
  let block: Uint8Array[] = [];
  for (const [space, pages] of snapshot.pages) {
    for (const [page, contents] of pages) {
      const entry = Buffer.alloc(entryBytes);
      entry.writeUInt32LE(space === 'physical' ? physicalSpace : space, 0);
      entry.writeBigUInt64LE(BigInt(page), 8);
      let index = noContents;
      if (contents !== undefined) {
        const digest = createHash('sha256').update(contents).digest('base64');
        index = indices.get(digest) ?? indices.size;
        if (index === indices.size) {
          indices.set(digest, index);
          block.push(contents);
        }
      }
      entry.writeUInt32LE(index, 4);
      entries.push(entry);
      if (block.length < pagesOfBlock) continue;
      yield { type: contentsType, contents: Buffer.concat(block) };
      block = [];
    }
  }
  if (block.length > 0) yield { type: contentsType, contents: Buffer.concat(block) };
  for (let at = 0; at < entries.length; at += entriesOfBlock)
    yield { type: mapType, contents: Buffer.concat(entries.slice(at, at + entriesOfBlock)) };
}

/**
 * Writes a snapshot to a file, all of it or nothing.
 * @throws KtriageError KT-OUTPUT-UNWRITABLE.
 * @returns bytes of the file.
 */
export function writeSnapshot(path: string, snapshot: Snapshot): number {
  const temporary = `${path}.${randomUUID()}.new`;
  let descriptor: number | undefined;
  let size = 0;
  try {
    // What a guest has in memory is for nobody else.
    descriptor = openSync(temporary, 'wx', 0o600);
    for (const piece of encodeBlocks(blocksOf(snapshot))) {
      for (let at = 0; at < piece.length; ) at += writeSync(descriptor, piece, at);
      size += piece.length;
    }
    closeSync(descriptor);
    descriptor = undefined;
    renameSync(temporary, path);
    return size;
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(temporary, { force: true });
    const why = error instanceof Error ? error.message : String(error);
    throw new KtriageError(
      'KT-OUTPUT-UNWRITABLE',
      `cannot write the snapshot ${path}`,
      why,
      'choose another place, or make room there',
    );
  }
}

/**
 * Reads a snapshot from a file.
 * @throws KtriageError KT-FILE-MISSING, -UNREADABLE, -IRREGULAR; KT-SNAPSHOT-UNKNOWN, -VERSION, -DAMAGED, -TOO-LARGE.
 */
export function readSnapshot(path: string): Snapshot {
  const access = openRandomAccess(path);
  try {
    return decodeSnapshot(path, access);
  } finally {
    access.close();
  }
}

/** As `readSnapshot`, of bytes that are open already. */
export function decodeSnapshot(name: string, access: RandomAccess): Snapshot {
  let head: SnapshotHead | undefined;
  const contents: Uint8Array[] = [];
  const maps: Uint8Array[] = [];
  for (const block of decodeBlocks(name, access)) {
    if (block.type === headType) head ??= decodeHead(block.contents);
    else if (block.type === mapType) maps.push(block.contents);
    else if (block.type === contentsType) {
      for (let at = 0; at + pageBytes <= block.contents.length; at += pageBytes)
        contents.push(block.contents.subarray(at, at + pageBytes));
    }
  }
  if (head === undefined) throw snapshotDamaged(name, 'it does not say what machine it is of');
  const pages = new Map<Space, Map<number, Uint8Array | undefined>>();
  for (const map of maps) readMap(name, map, contents, pages);
  return { ...head, pages };
}

function readMap(
  name: string,
  map: Uint8Array,
  contents: readonly Uint8Array[],
  pages: Map<Space, Map<number, Uint8Array | undefined>>,
): void {
  const view = new DataView(map.buffer, map.byteOffset, map.byteLength);
  for (let at = 0; at + entryBytes <= map.length; at += entryBytes) {
    const number = view.getUint32(at, true);
    const index = view.getUint32(at + 4, true);
    const page = Number(view.getBigUint64(at + 8, true));
    if (!Number.isSafeInteger(page)) throw snapshotDamaged(name, 'it has a page that no address is in');
    const content = index === noContents ? undefined : contents[index];
    if (index !== noContents && content === undefined) throw snapshotDamaged(name, 'it lacks the contents of a page');
    const space = number === physicalSpace ? 'physical' : number;
    let known = pages.get(space);
    if (known === undefined) {
      known = new Map();
      pages.set(space, known);
    }
    known.set(page, content);
  }
}
