import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import { mostItems, type RecordReader, type RecordWriter } from './index-cache-bytes.ts';
import { type Fingerprint, type FreshRecord, IndexFile, indexBytes } from './index-cache-file.ts';
import { readIndex, writeIndex } from './index-cache-folder.ts';

/** Of a run that looks up more, nothing is kept: going through all units at once is cheaper than reading all that. */
const mostFresh = 16_384;

/** Something that is known, be it that there is nothing. */
export interface Known<Value> {
  readonly value: Value;
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };

/** Bits that say which members of a frame follow. A member that is added must be written and read below. */
const frameBits: Readonly<Record<keyof ResolvedFrame, number>> = {
  function: 1,
  file: 2,
  path: 4,
  md5: 8,
  line: 16,
  column: 32,
  inlined: 64,
  betweenFunctions: 128,
};

function writeFrame(into: RecordWriter, frame: ResolvedFrame): void {
  let bits = (frame.inlined ? frameBits.inlined : 0) | (frame.betweenFunctions ? frameBits.betweenFunctions : 0);
  const texts = [frame.function, frame.file, frame.path, frame.md5];
  const numbers = [frame.line, frame.column];
  for (const [nth, text] of texts.entries()) bits |= text === undefined ? 0 : frameBits.function << nth;
  for (const [nth, number] of numbers.entries()) bits |= number === undefined ? 0 : frameBits.line << nth;
  into.number(bits);
  for (const text of texts) if (text !== undefined) into.text(text);
  for (const number of numbers) if (number !== undefined) into.number(number);
}

function readFrame(from: RecordReader): ResolvedFrame {
  const bits = from.number();
  const frame: Mutable<ResolvedFrame> = { inlined: (bits & frameBits.inlined) !== 0 };
  if ((bits & frameBits.function) !== 0) frame.function = from.text();
  if ((bits & frameBits.file) !== 0) frame.file = from.text();
  if ((bits & frameBits.path) !== 0) frame.path = from.text();
  if ((bits & frameBits.md5) !== 0) frame.md5 = from.text();
  if ((bits & frameBits.line) !== 0) frame.line = from.number();
  if ((bits & frameBits.column) !== 0) frame.column = from.number();
  if ((bits & frameBits.betweenFunctions) !== 0) frame.betweenFunctions = true;
  return frame;
}

function writeSymbol(into: RecordWriter, symbol: KernelSymbol): void {
  const { index, name, address, symbolSize, type, binding, section, size, sizeInSection, sizeIsCertain } = symbol;
  for (const number of [index, address, symbolSize, type, binding, section.index, size, sizeInSection])
    into.number(number);
  into.number(Number(sizeIsCertain));
  into.text(name);
  into.number(symbol.aliases.length);
  for (const alias of symbol.aliases) into.text(alias);
}

/** Undefined if its section is not that of the file. */
function readSymbol(from: RecordReader, sections: readonly SectionHeader[]): KernelSymbol | undefined {
  const index = from.number();
  const address = from.number();
  const symbolSize = from.number();
  const type = from.number();
  const binding = from.number();
  const section = sections[from.number()];
  const size = from.number();
  const sizeInSection = from.number();
  const sizeIsCertain = from.number() === 1;
  const name = from.text();
  const aliases: string[] = [];
  for (let left = from.count(); left > 0 && !from.failed; left--) aliases.push(from.text());
  if (section === undefined) return undefined;
  // A symbol may stand at the end of its section, and a damaged one anywhere.
  if (address < section.address || address > section.address + section.size) return undefined;
  return { index, name, address, symbolSize, type, binding, section, size, sizeInSection, sizeIsCertain, aliases };
}

/** All numbers of a symbol are exact. */
function isWritable({ address, symbolSize, size, sizeInSection, section, aliases }: KernelSymbol): boolean {
  const numbers = [address, symbolSize, size, sizeInSection];
  return (
    numbers.every((number) => Math.abs(number) < 2 ** 50) &&
    aliases.length <= mostItems &&
    // What lies outside is not believed when it is read.
    address >= section.address &&
    address <= section.address + section.size
  );
}

