import type { Kernel } from '../../kernel/kernel.ts';
import type { LockKind } from '../../model/live.ts';
import type { Thread } from '../thread.ts';
import type { ThreadVariables } from '../variables.ts';
import type { WaitPlace } from './find-waits.ts';
import { bitOf, folioOf, futexOf } from './on-stack.ts';
import { lockAround, rtMutexOf } from './rt-mutexes.ts';
import { hasWaiterList, isWaiterOf } from './waiter-lists.ts';

/** A lock that was found, and how. */
export interface FoundLock {
  readonly address: bigint;
  readonly how: string;
  /** The address is one of user space, of this `mm_struct`. */
  readonly space?: bigint;
  /** Where the kind of it tells more than the address does. */
  readonly name?: string;
}

/** Words of a stack that are tried at most. */
const mostWords = 512;

/** What a thread waits for at a place; undefined if nothing could be found that bears checking. */
export async function lockOf(
  kernel: Kernel,
  place: WaitPlace,
  variables: ThreadVariables,
): Promise<FoundLock | undefined> {
  const { thread } = place.site;
  const told = ownWays[place.kind];
  if (told !== undefined) return told(kernel, thread);
  const base = thread.task === undefined ? undefined : await rtMutexOf(kernel, thread.task);
  const around = base === undefined ? undefined : lockAround(kernel, place.kind, base);
  if (around !== undefined && madeOfRtMutexes.has(place.kind))
    return { address: around, how: "the task's pi_blocked_on" };
  if (thread.task === undefined || !hasWaiterList(place.kind)) {
    for (const found of parametersOf(place, variables)) if (kernel.memory.isKernelAddress(found.address)) return found;
    return undefined;
  }
  const byTask = await toldByTask(kernel, thread.task);
  for (const found of inTurn([byTask, parametersOf(place, variables), stackWords(kernel, thread)]))
    if (await isWaiterOf(kernel, place.kind, found.address, thread.task)) return found;
  return undefined;
}

/** What comes later is found out only if it is asked for. */
function* inTurn(sources: readonly Iterable<FoundLock>[]): Generator<FoundLock> {
  for (const source of sources) yield* source;
}

/** Kinds that are rt_mutexes; `mutex` and `rwsem` with PREEMPT_RT. */
const madeOfRtMutexes: ReadonlySet<LockKind> = new Set(['rt-mutex', 'mutex', 'rwsem']);

/** Kinds that are found in ways of their own. */
const ownWays: Partial<Readonly<Record<LockKind, (kernel: Kernel, thread: Thread) => FoundLock | undefined>>> = {
  futex: futexOf,
  folio: folioOf,
  'bit-lock': bitOf,
  rcu: (kernel) => ofSymbol(kernel, 'rcu_state'),
  other: (kernel) => ofSymbol(kernel, 'console_owner'),
  ipi: () => undefined,
  'stop-machine': () => undefined,
};

function ofSymbol({ symbols }: Kernel, name: string): FoundLock | undefined {
  const address = symbols.address(name);
  return address === undefined ? undefined : { address, how: 'there is only one', name };
}

/** The parameter of the functions of the lock; of the outermost that still knows it first. */
function* parametersOf({ lockFrames, functions }: WaitPlace, variables: ThreadVariables): Generator<FoundLock> {
  for (const nth of lockFrames.toReversed()) {
    for (const { scope, variables: values } of variables.named(nth, functions.parameters)) {
      for (const { variable, value } of values) {
        if (value.kind === 'known' && value.value !== 0n)
          yield { address: value.value, how: `${variable.name} of ${scope.name ?? 'the function'}` };
      }
    }
  }
}

/**
 * What the task says itself: `blocker` (6.16, for the hung task detector: two low bits tell which lock it is), `blocked_on`
 * (a mutex).
 */
async function toldByTask(kernel: Kernel, task: bigint): Promise<FoundLock[]> {
  const found: FoundLock[] = [];
  for (const name of ['blocker', 'blocked_on']) {
    const place = kernel.types.member('task_struct', name);
    const value = place && (await kernel.memory.u64(task + BigInt(place.offset)));
    if (value !== undefined && value !== 0n) found.push({ address: value & ~3n, how: `the task's ${name}` });
  }
  return found;
}

/** All that could be a pointer on the part of the stack that sleeps. */
function* stackWords(kernel: Kernel, { raw }: Thread): Generator<FoundLock> {
  const seen = new Set<bigint>();
  const start = (raw.frames[0]?.sp ?? 0n) & ~7n;
  for (let nth = 0; nth < mostWords; nth++) {
    const word = raw.memory?.(start + BigInt(nth * 8), 8);
    if (word === undefined) break;
    if (seen.has(word) || !kernel.memory.isKernelAddress(word)) continue;
    seen.add(word);
    yield { address: word, how: 'its waiter on the stack' };
  }
}
