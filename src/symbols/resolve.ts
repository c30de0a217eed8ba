import type { ResolvedFrame } from '../dwarf/debug-info.ts';
import { fromBigAddress, toBigAddress } from '../elf/address.ts';
import { sectionFlag } from '../elf/constants.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { Frame, InlineFrame, SourceLocation } from '../model/report.ts';
import type { Image } from './image.ts';
import { sizeFits } from './match.ts';

/** More functions of one name and size are not told. */
const maxCandidates = 16;
/** Where functions begin with NOPs that ftrace patches, up to so many bytes come before what DWARF calls the function. */
const patchedBytes = 16;

/** A frame that has been found in a file, at one place or at several that cannot be told apart. */
export interface PlacedFrame {
  readonly image: Image;
  /** The symbol of the first place. */
  readonly symbol: KernelSymbol;
  /** Bytes from the symbol's start. */
  readonly offset: number;
  /** Addresses to look up, in the file. */
  readonly lookups: readonly number[];
}

export interface PlaceOptions {
  /** The address is where a call returns to: the position is that of the call. */
  readonly isReturn: boolean;
  /** What was added to the addresses of the file when the kernel was loaded. */
  readonly kaslrOffset?: bigint;
  /** Take functions of other sizes too. */
  readonly force: boolean;
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
  const candidates = candidatesOf(image, frame, options).slice(0, maxCandidates);
  const [symbol] = candidates;
  if (symbol === undefined) return undefined;
  const { offset = 0 } = frame;
  // Offsets beyond the end are of damaged lines, or of code that is no function's.
  if (!(offset <= symbol.size) || offset > symbol.size + 1) return undefined;
  const back = isBehindCall(options.isReturn, offset, symbol) ? 1 : 0;
  return { image, symbol, offset, lookups: candidates.map(({ address }) => address + offset - back) };
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
  const offset = address - symbol.address;
  const back = isBehindCall(options.isReturn, offset, symbol) ? 1 : 0;
  return { image, symbol, offset, lookups: [address - back] };
}

function sourceOf(frame: ResolvedFrame): SourceLocation | undefined {
  const { file, line, column } = frame;
  if (file === undefined || line === undefined) return undefined;
  return { file, line, ...(column !== undefined && { column }) };
}

/** What is known of one place: the function's own position, and what is inlined there, innermost first. */
export interface Chain {
  readonly source?: SourceLocation;
  readonly inlined: readonly InlineFrame[];
}

/** The chain of frames of an address. */
export function chainOf(frames: readonly ResolvedFrame[]): Chain | undefined {
  const outermost = frames.at(-1);
  // Line programs have the function before at bytes between two functions.
  if (outermost === undefined || outermost.betweenFunctions) return undefined;
  const source = sourceOf(outermost);
  const inlined = frames.slice(0, -1).flatMap((frame): InlineFrame[] => {
    const position = sourceOf(frame);
    if (frame.function === undefined) return [];
    return [{ function: frame.function, ...(position !== undefined && { source: position }) }];
  });
  return source === undefined && inlined.length === 0 ? undefined : { ...(source && { source }), inlined };
}

/** The chain of frames at one of the frame's places. */
async function chainAt({ image, symbol, lookups }: PlacedFrame, lookup: number): Promise<Chain | undefined> {
  const [frames = []] = await image.resolve([lookup]);
  const chain = chainOf(frames);
  if (chain !== undefined) return chain;
  // Where this symbol begins: all of the frame's candidates are as far from theirs.
  const start = lookup - ((lookups[0] ?? lookup) - symbol.address);
  const begins = await functionBeginning(image, start, Math.min(start + patchedBytes, start + symbol.size - 1));
  // Behind its beginning: padding, which no call returns to.
  if (begins !== undefined) return begins.address > lookup ? begins.chain : undefined;
  // The compiler left the function out of the debug information, but for its lines: unless they are of the one before.
  const [row] = frames.slice(-1);
  const [[before] = []] = await image.resolve([start - 1]);
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
  start: number,
  end: number,
): Promise<{ readonly address: number; readonly chain: Chain | undefined } | undefined> {
  for (let address = start; address <= end; address += 8) {
    const [frames = []] = await image.resolve([address]);
    const [outermost] = frames.slice(-1);
    if (outermost?.function !== undefined) return { address, chain: chainOf([outermost]) };
  }
  return undefined;
}

const chainKey = (chain: Chain | undefined): string => JSON.stringify(chain ?? null);

/** What debug information adds to a frame: `source`, `inlined`, `candidates`; for a bare address its function. */
export async function describeFrame(frame: Frame, placed: PlacedFrame): Promise<Frame> {
  const chains: (Chain | undefined)[] = [];
  for (const lookup of placed.lookups) chains.push(await chainAt(placed, lookup));
  const named: Frame =
    frame.function === undefined
      ? { ...frame, function: placed.symbol.name, offset: placed.offset, size: placed.symbol.size }
      : frame;
  const [first] = chains;
  if (new Set(chains.map(chainKey)).size > 1) {
    const positions = chains.flatMap((chain) => chain?.inlined[0]?.source ?? chain?.source ?? []);
    return positions.length === 0 ? named : { ...named, candidates: positions };
  }
  if (first === undefined) return named;
  return {
    ...named,
    ...(first.source && { source: first.source }),
    ...(first.inlined.length > 0 && { inlined: first.inlined }),
  };
}

/** Looks up all frames' addresses file by file, each file in one go, so that `describeFrame` finds them known. */
export async function resolveAll(placed: Iterable<PlacedFrame>): Promise<void> {
  const lookups = new Map<Image, number[]>();
  for (const { image, lookups: wanted } of placed) {
    const known = lookups.get(image);
    if (known === undefined) lookups.set(image, [...wanted]);
    else for (const address of wanted) known.push(address);
  }
  for (const [image, addresses] of lookups) await image.resolve(addresses);
}

/** How far a kernel was moved, by addresses that its log prints with their symbols; two must agree, and none differ. */
export function kaslrFromPairs(image: Image, frames: Iterable<Frame>): bigint | undefined {
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
