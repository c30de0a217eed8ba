import type { Duplex } from 'node:stream';
import { type Attached, attach, negotiate } from './attach.ts';
import { type ConnectionOptions, GdbConnection } from './connection.ts';
import { garbledError, refusedError, shown, stateError, timeoutError, unsupportedError } from './errors.ts';
import { parseFeatures, type StubFeatures } from './features.ts';
import { type Leave, type Leaving, lastWords, leaveStub } from './leave.ts';
import { readMemory } from './memory.ts';
import { layoutOfPacket, type RegisterLayout, type StubRegister } from './register-layout.ts';
import { beyondPacket, decodeRegisters, littleEndian, type StubValues } from './register-packet.ts';
import { parseStopReply, type StopReply } from './stop-reply.ts';
import { mostThreads, parseThreadId, parseThreadList, type ThreadId } from './thread-id.ts';

/** What a breakpoint waits for: an instruction run, data written, read, or either. All are hardware's. */
export type BreakpointKind = 'execute' | 'write' | 'read' | 'access';

/** `Z1` to `Z4`. `Z0` is left out: it is written into the guest's code. */
const breakpointTypes: Readonly<Record<BreakpointKind, number>> = { execute: 1, write: 2, read: 3, access: 4 };

/** How a stub is attached to. */
export interface GdbOptions extends Omit<ConnectionOptions, 'onStop'> {
  /** Rejects what is asked then. Closing still puts the guest back. */
  readonly signal?: AbortSignal | undefined;
  /** Characters of a packet's data, where the stub does not say it. */
  readonly usualPacketSize?: number | undefined;
  /** The stub goes on only when its answer to being detached from is acknowledged, as the kernel's own does. */
  readonly acknowledgesDetach?: boolean | undefined;
  /** How the target is left if attaching fails; running by default. */
  readonly leaveOnFailure?: Leave | undefined;
}

/** A target that was let run. */
export interface RunningTarget {
  /** Settled when it stops, however long that takes. */
  readonly stopped: Promise<StopReply>;
}

/** Milliseconds that a running guest has to stop. */
const stopMilliseconds = 5000;
/** Milliseconds for a command of the monitor, which may print much. */
const monitorMilliseconds = 10_000;

/**
 * A client of a gdbstub. It reads registers and memory, and sets hardware breakpoints; no method of it writes anything
 * into the target, and none may be added. Everything can be asked at the same time, and goes over the line at once.
 */
export class GdbClient {
  /** Whether attaching stopped it; undefined if the stub does not tell (QEMU since 8.1). */
  wasRunning: boolean | undefined;
  /** Known when the stub has said it. */
  #features: StubFeatures | undefined;
  #attached: Attached = { description: undefined, resumeActions: '', process: '1' };
  /** Registers that `g` does not give, once that is known. */
  #beyond: readonly StubRegister[] | undefined;
  readonly #connection: GdbConnection;
  readonly #acknowledgesDetach: boolean;
  readonly #breakpoints = new Set<string>();
  #selected: string | undefined;
  #selection: Promise<void> = Promise.resolve();
  /** How addresses are taken now, as far as that is known. */
  #isPhysical: boolean | undefined;
  /** Whether it was ever asked for. */
  #wasPhysical = false;
  #physicalMode: Promise<void> = Promise.resolve();
  #running: Promise<StopReply> | undefined;
  #closing: Promise<void> | undefined;
  #signal: AbortSignal | undefined;
  #onAbort: (() => void) | undefined;

  private constructor(stream: Duplex, options: GdbOptions) {
    this.#acknowledgesDetach = options.acknowledgesDetach ?? false;
    this.#connection = new GdbConnection(stream, {
      ...options,
      onStop: () => {
        // It comes before any answer, as the stub stops the guest when it takes the connection.
        if (this.#features === undefined) this.wasRunning = true;
      },
    });
    const { signal } = options;
    if (signal === undefined) return;
    this.#signal = signal;
    this.#onAbort = () => this.#connection.abort(signal.reason);
    signal.addEventListener('abort', this.#onAbort);
  }

