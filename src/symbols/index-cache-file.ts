import { closeSync, fstatSync, futimesSync, openSync, readSync } from 'node:fs';
import { checksum } from './index-cache-bytes.ts';
import { directoryWords, Page, PageDirectory, PageWriter } from './index-cache-pages.ts';

/**
 * The file of an index, words of 32 bits in the order of this machine's bytes:
 *
 *     magic, version, fingerprint (2), state, length of the banner and one, base (a double)
 *     for each table: where its directory begins, its bytes, its checksum, where its pages begin
 *     checksum of the header with the banner, this word taken as 0; a word of nothing
 *     the banner, zeros up to a whole word
 *     directories and pages
 *
 * Keys of addresses count from the base. Everything that is read has a checksum in what led to it, so that what is
 * damaged is as if it had never been there, and nothing else of the file need be looked at.
 */
const magic = 0x4958_544b;
/** To be raised with every change of this format or of what entries hold. */
const version = 5;
const stateWord = 4;
const bannerWord = 5;
const baseByte = 24;
const tablesWord = 8;
const tableWords = 4;

/**
 * By address the frames, functions, data, units, entries of call frames and places that are patched, by their hash names
 * of functions and data, by number the types, by their hash the names of these; in the order they have in the file.
 * Nothing is known of what has an empty table.
 */
const tableNames = [
  ...(['code', 'symbols', 'names', 'data', 'dataNames', 'units', 'callFrames', 'sites'] as const),
  ...(['types', 'typeNames'] as const),
] as const;
export type TableName = (typeof tableNames)[number];

const sumWord = tablesWord + tableNames.length * tableWords;
const headerWords = sumWord + 2;
/** Banners have some hundred bytes; see `Image.banner`. */
const longestBanner = 4096;
/** A directory with more pages than 500 MB of code need is damaged. */
const largestDirectory = 1 << 22;
/** Larger files are not written: a kernel of 20 MB of code has 20 MB. */
export const largestIndex = 100_663_296;
/** Pages that are held: a look at a guest takes two hundred. */
const mostPages = 256;
/** Milliseconds after which an index that is used counts as new again. */
const touchedAfter = 86_400_000;

/** What identifies the files that an index is of. */
export interface Fingerprint {
  readonly first: number;
  readonly second: number;
}

/**
 * `seen`: a run asked about the files, and had no index; `useless`: one cannot be made of them; `whole`: it has all that
 * can be looked up.
 */
export type IndexState = 'seen' | 'useless' | 'whole';
const states: readonly IndexState[] = ['seen', 'useless', 'whole'];

/** An entry that was found. */
export interface FoundEntry {
  readonly page: Page;
  readonly entry: number;
}

/** Bytes of pages of which most entries are alone: of numbers of types, and hashes of their names. */
const smallPage = 1024;
/** Of pages of which few entries are asked for. */
const plainPage = 2048;

/** To be filled. */
export function emptyTables(): Record<TableName, PageWriter> {
  const made = (): PageWriter => new PageWriter(plainPage);
  return {
    ...{ code: new PageWriter(), symbols: made(), names: made(), data: made(), dataNames: made() },
    ...{ units: made(), callFrames: made(), sites: made() },
    ...{ types: new PageWriter(smallPage), typeNames: new PageWriter(smallPage) },
  };
}

/** What a whole index is made of. */
export interface IndexContents {
  /** What the keys of addresses count from. */
  readonly base: number;
  /** Missing where the file has none. */
  readonly banner: string | undefined;
  readonly tables: Readonly<Record<TableName, PageWriter>>;
}

/** An index that is open. Whatever its bytes are, looking things up in it neither throws nor takes long. */
export class IndexFile {
  readonly state: IndexState;
  readonly base: number;
  readonly banner: string | undefined;
  /** Whether something in it had another checksum. */
  isDamaged = false;
  readonly #descriptor: number;
  readonly #header: Uint32Array;
  readonly #directories = new Map<TableName, PageDirectory | undefined>();
  readonly #pages = new Map<number, Page | undefined>();

  private constructor(descriptor: number, header: Uint32Array, state: IndexState) {
    this.#descriptor = descriptor;
    this.#header = header;
    this.state = state;
    const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
    this.base = new Float64Array(header.buffer, header.byteOffset + baseByte, 1)[0] ?? 0;
    const length = (header[bannerWord] ?? 0) - 1;
    this.banner = length < 0 ? undefined : bytes.toString('utf8', headerWords * 4, headerWords * 4 + length);
  }

