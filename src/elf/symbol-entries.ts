import { signedAddress, wordRange } from './address.ts';
import { type AddressList, addressList } from './address-order.ts';
import { type ElfLayout, sectionIndex } from './constants.ts';
import { badSection } from './elf-error.ts';
import type { SectionData } from './section-data.ts';

/** Symbol tables of more bytes are not read: that of a kernel has 6 MB, of one with everything built in 30. */
const maxTableBytes = 134_217_728;
/** Symbols up to so far from an address that was named are selected with `near`. */
export const nearby = 2 ** 15;
/** Addresses up to so far from a base fit into small integers. */
const nearest = 2 ** 31 - 1;
const signBit = 1 << 31;

/** Where the fields of a symbol are, in 32-bit words (`Elf64_Sym`, `Elf32_Sym`). */
interface EntryLayout {
  readonly words: number;
  readonly info: number;
  readonly valueLow: number;
  readonly valueHigh: number;
  readonly sizeLow: number;
  readonly sizeHigh: number;
  /** Shifts in the word of info, other and shndx. */
  readonly infoShift: number;
  readonly indexShift: number;
}

function entryLayout({ is64, littleEndian }: ElfLayout): EntryLayout {
  const low = littleEndian ? 0 : 1;
  const shifts = { infoShift: littleEndian ? 0 : 24, indexShift: littleEndian ? 16 : 0 };
  if (!is64) return { words: 4, info: 3, valueLow: 1, valueHigh: -1, sizeLow: 2, sizeHigh: -1, ...shifts };
  return { words: 6, info: 1, valueLow: 2 + low, valueHigh: 3 - low, sizeLow: 4 + low, sizeHigh: 5 - low, ...shifts };
}

/**
 * The entries of a symbol table, kept as the words that the file has: a kernel has 130,000 to 250,000 of them, and
 * objects for all would cost ten times as much.
 */
export class SymbolEntries {
  readonly count: number;
  readonly #words: Uint32Array;
  /** The same words, signed. */
  readonly #signed: Int32Array;
  readonly #layout: EntryLayout;
  /** Section numbers that do not fit into 16 bits (SHT_SYMTAB_SHNDX). */
  readonly #farSections: Uint32Array | undefined;

  /** @throws KtriageError KT-ELF-SECTION */
  constructor(file: string, table: SectionData, farSections: SectionData | undefined, layout: ElfLayout) {
    if (table.size > maxTableBytes) throw badSection(file, table.name, `it has ${table.size} bytes`);
    this.#layout = entryLayout(layout);
    this.#words = wordsOf(table, layout.littleEndian);
    this.#signed = new Int32Array(this.#words.buffer);
    this.count = Math.floor(this.#words.length / this.#layout.words);
    if (farSections !== undefined && farSections.size <= maxTableBytes)
      this.#farSections = wordsOf(farSections, layout.littleEndian);
  }

  #word(index: number, word: number): number {
    return this.#words[index * this.#layout.words + word] ?? 0;
  }

  /** Where the names of these entries begin in the table of names. */
  namesAt(indexes: Uint32Array): Uint32Array {
    const words = this.#words;
    const stride = this.#layout.words;
    return indexes.map((index) => words[index * stride] ?? 0);
  }

  /** Where its name begins in the table of names. */
  nameAt(index: number): number {
    return this.#word(index, 0);
  }