  /**
   * Attaches to the stub at the other end of a stream, which stops the target. The stream is the client's from then on,
   * and closed if this fails.
   * @throws KtriageError KT-GDB-TIMEOUT, -CLOSED, -GARBLED, -REFUSED; the signal's reason.
   */
  static async open(stream: Duplex, options: GdbOptions): Promise<GdbClient> {
    const client = new GdbClient(stream, options);
    try {
      options.signal?.throwIfAborted();
      client.#features = await negotiate(client.#connection, options.usualPacketSize);
      client.#attached = await attach(client.#connection, client.#features);
      return client;
    } catch (error) {
      // A stub that serves somebody else takes this connection later, and would stop its guest for nobody.
      await client.close(options.leaveOnFailure ?? 'running');
      throw error;
    }
  }

  /** The address of the stub. */
  get peer(): string {
    return this.#connection.peer;
  }

  get features(): StubFeatures {
    return this.#features ?? parseFeatures('');
  }

  /** What the target stood still for when it was attached to, in gdb's numbering; undefined if that is not known. */
  get firstSignal(): number | undefined {
    return this.#attached.signal;
  }

  /** The registers that the stub describes; undefined if it describes none. */
  get description(): RegisterLayout | undefined {
    return this.#attached.description;
  }

  /** Whether the target runs now, for all that is known. */
  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Requests that were sent so far. */
  get requests(): number {
    return this.#connection.requests;
  }

  /** All threads, in the stub's order. */
  async threads(): Promise<ThreadId[]> {
    const threads: ThreadId[] = [];
    const seen = new Set<string>();
    for (let request = 'qfThreadInfo'; threads.length < mostThreads; request = 'qsThreadInfo') {
      const answer = await this.#text(request);
      if (answer === 'l' || answer === '') break;
      const list = answer.startsWith('m') ? parseThreadList(answer.slice(1)) : undefined;
      if (list === undefined) throw garbledError(this.peer, `a list of threads is ${shown(answer)}`);
      // A list in a circle has an end, too.
      const fresh = list.filter(({ text }) => !seen.has(text));
      if (fresh.length === 0) break;
      for (const thread of fresh) seen.add(thread.text);
      threads.push(...fresh);
    }
    if (threads.length > 0) return threads;
    // Stubs without lists of threads have one.
    const answer = await this.#text('qC');
    const current = answer.startsWith('QC') ? parseThreadId(answer.slice(2)) : undefined;
    return [current ?? { text: '1', thread: 1n }];
  }

  /** What the stub says about a thread in words; undefined if nothing. */
  async threadText(thread: ThreadId): Promise<string | undefined> {
    const answer = await this.#text(`qThreadExtraInfo,${thread.text}`);
    if (answer === '' || !/^(?:[0-9a-fA-F]{2})+$/.test(answer)) return undefined;
    return Buffer.from(answer, 'hex').toString('latin1');
  }

  /**
   * The registers of a thread by the stub's names, those of floating point and vectors left out.
   * @param isWanted of those that must be asked for one by one, which are asked for; all by default.
   */
  async registers(thread: ThreadId, isWanted: (name: string) => boolean = () => true): Promise<StubValues> {
    const selected = this.#select(thread);
    const all = this.#text('g');
    // Asked for at once with the packet, where it was seen before how far that goes.
    const { description } = this;
    const early = this.#beyond?.filter(({ name }) => isWanted(name)).map((each) => this.#register(each));
    early?.forEach((each) => void each.catch(() => undefined));
    await Promise.all([selected, all.catch(() => undefined)]);
    const packet = await all;
    if (packet.startsWith('E') || packet === '' || packet.length % 2 !== 0) throw refusedError(this.peer, 'g', packet);
    const layout = layoutOfPacket(packet.length / 2, description);
    if (layout === undefined) {
      throw garbledError(this.peer, `a register packet has ${packet.length / 2} bytes, which fits nothing known`);
    }
    const values = decodeRegisters(packet, layout);
    let rest: readonly Promise<readonly [string, bigint | undefined]>[] = [];
    let again = selected;
    if (layout === description) {
      this.#beyond ??= beyondPacket(layout, packet.length / 2);
      // Another thread may have been asked about meanwhile.
      if (early === undefined) again = this.#select(thread);
      rest = early ?? this.#beyond.filter(({ name }) => isWanted(name)).map((each) => this.#register(each));
    }
    const [found] = await Promise.all([Promise.all(rest), again]);
    for (const [name, value] of found) if (value !== undefined) values.set(name, value);
    return values;
  }