/**
 * What was looked up in a file before, by earlier runs: symbols of addresses and names, and the frames of addresses.
 * Only this run's answers are kept in memory, to be written by `save`.
 */
export class IndexCache {
  readonly #path: string;
  readonly #fingerprint: Fingerprint;
  readonly #sections: readonly SectionHeader[];
  readonly #fresh = new Map<string, FreshRecord>();
  #file: IndexFile | undefined | null = null;

  /** `path` is that of the index, `sections` those of the file that has the symbols. Nothing is read yet. */
  constructor(path: string, fingerprint: Fingerprint, sections: readonly SectionHeader[]) {
    this.#path = path;
    this.#fingerprint = fingerprint;
    this.#sections = sections;
  }

  frames(address: number): readonly ResolvedFrame[] | undefined {
    return this.#find(`f${address}`, (from) => {
      const frames: ResolvedFrame[] = [];
      for (let left = from.count(); left > 0 && !from.failed; left--) frames.push(readFrame(from));
      return frames;
    });
  }

  keepFrames(address: number, frames: readonly ResolvedFrame[]): void {
    if (frames.length > mostItems) return;
    this.#keep(`f${address}`, (into) => {
      into.number(frames.length);
      for (const frame of frames) writeFrame(into, frame);
    });
  }

  symbolAt(address: number): Known<KernelSymbol | undefined> | undefined {
    const symbols = this.#symbols(`a${address}`);
    return symbols && { value: symbols[0] };
  }

  keepSymbolAt(address: number, symbol: KernelSymbol | undefined): void {
    this.#keepSymbols(`a${address}`, symbol === undefined ? [] : [symbol]);
  }

  symbolsNamed(name: string): readonly KernelSymbol[] | undefined {
    return this.#symbols(`n${name}`);
  }

  keepSymbolsNamed(name: string, symbols: readonly KernelSymbol[]): void {
    this.#keepSymbols(`n${name}`, symbols);
  }

  /** The `Linux version` line; what is not known is not the same as that there is none. */
  get banner(): Known<string | undefined> | undefined {
    const found = this.#find('b', (from) => (from.count() === 0 ? [] : [from.text()]));
    return found && { value: found[0] };
  }

  keepBanner(banner: string | undefined): void {
    this.#keep('b', (into) => {
      into.number(banner === undefined ? 0 : 1);
      if (banner !== undefined) into.text(banner);
    });
  }

  /** Writes what is new, with what was there. That it cannot be written is nobody's concern: it is only slower then. */
  save(): void {
    if (this.#fresh.size === 0 || this.#fresh.size > mostFresh) return;
    const fresh = [...this.#fresh.values()];
    const bytes = indexBytes(this.#fingerprint, this.#open(), fresh) ?? indexBytes(this.#fingerprint, undefined, fresh);
    if (bytes !== undefined) writeIndex(this.#path, bytes);
    this.#fresh.clear();
  }

  #open(): IndexFile | undefined {
    if (this.#file === null) {
      const bytes = readIndex(this.#path);
      this.#file = bytes && IndexFile.of(bytes, this.#fingerprint);
    }
    return this.#file;
  }

  #find<Value>(key: string, read: (from: RecordReader) => Value): Value | undefined {
    return this.#open()?.find(key, read);
  }

  #symbols(key: string): readonly KernelSymbol[] | undefined {
    const found = this.#find(key, (from) => {
      const symbols: (KernelSymbol | undefined)[] = [];
      for (let left = from.count(); left > 0 && !from.failed; left--) symbols.push(readSymbol(from, this.#sections));
      return symbols;
    });
    const whole = found?.filter((symbol) => symbol !== undefined);
    return whole?.length === found?.length ? whole : undefined;
  }

  #keepSymbols(key: string, symbols: readonly KernelSymbol[]): void {
    if (symbols.length > mostItems || !symbols.every(isWritable)) return;
    this.#keep(key, (into) => {
      into.number(symbols.length);
      for (const symbol of symbols) writeSymbol(into, symbol);
    });
  }

  #keep(key: string, write: (into: RecordWriter) => void): void {
    // One more than are written says that there were too many.
    if (this.#fresh.size <= mostFresh) this.#fresh.set(key, { key, write });
  }
}
