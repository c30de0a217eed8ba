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
  const byHash = new Map<number, Set<number>>();
  const counts = new Map<string, number>();
  const sorted = Float64Array.from(starts).sort();
  const unclear = new Set<string>();
  for (const start of sorted) {
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
      counts.set(name, (counts.get(name) ?? 0) + 1);
      const hash = hashOfName(name);
      const known = byHash.get(hash);
      if (known === undefined) byHash.set(hash, new Set([start]));
      else known.add(start);
    }
  }
  symbols.end();
  for (const [name, count] of counts) if (count >= mostSymbols) unclear.add(name);
  for (const name of unclear) byHash.delete(hashOfName(name));
  for (const hash of Float64Array.from(byHash.keys()).sort()) {
    const into = names.entry(hash);
    let latest = 0;
    for (const start of byHash.get(hash) ?? []) {
      into.number(start - base - latest);
      latest = start - base;
    }
  }
  names.end();
}

/** The keys of the symbols with a name, ascending; undefined if the entry makes no sense. */
export function readNamed({ page, entry }: FoundEntry): readonly number[] | undefined {
  const from = page.read(entry);
  const keys: number[] = [];
  let latest = 0;
  while (!from.isAtEnd && !from.failed && keys.length < mostSymbols) keys.push((latest += from.number()));
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
