import type {
  HungTaskDetails,
  LockdepDetails,
  LockInstance,
  LockupDetails,
  RcuStallDetails,
  RcuUsageDetails,
  SchedulingDetails,
  SleepingDetails,
  SpinlockDetails,
  WorkqueueLockupDetails,
} from '../../model/details-locking.ts';
import type { Places } from './places.ts';
import { count, listed } from './words.ts';

const locksTold = 4;

function taskName(task: string | undefined, pid: number | undefined): string | undefined {
  if (task === undefined) return pid === undefined ? undefined : `PID ${pid}`;
  return pid === undefined ? task : `${task} (PID ${pid})`;
}

function lockName(lock: LockInstance, places: Places): string {
  if (lock.function === undefined) return lock.name;
  return `${lock.name} (taken in ${lock.function}${places.at(lock.function, lock.offset)})`;
}

function heldSentence(held: readonly LockInstance[], places: Places): string[] {
  if (held.length === 0) return [];
  const names = held.slice(0, locksTold).map((lock) => lockName(lock, places));
  const more = held.length > locksTold ? ` and ${held.length - locksTold} more` : '';
  return [`Held: ${names.join(', ')}${more}.`];
}

/** Lockdep: who wants what, what is held, and the order that contradicts it. */
export function lockdepSentences(details: LockdepDetails, places: Places): string[] {
  const sentences: string[] = [];
  const task = taskName(details.task, details.pid) ?? 'The task';
  if (details.wanted) sentences.push(`${task} wants ${lockName(details.wanted, places)}.`);
  if (details.released) sentences.push(`${task} released ${lockName(details.released, places)}.`);
  sentences.push(...heldSentence(details.held, places));
  if (details.usageChange)
    sentences.push(`Its use changes from ${details.usageChange.from} to ${details.usageChange.to}.`);
  if (details.chain.length > 0) {
    const order = details.chain.slice(0, 6).map((step) => step.lock.name);
    sentences.push(`Known order, in reverse: ${order.join(' <- ')}${details.chain.length > 6 ? ' …' : ''}.`);
  } else if (details.chainExists && details.chainExists.length > 0) {
    sentences.push(`Known order: ${details.chainExists.slice(0, 6).join(' -> ')}.`);
  }
  return sentences;
}

/** Spinlock debugging. */
export function spinlockSentences(details: SpinlockDetails): string[] {
  const owner = taskName(details.owner, details.ownerPid);
  const lock = details.lock === undefined ? '' : ` on ${details.lock}`;
  const cpu = details.ownerCpu === undefined ? '' : ` on CPU ${details.ownerCpu}`;
  return [`Spinlock: ${details.problem}${lock}.`, ...(owner === undefined ? [] : [`Its owner is ${owner}${cpu}.`])];
}

/** Sleeping where nothing may. */
export function sleepingSentences(details: SleepingDetails): string[] {
  const reasons = [
    details.inAtomic === true ? 'in atomic context' : '',
    details.irqsDisabled === true ? 'with interrupts off' : '',
    details.nonBlock === true ? 'in a section that must not block' : '',
    details.rcuNesting !== undefined && details.rcuNesting > 0 ? 'inside of an RCU read section' : '',
  ].filter((reason) => reason !== '');
  const at =
    details.file === undefined ? '' : ` at ${details.file}${details.line === undefined ? '' : `:${details.line}`}`;
  const who = taskName(details.task, details.pid);
  const sentences: string[] = [];
  if (reasons.length > 0 || at !== '') {
    const context = reasons.length === 0 ? '' : ` It was called ${listed(reasons)}.`;
    sentences.push(`The check${at} says that this may sleep.${context}`);
  }
  if (who !== undefined) sentences.push(`The task is ${who}.`);
  if (details.preemptCount !== undefined) {
    const expected = details.preemptExpected === undefined ? '' : ` where ${details.preemptExpected} was expected`;
    sentences.push(`The preempt count is ${details.preemptCount}${expected}.`);
  }
  if (details.disabledAt !== undefined) sentences.push(`Preemption was disabled at ${details.disabledAt}.`);
  return sentences;
}

/** Scheduling in atomic context, and per-CPU data used where the task can move. */
export function schedulingSentences(details: SchedulingDetails): string[] {
  const sentences: string[] = [];
  const task = taskName(details.task, details.pid);
  const operation = details.operation === undefined ? 'scheduled' : `called ${details.operation}`;
  const caller = details.caller === undefined ? '' : ` in ${details.caller}`;
  if (task !== undefined || details.operation !== undefined)
    sentences.push(`${task ?? 'A task'} ${operation}${caller}.`);
  if (details.preemptCount !== undefined)
    sentences.push(`The preempt count is 0x${details.preemptCount.toString(16)}.`);
  return sentences;
}

