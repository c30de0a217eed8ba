import { ByteReader, ByteWriter, checksum } from './index-cache-bytes.ts';

/**
 * A page of an index, words of 32 bits in the order of this machine's bytes:
 *
 *     entries, texts                          counts
 *     the key of each entry (entries)         ascending
 *     where each entry ends (entries)         counted from the end of these tables
 *     where each text ends (texts)            counted from the end of the entries
 *     the entries, the texts, zeros up to a whole word
 *
 * Entries refer to the texts of their own page, so that one reading tells all of an address.
 */
const headWords = 2;
/** A page is begun anew when it has so many bytes: one is read, and summed up, for each address. */
const usualPageBytes = 6144;
/** What a directory has of each page: the first key, where it begins, its bytes and its checksum. */
export const directoryWords = 4;
/** Larger ones are damaged. A single function may have some hundred thousand bytes. */
const largestPage = 1 << 24;

/** Collects entries, whose keys ascend, in pages. */
export class PageWriter {
  /** All pages, one behind the other. */
  readonly pages = new ByteWriter();
  /** `directoryWords` of each page; where it begins counts from the first page. */
  readonly directory: number[] = [];
  readonly #pageBytes: number;
  readonly #body = new ByteWriter();
  readonly #keys: number[] = [];
  readonly #ends: number[] = [];
  readonly #texts = new Map<string, number>();
  #textBytes = 0;

  /** @param pageBytes a page is begun anew when it has so many */
  constructor(pageBytes = usualPageBytes) {
    this.#pageBytes = pageBytes;
  }

  /** Begins an entry: what is written to what this gives, up to the next one, is of it. */
  entry(key: number): ByteWriter {
    this.#endEntry();
    if (this.#body.length + this.#textBytes + 8 * this.#keys.length > this.#pageBytes) this.#endPage();
    this.#keys.push(key);
    return this.#body;
  }

  /** The number of a text in the page of the entry that was begun. */
  text(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#textBytes += text.length;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  /** To be called behind the last entry. */
  end(): void {
    this.#endEntry();
    if (this.#keys.length > 0) this.#endPage();
  }

  #endEntry(): void {
    if (this.#keys.length > this.#ends.length) this.#ends.push(this.#body.length);
  }

  #endPage(): void {
    const texts = [...this.#texts.keys()].map((text) => Buffer.from(text));
    let end = 0;
    const textEnds = texts.map(({ length }) => {
      end += length;
      return end;
    });
    const words = [this.#keys.length, texts.length, ...this.#keys, ...this.#ends, ...textEnds];
    const size = words.length * 4 + this.#body.length + end;
    const page = new Uint8Array((size + 3) & ~3);
    const asWords = new Uint32Array(page.buffer);
    asWords.set(words);
    page.set(this.#body.bytes.subarray(0, this.#body.length), words.length * 4);
    let at = words.length * 4 + this.#body.length;
    for (const text of texts) {
      page.set(text, at);
      at += text.length;
    }
    this.directory.push(this.#keys[0] ?? 0, this.pages.length, page.length, checksum(asWords));
    this.pages.add(page);
    this.#body.length = 0;
    this.#keys.length = 0;
    this.#ends.length = 0;
    this.#texts.clear();
    this.#textBytes = 0;
  }
}

/** A page that was read. Looking things up in it does not throw, whatever its bytes are. */
export class Page {
  readonly #words: Uint32Array;
  readonly #bytes: Buffer;
  readonly #entries: number;
  readonly #texts: number;
  readonly #bodies: number;
  readonly #textBase: number;
  readonly #known = new Map<number, string>();

  private constructor(words: Uint32Array) {
    this.#words = words;
    this.#bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
    this.#entries = words[0] ?? 0;
    this.#texts = words[1] ?? 0;
    this.#bodies = (headWords + 2 * this.#entries + this.#texts) * 4;
    this.#textBase = this.#bodies + (words[headWords + 2 * this.#entries - 1] ?? 0);
  }

  /** Undefined if the words have another checksum, or are no page. */
  static of(words: Uint32Array, sum: number): Page | undefined {
    if (words.length < headWords || checksum(words) !== sum) return undefined;
    const page = new Page(words);
    return page.#entries > 0 && page.#textBase <= page.#bytes.length ? page : undefined;
  }

  /** The number of the last entry whose key is not above one; -1 if all are. */
  lastAt(key: number): number {
    return lastAt(this.#words, headWords, 1, this.#entries, key);
  }

  keyOf(entry: number): number {
    return this.#words[headWords + entry] ?? 0;
  }

  read(entry: number): ByteReader {
    const ends = headWords + this.#entries;
    const from = entry === 0 ? 0 : (this.#words[ends + entry - 1] ?? 0);
    const to = this.#words[ends + entry] ?? 0;
    return new ByteReader(this.#bytes, this.#bodies + from, Math.min(this.#bodies + to, this.#textBase));
  }

  /** Undefined for a number of no text. */
  text(number: number): string | undefined {
    const known = this.#known.get(number);
    if (known !== undefined || !(number >= 0 && number < this.#texts)) return known;
    const ends = headWords + 2 * this.#entries;
    const from = number === 0 ? 0 : (this.#words[ends + number - 1] ?? 0);
    const text = this.#bytes.toString(
      'utf8',
      this.#textBase + from,
      this.#textBase + (this.#words[ends + number] ?? 0),
    );
    this.#known.set(number, text);
    return text;
  }
}

/** Where pages lie, by the first key of each. */
export class PageDirectory {
  readonly #words: Uint32Array;
  readonly #pages: number;

  constructor(words: Uint32Array) {
    this.#words = words;
    this.#pages = Math.floor(words.length / directoryWords);
  }

  /** The number of the page that a key may be in, -1 for none. */
  pageOf(key: number): number {
    return lastAt(this.#words, 0, directoryWords, this.#pages, key);
  }

  offset(page: number): number {
    return this.#words[page * directoryWords + 1] ?? 0;
  }

  /** Bytes, a whole number of words; 0 for none. */
  size(page: number): number {
    const size = this.#words[page * directoryWords + 2] ?? 0;
    return size <= largestPage && size % 4 === 0 ? size : 0;
  }

  sum(page: number): number {
    return this.#words[page * directoryWords + 3] ?? 0;
  }
}

/** The last of `count` ascending words, `stride` apart from `first` on, that is not above a key. */
function lastAt(words: Uint32Array, first: number, stride: number, count: number, key: number): number {
  let from = 0;
  let to = count;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((words[first + middle * stride] ?? 0) <= key) from = middle + 1;
    else to = middle;
  }
  return from - 1;
}
