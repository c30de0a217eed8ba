import { signedAddress } from '../elf/address.ts';

/** A kernel has 200,000 symbols, one built with all of everything a million. */
const maxSymbols = 2_000_000;
/** Names of so many bytes in all; a line of kallsyms has some 45 bytes. */
const maxNameBytes = 134_217_728;
/** No name has more than 511 bytes (KSYM_NAME_LEN since 6.1, 127 before), no module's more than 55. */
const maxLine = 1024;
const maxModules = 16_384;

/** The lines of a System.map or kallsyms, in columns. Which symbol is the nth: the same place in each. */
export interface MapLines {
  /** As in `elf/address.ts`: signed where the file has 16 digits. */
  readonly addresses: readonly number[];
  /** Letters of `nm`: `t` for local code, `T` for global. */
  readonly types: readonly number[];
  /** Where the name begins in `names`; a NUL ends it. */
  readonly nameAt: readonly number[];
  readonly names: Buffer;
  /** Number of the module in `modules`, 0 for the kernel itself. */
  readonly moduleOf: readonly number[];
  readonly modules: readonly string[];
  readonly is64: boolean;
  /** Lines that are no symbols, not counting empty ones. */
  readonly strange: number;
  /** All addresses are zero: what kallsyms shows to those who may not see them (kernel.kptr_restrict). */
  readonly hidden: boolean;
  /** The note that Debian puts in place of a map: it has one symbol whose name are words. */
  readonly stub?: string;
}

/** Debian's /boot/System.map-*: `ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package`. */
const stubLine = /^f{8,16} B (The real System\.map is in .{1,200})$/;

const space = 0x20;
const tab = 0x09;
const lineFeed = 0x0a;

/** The value of a hex digit, or -1. */
function digit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

const isLetter = (byte: number): boolean => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;

/** Takes a System.map or /proc/kallsyms apart, as its bytes come. */
export class MapLinesReader {
  readonly #addresses: number[] = [];
  readonly #types: number[] = [];
  readonly #nameAt: number[] = [];
  readonly #moduleOf: number[] = [];
  readonly #modules = new Map<string, number>([['', 0]]);
  #names = Buffer.allocUnsafe(1_048_576);
  #used = 0;
  #rest = Buffer.alloc(0);
  #strange = 0;
  #digits = 0;
  #hidden = true;
  #full = false;
  #stub: string | undefined;

  /** True if there is no room for more: the rest need not be read. */
  get full(): boolean {
    return this.#full;
  }

  push(chunk: Uint8Array): void {
    let from = 0;
    const bytes = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    for (let end = bytes.indexOf(lineFeed); end >= 0; end = bytes.indexOf(lineFeed, from)) {
      this.#line(bytes, from, end);
      from = end + 1;
    }
    this.#rest = bytes.subarray(from);
    // What has no line end is no map: its first bytes are enough to be told as strange.
    if (this.#rest.length > maxLine * 2) this.#rest = this.#rest.subarray(0, maxLine * 2);
  }

  end(): MapLines {
    this.#line(this.#rest, 0, this.#rest.length);
    return {
      addresses: this.#addresses,
      types: this.#types,
      nameAt: this.#nameAt,
      names: this.#names.subarray(0, this.#used),
      moduleOf: this.#moduleOf,
      modules: [...this.#modules.keys()],
      is64: this.#digits !== 8,
      strange: this.#strange,
      hidden: this.#hidden && this.#addresses.length > 0,
      ...(this.#stub !== undefined && { stub: this.#stub }),
    };
  }

  /** `ffffffff81000000 T _stext`, `ffffffffc0201000 t frob_read<TAB>[frob]`. */
  #line(bytes: Buffer, from: number, lineEnd: number): void {
    const end = bytes[lineEnd - 1] === 0x0d ? lineEnd - 1 : lineEnd;
    if (end <= from || this.#full) return;
    let high = 0;
    let low = 0;
    let at = from;
    for (; at < end && at - from <= 16; at++) {
      const value = digit(bytes[at] ?? 0);
      if (value < 0) break;
      high = (high << 4) | (low >>> 28);
      low = (low << 4) | value;
    }
    const digits = at - from;
    const type = bytes[at + 1] ?? 0;
    const fits = end - from <= maxLine && (digits === 8 || digits === 16) && bytes[at] === space;
    if (!fits || !isLetter(type) || bytes[at + 2] !== space) {
      this.#strange += 1;
      return;
    }
    const start = at + 3;
    let nameEnd = start;
    while (nameEnd < end && bytes[nameEnd] !== space && bytes[nameEnd] !== tab && bytes[nameEnd] !== 0) nameEnd++;
    if (nameEnd === start) {
      this.#strange += 1;
      return;
    }
    if (bytes[nameEnd] === space && this.#isStub(bytes.toString('latin1', from, end))) return;
    const module = nameEnd < end ? this.#module(bytes, nameEnd, end) : 0;
    if (module === undefined || !this.#keepName(bytes, start, nameEnd)) {
      this.#strange += 1;
      return;
    }
    if (digits === 8) this.#digits = 8;
    if (high !== 0 || low !== 0) this.#hidden = false;
    this.#addresses.push(digits === 16 ? signedAddress(high, low) : low >>> 0);
    this.#types.push(type);
    this.#moduleOf.push(module);
    if (this.#addresses.length >= maxSymbols) this.#full = true;
  }

  #isStub(line: string): boolean {
    this.#stub ??= stubLine.exec(line)?.[1];
    return this.#stub !== undefined;
  }

  /** The number of the module of `<TAB>[frob]`; undefined if that is something else. */
  #module(bytes: Buffer, from: number, end: number): number | undefined {
    const text = bytes.toString('latin1', from, end);
    const name = /^\s+\[([\w.-]{1,64})\]\s*$/.exec(text)?.[1];
    if (name === undefined) return text.trim() === '' ? 0 : undefined;
    const known = this.#modules.get(name);
    if (known !== undefined) return known;
    if (this.#modules.size >= maxModules) return undefined;
    this.#modules.set(name, this.#modules.size);
    return this.#modules.size - 1;
  }

  #keepName(bytes: Buffer, start: number, end: number): boolean {
    const needed = this.#used + (end - start) + 1;
    if (needed > maxNameBytes) {
      this.#full = true;
      return false;
    }
    if (needed > this.#names.length) {
      const larger = Buffer.allocUnsafe(Math.min(Math.max(needed, this.#names.length * 2), maxNameBytes));
      this.#names.copy(larger, 0, 0, this.#used);
      this.#names = larger;
    }
    this.#nameAt.push(this.#used);
    bytes.copy(this.#names, this.#used, start, end);
    this.#names[needed - 1] = 0;
    this.#used = needed;
    return true;
  }
}
