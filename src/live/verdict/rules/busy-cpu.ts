import type { Evidence } from '../../../model/explanation.ts';
import type { LockKind } from '../../../model/live.ts';
import type { InlineFrame } from '../../../model/report.ts';
import { entryCode, functionsOf, isIn } from '../../frames.ts';
import { durationWords } from '../../progress/clock.ts';
import type { GracePeriod } from '../../progress/grace-period.ts';
import type { CpuProgress } from '../../progress/progress.ts';
import { threadWords } from '../../thread.ts';
import type { Contention } from '../../waits/wait.ts';
import { againEvidence, againTime, type Stuck, stuckOf } from '../again.ts';
import type { CpuFacts, HangFacts, HangRule } from '../facts.ts';
import { type OwnState, ownState } from '../own.ts';
import { atWords, listWords, locationOf, lockWords } from '../words.ts';
import { spinsForNobody } from './spins-for-nobody.ts';

/** Functions in which a CPU waits for the other ones to answer an interrupt (kernel/smp.c, arch/x86/mm/tlb.c). */
const callsOthers =
  /^(?:smp_call_function_many_cond|smp_call_function_single|(?:__)?csd_lock_wait\w*|on_each_cpu\w*|multi_cpu_stop|native_flush_tlb_multi|flush_tlb_mm_range|text_poke_bp_batch|smp_text_poke_batch_finish|kick_all_cpus_sync)$/;

/** Functions that only wait a moment, inlined into the loop that matters. */
const pausing = /^(?:native_pause|rep_nop|cpu_relax|__cpu_relax|yield|__cmpwait\w*|smp_cond_load\w*)$/;

const second = 1_000_000_000n;
/** Nanoseconds without a tick that are not by chance: the slowest clock has 100 in a second. */
const quiet = second;
/** Nanoseconds for which a CPU may well run kernel code. */
const long = 2n * second;
const veryLong = 10n * second;

/** All that tells how long a CPU has been at it. */
interface Case {
  readonly cpu: CpuFacts;
  readonly own: OwnState;
  readonly progress: CpuProgress;
  /** It was looked at again, and did not get on. */
  readonly stuck?: Stuck;
  /** RCU waits for this CPU. */
  readonly grace?: GracePeriod;
  /** CPUs that wait for its answer to an interrupt. */
  readonly waiting: readonly CpuFacts[];
  /** What others want that it has. */
  readonly wanted: readonly Contention[];
  /** Titles of reports of the log. */
  readonly told: readonly string[];
  readonly isKernelThread: boolean;
  readonly rcuDepth: number;
}

/**
 * A CPU that does not let anybody else run: it executes the kernel with interrupts or preemption off, or in an RCU
 * reader, for longer than it may.
 */
export const busyCpu: HangRule = {
  name: 'busy-cpu',
  find: (facts) =>
    facts.cpus.flatMap((cpu) => {
      if (cpu.state !== 'kernel' || isWaitingForCpu(cpu)) return [];
      if (isWaitingForLock(facts, cpu)) return spinsForNobody(facts, cpu);
      const found = caseOf(facts, cpu);
      const confidence = found && confidenceOf(facts, found);
      const site = found && siteOf(found);
      if (found === undefined || confidence === undefined || site === undefined) return [];
      const { at, inlinedInto } = site;
      const task = cpu.comm === undefined ? '' : ` (${cpu.comm}, pid ${cpu.pid ?? '?'})`;
      return [
        {
          confidence,
          sentence: `CPU ${cpu.id}${task} runs ${at.function}${atWords(at, inlinedInto)}${howWords(found)}${waitingWords(found)}.`,
          evidence: [...evidenceOf(found), ...againEvidence(facts, cpu.id)],
          location: locationOf(at),
          ...(confidence === 'possible' && { against: [passing(found)] }),
        },
      ];
    }),
};

function caseOf(facts: HangFacts, cpu: CpuFacts): Case | undefined {
  const progress = facts.progress?.cpus.get(cpu.id) ?? {};
  const own = ownState(cpu, (progress.quietFor ?? 0n) >= quiet);
  if (own === undefined) return undefined;
  const task = facts.tasks.find(({ address }) => address === cpu.thread.task);
  const grace = facts.progress?.gracePeriod;
  const stuck = stuckOf(facts, cpu.id);
  return {
    ...{ cpu, own, progress },
    ...(stuck !== undefined && { stuck }),
    ...(grace !== undefined && isWaitedFor(grace, cpu) && { grace }),
    waiting: facts.cpus.filter((other) => other.id !== cpu.id && isWaitingFor(facts, other, cpu.id)),
    wanted: facts.contentions.filter(
      ({ kind, holders }) => isLock(kind) && holders.some(({ thread }) => thread === cpu.thread),
    ),
    told: lockupsOf(facts, cpu.id),
    isKernelThread: task?.isKernelThread === true && cpu.pid !== 0,
    rcuDepth: cpu.thread.rcuDepth ?? 0,
  };
}

