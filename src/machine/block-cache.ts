/** Bytes of one read at most: what would need more is a length that is none. */
const mostBytes = 67_108_864;
/** What is mapped is mapped in pages of this size at least, so all of one is there, or nothing. */
const pageBytes = 4096n;
/** Blocks that are kept. */
const mostBlocks = 1 << 20;

/** Fetches bytes of one page; undefined if they are not there. */
export type FetchBytes = (address: bigint, length: number) => Promise<Uint8Array | undefined>;

type Block = Uint8Array | undefined;

/**
 * Memory in blocks that are smaller than a page, for where each byte takes its time (a serial line: a tenth of a
 * millisecond), and where nothing should be touched that was not asked for. Blocks of a page that follow each other are
 * fetched at once; who asks for one that is being fetched waits for that.
 */
export class BlockCache {
  readonly #fetch: FetchBytes;
  readonly #bytes: bigint;
  readonly #blocks = new Map<bigint, Block | Promise<Block>>();

  /** @param bytes of a block: a power of two, a page at most. */
  constructor(fetch: FetchBytes, bytes: number) {
    this.#fetch = fetch;
    this.#bytes = BigInt(bytes);
  }

  /** Forgets everything; what is being fetched goes to those who wait for it. */
  clear(): void {
    this.#blocks.clear();
  }

  /** Bytes from there on; undefined if one of them is not there. */
  async read(address: bigint, length: number): Promise<Uint8Array | undefined> {
    if (!Number.isInteger(length) || length < 0 || length > mostBytes) return undefined;
    if (address < 0n || address + BigInt(length) > 1n << 64n) return undefined;
    if (length === 0) return new Uint8Array(0);
    const start = address - (address % this.#bytes);
    const end = address + BigInt(length);
    const wanted: (Block | Promise<Block>)[] = [];
    for (let at = start; at < end; at += this.#bytes) {
      if (!this.#blocks.has(at)) this.#start(at, end);
      wanted.push(this.#blocks.get(at));
    }
    const bytes = new Uint8Array(length);
    let at = Number(start - address);
    for (const each of wanted) {
      const block = each instanceof Promise ? await each : each;
      if (block === undefined) return undefined;
      bytes.set(block.subarray(Math.max(-at, 0), Math.min(block.length, length - at)), Math.max(at, 0));
      at += block.length;
    }
    return bytes;
  }

  /** Fetches a block, and those behind it that are missing, up to the end of what is wanted or of the page. */
  #start(first: bigint, end: bigint): void {
    const pageEnd = first - (first % pageBytes) + pageBytes;
    let last = first + this.#bytes;
    while (last < end && last < pageEnd && !this.#blocks.has(last)) last += this.#bytes;
    const blocks = this.#blocks;
    const contents = this.#fetch(first, Number(last - first));
    for (let at = first; at < last; at += this.#bytes) {
      const offset = Number(at - first);
      const block = contents.then((bytes) => bytes?.subarray(offset, offset + Number(this.#bytes)));
      blocks.set(at, block);
      block.then(
        (bytes) => {
          if (blocks.get(at) === block) blocks.set(at, bytes);
        },
        () => {
          if (blocks.get(at) === block) blocks.delete(at);
        },
      );
    }
    for (const oldest of blocks.keys()) {
      if (blocks.size <= mostBlocks) break;
      blocks.delete(oldest);
    }
  }
}
