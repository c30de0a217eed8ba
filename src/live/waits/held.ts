import type { DecodedInstruction } from '../../code/instruction.ts';
import type { InlineFrame } from '../../model/report.ts';
import { chainOf } from '../../symbols/resolve.ts';
import { insideOf } from '../frames.ts';
import type { Thread } from '../thread.ts';
import { type CodeOfFrame, type CodeReader, type FrameState, firstArgument, indexAt } from './code-values.ts';
import { lockCall, lockFunctionsOf } from './lock-functions.ts';
import type { Site } from './wait.ts';

/** A frame whose function took a lock and has not given it back. */
export interface Held {
  readonly site: Site;
  readonly how: string;
}

/** Functions are looked through from the frame backwards over so many instructions that may be of locks. */
const mostEvents = 96;

/**
 * Where a frame's function took a lock, judged by its code: of the calls before the place where it stands, in the order of
 * the code, the last that has this lock as its argument must be one that takes it.
 * @param wanted the frame stands in a call that wants this lock: that call does not count.
 */
export async function heldBy(
  reader: CodeReader,
  thread: Thread,
  nth: number,
  lock: bigint,
  state: FrameState,
  wanted: Site | undefined,
): Promise<Held | undefined> {
  const frame = thread.raw.frames[nth];
  const code = frame && reader.at(insideOf(frame));
  if (frame === undefined || code === undefined) return undefined;
  const here = indexAt(code, code.place.address);
  if (here === undefined) return undefined;
  for (const { at, does, isCall } of lockEventsBefore(reader, code, wanted === undefined ? here : here - 1)) {
    const value = isCall
      ? await reader.value(code, at, firstArgument(code), here, state)
      : await reader.operandAddress(code, at, here, state);
    if (value !== lock) continue;
    if (does === 'release') return undefined;
    const site = await siteOf(code, at, thread, nth);
    // Inlined code of the lock that it waits for here.
    if (!isCall && wanted !== undefined && isSameLine(site?.at, wanted.at)) continue;
    return site && { site, how: 'the code of its function' };
  }
  return undefined;
}

function isSameLine(one: InlineFrame | undefined, other: InlineFrame): boolean {
  const [a, b] = [one?.source, other.source];
  return one?.function === other.function && a?.line === b?.line && a?.file === b?.file;
}

/** An instruction that takes or gives back some lock. */
interface LockEvent {
  readonly at: number;
  readonly does: 'take' | 'release';
  /** Of a function, with the lock as its first argument; else it is the lock that the operand in memory is of. */
  readonly isCall: boolean;
}

/**
 * Atomic exchanges, with which inlined code takes a lock (queued_spin_lock() of include/asm-generic/qspinlock.h), and
 * the stores that give it back; that they are of a lock is told by their address.
 */
const exchanges = /^(?:cmpxchg|xchg|bts|cas(?:a|al|l)?|swp(?:a|al|l)?|ldaxr|ldxr|ldadda?l?|ldseta?l?)(?:b|h)?$/;
const releases = /^(?:stlrb?|stlrh)$/;

/** What takes or gives back locks, the last first. */
function lockEventsBefore(reader: CodeReader, code: CodeOfFrame, last: number): readonly LockEvent[] {
  const events: LockEvent[] = [];
  const { instructions } = code.text.code;
  for (let at = last; at >= 0 && events.length < mostEvents; at--) {
    const placed = instructions[at];
    if (placed === undefined) continue;
    const { flow, mnemonic, memory } = placed.instruction;
    if (flow === 'call') {
      const does = lockCall(reader.named(code, placed)?.name ?? '')?.does;
      if (does !== undefined) events.push({ at, does, isCall: true });
    } else if (memory.length > 0 && exchanges.test(mnemonic)) events.push({ at, does: 'take', isCall: false });
    else if (memory.length > 0 && isRelease(placed.instruction)) events.push({ at, does: 'release', isCall: false });
  }
  return events;
}

/** `movb $0, lock` of x86, `stlrb wzr, [lock]` of arm64 (queued_spin_unlock()). */
function isRelease({ mnemonic, text, memory }: DecodedInstruction): boolean {
  return releases.test(mnemonic) || (/^movb +\$0x?0,/.test(text) && memory[0]?.access === 'write');
}

/** The place of a call in the source: in the first function that is not part of the lock's own code. */
async function siteOf(code: CodeOfFrame, at: number, thread: Thread, nth: number): Promise<Site | undefined> {
  const placed = code.text.code.instructions[at];
  if (placed === undefined) return undefined;
  const { image, address: here } = code.place;
  const start = code.text.code.instructions[indexAt(code, here) ?? 0]?.address ?? placed.address;
  const address = here - Number(start - placed.address);
  const [frames = []] = image.hasDebugInfo ? await image.resolve([address]) : [];
  const chain = chainOf(frames);
  const own: InlineFrame = {
    function: thread.frames[nth]?.function ?? code.text.name ?? '?',
    ...(chain?.source && { source: { file: chain.source.file, line: chain.source.line } }),
  };
  const functions = [...(chain?.inlined ?? []), own];
  // What is inlined further within is how the lock is made.
  const last = functions.findLastIndex((each) => lockFunctionsOf(each.function) !== undefined);
  const [site = own, ...inlinedInto] = functions.slice(Math.min(last + 1, functions.length - 1));
  return { thread, nth, at: site, inlinedInto };
}
