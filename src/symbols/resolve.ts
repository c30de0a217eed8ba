import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { Frame, InlineFrame, SourceLocation } from '../model/report.ts';
import { callerBefore } from './call-at-end.ts';
import type { Image } from './image.ts';
import { type SizedSymbol, sizeFits } from './match.ts';

/** More functions of one name and size are not told. */
const maxCandidates = 16;
/** Where functions begin with NOPs that ftrace patches, up to so many bytes come before what DWARF calls the function. */
const patchedBytes = 16;

/** A frame that has been found in a file, at one place or at several that cannot be told apart. */
export interface PlacedFrame {
  readonly image: Image;
  /** The symbol of the first place. */
  readonly symbol: KernelSymbol;
  /** The symbols of all places. */
  readonly candidates: readonly KernelSymbol[];
  /** Bytes from the symbol's start. */
  readonly offset: number;
  /** Addresses to look up, in the file. */
  readonly lookups: readonly number[];
  /** It is not in the function that is printed: see `callerBefore`. */
  readonly isOther?: boolean;
  /** What the line program has at an address is wanted, also where that is of the function before. */
  readonly asLineProgram?: boolean;
}

export interface PlaceOptions {
  /** The address is where a call returns to: the position is that of the call. */
  readonly isReturn: boolean;
  /** What was added to the addresses of the file when the kernel was loaded. */
  readonly kaslrOffset?: bigint;
  /** Take functions of other sizes too. */
  readonly force: boolean;
  /**
   * Answer bare addresses as addr2line and llvm-symbolizer do: before a function's first instruction with the line of
   * what stands there, which is the function before. In a log that would be a wrong line.
   */
  readonly asLineProgram?: boolean;
}

/** What the frame's address is in the file, by the kernel's move; the vmlinux's only. */
function linkedAddress(image: Image, frame: Frame, kaslrOffset: bigint | undefined): number | undefined {
  if (frame.address === undefined || kaslrOffset === undefined || image.isModule) return undefined;
  return fromBigAddress(BigInt.asUintN(64, frame.address - kaslrOffset), image.elf.is64);
}

/** Functions that a frame may be in: of its name, of its size if one has that, at its address if that is known. */
function candidatesOf(image: Image, frame: Frame, options: PlaceOptions): readonly KernelSymbol[] {
  const { function: name, offset = 0, size } = frame;
  if (name === undefined) return [];
  const named = image.symbolsNamed(name);
  const fitting = size === undefined ? named : named.filter((symbol) => sizeFits(symbol, size));
  const found = fitting.length === 0 && options.force ? named : fitting;
  const address = linkedAddress(image, frame, options.kaslrOffset);
  const there = found.filter((symbol) => symbol.address + offset === address);
  return there.length > 0 ? there : found;
}

/** Where a frame is in a file; undefined if the file does not have it. */
export function placeFrame(image: Image, frame: Frame, options: PlaceOptions): PlacedFrame | undefined {
  if (frame.function === undefined) return placeAddress(image, frame, options);
  const symbols = candidatesOf(image, frame, options);
  const [symbol] = symbols;
  if (frame.offset === 0 && options.isReturn && frame.reliable && symbol !== undefined && symbols.length === 1) {
    const caller = callerBefore(image, symbol);
    if (caller !== undefined) {
      const place = placeInSymbols(image, [caller], caller.size, options);
      return place && { ...place, isOther: true };
    }
  }
  return placeInSymbols(image, symbols, frame.offset ?? 0, options);
}

/** The place at an offset in one of several symbols; undefined if it is beyond the ends of all. */
export function placeInSymbols(
  image: Image,
  symbols: readonly KernelSymbol[],
  offset: number,
  { isReturn, asLineProgram = false }: PlaceOptions,
): PlacedFrame | undefined {
  // Offsets beyond the end are of damaged lines, or of code that is no function's.
  const candidates = symbols.filter(({ size }) => offset <= size).slice(0, maxCandidates);
  const [symbol] = candidates;
  if (symbol === undefined) return undefined;
  const lookups = candidates.map((each) => each.address + offset - (isBehindCall(isReturn, offset, each) ? 1 : 0));
  return { image, symbol, candidates, offset, lookups, asLineProgram };
}

/** A call that does not return may be the last of its function: `panic+0x40/0x40` is behind it. */
function isBehindCall(isReturn: boolean, offset: number, symbol: KernelSymbol): boolean {
  return offset > 0 && (isReturn || offset >= symbol.size);
}

