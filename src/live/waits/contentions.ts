import { dwarfRegisters } from '../../arch/dwarf-registers.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { LockKind } from '../../model/live.ts';
import { insideOf } from '../frames.ts';
import type { Progress } from '../progress/progress.ts';
import type { Thread } from '../thread.ts';
import { ThreadVariables } from '../variables.ts';
import { beganSince } from './began-since.ts';
import type { CodeReader, FrameState } from './code-values.ts';
import { type WaitPlace, waitPlaces } from './find-waits.ts';
import { heldBy } from './held.ts';
import { type FoundLock, lockOf } from './lock-address.ts';
import { lockByCode } from './lock-by-code.ts';
import { lockFunctionsOf } from './lock-functions.ts';
import { lockName } from './lock-name.ts';
import { mayTake } from './may-take.ts';
import { otherHolders } from './other-holders.ts';
import { isFree, ownerOf } from './owners.ts';
import { savedRegister } from './saved-by-code.ts';
import type { Contention, Holder, Wait } from './wait.ts';
import { sleepSite, waitQueueOf } from './wait-queues.ts';

/** Threads whose variables are looked at, and frames of one in which a lock may have been taken. */
const mostThreads = 512;
const mostFrames = 48;

/** What waits are found out from. */
export interface WaitFacts {
  readonly kernel: Kernel;
  readonly threads: readonly Thread[];
  readonly progress?: Progress | undefined;
  /** Missing where code cannot be read. */
  readonly reader?: CodeReader | undefined;
}

/** What is known of all threads. */
export class Waits {
  readonly #kernel: Kernel;
  readonly #reader: CodeReader | undefined;
  readonly #threads: readonly Thread[];
  readonly #progress: Progress | undefined;
  readonly #variables = new Map<Thread, Promise<ThreadVariables>>();

  constructor({ kernel, threads, progress, reader }: WaitFacts) {
    this.#kernel = kernel;
    this.#threads = threads;
    this.#progress = progress;
    this.#reader = reader;
  }

  variables(thread: Thread): Promise<ThreadVariables> {
    const known = this.#variables.get(thread) ?? ThreadVariables.of(this.#kernel, thread);
    this.#variables.set(thread, known);
    return known;
  }

