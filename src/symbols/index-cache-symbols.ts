import type { SectionHeader } from '../elf/section-table.ts';
import type { KernelSymbol, SymbolTable } from '../elf/symbol-table.ts';
import { hashOfName } from './index-cache-bytes.ts';
import type { FoundEntry } from './index-cache-file.ts';
import type { PageWriter } from './index-cache-pages.ts';

/** `SymbolSet` tells no more of an address or a name: what has as many is left out. */
const mostSymbols = 512;

/**
 * An entry of symbols: number of the section and one (0: what is there must be looked up), size, size in the section,
 * whether that is certain; up to the end of each symbol its name, index, `st_size`, type and binding, the one first that
 * the kernel prints.
 */
export function writeSymbols(table: SymbolTable, symbols: PageWriter, names: PageWriter, base: number): void {
  const starts = new Set<number>();
  for (const index of table.code.all()) starts.add(table.addressOf(index));
  const hashes: number[] = [];
  const sorted = Float64Array.from(starts).sort();
  const unclear = new Set<string>();
  for (const [nth, start] of sorted.entries()) {
    const into = symbols.entry(start - base);
    const first = table.at(start);
    const aliases = table.code.aliasesAt(start);
    const own = aliases.map(({ index }) => table.entry(index));
    const isClear =
      first !== undefined &&
      aliases.length < mostSymbols &&
      first.index === aliases[0]?.index &&
      own.every((symbol) => symbol?.section === first.section && symbol.address === start);
    into.number(isClear ? first.section.index + 1 : 0);
    if (!isClear) {
      for (const { name } of aliases) unclear.add(name);
      continue;
    }
    for (const number of [first.size, first.sizeInSection]) into.number(number);
    into.number(Number(first.sizeIsCertain));
    for (const symbol of own) {
      if (symbol === undefined) continue;
      const { name, index, symbolSize, type, binding } = symbol;
      into.number(symbols.text(name));
      for (const number of [index, symbolSize, type, binding]) into.number(number);
      hashes.push(hashOfName(name) * sorted.length + nth);
    }
  }
  symbols.end();
  writeNames(sorted, Float64Array.from(hashes).sort(), new Set([...unclear].map(hashOfName)), names, base);
}

/** `hashes` are those of the names, ascending, each times the number of addresses, and the number of its address. */
function writeNames(
  addresses: Float64Array,
  hashes: Float64Array,
  unclear: ReadonlySet<number>,
  names: PageWriter,
  base: number,
): void {
  for (let at = 0; at < hashes.length; ) {
    const hash = Math.floor((hashes[at] ?? 0) / addresses.length);
    let end = at + 1;
    while (end < hashes.length && Math.floor((hashes[end] ?? 0) / addresses.length) === hash) end++;
    if (end - at < mostSymbols && !unclear.has(hash)) {
      const into = names.entry(hash);
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
  names.end();
}

/** The keys of the symbols with a name, ascending; undefined if the entry makes no sense. */
export function readNamed({ page, entry }: FoundEntry): readonly number[] | undefined {
  const from = page.read(entry);
  const keys: number[] = [];
  let latest = 0;
  while (!from.isAtEnd && !from.failed && keys.length < mostSymbols) {
    latest += from.number();
    keys.push(latest);
  }
  return from.failed || !from.isAtEnd ? undefined : keys;
}

interface OwnSymbol {
  readonly name: string;
  readonly index: number;
  readonly symbolSize: number;
  readonly type: number;
  readonly binding: number;
}

/** The symbols of one address. */
export interface SymbolsAt {
  readonly key: number;
  /** The first of them, if an address belongs to it; undefined if that is not known. */
  coveringSymbol(address: number): KernelSymbol | undefined;
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
  const section = sections[from.number() - 1];
  const size = from.number();
  const sizeInSection = from.number();
  const sizeIsCertain = from.number() === 1;
  const own: OwnSymbol[] = [];
  while (!from.isAtEnd && !from.failed) {
    const name = page.text(from.number());
    if (name === undefined) return undefined;
    own.push({ name, index: from.number(), symbolSize: from.number(), type: from.number(), binding: from.number() });
  }
  if (section === undefined || from.failed) return undefined;
  const symbol = ({ name, index, symbolSize, type, binding }: OwnSymbol): KernelSymbol => {
    const aliases = own.length === 1 ? [] : own.map((each) => each.name).filter((each) => each !== name);
    return { index, name, address, symbolSize, type, binding, section, size, sizeIsCertain, sizeInSection, aliases };
  };
  return {
    key,
    coveringSymbol: (at) => {
      const [first] = own;
      // Beyond its section it may belong to others.
      return first !== undefined && at < section.address + section.size ? symbol(first) : undefined;
    },
    named: (name) =>
      own
        .filter((each) => each.name === name)
        .sort((a, b) => a.index - b.index)
        .map(symbol),
  };
}