function placeAddress(image: Image, frame: Frame, options: PlaceOptions): PlacedFrame | undefined {
  const address = linkedAddress(image, frame, options.kaslrOffset);
  const symbol = address === undefined ? undefined : image.symbolAt(address);
  if (address === undefined || symbol === undefined || (symbol.section.flags & sectionFlag.execute) === 0)
    return undefined;
  return placeInSymbols(image, [symbol], address - symbol.address, options);
}

/** A position with the file as the compiler recorded it. */
export interface ChainSource extends SourceLocation {
  readonly path?: string;
}

function sourceOf(frame: ResolvedFrame): ChainSource | undefined {
  const { file, path, line, column, md5 } = frame;
  if (file === undefined || line === undefined) return undefined;
  // Nearly all are so; to spread conditions takes several times as long, and there are tens of thousands.
  if (column !== undefined && path !== undefined && md5 === undefined) return { file, line, column, path };
  return {
    file,
    line,
    ...(column !== undefined && { column }),
    ...(md5 !== undefined && { md5 }),
    ...(path !== undefined && { path }),
  };
}

/** A position as the model has it. */
function plainSource({ path: _path, ...source }: ChainSource): SourceLocation {
  return source;
}

/** What is known of one place: the function's own position, and what is inlined there, innermost first. */
export interface Chain {
  /** What the debug information calls the function itself, where it is sure that the address is in one. */
  readonly function?: string;
  readonly source?: ChainSource;
  readonly inlined: readonly (InlineFrame & { readonly source?: ChainSource })[];
}

/** The chain of frames of an address. */
export function chainOf(frames: readonly ResolvedFrame[]): Chain | undefined {
  const outermost = frames.at(-1);
  // Line programs have the function before at bytes between two functions.
  if (outermost === undefined || outermost.betweenFunctions) return undefined;
  const source = sourceOf(outermost);
  const inlined: Chain['inlined'][number][] = [];
  for (const frame of frames) {
    if (frame === outermost || frame.function === undefined) continue;
    const position = sourceOf(frame);
    inlined.push(
      position === undefined ? { function: frame.function } : { function: frame.function, source: position },
    );
  }
  const { function: name } = outermost;
  if (source !== undefined) return name === undefined ? { source, inlined } : { function: name, source, inlined };
  return inlined.length === 0 ? undefined : { ...(name !== undefined && { function: name }), inlined };
}

/** The chain of frames at one of the frame's places. */
async function chainAt(placed: PlacedFrame, lookup: number, symbol: KernelSymbol): Promise<Chain | undefined> {
  const { image } = placed;
  const known = framesAt(image, lookup);
  const frames = known instanceof Promise ? await known : known;
  const chain = chainOf(frames);
  if (chain !== undefined) return chain;
  const there = placed.asLineProgram ? frames.at(-1) : undefined;
  if (there?.line !== undefined) {
    const { function: _notItsOwn, ...row } = there;
    return chainOf([{ ...row, betweenFunctions: false }]);
  }
  const begins = await functionBeginning(image, beginnings(symbol));
  // Behind its beginning: padding, which no call returns to.
  if (begins !== undefined) return begins.address > lookup ? begins.chain : undefined;
  // The compiler left the function out of the debug information, but for its lines: unless they are of the one before.
  const [row] = frames.slice(-1);
  const [before] = await framesAt(image, symbol.address - 1);
  const source = row && sourceOf(row);
  const same = before?.file === row?.file && before?.line === row?.line && before?.column === row?.column;
  return source === undefined || same ? undefined : { source, inlined: [] };
}

/**
 * The first line of a function whose symbol begins before it. arm64 counts from the symbol, which begins with NOPs that
 * ftrace patches; DWARF's function begins behind them (-fpatchable-function-entry).
 */
async function functionBeginning(
  image: Image,
  addresses: readonly number[],
): Promise<{ readonly address: number; readonly chain: Chain | undefined } | undefined> {
  for (const address of addresses) {
    const [outermost] = (await framesAt(image, address)).slice(-1);
    if (outermost?.function !== undefined) return { address, chain: chainOf([outermost]) };
  }
  return undefined;
}

/** Where DWARF's function of a symbol may begin. */
function beginnings({ address: start, size }: KernelSymbol): number[] {
  const addresses: number[] = [];
  for (let address = start; address <= Math.min(start + patchedBytes, start + size - 1); address += 8)
    addresses.push(address);
  return addresses;
}

