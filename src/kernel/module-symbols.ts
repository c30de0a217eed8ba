import { sectionFlag } from '../elf/constants.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { FilePlace, LoadedModule, RuntimeSymbol } from './symbols.ts';

/** A stretch of a module's memory that is a section of its file. */
interface Placed {
  readonly start: bigint;
  readonly end: bigint;
  readonly section: SectionHeader;
}

interface Named {
  readonly name: string;
  readonly address: bigint;
}

/** Names and file addresses in one module's memory. */
export class ModuleSymbols {
  readonly module: LoadedModule;
  readonly #placed: readonly Placed[];
  readonly #named: readonly Named[];

  constructor(module: LoadedModule) {
    this.module = module;
    this.#placed = placedSections(module);
    this.#named = [...(module.symbols ?? [])]
      .filter(({ name }) => name !== '')
      .sort((a, b) => compare(a.address, b.address));
  }

  /** Whether an address is in memory that the module takes. */
  has(address: bigint): boolean {
    return this.#rangeOf(address) !== undefined || this.#placedAt(address) !== undefined;
  }

  /** Whether an address is in its code: of sections where they are known, else of the first range. */
  isText(address: bigint): boolean {
    const placed = this.#placedAt(address);
    if (placed !== undefined) return (placed.section.flags & sectionFlag.execute) !== 0;
    const [code] = this.module.ranges;
    return code !== undefined && address >= code.start && address < code.start + BigInt(code.bytes);
  }

  place(address: bigint): FilePlace | undefined {
    const { image } = this.module;
    const placed = this.#placedAt(address);
    if (image === undefined || placed === undefined) return undefined;
    return { image, address: placed.section.address + Number(address - placed.start) };
  }

  /** Where an address of the module's file is now. */
  addressOf(address: number): bigint | undefined {
    const placed = this.#placed.find(
      ({ section }) => address >= section.address && address < section.address + section.size,
    );
    return placed === undefined ? undefined : placed.start + BigInt(address - placed.section.address);
  }

  at(address: bigint): RuntimeSymbol | undefined {
    const place = this.place(address);
    const symbol = place?.image.symbolAt(place.address);
    if (place === undefined || symbol === undefined) return this.#namedAt(address);
    const offset = place.address - symbol.address;
    return {
      name: symbol.name,
      start: address - BigInt(offset),
      offset,
      size: symbol.size,
      module: this.module.name,
      place,
    };
  }

  /** By the module's own table in the guest's memory. */
  #namedAt(address: bigint): RuntimeSymbol | undefined {
    const range = this.#rangeOf(address);
    if (range === undefined) return undefined;
    const nth = lastAtOrBelow(this.#named, ({ address: start }) => start, address);
    const found = this.#named[nth];
    if (found === undefined || found.address < range.start) return undefined;
    let next = nth + 1;
    while (this.#named[next]?.address === found.address) next++;
    const rangeEnd = range.start + BigInt(range.bytes);
    const end = minimum(this.#named[next]?.address ?? rangeEnd, rangeEnd);
    const offset = Number(address - found.address);
    return {
      name: found.name,
      start: found.address,
      offset,
      size: Number(end - found.address),
      module: this.module.name,
    };
  }

  #rangeOf(address: bigint): LoadedModule['ranges'][number] | undefined {
    return this.module.ranges.find(({ start, bytes }) => address >= start && address < start + BigInt(bytes));
  }

  #placedAt(address: bigint): Placed | undefined {
    const placed = this.#placed[lastAtOrBelow(this.#placed, ({ start }) => start, address)];
    return placed !== undefined && address < placed.end ? placed : undefined;
  }
}

/**
 * Where the sections of a module's file are. Those that were freed after its init are told of still
 * (/sys/module/x/sections), at addresses that may be anything now: only what is in the module's memory counts.
 */
function placedSections({ image, sections, ranges }: LoadedModule): Placed[] {
  if (image === undefined) return [];
  const byName = new Map<string, SectionHeader[]>();
  for (const section of image.elf.sections) {
    if ((section.flags & sectionFlag.alloc) === 0 || section.size === 0) continue;
    byName.set(section.name, [...(byName.get(section.name) ?? []), section]);
  }
  const placed: Placed[] = [];
  const isInside = (start: bigint): boolean =>
    ranges.length === 0 || ranges.some((range) => start >= range.start && start < range.start + BigInt(range.bytes));
  // Of several sections of a name, the kernel tells in the order of the file.
  for (const { name, address } of sections) {
    const section = byName.get(name)?.shift();
    if (section === undefined || !isInside(address)) continue;
    placed.push({ start: address, end: address + BigInt(section.size), section });
  }
  if (placed.length === 0) placed.push(...codeSections(image.elf.sections, ranges));
  return placed.sort((a, b) => compare(a.start, b.start));
}

/** Where no sections are told: those of code are laid out as in the file from where the code is (layout_sections()). */
function codeSections(sections: readonly SectionHeader[], [code]: LoadedModule['ranges']): Placed[] {
  if (code === undefined) return [];
  const wanted = sectionFlag.alloc | sectionFlag.execute;
  const found = sections.filter(
    ({ flags, name, size }) => (flags & wanted) === wanted && size > 0 && !name.startsWith('.init'),
  );
  const first = Math.min(...found.map(({ address }) => address));
  return found.flatMap((section): Placed[] => {
    const start = code.start + BigInt(section.address - first);
    const end = start + BigInt(section.size);
    return end <= code.start + BigInt(code.bytes) ? [{ start, end, section }] : [];
  });
}

/** The last of a sorted list that is at an address or below it; -1 if none is. */
export function lastAtOrBelow<Item>(list: readonly Item[], start: (item: Item) => bigint, address: bigint): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && start(item) <= address) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function minimum(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
