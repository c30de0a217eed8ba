import type { SectionHeader } from '../elf/section-table.ts';
import type { SymbolSet } from '../elf/symbol-set.ts';
import { type KernelSymbol, maxGapBytes, type SymbolTable } from '../elf/symbol-table.ts';
import { type ByteReader, type ByteWriter, hashOfName } from './index-cache-bytes.ts';
import type { FoundEntry } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';

/** `SymbolSet` tells no more of an address or a name: what has as many must be looked up. */
const mostSymbols = 512;
/** Keys of addresses have 32 bits. */
const largestKey = 0xffffffff;

/**
 * An entry of symbols: number of the section and one, size, size in the section, whether that is certain; up to the end
 * of each symbol its name, index, `st_size`, type and binding, the one first that the kernel prints. Where a section ends
 * and another begins, there may be symbols of both: then there is a 0 first, and each symbol has before it what is first
 * elsewhere; what the address belongs to must be looked up. An entry of names has the addresses; none: they must be looked up. A name without an entry is none.
 * @param set the functions of the table, or its data
 */
export function writeSymbols(
  table: SymbolTable,
  set: SymbolSet,
  symbols: PageWriter,
  names: PageWriter,
  base: number,
): void {
  const starts = new Set<number>();
  for (const index of set.all()) starts.add(table.addressOf(index));
  const hashes: number[] = [];
  const sorted = Float64Array.from(starts).sort();
  const unclear = new Set<string>();
  for (const [nth, start] of sorted.entries()) {
    const aliases = set.aliasesAt(start);
    if (start < base || start - base > largestKey) {
      for (const { name } of aliases) unclear.add(name);
      continue;
    }
    const into = symbols.entry(start - base);
    const first = table.at(start);
    const own = aliases.map(({ index }) => table.entry(index));
    const isClear =
      first !== undefined &&
      aliases.length < mostSymbols &&
      first.index === aliases[0]?.index &&
      own.every((symbol) => symbol?.section === first.section && symbol.address === start);
    const whole = isClear ? [] : aliases.map(({ name, index }) => symbolOf(table, name, index));
    if (isClear) writePlace(into, first);
    else {
      into.number(0);
      if (aliases.length >= mostSymbols || whole.includes(undefined)) {
        for (const { name } of aliases) unclear.add(name);
        continue;
      }
    }
    for (const [at, symbol] of own.entries()) {
      if (symbol === undefined) continue;
      const placed = whole[at];
      if (placed !== undefined) writePlace(into, placed);
      const { name, index, symbolSize, type, binding } = symbol;
      into.number(symbols.text(name));
      for (const number of [index, symbolSize, type, binding]) into.number(number);
      hashes.push(hashOfName(name) * sorted.length + nth);
    }
  }
  symbols.end();
  writeNames(sorted, Float64Array.from(hashes).sort(), new Set([...unclear].map(hashOfName)), names, base);
}

/** Undefined if it is not found by its name, as where functions hide data. */
function symbolOf(table: SymbolTable, name: string, index: number): KernelSymbol | undefined {
  return table.named(name).find((each) => each.index === index);
}

function writePlace(into: ByteWriter, { section, size, sizeInSection, sizeIsCertain }: KernelSymbol): void {
  for (const number of [section.index + 1, size, sizeInSection, Number(sizeIsCertain)]) into.number(number);
}

