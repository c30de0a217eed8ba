/** Strings of one text; there is one, as all that write BTF make them unique. */
const mostOffsets = 16;
/** Names are cut there; the longest of a kernel have 512 bytes (KSYM_NAME_LEN, Rust). */
export const longestText = 512;
/** Names that are remembered with where they are. */
const mostRemembered = 16_384;

/** The strings of BTF, which begin where those of its base end. */
export class BtfStrings {
  readonly start: number;
  readonly end: number;
  readonly #base: BtfStrings | undefined;
  readonly #bytes: Buffer;
  readonly #remembered = new Map<string, readonly number[]>();

  constructor(bytes: Uint8Array, base?: BtfStrings) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#base = base;
    this.start = base?.end ?? 0;
    this.end = this.start + bytes.length;
  }

  /** The string at an offset, a char per byte; empty where there is none. */
  text(offset: number): string {
    if (offset < this.start) return this.#base?.text(offset) ?? '';
    const at = offset - this.start;
    const limit = Math.min(this.#bytes.length, at + longestText);
    let end = at;
    while (end < limit && this.#bytes[end] !== 0) end++;
    return this.#bytes.toString('latin1', at, end);
  }

  /** Whether a string begins there: behind the NUL of another. */
  beginsAt(offset: number): boolean {
    if (offset < this.start) return this.#base?.beginsAt(offset) ?? false;
    const at = offset - this.start;
    return offset < this.end && (at === 0 || this.#bytes[at - 1] === 0);
  }

  /**
   * Where a string is. A search through all of them, and still cheaper than an index: one takes as long to make as some
   * hundred searches.
   */
  offsetsOf(name: string): readonly number[] {
    let offsets = this.#remembered.get(name);
    if (offsets === undefined) {
      offsets = [...(this.#base?.offsetsOf(name) ?? []), ...this.#search(name)];
      if (this.#remembered.size >= mostRemembered) this.#remembered.clear();
      this.#remembered.set(name, offsets);
    }
    return offsets;
  }

  #search(name: string): number[] {
    const found: number[] = [];
    const bytes = this.#bytes;
    const wanted = Buffer.from(`\0${name}\0`, 'latin1');
    // A name that is not latin1 would be cut to other letters.
    if (name === '' || name.includes('\0') || wanted.toString('latin1') !== `\0${name}\0`) return found;
    const bare = wanted.subarray(1);
    // The first of a module has no NUL before it.
    if (bytes.length >= bare.length && bytes.compare(bare, 0, bare.length, 0, bare.length) === 0)
      found.push(this.start);
    let at = bytes.indexOf(wanted);
    while (at >= 0 && found.length < mostOffsets) {
      found.push(this.start + at + 1);
      at = bytes.indexOf(wanted, at + 1);
    }
    return found;
  }
}