  /** All that is waited for, with those who have it. */
  async contentions(): Promise<readonly Contention[]> {
    const waits: Wait[] = [];
    for (const thread of this.#threads.slice(0, mostThreads)) waits.push(...(await this.#waitsOf(thread)));
    const byLock = new Map<string, Wait[]>();
    for (const [nth, wait] of waits.entries()) {
      const key = wait.address === undefined ? `unknown ${nth}` : `${wait.kind} ${wait.address} ${wait.space ?? ''}`;
      byLock.set(key, [...(byLock.get(key) ?? []), wait]);
    }
    const found: Contention[] = [];
    for (const group of byLock.values()) found.push(await this.#contention(group));
    return found;
  }

  async #waitsOf(thread: Thread): Promise<readonly Wait[]> {
    const waits: Wait[] = [];
    for (const place of waitPlaces(thread)) {
      const lock = (await lockOf(this.#kernel, place, await this.variables(thread))) ?? (await this.#byCode(place));
      // A spinlock that nobody has is not waited for: it is just being taken.
      if (lock !== undefined && isSpinning(place.kind) && (await this.#word(lock.address)) === 0n) continue;
      waits.push({
        kind: place.kind,
        site: place.site,
        ...(lock !== undefined && {
          ...{ address: lock.address, how: lock.how },
          ...(lock.name !== undefined && { name: lock.name }),
          ...(lock.space !== undefined && { space: lock.space }),
        }),
      });
    }
    return waits.length > 0 ? waits : this.#inQueue(thread);
  }

  /** A task that is in no lock's code, and sleeps in a wait queue so that nothing else wakes it. */
  async #inQueue(thread: Thread): Promise<readonly Wait[]> {
    const site = thread.cpu === undefined && thread.state === 'D' ? sleepSite(thread) : undefined;
    const queue = site && (await waitQueueOf(this.#kernel, thread));
    return queue === undefined || site === undefined ? [] : [{ kind: 'wait-queue', site, ...queue }];
  }

  async #contention(waits: readonly Wait[]): Promise<Contention> {
    const [first] = waits;
    const { kind = 'other', address, name: known, space } = first ?? {};
    const others = await otherHolders(
      { kernel: this.#kernel, threads: this.#threads, progress: this.#progress },
      { kind, address, waits, variables: (thread) => this.variables(thread) },
    );
    if (address === undefined) return { kind, waits, holders: others ?? [] };
    const holders = others ?? (await this.#holdersOf(kind, address, waits));
    const uses = [...waits.map(({ site }) => site), ...holders.flatMap(({ site }) => site ?? [])];
    const name =
      known === undefined
        ? lockName(
            this.#kernel,
            address,
            await Promise.all(uses.map(async ({ thread, nth }) => ({ nth, variables: await this.variables(thread) }))),
          )
        : { text: known };
    const value = space === undefined && !wordless.has(kind) ? await this.#word(address) : undefined;
    const free = await isFree(this.#kernel, kind, address);
    return {
      kind: name?.type === 'raw_spinlock_t' ? 'raw-spinlock' : kind,
      address,
      ...(name !== undefined && { name: name.text }),
      ...(value !== undefined && { value: `0x${value.toString(16)}` }),
      ...(free !== undefined && { isFree: free }),
      waits,
      holders,
    };
  }

  async #holdersOf(kind: LockKind, lock: bigint, waits: readonly Wait[]): Promise<Holder[]> {
    const owner = await ownerOf(this.#kernel, kind, lock);
    const thread = owner && this.#threads.find(({ task }) => task === owner.task);
    if (owner !== undefined && !owner.isReader) {
      const held = thread && (await this.#taken(kind, thread, lock, waits));
      const isGone = thread === undefined || (held === undefined && beganSince(thread, waits));
      const known = isGone ? { isGone: true as const } : { thread };
      return [{ task: owner.task, how: "the lock's owner", ...known, ...(held && { site: held.site }) }];
    }
    const holders = isSpinning(kind) || sharedKinds.has(kind) ? await this.#takers(kind, lock, waits) : [];
    // Who read last may have given it back, and may be gone; others may have read since.
    if (holders.length > 0 || owner === undefined || thread === undefined) return holders;
    return [{ task: owner.task, how: 'the lock says that it read it last', thread }];
  }

  /** Threads that took a lock, by the code of their frames. */
  async #takers(kind: LockKind, lock: bigint, waits: readonly Wait[]): Promise<Holder[]> {
    const holders: Holder[] = [];
    for (const thread of this.#threads.slice(0, mostThreads)) {
      // Who sleeps has no spinlock.
      if (isSpinning(kind) && thread.cpu === undefined) continue;
      const held = await this.#taken(kind, thread, lock, waits);
      if (held !== undefined) holders.push({ thread, task: thread.task ?? 0n, site: held.site, how: held.how });
    }
    return holders;
  }

  /** Where a thread took a lock, by the code of its frames. */
  async #taken(kind: LockKind, thread: Thread, lock: bigint, waits: readonly Wait[]) {
    if (this.#reader === undefined) return undefined;
    for (let nth = 0; nth < Math.min(thread.raw.frames.length, mostFrames); nth++) {
      const frame = thread.raw.frames[nth];
      if (frame === undefined || !frame.reliable) continue;
      // The code that takes locks is not who takes them.
      if (lockFunctionsOf(thread.frames[nth]?.function ?? '') !== undefined) continue;
      const place = this.#kernel.symbols.place(insideOf(frame));
      if (place === undefined || !mayTake(kind, place, this.#kernel.architecture === 'arm64')) continue;
      const wanted = waits.find(({ site }) => site.thread === thread && site.nth === nth)?.site;
      const held = await heldBy(this.#reader, thread, nth, lock, await this.#stateOf(thread, nth), wanted);
      if (held !== undefined) return held;
    }
    return undefined;
  }

  async #byCode(place: WaitPlace): Promise<FoundLock | undefined> {
    if (this.#reader === undefined) return undefined;
    const state = await this.#stateOf(place.site.thread, place.site.nth);
    return lockByCode(this.#kernel, this.#reader, place, state);
  }

  async #stateOf(thread: Thread, nth: number): Promise<FrameState> {
    const variables = await this.variables(thread);
    return {
      register: (name) =>
        thread.raw.frames[nth]?.registers[name] ??
        registerOf(this.#kernel, variables, nth, name) ??
        (this.#reader && savedRegister(this.#reader, thread, nth, name)),
      memory: async (address) => thread.raw.memory?.(address, 8) ?? this.#kernel.memory.u64(address),
    };
  }

  async #word(address: bigint): Promise<bigint | undefined> {
    const value = await this.#kernel.memory.u32(address);
    return value === undefined ? undefined : BigInt(value);
  }
}

/** By call frame information. */
function registerOf(kernel: Kernel, variables: ThreadVariables, nth: number, name: string): bigint | undefined {
  const number = dwarfRegisters(kernel.architecture)?.names.indexOf(name) ?? -1;
  return number < 0 ? undefined : variables.register(nth, number);
}

/** Locks that several may have, or whose owner is not in them: the stacks of all threads are gone through. */
const sharedKinds: ReadonlySet<LockKind> = new Set(['rwsem', 'percpu-rwsem', 'semaphore']);

/** Locks whose first word says nothing of who has them. */
const wordless: ReadonlySet<LockKind> = new Set(['rt-mutex', 'percpu-rwsem', 'wait-queue']);

const isSpinning = (kind: LockKind): boolean => kind === 'spinlock' || kind === 'raw-spinlock' || kind === 'rwlock';