/** RCU stalls: whom it waits for, how long. */
export function rcuStallSentences(details: RcuStallDetails): string[] {
  const sentences: string[] = [];
  const flavour = details.flavour ?? 'RCU';
  const cpus = details.cpus.map((each) => each.cpu);
  const waits = [
    cpus.length === 0 ? '' : `CPU ${listed(cpus.slice(0, 8).map(String))}${cpus.length > 8 ? ' …' : ''}`,
    details.tasks.length === 0 ? '' : `PID ${listed(details.tasks.slice(0, 8).map(String))}`,
  ].filter((each) => each !== '');
  const long = details.jiffies === undefined ? '' : ` for ${count(details.jiffies, 'jiffy', 'jiffies')}`;
  const noticed = details.selfDetected
    ? ', which noticed it itself'
    : details.detectedBy === undefined
      ? ''
      : `, noticed by CPU ${details.detectedBy}`;
  if (waits.length > 0) sentences.push(`${flavour} has waited${long} for ${waits.join(' and ')}${noticed}.`);
  if (details.starved) {
    const { kthread, jiffies, state } = details.starved;
    const what = state === undefined ? '' : ` (state ${state})`;
    sentences.push(`Its thread ${kthread}${what} itself got no CPU for ${count(jiffies, 'jiffy', 'jiffies')}.`);
  }
  return sentences;
}

/** RCU used wrongly. */
export function rcuUsageSentences(details: RcuUsageDetails, places: Places): string[] {
  const at =
    details.file === undefined ? '' : ` at ${details.file}${details.line === undefined ? '' : `:${details.line}`}`;
  const message = details.message === undefined ? [] : [`The check${at} says: ${details.message}`];
  return [...message, ...heldSentence(details.held, places)];
}

/** Soft and hard lockups, and calls to other CPUs that nobody answered. */
export function lockupSentences(details: LockupDetails): string[] {
  const cpu = details.cpu === undefined ? 'A CPU' : `CPU ${details.cpu}`;
  const long = details.seconds === undefined ? '' : ` for ${count(details.seconds, 'second')}`;
  const task = taskName(details.task, details.pid);
  const running = task === undefined ? '' : `, running ${task}`;
  const noticed = details.detectedBy === undefined ? '' : ` CPU ${details.detectedBy} noticed it.`;
  const stuck = {
    soft: 'did not schedule',
    hard: 'took no interrupt',
    csd: 'did not answer',
  }[details.detector];
  const call = details.function === undefined ? '' : ` The call was ${details.function}.`;
  return [`${cpu} ${stuck}${long}${running}.${noticed}${call}`];
}

/** Hung tasks: who, how long, and who holds it up. */
export function hungTaskSentences(details: HungTaskDetails, places: Places): string[] {
  const task = taskName(details.task, details.pid) ?? 'The task';
  const long = details.seconds === undefined ? 'too long' : `more than ${count(details.seconds, 'second')}`;
  const io = details.inIoWait === true ? ', waiting for I/O' : '';
  const state = details.state === undefined ? '' : `, in state ${details.state}`;
  const sentences = [`${task} has been blocked for ${long}${io}${state}.`];
  if (details.owner) {
    const owner = taskName(details.owner.task, details.owner.pid);
    const what = details.blockedOn ?? 'lock';
    sentences.push(`The ${what} that it waits for is ${details.owner.likely ? 'probably ' : ''}held by ${owner}.`);
  } else if (details.blockedOn !== undefined) {
    sentences.push(`It waits for a ${details.blockedOn}.`);
  }
  return [...sentences, ...heldSentence(details.held ?? [], places)];
}

/** Workqueues without progress. */
export function workqueueSentences(details: WorkqueueLockupDetails): string[] {
  const pool = details.pool === undefined ? 'A pool' : `Pool ${details.pool}`;
  const long = details.seconds === undefined ? '' : ` for ${count(details.seconds, 'second')}`;
  const sentences = [`${pool} made no progress${long}.`];
  for (const queue of details.workqueues.slice(0, 3)) {
    const flight = queue.inFlight.length === 0 ? 'nothing' : queue.inFlight.slice(0, 3).join(', ');
    const pending = queue.pending.length === 0 ? '' : `, ${queue.pending.length} waiting`;
    sentences.push(`Workqueue ${queue.name}: ${flight} under way${pending}.`);
  }
  return sentences;
}
