import type { DecodedInstruction } from '../../code/instruction.ts';
import type { InlineFrame } from '../../model/report.ts';
import { chainOf } from '../../symbols/resolve.ts';
import { insideOf } from '../frames.ts';
import type { Thread } from '../thread.ts';
import { goBack } from './code-paths.ts';
import { type CodeOfFrame, type CodeReader, type FrameState, firstArgument, indexAt } from './code-values.ts';
import { lockCall, lockFunctionsOf } from './lock-functions.ts';
import type { Site } from './wait.ts';

/** A frame whose function took a lock and has not given it back. */
export interface Held {
  readonly site: Site;
  readonly how: string;
}

/** Instructions that may be of locks whose operand is looked at, of one function. */
const mostEvents = 96;

/**
 * Where a frame's function took a lock, judged by its code: of what it may have done to this lock on the ways to the
 * place where it stands, the last must be taking it.
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
  const search = new LockSearch(reader, code, here, lock, state);
  const found: { readonly does: 'take' | 'release'; readonly at: number; readonly site?: Site }[] = [];
  const visit = async (at: number): Promise<boolean> => {
    const event = await search.at(at);
    if (event === undefined) return true;
    if (event.does === 'release') {
      found.push({ does: 'release', at });
      return false;
    }
    const site = await siteOf(code, at, thread, nth);
    // Inlined code of the lock that it waits for here.
    if (!event.isCall && wanted !== undefined && isSameLine(site?.at, wanted.at)) return true;
    found.push({ does: 'take', at, ...(site && { site }) });
    return false;
  };
  // It may stand in the very call that has just taken it.
  const goesOn = wanted !== undefined || (await visit(here));
  const isKnown = !goesOn || (await goBack(code.text.code, here, visit));
  if (found.length === 0 && !isKnown) for (let at = here - 1; at >= 0 && found.length === 0; at--) await visit(at);
  // Where both may have been, the nearer in the order of the code counts.
  const [last] = found.sort((a, b) => Math.abs(here - a.at) - Math.abs(here - b.at));
  return last?.does === 'take' && last.site ? { site: last.site, how: 'the code of its function' } : undefined;
}

function isSameLine(one: InlineFrame | undefined, other: InlineFrame): boolean {
  const [a, b] = [one?.source, other.source];
  return one?.function === other.function && a?.line === b?.line && a?.file === b?.file;
}

/**
 * Atomic exchanges, with which inlined code takes a lock (queued_spin_lock() of include/asm-generic/qspinlock.h), and
 * the stores that give it back; that they are of a lock is told by their address.
 */
const exchanges = /^(?:cmpxchg|xchg|bts|cas(?:a|al|l)?|swp(?:a|al|l)?|ldaxr|ldxr|ldadda?l?|ldseta?l?)(?:b|h)?$/;
const releases = /^(?:stlrb?|stlrh)$/;

/** Looks for instructions that do something to one lock. */
class LockSearch {
  readonly #reader: CodeReader;
  readonly #code: CodeOfFrame;
  readonly #here: number;
  readonly #lock: bigint;
  readonly #state: FrameState;
  #left = mostEvents;

  constructor(reader: CodeReader, code: CodeOfFrame, here: number, lock: bigint, state: FrameState) {
    this.#reader = reader;
    this.#code = code;
    this.#here = here;
    this.#lock = lock;
    this.#state = state;
  }

  /** What an instruction does to the lock, if it does. */
  async at(nth: number): Promise<{ readonly does: 'take' | 'release'; readonly isCall: boolean } | undefined> {
    const placed = this.#code.text.code.instructions[nth];
    if (placed === undefined || this.#left <= 0) return undefined;
    const { flow, mnemonic } = placed.instruction;
    if (flow === 'call') {
      const does = lockCall(this.#reader.named(this.#code, placed)?.name ?? '')?.does;
      return does !== undefined && (await this.#isLock(nth, true)) ? { does, isCall: true } : undefined;
    }
    const does = exchanges.test(mnemonic) ? 'take' : isRelease(placed.instruction) ? 'release' : undefined;
    if (does !== undefined && placed.instruction.memory.length === 0) return undefined;
    return does !== undefined && (await this.#isLock(nth, false)) ? { does, isCall: false } : undefined;
  }

  /** Of a function the lock is its first argument; else the lock is what the operand in memory is of. */
  async #isLock(nth: number, isCall: boolean): Promise<boolean> {
    this.#left--;
    const value = isCall
      ? await this.#reader.value(this.#code, nth, firstArgument(this.#code), this.#here, this.#state)
      : await this.#reader.operandAddress(this.#code, nth, this.#here, this.#state);
    return value === this.#lock;
  }
}

/** `movb $0, lock` of x86, `stlrb wzr, [lock]` of arm64 (queued_spin_unlock()). */
const isRelease = ({ clearsByte, mnemonic }: DecodedInstruction): boolean =>
  clearsByte === true || releases.test(mnemonic);

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
