import { addressText, fromBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { Image } from './image.ts';
import { sizeFits } from './match.ts';
import type { AddressQuery, Query, SectionQuery, SymbolQuery } from './query.ts';
import { type PlacedFrame, type PlaceOptions, placeInSymbols } from './resolve.ts';

/** Where a question leads in a file. */
export type Target =
  | { readonly kind: 'code'; readonly placed: PlacedFrame; readonly note?: string }
  | { readonly kind: 'data'; readonly symbol: KernelSymbol; readonly offset: number }
  | { readonly kind: 'nowhere'; readonly why: string };

export interface TargetOptions extends PlaceOptions {
  /** Where a module was loaded, which addresses in it count from: 0 if they count from its beginning. */
  readonly moduleBase: bigint;
}

const hex = (value: number): string => `${value < 0 ? '-' : ''}0x${Math.abs(value).toString(16)}`;
const nowhere = (why: string): Target => ({ kind: 'nowhere', why });
const isCode = ({ section }: KernelSymbol): boolean => (section.flags & sectionFlag.execute) !== 0;

/** Finds what a query asks for. */
export function targetOf(image: Image, query: Query, options: TargetOptions): Target {
  switch (query.kind) {
    case 'symbol':
      return symbolTarget(image, query, options);
    case 'address':
      return addressTarget(image, query, options);
    case 'section':
      return sectionTarget(image, query, options);
  }
}

/** What the compiler made of a function: `foo.isra.0`, `foo.part.0.cold`, `foo.constprop.0`, `foo.llvm.123`. */
function variantsOf(image: Image, name: string): readonly KernelSymbol[] {
  return name.length < 2 ? [] : image.elf.symbols().variantsOf(name);
}

function symbolTarget(image: Image, query: SymbolQuery, options: TargetOptions): Target {
  const { symbol: name, offset, size, address } = query;
  const exact = image.symbolsNamed(name);
  if (exact.length === 0 && address !== undefined)
    return addressTarget(image, { ...query, kind: 'address', address }, options);
  const named = exact.length > 0 ? exact : variantsOf(image, name);
  if (named.length === 0) return nowhere(noSymbol(image, name));
  if (offset < 0) return beforeSymbol(image, named, query, options);
  const sized = size === undefined ? named : named.filter((symbol) => sizeFits(symbol, size));
  const found = sized.length === 0 && options.force ? named : sized;
  const [first] = found;
  const sizes = [...new Set(named.map((each) => hex(each.size)))].slice(0, 8).join(', ');
  if (first === undefined)
    return nowhere(`it has size ${sizes} there, not ${hex(size ?? 0)}: the file is of another build (--force)`);
  const placed = placeInSymbols(image, found, offset, { ...options, asLineProgram: false });
  if (placed === undefined) return nowhere(`offset ${hex(offset)} is beyond its end (size ${sizes})`);
  if (!isCode(placed.symbol)) return { kind: 'data', symbol: placed.symbol, offset };
  const names = [...new Set(placed.candidates.map((each) => each.name))].join(', ');
  const notes = [
    ...(exact.length === 0 ? [`the compiler made ${names} of it`] : []),
    ...(sized.length === 0 ? [`UNVERIFIED (--force): it has size ${sizes} there, not ${hex(size ?? 0)}`] : []),
  ];
  return { kind: 'code', placed, ...(notes.length > 0 && { note: notes.join('; ') }) };
}

/** The right one cannot be told by its size, as the place is in another function. */
function beforeSymbol(
  image: Image,
  named: readonly KernelSymbol[],
  { symbol, offset }: SymbolQuery,
  options: TargetOptions,
): Target {
  const [only] = named;
  if (only === undefined || named.length > 1) return nowhere(`there are ${named.length} functions ${symbol}`);
  return placeAt(image, only.address + offset, options) ?? nowhere(`nothing is ${hex(-offset)} before ${symbol}`);
}

function noSymbol(image: Image, name: string): string {
  const base = /^[^.]+/.exec(name)?.[0] ?? name;
  const near = base === name ? [] : [...image.symbolsNamed(base), ...variantsOf(image, base)];
  const names = [...new Set(near.map((each) => each.name))].slice(0, 4);
  const instead = names.length === 0 ? '' : `, but ${names.join(', ')}: it may be of another build`;
  return `${image.path} has no symbol ${name}${instead}`;
}

/** What is at an address of the file. */
function placeAt(image: Image, address: number, options: PlaceOptions): Target | undefined {
  const symbol = image.symbolAt(address);
  if (symbol === undefined) return undefined;
  const offset = address - symbol.address;
  if (!isCode(symbol)) return { kind: 'data', symbol, offset };
  const placed = placeInSymbols(image, [symbol], offset, options);
  return placed && { kind: 'code', placed };
}

/** Where an address of a running kernel is in its file. */
export function linkedAddress(image: Image, address: bigint, kaslrOffset = 0n): number {
  return fromBigAddress(BigInt.asUintN(64, address - kaslrOffset), image.elf.is64);
}

function addressTarget(image: Image, { address }: AddressQuery, options: TargetOptions): Target {
  if (image.isModule) return moduleTarget(image, address, options);
  const linked = linkedAddress(image, address, options.kaslrOffset);
  const found = placeAt(image, linked, options);
  if (found !== undefined) return found;
  const code = image.elf.sections.filter(({ flags }) => (flags & sectionFlag.execute) !== 0);
  const start = Math.min(...code.map((section) => section.address));
  const end = Math.max(...code.map((section) => section.address + section.size));
  const range = `the kernel's code is from ${addressText(start)} to ${addressText(end)}`;
  const moved = options.kaslrOffset === undefined || options.kaslrOffset === 0n ? ' (is KASLR taken off? --kaslr)' : '';
  return nowhere(`no function of the kernel is there${moved}; ${code.length === 0 ? 'it has no code' : range}`);
}

/** Addresses in a module count from where its code begins: that is what /proc/modules and lsmod have. */
function moduleTarget(image: Image, address: bigint, options: TargetOptions): Target {
  const [text] = image.elf.regions ?? [];
  const distance = address - options.moduleBase;
  if (text === undefined || distance < 0n || distance >= BigInt(text.end - text.start)) {
    const size = text === undefined ? 0 : text.end - text.start;
    return nowhere(
      options.moduleBase === 0n
        ? `the module's code has ${hex(size)} bytes (--base says where it was loaded)`
        : `the module's code has ${hex(size)} bytes from where it was loaded`,
    );
  }
  return placeAt(image, text.start + Number(distance), options) ?? nowhere('no function of the module is there');
}

function sectionTarget(image: Image, { section: name, offset }: SectionQuery, options: TargetOptions): Target {
  const [section, other] = image.elf.sectionsNamed(name);
  if (section === undefined || (section.flags & sectionFlag.alloc) === 0)
    return nowhere(`${image.path} has no section ${name} that is loaded`);
  if (other !== undefined) return nowhere(`${image.path} has several sections ${name}`);
  if (offset < 0 || offset >= section.size)
    return nowhere(`offset ${hex(offset)} is beyond its end (size ${hex(section.size)})`);
  return placeAt(image, section.address + offset, options) ?? nowhere('no symbol is there');
}
