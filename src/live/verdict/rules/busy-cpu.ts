import type { LiveFrame } from '../../../model/live.ts';
import { functionsOf, isIn } from '../../frames.ts';
import type { CpuFacts, HangFacts, HangRule } from '../facts.ts';
import { atWords, listWords, locationOf } from '../words.ts';

/** Functions that only handle an interrupt on top of what a CPU really does. */
const interruptKinds: ReadonlySet<string> = new Set(['interrupt', 'nmi', 'debug']);

/** Functions in which a CPU waits for the other ones to answer an interrupt (kernel/smp.c, arch/x86/mm/tlb.c). */
const callsOthers =
  /^(?:smp_call_function_many_cond|smp_call_function_single|(?:__)?csd_lock_wait\w*|on_each_cpu\w*|multi_cpu_stop|native_flush_tlb_multi|flush_tlb_mm_range|text_poke_bp_batch|smp_text_poke_batch_finish|kick_all_cpus_sync)$/;

/** Functions that only wait a moment, inlined into the loop that matters. */
const pausing = /^(?:native_pause|rep_nop|cpu_relax|__cpu_relax|yield|__cmpwait\w*|smp_cond_load\w*)$/;

/**
 * A CPU that does not let anybody else run: it executes the kernel with interrupts off, or is where a lockup was
 * reported, while others wait for it.
 */
export const busyCpu: HangRule = {
  name: 'busy-cpu',
  find: (facts) =>
    facts.cpus.flatMap((cpu) => {
      if (cpu.state !== 'kernel' || isWaitingForLock(facts, cpu) || isWaitingForCpu(cpu)) return [];
      const frame = ownFrame(cpu);
      const all = frame === undefined ? [] : functionsOf(frame);
      const [at, ...inlinedInto] = all.slice(
        Math.max(
          0,
          all.findIndex(({ function: name }) => !pausing.test(name)),
        ),
      );
      if (frame === undefined || at === undefined) return [];
      const waiting = facts.cpus.filter((other) => other.id !== cpu.id && isWaitingForCpu(other));
      const told = lockupsOf(facts, cpu.id);
      const isOff = cpu.interruptsOff === true;
      const proofs = [waiting.length > 0, told.length > 0, isOff].filter(Boolean).length;
      if (proofs === 0 && !isRunningLong(facts, cpu)) return [];
      const task = cpu.comm === undefined ? '' : ` (${cpu.comm}, pid ${cpu.pid ?? '?'})`;
      const how = isOff ? ' with interrupts off' : ' and does not give the CPU away';
      const others =
        waiting.length === 0
          ? ''
          : `; ${listWords(waiting.map(({ id }) => `CPU ${id}`))} ${waiting.length === 1 ? 'waits' : 'wait'} for it to answer an interrupt`;
      return [
        {
          confidence: proofs > 1 ? ('certain' as const) : proofs === 1 ? ('likely' as const) : ('possible' as const),
          sentence: `CPU ${cpu.id}${task} runs ${at.function}${atWords(at, inlinedInto)}${how}${others}.`,
          evidence: [
            {
              words: `CPU ${cpu.id} is at 0x${frame.address.toString(16)}${isOff ? ', interrupts are off' : ''}`,
              address: frame.address,
            },
            ...waiting.map(({ id, frames }) => ({
              words: `CPU ${id} waits in ${frames.find((each) => isIn(each, callsOthers))?.function ?? '?'}`,
            })),
            ...told.map((title) => ({ words: `The log says: ${title}` })),
          ],
          location: locationOf(at),
        },
      ];
    }),
};

const isWaitingForLock = ({ contentions }: HangFacts, cpu: CpuFacts): boolean =>
  contentions.some(({ waits }) => waits.some(({ site }) => site.thread === cpu.thread));

export const isWaitingForCpu = ({ frames }: Pick<CpuFacts, 'frames'>): boolean => {
  const inner = frames.slice(0, 8);
  const entry = inner.findIndex(({ entry: its }) => its !== undefined);
  return inner.slice(0, entry < 0 ? undefined : entry).some((frame) => isIn(frame, callsOthers));
};

/** What a CPU really does, below the interrupts that it happens to be in. */
export function ownFrame({ frames }: Pick<CpuFacts, 'frames'>): LiveFrame | undefined {
  const below = frames.findLastIndex(
    ({ entry }) => entry !== undefined && interruptKinds.has(entry.kind) && !entry.isUser,
  );
  return frames.slice(below + 1).find(({ reliable }) => reliable);
}

/** Reports of lockups and stalls of a CPU in the log. */
function lockupsOf({ log }: HangFacts, cpu: number): readonly string[] {
  return (log?.reports ?? [])
    .filter(
      ({ kind, task, title }) =>
        /lockup|stall/.test(`${kind} ${title}`) && (task?.cpu === undefined || task.cpu === cpu),
    )
    .map(({ title }) => title)
    .slice(0, 2);
}

/** Others wait for a grace period of RCU that this CPU holds up, or it is a kernel thread that only spins. */
function isRunningLong({ tasks }: HangFacts, { pid }: CpuFacts): boolean {
  const task = tasks.find((each) => each.pid === pid);
  return task?.isKernelThread === true && task.onCpu === true;
}
