import type { SectionData } from '../elf/section-data.ts';
import { utf8 } from '../util/text.ts';

const chunkSize = 16384;
/** Names of Rust and C++ may be long; what is longer is cut. */
const longestString = 16384;
const mostChunks = 64;
/** Strings that are looked for one by one, of which nearly all are shorter than this. */
const shortString = 192;
/** So many are read one by one. Who asks for more asks for many of the section, so that chunks of it pay. */
const oneByOne = 256;
/** Characters of all strings that are kept; those of a kernel's functions and files have two million. */
const mostKept = 1 << 23;

/**
 * The strings of a string section by offset: read in chunks, kept decoded. A damaged offset gives no string, which is
 * never worth an error: the frame has its position all the same.
 */
export class StringSection {
  readonly #section: SectionData;
  readonly #chunks = new Map<number, Uint8Array>();
  readonly #strings = new Map<number, string>();
  readonly #short = Buffer.allocUnsafe(shortString);
  #kept = 0;
  #alone = 0;

  constructor(section: SectionData) {
    this.#section = section;
  }

  /** The string at an offset of the section, as proper text; undefined beyond its end. */
  at(offset: number): string | undefined {
    const known = this.#strings.get(offset);
    if (known !== undefined) {
      return known;
    }
    if (!(offset >= 0 && offset < this.#section.size)) {
      return undefined;
    }
    const text = utf8(this.#readAlone(offset) ?? this.#read(offset));
    this.#kept += text.length + 1;
    if (this.#kept > mostKept) {
      this.#strings.clear();
      this.#kept = 0;
    }
    this.#strings.set(offset, text);
    return text;
  }

  /** A short string, with nothing around it; undefined if it is longer, or many were read in this way. */
  #readAlone(offset: number): string | undefined {
    if (this.#alone >= oneByOne) {
      return undefined;
    }
    this.#alone++;
    const filled = this.#section.readInto(this.#short, offset);
    const end = this.#short.indexOf(0);
    return end >= 0 && end < filled ? this.#short.toString('latin1', 0, end) : undefined;
  }

  #read(offset: number): string {
    let text = '';
    let at = offset;
    while (at < this.#section.size && text.length < longestString) {
      const chunk = this.#chunk(Math.floor(at / chunkSize));
      const from = at % chunkSize;
      const end = chunk.indexOf(0, from);
      text += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString(
        'latin1',
        from,
        end < 0 ? chunk.length : end,
      );
      if (end >= 0 || from >= chunk.length) {
        break;
      }
      at += chunk.length - from;
    }
    return text.slice(0, longestString);
  }

  #chunk(index: number): Uint8Array {
    const known = this.#chunks.get(index);
    if (known !== undefined) {
      return known;
    }
    const offset = index * chunkSize;
    const chunk = this.#section.read(offset, Math.min(chunkSize, this.#section.size - offset));
    if (this.#chunks.size >= mostChunks) {
      const [oldest] = this.#chunks.keys();
      this.#chunks.delete(oldest ?? 0);
    }
    this.#chunks.set(index, chunk);
    return chunk;
  }
}
