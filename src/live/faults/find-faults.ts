import type { Kernel } from '../../kernel/kernel.ts';
import { isIn } from '../frames.ts';
import type { Thread } from '../thread.ts';
import { hasFixup } from './exception-table.ts';
import { dyingFunctions, type Fault, harmlessKinds, type Judgement, neverFaults, servingFunctions } from './fault.ts';

/** All exceptions on the stacks of threads, innermost first, with what is to be thought of them. */
export async function findFaults(kernel: Kernel, threads: readonly Thread[]): Promise<readonly Fault[]> {
  const faults: Fault[] = [];
  for (const thread of threads) {
    for (const [nth, { entry }] of thread.raw.frames.entries()) {
      if (entry === undefined || neverFaults.has(entry.kind)) continue;
      const judgement = await judge(kernel, thread, nth);
      if (judgement.fatal || !harmlessKinds.has(entry.kind)) faults.push({ thread, nth, entry, judgement });
    }
  }
  return faults;
}

async function judge(kernel: Kernel, thread: Thread, nth: number): Promise<Judgement> {
  const entry = thread.raw.frames[nth]?.entry;
  // What runs because of it: up to the next entry, which is another story.
  const inner = thread.frames.slice(0, nth);
  const last = inner.findLastIndex((frame) => frame.entry !== undefined);
  const handlers = inner.slice(last + 1);
  const dying = inner.find((frame) => isIn(frame, dyingFunctions));
  if (entry === undefined) return { fatal: false, why: 'nothing is known of it', isSure: false };
  if (dying !== undefined && !entry.isUser)
    return { fatal: true, why: `${dying.function ?? 'the kernel'} is reporting it`, isSure: true };
  if (entry.isUser) return { fatal: false, why: 'it was taken in user space', isSure: true };
  const pc = thread.raw.frames[nth + 1]?.pc;
  const fixup = pc === undefined ? undefined : await hasFixup(kernel, pc);
  if (fixup === true)
    return { fatal: false, why: 'the kernel is prepared for it there (exception table)', isSure: true };
  const serving = handlers.find((frame) => isIn(frame, servingFunctions));
  if (serving !== undefined)
    return { fatal: false, why: `${serving.function ?? 'the kernel'} is bringing in the page`, isSure: true };
  if (entry.kind !== 'page-fault' && entry.kind !== 'synchronous')
    return { fatal: false, why: 'it is being handled', isSure: false };
  if (fixup === undefined) return { fatal: false, why: 'it could not be judged', isSure: false };
  return { fatal: true, why: 'the kernel has no fixup for that instruction', isSure: false };
}
