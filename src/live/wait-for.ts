import type { Kernel } from '../kernel/kernel.ts';
import type { StopReply } from '../machine/gdb/stop-reply.ts';
import { parseThreadId, type ThreadId } from '../machine/gdb/thread-id.ts';
import type { LiveMachine } from '../machine/live-machine.ts';
import type { LiveTrigger } from '../model/live.ts';
import { KtriageError } from '../util/errors.ts';
import { type Breakpoint, troublePlaces } from './breakpoints.ts';
import type { GuestFiles } from './guest-files.ts';

/** What is waited for, and how long. */
export interface WaitOptions {
  readonly files: GuestFiles;
  readonly signal: AbortSignal;
  /** `SYMBOL` or `SYMBOL:N`. */
  readonly breaks: readonly string[];
  /** When to give up, by `performance.now()`. */
  readonly deadline?: number | undefined;
  /** Takes what the user may want to know meanwhile. */
  readonly onNote: (note: string) => void;
}

/** Lets a machine run till it is in trouble. */
export interface Waiter {
  /** Lets it run, and waits. Undefined if the time is up; it stands still then in either case. */
  wait(): Promise<LiveTrigger | undefined>;
  /** Lets it run meanwhile; nothing is to be read from it any more till it stops. */
  letGo(): Promise<void>;
}

/** Milliseconds between two looks at a guest that boots. */
const bootMilliseconds = 500;

/**
 * Finds the kernel, for which a guest that still boots is looked at again and again, and sets breakpoints, which go with
 * the machine's end.
 * @returns undefined if the time is up before.
 * @throws KtriageError KT-LIVE-BREAK, KT-FILE-*, KT-GDB-*; the signal's reason.
 */
export async function openWaiter(machine: LiveMachine, options: WaitOptions): Promise<Waiter | undefined> {
  const kernel = await findBooting(machine, options);
  if (kernel === undefined) return undefined;
  return new BreakpointWaiter(machine, await setBreakpoints(machine, kernel, options), options);
}

async function findBooting(
  machine: LiveMachine,
  { files, signal, deadline, onNote }: WaitOptions,
): Promise<Kernel | undefined> {
  let isTold = false;
  for (;;) {
    signal.throwIfAborted();
    const begun = performance.now();
    const guest = (await isInKernel(machine)) ? await files.openGuest(machine) : undefined;
    // Before it has page tables of its own, it may yet be moved.
    const isReady = guest?.kernel !== undefined && guest.kernel.place.pageTable !== 0n;
    if (isReady) return guest.kernel;
    if (!isTold) onNote(`waiting for the kernel to boot: ${guest?.problems[0] ?? 'no CPU runs one yet'}`);
    isTold = true;
    const now = performance.now();
    // A guest that stands still most of the time does not come far.
    const wanted = Math.max(bootMilliseconds, 4 * (now - begun));
    const left = deadline === undefined ? wanted : Math.min(wanted, deadline - now);
    if (left <= 0) return undefined;
    await machine.resume();
    await pause(left, signal);
    await machine.stop();
  }
}

/** Whether a CPU is in the upper half of the address space, where kernels are. */
async function isInKernel(machine: LiveMachine): Promise<boolean> {
  for (const { id } of machine.cpus) {
    const { rip, pc = rip } = await machine.registers(id);
    if (pc !== undefined && pc >= 1n << 63n) return true;
  }
  return false;
}

async function setBreakpoints(machine: LiveMachine, kernel: Kernel, options: WaitOptions): Promise<Breakpoint[]> {
  const { breaks, onNote } = options;
  const own = breaks.map((text) => namedPlace(kernel, text));
  const general = await troublePlaces(kernel, (words) => onNote(`${words} is not waited for: no place of it is known`));
  const set: Breakpoint[] = [];
  for (const each of [...own, ...general]) {
    if (set.some(({ address }) => address === each.address)) continue;
    if (await machine.gdb.insertBreakpoint('execute', each.address)) set.push(each);
    else if (own.includes(each)) throw noneLeft(each);
    else onNote(`${each.words} is not waited for: the processor has no breakpoint left`);
  }
  return set;
}

function noneLeft({ function: name }: Breakpoint): KtriageError {
  return new KtriageError(
    'KT-LIVE-BREAK',
    `cannot wait for ${name}`,
    'the processor has no breakpoint left',
    'name fewer functions with --break',
  );
}