/** Frames that are known already cost no turn of the event loop: there may be ten thousand of them. */
function framesAt(image: Image, address: number): readonly ResolvedFrame[] | Promise<readonly ResolvedFrame[]> {
  return image.resolved(address) ?? image.resolve([address]).then(([frames]) => frames ?? []);
}

/** The function's own name aside: of one place it may have several, by the symbol and by the debug information. */
export const chainKey = ({ source, inlined = [] }: Partial<Chain> = {}): string =>
  JSON.stringify([source ?? null, inlined]);

/** The chains at all places of a frame. */
export async function chainsOf(placed: PlacedFrame): Promise<(Chain | undefined)[]> {
  const chains: (Chain | undefined)[] = [];
  for (const [nth, lookup] of placed.lookups.entries())
    chains.push(await chainAt(placed, lookup, placed.candidates[nth] ?? placed.symbol));
  return chains;
}

/** What debug information adds to a frame: `source`, `inlined`, `candidates`; for a bare address its function. */
export async function describeFrame(frame: Frame, placed: PlacedFrame): Promise<Frame> {
  const chains = await chainsOf(placed);
  const { symbol, offset, isOther = false } = placed;
  const named: Frame =
    frame.function === undefined || isOther
      ? {
          ...frame,
          function: symbol.name,
          offset,
          size: symbol.size,
          ...(isOther && frame.function !== undefined && { printedFunction: frame.function }),
        }
      : frame;
  const [first] = chains;
  if (new Set(chains.map(chainKey)).size > 1) {
    const positions = chains.flatMap((chain) => chain?.inlined[0]?.source ?? chain?.source ?? []);
    return positions.length === 0 ? named : { ...named, candidates: positions.map(plainSource) };
  }
  if (first === undefined) return named;
  return {
    ...named,
    ...(first.source && { source: plainSource(first.source) }),
    ...(first.inlined.length > 0 && {
      inlined: first.inlined.map(({ function: name, source }) => ({
        function: name,
        ...(source && { source: plainSource(source) }),
      })),
    }),
  };
}

/** Looks up all frames' addresses file by file, each file in one go, so that `describeFrame` finds them known. */
export async function resolveAll(placed: Iterable<PlacedFrame>): Promise<void> {
  const byImage = new Map<Image, PlacedFrame[]>();
  for (const each of placed) {
    const known = byImage.get(each.image);
    if (known === undefined) byImage.set(each.image, [each]);
    else known.push(each);
  }
  for (const [image, places] of byImage) {
    await image.resolve(places.flatMap(({ lookups }) => lookups));
    // What `chainAt` looks at where no function is: one by one that would read a unit each.
    await image.resolve(places.flatMap(surroundings));
  }
}

/** The addresses around a frame that decide what it is where there is no function at its own. */
function surroundings({ image, symbol, candidates, lookups, asLineProgram }: PlacedFrame): number[] {
  return lookups.flatMap((lookup, nth) => {
    const frames = image.resolved(lookup) ?? [];
    if (chainOf(frames) !== undefined || (asLineProgram && frames.at(-1)?.line !== undefined)) return [];
    const its = candidates[nth] ?? symbol;
    return [...beginnings(its), its.address - 1];
  });
}

/** How far a kernel was moved, by addresses that its log prints with their symbols; two must agree, and none differ. */
export function kaslrFromPairs(
  image: { symbolsNamed(name: string): readonly SizedSymbol[] },
  frames: Iterable<Frame>,
): bigint | undefined {
  const found = new Map<bigint, Set<bigint>>();
  for (const frame of frames) {
    const { address, function: name, offset, size, module } = frame;
    if (address === undefined || name === undefined || offset === undefined || module !== undefined) continue;
    const candidates = image.symbolsNamed(name).filter((symbol) => size === undefined || sizeFits(symbol, size));
    const [symbol] = candidates;
    if (symbol === undefined || candidates.length > 1) continue;
    const moved = BigInt.asIntN(64, address - toBigAddress(symbol.address + offset));
    // Kernels are moved by whole pages at least (CONFIG_PHYSICAL_ALIGN, arm64: 64 KiB).
    if (moved % 4096n !== 0n) continue;
    const known = found.get(moved);
    if (known === undefined) found.set(moved, new Set([address]));
    else known.add(address);
  }
  const [only] = found;
  return found.size === 1 && only !== undefined && only[1].size >= 2 ? only[0] : undefined;
}
