import type { FilePlace, KernelSymbols } from '../kernel/symbols.ts';
import type { LiveFrame } from '../model/live.ts';
import type { InlineFrame, SourceLocation } from '../model/report.ts';
import type { Image } from '../symbols/image.ts';
import { type Chain, chainOf } from '../symbols/resolve.ts';
import type { RawFrame } from '../unwind/frame.ts';

/** The address to look a frame up by: of calls one within the call, as the next line may be another function's. */
export const insideOf = ({ pc, isReturn }: Pick<RawFrame, 'pc' | 'isReturn'>): bigint => (isReturn ? pc - 1n : pc);

/** Names frames, and finds where they are in the source; each file is read in one go for all of them. */
export async function nameFrames(
  symbols: KernelSymbols,
  stacks: readonly (readonly RawFrame[])[],
): Promise<readonly (readonly LiveFrame[])[]> {
  const places = new Map<bigint, FilePlace>();
  const wanted = new Map<Image, Set<number>>();
  for (const frame of stacks.flat()) {
    const inside = insideOf(frame);
    const place = places.get(inside) ?? symbols.place(inside);
    if (place === undefined) continue;
    places.set(inside, place);
    const addresses = wanted.get(place.image);
    if (addresses === undefined) wanted.set(place.image, new Set([place.address]));
    else addresses.add(place.address);
  }
  for (const [image, addresses] of wanted) if (image.hasDebugInfo) await image.resolve([...addresses]);
  // Most tasks sleep in the same functions.
  const positions = new Map<bigint, Position>();
  const positionAt = (inside: bigint): Position => {
    const known = positions.get(inside);
    if (known !== undefined) return known;
    const place = places.get(inside);
    const position = positionOf(place && chainOf(place.image.resolved(place.address) ?? []));
    positions.set(inside, position);
    return position;
  };
  return stacks.map((frames) => frames.map((frame) => nameFrame(symbols, frame, positionAt(insideOf(frame)))));
}

type Position = Pick<LiveFrame, 'source' | 'inlined'>;

function nameFrame(symbols: KernelSymbols, frame: RawFrame, position: Position): LiveFrame {
  const symbol = symbols.at(insideOf(frame));
  return {
    address: frame.pc,
    ...(symbol !== undefined && {
      function: symbol.name,
      offset: Number(frame.pc - symbol.start),
      size: symbol.size,
      ...(symbol.module !== undefined && { module: symbol.module }),
    }),
    stack: frame.stack,
    reliable: frame.reliable,
    ...position,
    ...(frame.entry !== undefined && { entry: frame.entry }),
  };
}

function positionOf(chain: Chain | undefined): Position {
  if (chain === undefined) return {};
  const plain = (source: Chain['source']): { source?: SourceLocation } => {
    if (source === undefined) return {};
    const { path: _path, ...rest } = source;
    return { source: rest };
  };
  return {
    ...plain(chain.source),
    ...(chain.inlined.length > 0 && {
      inlined: chain.inlined.map(({ function: name, source }) => ({ function: name, ...plain(source) })),
    }),
  };
}

/** The functions of a frame, the innermost inlined one first, each with its own position. */
export function functionsOf(frame: LiveFrame): readonly InlineFrame[] {
  const own =
    frame.function === undefined ? [] : [{ function: frame.function, ...(frame.source && { source: frame.source }) }];
  return [...(frame.inlined ?? []), ...own];
}

/** True if a function of this name is at the frame, inlined or not. */
export function isIn(frame: LiveFrame, name: string | RegExp): boolean {
  return functionsOf(frame).some((each) => {
    const plain = plainName(each.function);
    return typeof name === 'string' ? plain === name : name.test(plain);
  });
}

/**
 * Code that the processor enters at, which stands there before it has saved anything (arch/x86/entry/entry_64.S,
 * arch/arm64/kernel/entry.S): a moment of an interrupt, and nothing that is waited in.
 */
export const entryCode =
  /^(?:vectors|tramp_vectors|asm_\w+|(?:error|paranoid)_(?:entry|return|exit)|entry_SYSCALL\w*|common_interrupt_return|irq_entries_start|restore_regs_and_return_to_\w+|swapgs_restore\w*|native_irq_return_iret|el[01][ht]?_\w*(?:irq|fiq|sync|error)\w*|ret_to_(?:kernel|user)\w*)$/;

/** A function's name without what compilers append to clones: `foo.constprop.0` as `foo`. */
export const plainName = (name: string): string => name.replace(/\.(?:constprop|isra|part|cold|llvm)\b.*$/s, '');