/** `SYMBOL`, `SYMBOL:N`. */
function namedPlace({ symbols }: Kernel, text: string): Breakpoint {
  const wrong = (why: string): KtriageError =>
    new KtriageError('KT-LIVE-BREAK', `cannot wait for ${text}`, why, 'give a function, and behind a colon how often');
  const [name = '', times = '1', ...more] = text.split(':');
  if (more.length > 0 || !/^[1-9]\d{0,6}$/.test(times)) throw wrong(`${times} is no number of times`);
  const address = symbols.address(name);
  if (address === undefined) throw wrong(`the kernel has no ${name === '' ? 'function without a name' : name}`);
  return { address, words: name, function: name, passes: Number(times) - 1 };
}

class BreakpointWaiter implements Waiter {
  readonly #machine: LiveMachine;
  readonly #breakpoints: ReadonlyMap<bigint, Breakpoint>;
  readonly #options: WaitOptions;
  readonly #passed = new Map<bigint, number>();
  /** The thread that stopped at a breakpoint, and where. */
  #at: { readonly thread: ThreadId; readonly address: bigint } | undefined;

  constructor(machine: LiveMachine, breakpoints: readonly Breakpoint[], options: WaitOptions) {
    this.#machine = machine;
    this.#breakpoints = new Map(breakpoints.map((each) => [each.address, each]));
    this.#options = options;
    this.letGo = this.letGo.bind(this);
  }

  async wait(): Promise<LiveTrigger | undefined> {
    for (;;) {
      await this.letGo();
      const reply = await this.#stopped();
      if (reply === undefined) return undefined;
      const trigger = await this.#triggerOf(reply);
      if (trigger !== undefined) return trigger;
    }
  }

  async letGo(): Promise<void> {
    const { gdb } = this.#machine;
    if (gdb.isRunning) return;
    const at = this.#at;
    this.#at = undefined;
    if (at !== undefined) {
      // It would stop there again before it has done anything.
      await gdb.removeBreakpoint('execute', at.address);
      await gdb.step(at.thread);
      await gdb.insertBreakpoint('execute', at.address);
    }
    await this.#machine.resume();
  }

  /** Why it stopped; undefined if it had to be stopped as the time is up. */
  async #stopped(): Promise<StopReply | undefined> {
    const { deadline, signal } = this.#options;
    const stopped = this.#machine.waitForStop();
    stopped.catch(() => undefined);
    const late = new AbortController();
    const left = deadline === undefined ? undefined : Math.max(deadline - performance.now(), 0);
    const timeUp =
      left === undefined
        ? new Promise<undefined>((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason), { signal: late.signal }),
          )
        : pause(left, AbortSignal.any([signal, late.signal]));
    timeUp.catch(() => undefined);
    try {
      const reply = await Promise.race([stopped, timeUp]);
      if (reply !== undefined) return reply;
    } finally {
      late.abort();
    }
    await this.#machine.stop();
    return undefined;
  }

  /** What it stopped at; undefined if that does not count yet. */
  async #triggerOf(reply: StopReply): Promise<LiveTrigger | undefined> {
    if (reply.kind !== 'signal') return { words: 'the guest ended' };
    const thread = reply.thread === undefined ? undefined : parseThreadId(reply.thread);
    const cpu = this.#machine.cpus.find((each) => each.thread === reply.thread)?.id;
    const registers = cpu === undefined ? {} : await this.#machine.registers(cpu);
    const address = registers.rip ?? registers.pc;
    const breakpoint = address === undefined ? undefined : this.#breakpoints.get(address);
    if (address === undefined || breakpoint === undefined)
      return { words: `it stopped by itself (signal ${reply.signal})`, ...(cpu !== undefined && { cpu }) };
    if (thread !== undefined) this.#at = { thread, address };
    const passed = this.#passed.get(address) ?? 0;
    this.#passed.set(address, passed + 1);
    if (passed < breakpoint.passes) return undefined;
    return { words: breakpoint.words, function: breakpoint.function, address, ...(cpu !== undefined && { cpu }) };
  }
}

/** Waits for so many milliseconds. @throws the signal's reason. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<undefined> {
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(
      () => {
        signal.removeEventListener('abort', stop);
        resolve();
      },
      Math.min(milliseconds, 2_147_483_647),
    );
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  return undefined;
}
