import { signedAddress, wordRange } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { SectionHeader } from '../elf/section-table.ts';

/** How an entry of a table says where the code is, and how many bytes. */
export interface EntryFormat {
  readonly bytes: number;
  /** `relative`: 32 bits, counted from the entry. `absolute`: as wide as an address. */
  readonly place: 'relative' | 'absolute';
  /** Where the entry has the number of bytes that may change, in one byte. */
  readonly lengthAt?: number;
  /** So many bytes may change, where it is always the same number. */
  readonly length?: number;
  /** Of 32-bit files only, or of 64-bit ones. */
  readonly bits?: 32 | 64;
}

/** A table's bytes, and the address of the first. */
export interface TablePlace {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** What the section header says of entries; mostly nothing. */
  readonly entrySize: number;
}

/** A format fits if so many entries, or all of them, lead to code. */
const checkedEntries = 32;
/** No function has more places of one kind: one for each byte that is taken of it. */
const mostSites = 65_536;

/** Of this machine. */
const hasLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

/** Reads a table by one format or another. */
export class EntryReader {
  readonly #elf: ElfFile;
  readonly #place: TablePlace;
  readonly #view: DataView;
  readonly #code: readonly SectionHeader[];

  constructor(elf: ElfFile, place: TablePlace) {
    const { bytes } = place;
    this.#elf = elf;
    this.#place = place;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const executable = sectionFlag.execute | sectionFlag.alloc;
    this.#code = elf.sections.filter(({ flags }) => (flags & executable) === executable);
  }

  /** True if a format is that of the table, as far as can be seen. */
  fits(format: EntryFormat): boolean {
    const { bytes, entrySize } = this.#place;
    if (format.bits !== undefined && format.bits !== (this.#elf.is64 ? 64 : 32)) return false;
    if (bytes.length % format.bytes !== 0) return false;
    // Since 6.13 or so x86 tells.
    if (entrySize > 4 && format.lengthAt !== undefined && entrySize !== format.bytes) return false;
    const end = Math.min(bytes.length, checkedEntries * format.bytes);
    for (let at = 0; at < end; at += format.bytes) {
      const start = this.start(format, at);
      if (!this.#code.some(({ address, size }) => start >= address && start < address + size)) return false;
    }
    return true;
  }

  /**
   * Where the entries are that lead into a range. It looks at all, of which there are 300,000 in one table, so numbers
   * are compared as they stand in the file where this machine can read them so.
   */
  startingWithin(format: EntryFormat, from: number, to: number): number[] {
    const words = this.#words();
    const size = to - from;
    if (words === undefined || (size | 0) !== size) return this.#slowly(format, from, to);
    return format.place === 'relative'
      ? this.#relative(words, format.bytes, from, size)
      : this.#absolute(words, format, from, to);
  }

  /** The table as signed numbers of 32 bits; undefined where its bytes are in another order, or do not lie so. */
  #words(): Int32Array | undefined {
    const { bytes } = this.#place;
    if (!hasLittleEndian || !this.#elf.littleEndian) return undefined;
    const aligned = bytes.byteOffset % 4 === 0 ? bytes : bytes.slice();
    return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength >> 2);
  }

  #relative(words: Int32Array, step: number, from: number, size: number): number[] {
    const away = this.#place.address - from;
    // Counted from the range, nearly all of it fits into 32 bits, which is faster.
    if (step % 4 !== 0 || (away | 0) !== away)
      return this.#slowly({ bytes: step, place: 'relative' }, from, from + size);
    const found: number[] = [];
    const { length } = words;
    const stride = step >> 2;
    for (let word = 0; word + stride <= length; word += stride) {
      const value = words[word] ?? 0;
      // Modulo 2^32 first: numbers that fit into 32 bits cost nothing.
      const near = (away + word * 4 + value) | 0;
      if (near < 0 || near >= size || near !== away + word * 4 + value) continue;
      if (found.push(word * 4) >= mostSites) break;
    }
    return found;
  }

  #absolute(words: Int32Array, format: EntryFormat, from: number, to: number): number[] {
    const high = Math.floor(from / wordRange) | 0;
    // A kernel's code shares the upper halves of its addresses.
    if (!this.#elf.is64 || format.bytes % 4 !== 0 || Math.floor((to - 1) / wordRange) !== Math.floor(from / wordRange))
      return this.#slowly(format, from, to);
    const found: number[] = [];
    const first = from | 0;
    const size = to - from;
    const { length } = words;
    const stride = format.bytes >> 2;
    for (let word = 0; word + stride <= length; word += stride) {
      // Modulo 2^32 a distance within the range is one, as the range is shorter.
      const distance = ((words[word] ?? 0) - first) | 0;
      if (distance >= 0 && distance < size && words[word + 1] === high && found.push(word * 4) >= mostSites) break;
    }
    return found;
  }

  /** Gives the code that each entry leads to. */
  each(format: EntryFormat, take: (start: number, length: number | undefined) => void): void {
    const end = this.#place.bytes.length - format.bytes;
    for (let at = 0; at <= end; at += format.bytes) take(this.start(format, at), this.length(format, at));
  }

  #slowly(format: EntryFormat, from: number, to: number): number[] {
    const found: number[] = [];
    const end = this.#place.bytes.length - format.bytes;
    for (let at = 0; at <= end && found.length < mostSites; at += format.bytes) {
      const start = this.start(format, at);
      if (start >= from && start < to) found.push(at);
    }
    return found;
  }

  start({ place }: EntryFormat, at: number): number {
    const little = this.#elf.littleEndian;
    if (place === 'relative') return this.#place.address + at + this.#view.getInt32(at, little);
    if (!this.#elf.is64) return this.#view.getUint32(at, little);
    const first = this.#view.getUint32(at, little);
    const second = this.#view.getUint32(at + 4, little);
    return little ? signedAddress(second, first) : signedAddress(first, second);
  }

  length({ lengthAt, length }: EntryFormat, at: number): number | undefined {
    return lengthAt === undefined ? length : this.#view.getUint8(at + lengthAt);
  }
}