/** RCU waits for the CPU, or for a reader that was switched away from, and runs on it again. */
const isWaitedFor = ({ cpus, readers }: GracePeriod, { id, thread }: CpuFacts): boolean =>
  cpus.includes(id) || (thread.task !== undefined && readers.includes(thread.task));

/** How long it has certainly kept to kernel code, in nanoseconds, without a chance for others. */
function keptFor({ own, progress, grace, isKernelThread }: Case): bigint {
  const times = [
    own.interruptsOff === true ? progress.quietFor : undefined,
    // A tick in user space, or a switch, and RCU would not wait any more.
    grace?.age,
    isKernelThread ? progress.ranFor : undefined,
  ];
  return times.reduce<bigint>((most, each) => (each !== undefined && each > most ? each : most), 0n);
}

function confidenceOf(facts: HangFacts, found: Case): 'certain' | 'likely' | 'possible' | undefined {
  const { own, progress, grace, waiting, told, rcuDepth, stuck } = found;
  const isOff = own.interruptsOff === true;
  const isSilent = isOff && (progress.quietFor ?? 0n) >= quiet;
  const kept = keptFor(found);
  const isHeld = isOff || (progress.preemptDepth ?? 0) > 0 || rcuDepth > 0;
  if (isSilent || told.length > 0) return kept >= long || waiting.length > 0 || told.length > 0 ? 'certain' : 'likely';
  if (isOff && waiting.length > 0) return 'likely';
  if (kept >= veryLong && isHeld && grace !== undefined) return 'certain';
  if (kept >= long) return isHeld || grace !== undefined || (progress.runnable ?? 1) > 1 ? 'likely' : 'possible';
  // Nobody is there who could tell how time goes by, and there is nothing else to say.
  const isAnybodyAlive = facts.cpus.some(
    // An idle CPU of arm64 waits with interrupts masked, and wakes up all the same.
    ({ id, state, interruptsOff }) =>
      id !== found.cpu.id && (state === 'idle' || (state !== 'offline' && interruptsOff !== true)),
  );
  if (facts.again?.cpus.get(found.cpu.id)?.kind === 'moved') return undefined;
  const isElsewhere = facts.contentions.length > 0 || facts.faults.some(({ judgement }) => judgement.fatal);
  if (stuck !== undefined && !isElsewhere && (isOff ? stuck.tookNoTick : isHeld || !isAnybodyAlive)) return 'likely';
  return isOff && !isElsewhere && (!isAnybodyAlive || facts.progress === undefined) ? 'possible' : undefined;
}

/** Why it may be nothing: a healthy kernel is there for a moment, too. */
const passing = (found: Case): string =>
  keptFor(found) >= long
    ? 'nobody else wants the CPU'
    : 'nothing in the guest tells for how long it has been there: attach again to see whether it moves';

/** The function that it is in, and those that it is inlined into. */
function siteOf({
  cpu,
  own,
}: Case): { readonly at: InlineFrame; readonly inlinedInto: readonly InlineFrame[] } | undefined {
  const frame = cpu.frames.slice(own.nth).find(({ reliable }) => reliable);
  const all = frame === undefined ? [] : functionsOf(frame);
  const first = all.findIndex(({ function: name }) => !pausing.test(name));
  const [at, ...inlinedInto] = all.slice(Math.max(0, first));
  return at && { at, inlinedInto };
}

