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

/** Functions are looked through from the frame backwards over so many calls of locks. */
const mostCalls = 64;

/**
 * Where a frame's function took a lock, judged by its code: of the calls before the place where it stands, in the order of
 * the code, the last that has this lock as its argument must be one that takes it.
 * @param inLock the frame stands in a call that wants this lock: that call does not count.
 */
export async function heldBy(
  reader: CodeReader,
  thread: Thread,
  nth: number,
  lock: bigint,
  state: FrameState,
  inLock: boolean,
): Promise<Held | undefined> {
  const frame = thread.raw.frames[nth];
  const code = frame && reader.at(insideOf(frame));
  if (frame === undefined || code === undefined) return undefined;
  const here = indexAt(code, code.place.address);
  if (here === undefined) return undefined;
  const calls = lockCallsBefore(reader, code, inLock ? here - 1 : here);
  for (const { at, does } of calls) {
    const value = await reader.value(code, at, firstArgument(code), here, state);
    if (value !== lock) continue;
    if (does === 'release') return undefined;
    const site = await siteOf(code, at, thread, nth);
    return site && { site, how: 'the code of its function' };
  }
  return undefined;
}

/** Calls of functions of locks, the last first. */
function lockCallsBefore(
  reader: CodeReader,
  code: CodeOfFrame,
  last: number,
): readonly { readonly at: number; readonly does: 'take' | 'release' }[] {
  const calls: { at: number; does: 'take' | 'release' }[] = [];
  const { instructions } = code.text.code;
  for (let at = last; at >= 0 && calls.length < mostCalls; at--) {
    const placed = instructions[at];
    if (placed === undefined || placed.instruction.flow !== 'call') continue;
    const does = lockCall(reader.named(code, placed)?.name ?? '')?.does;
    if (does !== undefined) calls.push({ at, does });
  }
  return calls;
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
  const first = functions.findIndex((each) => lockFunctionsOf(each.function) === undefined);
  const [site = own, ...inlinedInto] = functions.slice(Math.max(first, 0));
  return { thread, nth, at: site, inlinedInto };
}