/** `hashes` are those of the names, ascending, each times the number of addresses, and the number of its address. */
function writeNames(
  addresses: Float64Array,
  hashes: Float64Array,
  unclear: ReadonlySet<number>,
  names: PageWriter,
  base: number,
): void {
  const lookUp = Float64Array.from(unclear).sort();
  let nextToLookUp = 0;
  for (let at = 0; at < hashes.length; ) {
    const hash = Math.floor((hashes[at] ?? 0) / addresses.length);
    let end = at + 1;
    while (end < hashes.length && Math.floor((hashes[end] ?? 0) / addresses.length) === hash) end++;
    for (; (lookUp[nextToLookUp] ?? hash) < hash; nextToLookUp++) names.entry(lookUp[nextToLookUp] ?? 0);
    if (lookUp[nextToLookUp] === hash) nextToLookUp++;
    const into = names.entry(hash);
    if (end - at < mostSymbols && !unclear.has(hash)) {
      let latest = base;
      for (let each = at; each < end; each++) {
        const address = addresses[(hashes[each] ?? 0) - hash * addresses.length] ?? 0;
        // A name may be there twice.
        if (each > at && address === latest) continue;
        into.number(address - latest);
        latest = address;
      }
    }
    at = end;
  }
  for (; nextToLookUp < lookUp.length; nextToLookUp++) names.entry(lookUp[nextToLookUp] ?? 0);
  names.end();
}

/** The keys of the symbols with a name, ascending; undefined if they must be looked up, or the entry makes no sense. */
export function readNamed({ page, entry }: FoundEntry): readonly number[] | undefined {
  const from = page.read(entry);
  const keys: number[] = [];
  let latest = 0;
  while (!from.isAtEnd && !from.failed && keys.length < mostSymbols) {
    latest += from.number();
    keys.push(latest);
  }
  return from.failed || !from.isAtEnd || keys.length === 0 ? undefined : keys;
}

/** What symbols of one address and section share. */
interface OwnPlace {
  readonly section: SectionHeader;
  readonly size: number;
  readonly sizeInSection: number;
  readonly sizeIsCertain: boolean;
}

interface OwnSymbol extends OwnPlace {
  readonly name: string;
  readonly index: number;
  readonly symbolSize: number;
  readonly type: number;
  readonly binding: number;
}

/** The symbols of one address. */
export interface SymbolsAt {
  readonly key: number;
  /** The first of them, if an address at or behind it belongs to it; undefined if that is not known. */
  covering(address: number): { readonly value: KernelSymbol | undefined } | undefined;
  /** Those of a name. */
  named(name: string): readonly KernelSymbol[];
}

/** Undefined for what must be looked up, or makes no sense. */
export function readSymbols(
  { page, entry }: FoundEntry,
  base: number,
  sections: readonly SectionHeader[],
): SymbolsAt | undefined {
  const from = page.read(entry);
  const key = page.keyOf(entry);
  const address = base + key;
  const first = from.number();
  const shared = first === 0 ? undefined : readPlace(from, sections[first - 1]);
  if (first !== 0 && shared === undefined) return undefined;
  const own: OwnSymbol[] = [];
  while (!from.isAtEnd && !from.failed) {
    const place = shared ?? readPlace(from, sections[from.number() - 1]);
    const name = page.text(from.number());
    if (name === undefined || place === undefined) return undefined;
    const index = from.number();
    const symbolSize = from.number();
    const type = from.number();
    const binding = from.number();
    own.push({ ...place, name, index, symbolSize, type, binding });
  }
  if (own.length === 0 || from.failed) return undefined;
  const symbol = (each: OwnSymbol): KernelSymbol => {
    const aliases = own.length === 1 ? [] : own.map(({ name }) => name).filter((name) => name !== each.name);
    return { ...each, address, aliases };
  };
  return {
    key,
    covering: (at) => {
      const [printed] = own;
      if (shared === undefined || printed === undefined) return undefined;
      // As `SymbolTable.at`: what is behind the section may be padding, which belongs to the last symbol.
      const beyondSection = at - (shared.section.address + shared.section.size);
      const isCovered = beyondSection < 0 || (beyondSection < maxGapBytes && at < address + printed.size);
      return { value: isCovered ? symbol(printed) : undefined };
    },
    named: (name) =>
      own
        .filter((each) => each.name === name)
        .sort((a, b) => a.index - b.index)
        .map(symbol),
  };
}

function readPlace(from: ByteReader, section: SectionHeader | undefined): OwnPlace | undefined {
  const size = from.number();
  const sizeInSection = from.number();
  const isCertain = from.number();
  return section && { section, size, sizeInSection, sizeIsCertain: isCertain === 1 };
}
