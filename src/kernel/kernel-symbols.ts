import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import type { Image } from '../symbols/image.ts';
import { lastAtOrBelow, ModuleSymbols } from './module-symbols.ts';
import { SymbolNames } from './symbol-names.ts';
import type { FilePlace, KernelSymbols, LoadedModule, RuntimeSymbol } from './symbols.ts';

/** Modules that are believed. */
const mostModules = 65_536;
/** Addresses that are remembered. */
const mostKnown = 65_536;

/** Where a kernel and what is known of its code lie. */
export interface SymbolsPlace {
  readonly slide: bigint;
  /** Whether the code that is freed after boot is still there. */
  readonly hasInitCode: boolean;
  /** Other places at which code of the kernel is mapped: the trampoline of arm64's KPTI. */
  readonly aliases?: readonly CodeAlias[];
}

/** Code that is mapped a second time. */
export interface CodeAlias {
  /** Where it is mapped. */
  readonly start: bigint;
  readonly bytes: number;
  /** Where it is in the image, at its address now. */
  readonly original: bigint;
}

interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

/** A range of memory and whose it is. */
interface ModuleRange extends Range {
  readonly symbols: ModuleSymbols;
}

/** Names and addresses of a vmlinux's kernel at the place where it runs. */
export class GuestSymbols implements KernelSymbols {
  readonly vmlinux: Image;
  readonly #names: SymbolNames;
  readonly #slide: bigint;
  readonly #aliases: readonly CodeAlias[];
  readonly #image: Range;
  readonly #text: readonly Range[];
  readonly #modules: ModuleSymbols[] = [];
  /** What `at` has said of addresses of the kernel itself: all stacks have the same ones. */
  readonly #known = new Map<bigint, RuntimeSymbol>();
  /** Of all modules, sorted; made anew when one was added. */
  #ranges: readonly ModuleRange[] | undefined;

  constructor(vmlinux: Image, { slide, hasInitCode, aliases = [] }: SymbolsPlace) {
    this.vmlinux = vmlinux;
    this.#names = SymbolNames.of(vmlinux);
    this.#slide = slide;
    this.#aliases = aliases;
    this.#image = this.#between('_text', '_end') ?? { start: 1n, end: 0n };
    const init = hasInitCode ? this.#between('_sinittext', '_einittext') : undefined;
    // _stext is behind the first instructions (.head.text).
    this.#text = [this.#between('_text', '_etext') ?? this.#between('_stext', '_etext'), init].filter(
      (range) => range !== undefined,
    );
  }

  get modules(): readonly LoadedModule[] {
    return this.#modules.map(({ module }) => module);
  }

  address(name: string): bigint | undefined {
    const symbol = this.#names.named(name)[0];
    return symbol === undefined ? undefined : this.#toRuntime(symbol.address);
  }

  addresses(name: string): readonly bigint[] {
    return this.#names.named(name).map((symbol) => this.#toRuntime(symbol.address));
  }

  at(address: bigint): RuntimeSymbol | undefined {
    const known = this.#known.get(address);
    if (known !== undefined) return known;
    const place = this.#inImage(address);
    if (place === undefined) return this.#moduleAt(address)?.at(address);
    const symbol = this.vmlinux.symbolAt(place.address);
    if (symbol === undefined) return undefined;
    const offset = place.address - symbol.address;
    const found = { name: symbol.name, start: address - BigInt(offset), offset, size: symbol.size, place };
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(address, found);
    return found;
  }

  isText(address: bigint): boolean {
    const inImage = this.#original(address);
    if (this.#text.some(({ start, end }) => inImage >= start && inImage < end)) return true;
    if (inImage !== address) return true;
    return this.#moduleAt(address)?.isText(address) ?? false;
  }

  place(address: bigint): FilePlace | undefined {
    return this.#inImage(address) ?? this.#moduleAt(address)?.place(address);
  }

  addressOf({ image, address }: FilePlace): bigint | undefined {
    if (!Number.isSafeInteger(address)) return undefined;
    if (image === this.vmlinux) return this.#toRuntime(address);
    return this.#modules.find(({ module }) => module.image === image)?.addressOf(address);
  }

  addModule(module: LoadedModule): void {
    if (this.#modules.length >= mostModules) return;
    const known = this.#modules.findIndex(({ module: each }) => each.name === module.name);
    this.#modules.splice(known < 0 ? this.#modules.length : known, known < 0 ? 0 : 1, new ModuleSymbols(module));
    this.#ranges = undefined;
  }

  #inImage(address: bigint): FilePlace | undefined {
    const original = this.#original(address);
    if (original < this.#image.start || original >= this.#image.end) return undefined;
    return { image: this.vmlinux, address: fromBigAddress(BigInt.asUintN(64, original - this.#slide)) };
  }

  /** The address in the image of code that is mapped a second time. */
  #original(address: bigint): bigint {
    const alias = this.#aliases.find(({ start, bytes }) => address >= start && address < start + BigInt(bytes));
    return alias === undefined ? address : address - alias.start + alias.original;
  }

  /** Per-CPU symbols of x86 before 6.15 are offsets from 0, which do not move with the kernel. */
  #toRuntime(address: number): bigint {
    return address >= 0 ? toBigAddress(address) : BigInt.asUintN(64, toBigAddress(address) + this.#slide);
  }

  #between(first: string, last: string): Range | undefined {
    const start = this.address(first);
    const end = this.address(last);
    return start === undefined || end === undefined || end <= start ? undefined : { start, end };
  }

  #moduleAt(address: bigint): ModuleSymbols | undefined {
    this.#ranges ??= sortedRanges(this.#modules);
    const range = this.#ranges[lastAtOrBelow(this.#ranges, ({ start }) => start, address)];
    if (range !== undefined && address < range.end) return range.symbols;
    // Ranges that overlap, as damaged lists may have them, or none.
    return this.#modules.find((each) => each.module.ranges.length === 0 && each.has(address));
  }
}

function sortedRanges(modules: readonly ModuleSymbols[]): readonly ModuleRange[] {
  return modules
    .flatMap((symbols) =>
      symbols.module.ranges.map(({ start, bytes }) => ({ start, end: start + BigInt(bytes), symbols })),
    )
    .sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
}