  /** The index at a path; undefined if there is none, or one of other files or of another version. */
  static open(path: string, { first, second }: Fingerprint): IndexFile | undefined {
    let descriptor: number | undefined;
    try {
      descriptor = openSync(path, 'r');
      const status = fstatSync(descriptor);
      const known = status.isFile() ? readWords(descriptor, 0, headerWords * 4 + longestBanner, 0) : [];
      if (known[0] === magic && known[1] === version && known[2] === first >>> 0 && known[3] === second >>> 0) {
        const header = known.slice(0, headerWords + Math.ceil(((known[bannerWord] ?? 0) - 1) / 4 || 0));
        const state = states[known[stateWord] ?? 0];
        const sum = header[sumWord];
        if (header instanceof Uint32Array && header.length >= headerWords && state !== undefined) {
          header[sumWord] = 0;
          if (checksum(header) === sum) {
            touch(descriptor, status.mtimeMs);
            return new IndexFile(descriptor, header, state);
          }
        }
      }
    } catch {
      // Then there is none.
    }
    if (descriptor !== undefined) closeSync(descriptor);
    return undefined;
  }

  /** Whether a table has anything. */
  has(table: TableName): boolean {
    return this.#word(table, 1) > 0;
  }

  /** The last entry of a table whose key is not above one. */
  find(table: TableName, key: number): FoundEntry | undefined {
    const directory = this.#directory(table);
    if (directory === undefined || !(key >= 0 && key <= 0xffffffff)) return undefined;
    const number = directory.pageOf(key);
    if (number < 0) return undefined;
    const page = this.#page(table, directory, number);
    const entry = page?.lastAt(key) ?? -1;
    return page === undefined || entry < 0 ? undefined : { page, entry };
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #word(table: TableName, word: number): number {
    return this.#header[tablesWord + tableNames.indexOf(table) * tableWords + word] ?? 0;
  }

  #directory(table: TableName): PageDirectory | undefined {
    if (!this.#directories.has(table)) {
      const size = this.#word(table, 1);
      const words = size <= largestDirectory ? this.#read(this.#word(table, 0), size) : undefined;
      const isWhole = words !== undefined && checksum(words) === this.#word(table, 2);
      if (!isWhole) this.isDamaged = true;
      this.#directories.set(table, isWhole ? new PageDirectory(words) : undefined);
    }
    return this.#directories.get(table);
  }

  #page(table: TableName, directory: PageDirectory, number: number): Page | undefined {
    const key = number * tableNames.length + tableNames.indexOf(table);
    if (this.#pages.has(key)) return this.#pages.get(key);
    const words = this.#read(this.#word(table, 3) + directory.offset(number), directory.size(number));
    const page = words && Page.of(words, directory.sum(number));
    if (page === undefined) this.isDamaged = true;
    if (this.#pages.size >= mostPages) this.#pages.clear();
    this.#pages.set(key, page);
    return page;
  }

  /** Undefined if the file does not have all of it. */
  #read(offset: number, size: number): Uint32Array | undefined {
    try {
      const words = readWords(this.#descriptor, offset, size, size);
      return words.length > 0 ? words : undefined;
    } catch {
      return undefined;
    }
  }
}

/** Sees to it that an index which is used is not the oldest of its folder. */
function touch(descriptor: number, changed: number): void {
  const now = Date.now();
  if (Math.abs(now - changed) < touchedAfter) return;
  try {
    futimesSync(descriptor, now / 1000, now / 1000);
  } catch {
    // It is somebody else's, or cannot be written to.
  }
}

/** The whole words at an offset; none if there are fewer bytes than `least`. */
function readWords(descriptor: number, offset: number, size: number, least: number): Uint32Array {
  const bytes = new Uint8Array(size);
  let done = 0;
  while (done < size) {
    const read = readSync(descriptor, bytes, done, size - done, offset + done);
    if (read === 0) break;
    done += read;
  }
  return done < least ? new Uint32Array(0) : new Uint32Array(bytes.buffer, 0, done >> 2);
}

/** The parts of an index's file, in their order; undefined if they are too large together. */
export function indexBytes(
  { first, second }: Fingerprint,
  state: IndexState,
  contents?: IndexContents,
): Uint8Array[] | undefined {
  const banner = Buffer.from(contents?.banner ?? '');
  if (banner.length > longestBanner) return undefined;
  const header = new Uint32Array(headerWords + Math.ceil(banner.length / 4));
  header.set([magic, version, first >>> 0, second >>> 0, states.indexOf(state)]);
  header[bannerWord] = contents?.banner === undefined ? 0 : banner.length + 1;
  new Float64Array(header.buffer, baseByte, 1)[0] = contents?.base ?? 0;
  new Uint8Array(header.buffer).set(banner, headerWords * 4);
  const parts = [new Uint8Array(header.buffer)];
  let at = header.byteLength;
  for (const [nth, name] of tableNames.entries()) {
    const table = contents?.tables[name];
    const directory = Uint32Array.from(table?.directory ?? []);
    const pages = table?.pages.bytes.subarray(0, table.pages.length) ?? new Uint8Array(0);
    if (directory.length % directoryWords !== 0 || directory.byteLength > largestDirectory) return undefined;
    const words = [at, directory.byteLength, checksum(directory), at + directory.byteLength];
    header.set(words, tablesWord + nth * tableWords);
    parts.push(new Uint8Array(directory.buffer), pages);
    at += directory.byteLength + pages.length;
  }
  if (at > largestIndex) return undefined;
  header[sumWord] = checksum(header);
  return parts;
}