  /** The architecture that a register packet is of, by its size; empty if by that it is none. */
  async architectureOfPacket(thread: ThreadId): Promise<string> {
    const [, packet] = await Promise.all([this.#select(thread), this.#text('g')]);
    return layoutOfPacket(packet.length / 2, undefined)?.architecture ?? '';
  }

  async #register({ name, number }: { name: string; number: number }): Promise<readonly [string, bigint | undefined]> {
    return [name, littleEndian(await this.#text(`p${number.toString(16)}`))] as const;
  }

  /** Memory as a thread sees it through its page tables; undefined if a byte of it is not there. */
  async readMemory(thread: ThreadId, address: bigint, length: number): Promise<Buffer | undefined> {
    const ready = [this.#setPhysical(false), this.#select(thread)];
    const memory = readMemory(this.#source, address, length);
    memory.catch(() => undefined);
    await Promise.all(ready);
    return memory;
  }

  /** Whether `readPhysical` can be used: QEMU since 4.1 (`qemu.PhyMemMode`). */
  async canReadPhysical(): Promise<boolean> {
    return /^[01]$/.test(await this.#text('qqemu.PhyMemMode'));
  }

  /**
   * Memory at a physical address. What is no memory is read as zeros by QEMU, and a device's registers as a CPU would
   * read them, with all that follows: keep to what is known as memory.
   */
  async readPhysical(address: bigint, length: number): Promise<Buffer | undefined> {
    const ready = this.#setPhysical(true);
    const memory = readMemory(this.#source, address, length);
    memory.catch(() => undefined);
    await ready;
    return memory;
  }

  get #source(): Parameters<typeof readMemory>[0] {
    const { peer, features } = this;
    return {
      peer,
      mostBytes: Math.floor(features.packetSize / 2),
      isBinary: features.hasBinaryUpload,
      ask: (request) => this.#ask(request),
    };
  }

  /**
   * Runs a command of the stub's monitor and gives what it prints. Which commands leave the guest alone is the caller's
   * to know: QEMU's `info` ones do.
   */
  async monitor(command: string): Promise<string> {
    const request = `qRcmd,${Buffer.from(command, 'utf8').toString('hex')}`;
    const output: string[] = [];
    const answer = await this.#ask(request, 'console', {
      timeoutMilliseconds: monitorMilliseconds,
      onOutput: (text) => output.push(text),
    });
    const end = answer.toString('latin1');
    if (end === '') throw unsupportedError(this.peer, 'run commands of a monitor');
    if (end.startsWith('E')) throw refusedError(this.peer, command, end);
    if (end !== 'OK') output.push(Buffer.from(end, 'hex').toString('latin1'));
    return output.join('');
  }

  /**
   * Sets a hardware breakpoint or watchpoint. Removed when the client is closed.
   * @returns false if there is none left.
   */
  async insertBreakpoint(kind: BreakpointKind, address: bigint, length = 1): Promise<boolean> {
    const place = `${breakpointTypes[kind]},${address.toString(16)},${length.toString(16)}`;
    this.#breakpoints.add(place);
    const answer = await this.#text(`Z${place}`);
    if (answer === '') throw unsupportedError(this.peer, 'set hardware breakpoints');
    if (answer !== 'OK') this.#breakpoints.delete(place);
    return answer === 'OK';
  }

  async removeBreakpoint(kind: BreakpointKind, address: bigint, length = 1): Promise<void> {
    const place = `${breakpointTypes[kind]},${address.toString(16)},${length.toString(16)}`;
    if (this.#breakpoints.delete(place)) await this.#text(`z${place}`);
  }

  /**
   * Lets the target run. Until it stops, at a breakpoint, at its end or interrupted, nothing else can be asked. Whether
   * the stub does it is seen in `stopped` too, as it says nothing while the target runs.
   */
  async resume(): Promise<RunningTarget> {
    return this.#go(this.#attached.resumeActions.includes(';c') ? 'vCont;c' : 'c');
  }

  /** One instruction of a thread; the others stand still. */
  async step(thread: ThreadId): Promise<StopReply> {
    const canStepOne = this.#attached.resumeActions.includes(';s');
    if (!canStepOne) await this.#text(`Hc${thread.text}`);
    return (await this.#go(canStepOne ? `vCont;s:${thread.text}` : 's')).stopped;
  }

  /** Stops the target if it runs; whoever made it run gets the reply. */
  async interrupt(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#connection.interrupt();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(timeoutError(this.peer, 'stop', stopMilliseconds)), stopMilliseconds);
    });
    await Promise.race([running, late]).finally(() => clearTimeout(timer));
  }

  async #go(request: string): Promise<RunningTarget> {
    // An acknowledgement of an earlier answer that reaches QEMU when its guest runs already stops it again.
    while (this.#connection.isBusy) await this.#connection.idle();
    const stopped = this.#ask(request, 'resume').then((packet) => {
      const reply = parseStopReply(packet);
      if (reply !== undefined) return reply;
      if (packet.length === 0) throw unsupportedError(this.peer, 'let the guest run');
      throw refusedError(this.peer, request, packet.toString('latin1', 0, 80));
    });
    this.#running ??= stopped;
    // The CPU that stops is the one that is selected then.
    this.#selected = undefined;
    const standsStill = (): void => {
      // After an abort nobody knows: it is taken to run.
      if (this.#running === stopped && this.#signal?.aborted !== true) this.#running = undefined;
    };
    stopped.then(standsStill, standsStill);
    return { stopped };
  }

  /**
   * Leaves the target and closes the connection. Never fails, and takes 2 seconds at most: what is left to be done is
   * sent in any case, and done by a stub that comes to itself later.
   * @param leave `stopped` closes without detaching, after which QEMU leaves its guest as it is.
   */
  close(leave: Leave): Promise<void> {
    this.#closing ??= this.#close(leave);
    return this.#closing;
  }

  /**
   * The same without waiting for anything, for a process that ends now: all is written before this returns, as far as
   * the system takes it.
   */
  abandon(leave: Leave): void {
    void this.#connection.end(lastWords(this.#leaving(leave)));
  }

  async #close(leave: Leave): Promise<void> {
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener('abort', this.#onAbort);
    await leaveStub(this.#connection, this.#leaving(leave));
  }

  #leaving(leave: Leave): Leaving {
    return {
      leave,
      isRunning: this.isRunning,
      undoing: [
        ...[...this.#breakpoints].map((place) => `z${place}`),
        // It would be so for the next debugger.
        ...(this.#wasPhysical && this.#isPhysical !== false ? ['Qqemu.PhyMemMode:0'] : []),
      ],
      // Once anybody has said `multiprocess+` to it, QEMU takes no `D` without a process. We have, even if unanswered.
      acknowledgesDetach: this.#acknowledgesDetach,
      detach: (this.#features?.hasMultiprocess ?? true) ? `D;${this.#attached.process}` : 'D',
    };
  }

  /** Makes a thread the one that registers and memory are read of, if it is not. What is asked next is asked of it. */
  #select(thread: ThreadId): Promise<void> {
    if (this.#selected === thread.text) return this.#selection;
    this.#selected = thread.text;
    const selection = this.#text(`Hg${thread.text}`).then((answer) => {
      // Stubs with one thread may not know the request.
      if (answer !== 'OK' && answer !== '') throw refusedError(this.peer, `Hg${thread.text}`, answer);
    });
    selection.catch(() => {
      if (this.#selection === selection) this.#selected = undefined;
    });
    this.#selection = selection;
    return selection;
  }

  #setPhysical(isPhysical: boolean): Promise<void> {
    if (this.#isPhysical === isPhysical) return this.#physicalMode;
    // It outlives connections, so what it is at first is not known.
    this.#isPhysical = isPhysical;
    this.#wasPhysical ||= isPhysical;
    const mode = this.#text(`Qqemu.PhyMemMode:${isPhysical ? 1 : 0}`).then((answer) => {
      if (answer !== 'OK' && (answer !== '' || isPhysical)) throw unsupportedError(this.peer, 'read physical memory');
    });
    mode.catch(() => {
      if (this.#physicalMode === mode) this.#isPhysical = undefined;
    });
    this.#physicalMode = mode;
    return mode;
  }

  async #text(request: string): Promise<string> {
    return (await this.#ask(request)).toString('latin1');
  }

  #ask(...args: Parameters<GdbConnection['request']>): Promise<Buffer> {
    if (this.#closing !== undefined) return Promise.reject(stateError(this.peer, 'it was closed'));
    if (this.#running !== undefined) return Promise.reject(stateError(this.peer, 'the guest runs'));
    return this.#connection.request(...args);
  }
}
