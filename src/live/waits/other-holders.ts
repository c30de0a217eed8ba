import type { Kernel } from '../../kernel/kernel.ts';
import type { LockKind } from '../../model/live.ts';
import { interruptsOff } from '../cpu-state.ts';
import { isIn } from '../frames.ts';
import type { Progress } from '../progress/progress.ts';
import type { Thread } from '../thread.ts';
import type { ThreadVariables } from '../variables.ts';
import { rtMutexOf, rtMutexOwner } from './rt-mutexes.ts';
import type { Holder, Wait } from './wait.ts';

/** What holders are found in. */
interface Known {
  readonly kernel: Kernel;
  readonly threads: readonly Thread[];
  readonly progress: Progress | undefined;
}

/** What is waited for. */
interface Wanted {
  readonly kind: LockKind;
  readonly address: bigint | undefined;
  readonly waits: readonly Wait[];
  variables(thread: Thread): Promise<ThreadVariables>;
}

/** Who keeps others waiting for what is no lock; undefined of locks, which have owners or were taken by somebody. */
export async function otherHolders(known: Known, wanted: Wanted): Promise<Holder[] | undefined> {
  switch (wanted.kind) {
    case 'rcu':
      return keepersOfGracePeriod(known);
    case 'ipi':
      return silentCpus(known, wanted);
    case 'stop-machine':
      return absentCpus(known, wanted);
    case 'workqueue':
      return workersOf(known, wanted);
    case 'completion':
      return completersOf(known, wanted);
    case 'other':
      return ownerOfConsole(known, wanted);
    case 'futex':
      return ownersOfFutex(known, wanted);
    case 'folio':
    case 'bit-lock':
    case 'wait-queue':
      return [];
    default:
      return undefined;
  }
}

const holderOf = (thread: Thread, how: string): Holder => ({
  thread,
  ...(thread.task !== undefined && { task: thread.task }),
  how,
});

/** CPUs that have passed no quiescent state yet, but for those that have nothing to do; readers that were switched away from. */
function keepersOfGracePeriod({ threads, progress }: Known): Holder[] {
  const grace = progress?.gracePeriod;
  if (grace === undefined) return [];
  return threads.flatMap((thread) => {
    if (thread.cpu !== undefined && thread.pid !== 0 && grace.cpus.includes(thread.cpu))
      return [holderOf(thread, 'RCU waits for it')];
    const isReader = thread.task !== undefined && grace.readers.includes(thread.task);
    return isReader ? [holderOf(thread, 'its RCU read-side critical section')] : [];
  });
}

/** CPUs that have not run what they were asked to, and cannot, as they take no interrupts. */
async function silentCpus({ threads, progress }: Known, { waits, variables }: Wanted): Promise<Holder[]> {
  const found: Holder[] = [];
  for (const { site } of waits) {
    const { cpu } = site.thread;
    const asked = new Set(progress?.calls.find(({ from }) => from === cpu)?.to ?? []);
    if (asked.size === 0) {
      const one = await parameterOf(site.thread, /^smp_call_function_single$/, ['cpu'], variables);
      if (one !== undefined) asked.add(Number(one));
    }
    for (const thread of threads) {
      if (thread.cpu === undefined || thread.cpu === cpu || !asked.has(thread.cpu)) continue;
      if (interruptsOff(thread.raw.frames[0]?.registers ?? {}) === true)
        found.push(holderOf(thread, 'interrupts are off, and it has not answered'));
    }
  }
  return found;
}

/** CPUs that have yet to come to multi_cpu_stop(), where all have to be before anything goes on (kernel/stop_machine.c). */
function absentCpus({ threads }: Known, { waits }: Wanted): Holder[] {
  const waiting = new Set(waits.map(({ site }) => site.thread));
  const isThere = (thread: Thread): boolean => thread.frames.some((frame) => isIn(frame, 'multi_cpu_stop'));
  if (!threads.some(isThere)) return [];
  return threads
    .filter((thread) => thread.cpu !== undefined && !waiting.has(thread) && !isThere(thread))
    .map((thread) => holderOf(thread, 'it has not come to multi_cpu_stop()'));
}

/** The worker that runs a work item: in process_one_work(worker, work). */
async function workersOf({ threads }: Known, { address, variables }: Wanted): Promise<Holder[]> {
  if (address === undefined) return [];
  const found: Holder[] = [];
  for (const thread of threads) {
    const work = await parameterOf(thread, /^process_one_work$/, ['work'], variables);
    if (work === address) found.push(holderOf(thread, 'it runs that work item'));
  }
  return found;
}

/** Who completes is known only where a thread is asked to end: kthread_stop(k). */
async function completersOf({ threads }: Known, { waits, variables }: Wanted): Promise<Holder[]> {
  const [wait] = waits;
  if (wait === undefined) return [];
  const task = await parameterOf(wait.site.thread, /^kthread_stop$/, ['k'], variables);
  const thread = threads.find((each) => each.task !== undefined && each.task === task);
  return thread === undefined ? [] : [holderOf(thread, 'it is to end, and has not')];
}

/** `console_owner` (kernel/printk/printk.c, since 4.15): who prints, from whom another takes over. */
async function ownerOfConsole({ kernel, threads }: Known, { address }: Wanted): Promise<Holder[]> {
  const task = address === undefined ? undefined : await kernel.memory.u64(address);
  const thread = threads.find((each) => each.task !== undefined && each.task === task);
  return thread === undefined ? [] : [holderOf(thread, 'console_owner')];
}

/** Who has a PI futex, by the rt_mutex that the kernel makes for those who wait (kernel/futex/pi.c); of others only the program knows. */
async function ownersOfFutex({ kernel, threads }: Known, { waits }: Wanted): Promise<Holder[]> {
  for (const { site } of waits) {
    const base = site.thread.task === undefined ? undefined : await rtMutexOf(kernel, site.thread.task);
    const task = base === undefined ? undefined : await rtMutexOwner(kernel, base);
    const thread = threads.find((each) => each.task !== undefined && each.task === task);
    if (thread !== undefined) return [holderOf(thread, 'the owner of its rt_mutex')];
  }
  return [];
}

/** A parameter of the innermost function of a name, if the thread is in one. */
async function parameterOf(
  thread: Thread,
  name: RegExp,
  parameters: readonly string[],
  variables: Wanted['variables'],
): Promise<bigint | undefined> {
  const nth = thread.frames.findIndex((frame) => frame.reliable && isIn(frame, name));
  return nth < 0 ? undefined : (await variables(thread)).value(nth, parameters);
}
