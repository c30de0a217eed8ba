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
  const named = parameterOf(place, variables);
  const base = thread.task === undefined ? undefined : await rtMutexOf(kernel, thread.task);
  const around = base === undefined ? undefined : lockAround(kernel, place.kind, base);
  if (around !== undefined && madeOfRtMutexes.has(place.kind))
    return { address: around, how: "the task's pi_blocked_on" };
  if (thread.task === undefined || !hasWaiterList(place.kind))
    return named.find(({ address }) => kernel.memory.isKernelAddress(address));
  for (const found of [...(await toldByTask(kernel, thread.task)), ...named, ...stackWords(kernel, thread)])
    if (await isWaiterOf(kernel, place.kind, found.address, thread.task)) return found;
  return undefined;
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
function parameterOf({ lockFrames, functions }: WaitPlace, variables: ThreadVariables): FoundLock[] {
  const found: FoundLock[] = [];
  for (const nth of [...lockFrames].reverse()) {
    for (const { scope, variables: values } of variables.scopes(nth)) {
      for (const { variable, value } of values) {
        if (value.kind !== 'known' || value.value === 0n || !functions.parameters.includes(variable.name)) continue;
        found.push({ address: value.value, how: `${variable.name} of ${scope.name ?? 'the function'}` });
      }
    }
  }
  return found;
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
function stackWords(kernel: Kernel, { raw }: Thread): FoundLock[] {
  const seen = new Set<bigint>();
  const start = (raw.frames[0]?.sp ?? 0n) & ~7n;
  for (let nth = 0; nth < mostWords; nth++) {
    const word = raw.memory?.(start + BigInt(nth * 8), 8);
    if (word === undefined) break;
    if (kernel.memory.isKernelAddress(word)) seen.add(word);
  }
  return [...seen].map((address) => ({ address, how: 'its waiter on the stack' }));
}