  type(index: number): number {
    return (this.#word(index, this.#layout.info) >>> this.#layout.infoShift) & 0xf;
  }

  binding(index: number): number {
    return (this.#word(index, this.#layout.info) >>> (this.#layout.infoShift + 4)) & 0xf;
  }

  /** The section's number; for those that mean something else (SHN_ABS), what stands there. */
  section(index: number): number {
    const short = (this.#word(index, this.#layout.info) >>> this.#layout.indexShift) & 0xffff;
    return short === sectionIndex.extended ? (this.#farSections?.[index] ?? 0) : short;
  }

  /** True if the section is one, and not a number with a meaning of its own. */
  inSection(index: number): boolean {
    const short = (this.#word(index, this.#layout.info) >>> this.#layout.indexShift) & 0xffff;
    if (short === sectionIndex.extended) return this.section(index) > 0;
    return short !== sectionIndex.undefined && short < sectionIndex.reserved;
  }

  /** `st_value`, as `address.ts` has addresses; in a relocatable file an offset in the section. */
  value(index: number): number {
    const { valueLow, valueHigh } = this.#layout;
    const low = this.#word(index, valueLow);
    return valueHigh < 0 ? low : signedAddress(this.#word(index, valueHigh), low);
  }

  /** The entries that are wanted, with their addresses. */
  select(selection: Selection): AddressList {
    return this.#selectNear(selection) ?? this.#selectAny(selection);
  }

  /**
   * The entries that are wanted, if all are within 2 GiB of the sections' beginning. One loop over small integers
   * without calls: this is most of the time it takes to look up one symbol.
   */
  #selectNear({ sections, bases, types, lowest, highest, near }: Selection): AddressList | undefined {
    const base = bases.some((each) => each !== 0) || !Number.isFinite(lowest) ? 0 : lowest;
    if (!(highest - base <= nearest) || bases.some((each) => each > nearest)) return undefined;
    const words = this.#signed;
    const { words: stride, info, infoShift, indexShift, valueLow, valueHigh } = this.#layout;
    const baseHigh = Math.floor(base / wordRange) | 0;
    const baseLow = (base | 0) ^ signBit;
    const sectionBases = Int32Array.from(bases);
    const windows = near && windowsAround(near, base, highest);
    const offsets = new Int32Array(this.count);
    const indexes = new Uint32Array(this.count);
    let count = 0;
    for (let index = 1, at = stride; index < this.count; index++, at += stride) {
      const description = words[at + info] ?? 0;
      if (types[(description >> infoShift) & 0xf] !== 1) continue;
      let section = (description >> indexShift) & 0xffff;
      if (section >= sectionIndex.reserved) {
        if (section !== sectionIndex.extended) continue;
        section = this.#farSections?.[index] ?? 0;
      }
      if (sections[section] !== 1) continue;
      // With the sign bit flipped, halves compare and subtract as unsigned numbers do.
      const offset = ((words[at + valueLow] ?? 0) ^ signBit) - baseLow + (sectionBases[section] ?? 0);
      if ((offset | 0) !== offset || (valueHigh >= 0 && words[at + valueHigh] !== baseHigh)) return undefined;
      if (windows !== undefined && windows[offset >>> windowShift] !== 1) continue;
      offsets[count] = offset;
      indexes[count++] = index;
    }
    const bounds = { lowest: Number.isFinite(lowest) ? lowest - base : 0, highest: Math.max(highest - base, 0) };
    return { base, offsets: offsets.subarray(0, count), indexes: indexes.subarray(0, count), ...bounds };
  }

  #selectAny({ sections, bases, types }: Selection): AddressList {
    const addresses = new Float64Array(this.count);
    const indexes = new Uint32Array(this.count);
    let count = 0;
    for (let index = 1; index < this.count; index++) {
      const section = this.section(index);
      if (types[this.type(index)] !== 1 || !this.inSection(index) || sections[section] !== 1) continue;
      addresses[count] = this.value(index) + (bases[section] ?? 0);
      indexes[count++] = index;
    }
    return addressList(addresses.subarray(0, count), indexes.subarray(0, count));
  }

  /** `st_size` */
  size(index: number): number {
    const { sizeLow, sizeHigh } = this.#layout;
    const low = this.#word(index, sizeLow);
    return sizeHigh < 0 ? low : signedAddress(this.#word(index, sizeHigh), low);
  }
}

/** Which entries are looked for. */
export interface Selection {
  /** One for each section that counts. */
  readonly sections: Uint8Array;
  /** Added to the value of a symbol, for each section. */
  readonly bases: Float64Array;
  /** One for each type of symbol that counts. */
  readonly types: Uint8Array;
  /** Where the first of the sections begins, and the last ends; infinite if there is none. */
  readonly lowest: number;
  readonly highest: number;
  /** Only what is within 32 KiB of one of these addresses is needed; more may be given. */
  readonly near?: readonly number[];
}

/** Addresses are taken in windows of 32 KiB. */
const windowShift = 15;

/** One for each window with an address, and for those beside it. */
function windowsAround(addresses: readonly number[], base: number, highest: number): Uint8Array {
  const windows = new Uint8Array(Math.floor(Math.max(highest - base, 0) / 2 ** windowShift) + 1);
  for (const address of addresses) {
    const window = Math.floor((address - base) / 2 ** windowShift);
    for (let each = window - 1; each <= window + 1; each++) if (each >= 0 && each < windows.length) windows[each] = 1;
  }
  return windows;
}

const hostIsLittle = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

function wordsOf(data: SectionData, littleEndian: boolean): Uint32Array {
  const count = Math.floor(data.size / 4);
  const bytes = new Uint8Array(count * 4);
  data.readInto(bytes, 0);
  if (littleEndian !== hostIsLittle) Buffer.from(bytes.buffer).swap32();
  return new Uint32Array(bytes.buffer);
}
