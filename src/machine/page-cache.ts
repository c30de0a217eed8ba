/** Bytes of a page here, whatever the guest's own are. */
export const pageBytes = 4096;
const pageShift = 12n;
/** Bytes of one read at most: what would need more is a length that is none. */
const mostBytes = 67_108_864;

/** Fetches pages by their numbers, which follow each other. Undefined for those that are not there. */
export type FetchPages = (first: number, count: number) => Promise<readonly (Uint8Array | undefined)[]>;

/** How pages are kept. */
export interface PageCacheOptions {
  /** Pages that are kept; the oldest go. 65536 (256 MiB) by default. */
  readonly mostPages?: number;
}

/** Pages that are being fetched. */
interface Fetch {
  readonly first: number;
  readonly contents: Promise<readonly (Uint8Array | undefined)[]>;
}

/**
 * Pages of one address space. Whoever asks for a page that is being fetched waits for that one. Numbers of pages have 52
 * bits, so they are numbers.
 */
export class PageCache {
  readonly #fetch: FetchPages;
  readonly #mostPages: number;
  #pages = new Map<number, Uint8Array | undefined>();
  #coming = new Map<number, Fetch>();

  constructor(fetch: FetchPages, options: PageCacheOptions = {}) {
    this.#fetch = fetch;
    this.#mostPages = options.mostPages ?? 65_536;
  }

  /** Forgets everything. What is being fetched goes to those who wait for it, and is not kept. */
  clear(): void {
    this.#pages = new Map();
    this.#coming = new Map();
  }

  /** Bytes from there on; undefined if one of them is not there. None are copied where pages lie one behind the other. */
  async read(address: bigint, length: number): Promise<Uint8Array | undefined> {
    if (!Number.isInteger(length) || length < 0 || length > mostBytes) return undefined;
    if (address < 0n || address + BigInt(length) > 1n << 64n) return undefined;
    if (length === 0) return new Uint8Array(0);
    const first = Number(address >> pageShift);
    const offset = Number(address & 0xfffn);
    const last = first + Math.floor((offset + length - 1) / pageBytes);
    if (first === last) {
      const page = this.#pages.get(first) ?? (await this.#wait(first, last)).get(first);
      return page?.subarray(offset, offset + length);
    }
    const pages = await this.#wait(first, last);
    const wanted: Uint8Array[] = [];
    for (let page = first; page <= last; page++) {
      const contents = pages.get(page);
      if (contents === undefined) return undefined;
      wanted.push(contents);
    }
    return joined(wanted).subarray(offset, offset + length);
  }

  /** The pages, those fetched that are missing. */
  async #wait(first: number, last: number): Promise<ReadonlyMap<number, Uint8Array | undefined>> {
    const found = new Map<number, Uint8Array | undefined>();
    const fetches: Promise<void>[] = [];
    for (let page = first; page <= last; page++) {
      if (this.#pages.has(page)) {
        found.set(page, this.#pages.get(page));
        continue;
      }
      const fetch = this.#coming.get(page) ?? this.#start(page, this.#missing(page, last));
      // Of the fetch, as the page may have had to make room already.
      fetches.push(fetch.contents.then((contents) => void found.set(page, contents[page - fetch.first])));
    }
    await Promise.all(fetches);
    return found;
  }

  /** How many pages to fetch at once: those up to the last that are missing. */
  #missing(page: number, last: number): number {
    let end = page;
    while (end < last && !this.#pages.has(end + 1) && !this.#coming.has(end + 1)) end++;
    return end - page + 1;
  }

  #start(first: number, count: number): Fetch {
    // Where they are put: a `clear` meanwhile makes new ones.
    const pages = this.#pages;
    const coming = this.#coming;
    const arrived = (): void => {
      for (let i = 0; i < count; i++) coming.delete(first + i);
    };
    const contents = this.#fetch(first, count);
    contents.then((fetched) => {
      arrived();
      for (let i = 0; i < count; i++) pages.set(first + i, fetched[i]);
      if (pages === this.#pages) this.#makeRoom();
    }, arrived);
    const fetch = { first, contents };
    for (let i = 0; i < count; i++) coming.set(first + i, fetch);
    return fetch;
  }

  #makeRoom(): void {
    let excess = this.#pages.size - this.#mostPages;
    for (const page of this.#pages.keys()) {
      if (excess-- <= 0) break;
      this.#pages.delete(page);
    }
  }
}

/** The bytes of pages; those that were read at once are in one buffer already. */
function joined(pages: readonly Uint8Array[]): Uint8Array {
  const [first] = pages;
  if (first === undefined) return new Uint8Array(0);
  const follow = pages.every(
    ({ buffer, byteOffset }, nth) => buffer === first.buffer && byteOffset === first.byteOffset + nth * pageBytes,
  );
  if (follow) return new Uint8Array(first.buffer, first.byteOffset, pages.length * pageBytes);
  const bytes = new Uint8Array(pages.length * pageBytes);
  for (const [nth, page] of pages.entries()) bytes.set(page, nth * pageBytes);
  return bytes;
}

/** The pages that some bytes are. */
export function pagesOf(bytes: Uint8Array): Uint8Array[] {
  return Array.from({ length: bytes.length / pageBytes }, (_, nth) =>
    bytes.subarray(nth * pageBytes, (nth + 1) * pageBytes),
  );
}