/** ` with preemption off, and has not given the CPU away for 4.1 s`. */
function howWords(found: Case): string {
  const { own, progress, rcuDepth, isKernelThread, stuck } = found;
  const where = own.isInterrupt ? ' in an interrupt' : '';
  const ran = isKernelThread ? durationWords(progress.ranFor) : durationWords(keptFor(found));
  if (own.interruptsOff === true) {
    const later = BigInt(stuck?.tookNoTick === true ? stuck.milliseconds : 0) * (second / 1000n);
    const time = durationWords(later === 0n ? progress.quietFor : (progress.quietFor ?? 0n) + later);
    return `${where} with interrupts off${time === undefined ? '' : `, and has taken no tick for ${time}`}`;
  }
  const depth = progress.preemptDepth ?? 0;
  const how =
    rcuDepth > 0
      ? ' in an RCU read-side critical section'
      : depth > 0 && !own.isInterrupt
        ? ' with preemption off'
        : '';
  // A reader that was switched away from meanwhile keeps RCU waiting all the same.
  if (ran === undefined && stuck !== undefined)
    return `${where}${how}, and was there ${againTime(stuck)} later as well`;
  if (ran === undefined && rcuDepth > 0) return `${where}${how}`;
  const away = ran === undefined ? 'does not give the CPU away' : `has not given the CPU away for ${ran}`;
  return `${where}${how}${how === '' ? '' : ','} and ${away}`;
}

/** Waiting for the answers of CPUs, and for RCU, is told in other words. */
const isLock = (kind: LockKind): boolean => !['ipi', 'rcu', 'stop-machine'].includes(kind);

function waitingWords({ waiting, wanted, grace }: Case): string {
  const names = listWords(waiting.map(({ id }) => `CPU ${id}`));
  const age = durationWords(grace?.age);
  const others =
    waiting.length === 0 ? [] : [`${names} ${waiting.length === 1 ? 'waits' : 'wait'} for it to answer an interrupt`];
  const rcu = age === undefined ? [] : [`RCU has waited for it for ${age}`];
  const locks = wanted.slice(0, 2).map((contention) => {
    const who = contention.waits.map(({ site }) => threadWords(site.thread));
    return `${listWords(who)} ${who.length === 1 ? 'waits' : 'wait'} for ${lockWords(contention)} that it has`;
  });
  return [...others, ...locks, ...rcu].map((words) => `; ${words}`).join('');
}

function evidenceOf({ cpu, own, progress, grace, waiting, told, rcuDepth }: Case): Evidence[] {
  const frame = cpu.frames[own.nth];
  const { ranFor, quietFor, preemptDepth = 0, runnable = 0 } = progress;
  const lines: (Evidence | undefined)[] = [
    frame && {
      words: `CPU ${cpu.id} is at 0x${frame.address.toString(16)}${own.interruptsOff === true ? ', interrupts are off' : ''}`,
      address: frame.address,
    },
    timed('Its task came to it', ranFor, 'ago'),
    own.interruptsOff === true ? timed('Its next tick was due', quietFor, 'ago') : undefined,
    preemptDepth > 0
      ? { words: `Preemption was switched off ${preemptDepth === 1 ? 'once' : `${preemptDepth} times`}` }
      : undefined,
    rcuDepth > 0 ? { words: `The task is ${rcuDepth} deep in RCU read-side critical sections` } : undefined,
    grace && timed('A grace period of RCU that waits for it began', grace.age, 'ago'),
    runnable > 1
      ? { words: `${runnable - 1} other ${runnable === 2 ? 'task wants' : 'tasks want'} the CPU` }
      : undefined,
    ...waiting.map(({ id, frames }) => ({
      words: `CPU ${id} waits for it in ${frames.find((each) => isIn(each, callsOthers))?.function ?? '?'}`,
    })),
    ...told.map((title) => ({ words: `The log says: ${title}` })),
  ];
  return lines.filter((line) => line !== undefined);
}

function timed(what: string, nanoseconds: bigint | undefined, then: string): Evidence | undefined {
  const words = durationWords(nanoseconds);
  return words === undefined ? undefined : { words: `${what} ${words} ${then}` };
}

const isWaitingForLock = ({ contentions }: HangFacts, cpu: CpuFacts): boolean =>
  contentions.some(({ kind, waits }) => kind !== 'ipi' && waits.some(({ site }) => site.thread === cpu.thread));

/** A CPU waits for others: right now, not below an interrupt. */
export const isWaitingForCpu = ({ frames }: Pick<CpuFacts, 'frames'>): boolean => {
  const inner = frames.slice(0, 8);
  const entry = inner.findIndex(({ entry: its }) => its !== undefined);
  return inner
    .slice(0, entry < 0 ? undefined : entry)
    .some((frame) => isIn(frame, callsOthers) && !isIn(frame, entryCode));
};

/** Whether a CPU waits for the answer of a certain one, as far as that is known. */
function isWaitingFor({ progress }: HangFacts, cpu: CpuFacts, other: number): boolean {
  const calls = progress?.calls.find(({ from }) => from === cpu.id);
  return calls === undefined ? isWaitingForCpu(cpu) : calls.to.includes(other);
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
