import type { CommandStop } from '../../model/command.ts';
import type { Session } from '../session.ts';
import { type Child, type ChildEnd, startChild } from './child.ts';
import type { EndsLine } from './fresh-line.ts';
import { StreamMerger, type StreamName } from './merge-streams.ts';
import { PassOn } from './pass-on.ts';

/** What ends a command before its time; all in milliseconds. */
export interface CommandLimits {
  readonly timeout?: number;
  /** Without a byte of output. */
  readonly quiet?: number;
  /** Without a byte of output after the kernel crashed; six times as much with some. */
  readonly afterCrash: number;
}

/** What a supervisor is given beside the command. */
export interface SupervisorOptions {
  readonly session: Pick<Session, 'stdout' | 'stderr' | 'env' | 'cwd'>;
  readonly limits: CommandLimits;
  readonly patience?: Partial<Patience> | undefined;
  /** The command may read what we could. */
  readonly hasInput: boolean;
  /** Its output has a use even if nobody reads ours. */
  readonly isWanted: boolean;
  /** Both of its streams as one log, in pieces that may be kept. */
  readonly onBytes: (bytes: Uint8Array) => void;
  /** Nothing came for a while after something had. */
  readonly onQuiet: () => void;
  /** A stream of ours takes no more. */
  readonly onLost: (stream: StreamName, error: unknown) => void;
  /** It is about to be stopped: what is to be looked at is still there. Must not throw. */
  readonly beforeStop: (why: CommandStop) => Promise<void>;
}

/** How a command came to its end. */
export interface CommandEnd extends ChildEnd {
  readonly milliseconds: number;
  readonly stopped?: CommandStop;
  /** Since the last byte, when it was stopped. */
  readonly silentMilliseconds?: number;
  /** What it had started still had its output open when it had ended, and was ended, or was not to be found. */
  readonly leftBehind?: 'ended' | 'lost';
}

/** How long is waited for what; milliseconds. */
export interface Patience {
  /** Silence after which a report is complete, as for `watch`. */
  readonly quiet: number;
  /** For a command to end that is told to. */
  readonly grace: number;
  /** For what it leaves behind, and the next signal. */
  readonly leftovers: number;
}

const usualPatience: Patience = { quiet: 2000, grace: 5000, leftovers: 2000 };
/** How often the clock is looked at. */
const tick = 100;
/** A line of one stream is waited for while the other has more. */
const lineWait = 150;
/** After that a killed process is waited for no longer: the kernel may not let it go. */
const killGrace = 2000;
/** For the last output of processes that are gone. */
const drainGrace = 300;
const crashTimes = 6;

/** Runs a command: hands its output on, and ends it when it is time. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #patience: Patience;
  readonly #merger: StreamMerger;
  #child: Child | undefined;
  #pumps: PassOn[] = [];
  #started = 0;
  #heard = 0;
  #wasQuiet = true;
  #crashed: number | undefined;
  #stopped: CommandStop | undefined;
  #silent = 0;
  #isClosed = false;
  /** Nothing of the command is left: its number may be somebody else's. */
  #isOver = false;
  #ending: Promise<void> | undefined;
  readonly #gaveUp: Promise<undefined>;
  #giveUp: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#patience = { ...usualPatience, ...options.patience };
    this.#merger = new StreamMerger(options.onBytes);
    this.#gaveUp = new Promise((resolve) => {
      this.#giveUp = () => resolve(undefined);
    });
  }

  /** The kernel cannot go on: the command has little time left. False if that was known. */
  crashed(): boolean {
    if (this.#crashed !== undefined || this.#stopped !== undefined || this.#isClosed) return false;
    this.#crashed = performance.now();
    return true;
  }

  /** Whether what was handed on so far ends with a line, on standard output and on standard error. */
  get endsLine(): EndsLine {
    const [out, error] = this.#pumps;
    return { stdout: out?.endsLine ?? true, stderr: error?.endsLine ?? true };
  }

  /** The user or the system wants an end: the command gets the same signal. The second time it is killed. */
  interrupt(signal: NodeJS.Signals): void {
    if (this.#stopped === 'interrupted') this.kill();
    else if (this.#stopped === undefined) void this.#stop('interrupted', signal);
    else {
      this.#stopped = 'interrupted';
      this.#child?.tree.signal(signal);
    }
  }

  /** The user stops us (Ctrl-Z), and so the command. What is returned goes on, as if no time had passed. */
  pause(): () => void {
    const from = performance.now();
    if (!this.#isOver) this.#child?.tree.signal('SIGSTOP');
    return () => {
      const pause = performance.now() - from;
      this.#started += pause;
      this.#heard += pause;
      if (this.#crashed !== undefined) this.#crashed += pause;
      if (!this.#isOver) this.#child?.tree.signal('SIGCONT');
    };
  }

  /** Ends everything at once, for a process that ends itself. */
  kill(): void {
    if (!this.#isOver) this.#child?.tree.signal('SIGKILL');
  }

  /**
   * Runs a command to its end.
   * @throws StartError if it cannot be started.
   */
  async run(words: readonly string[]): Promise<CommandEnd> {
    const { session, hasInput } = this.#options;
    const { stdout, stderr, env, cwd } = session;
    const child = await startChild(words, { cwd, env: { ...env }, hasInput });
    this.#child = child;
    this.#started = performance.now();
    this.#heard = this.#started;
    const passOn = (name: StreamName, to: Session[StreamName]): PassOn =>
      new PassOn(
        child[name],
        to,
        (bytes) => this.#take(name, bytes),
        (error) => this.#unread(name, error),
      );
    this.#pumps = [passOn('stdout', stdout), passOn('stderr', stderr)];
    // The user was quicker.
    if (this.#stopped !== undefined) this.#ending = this.#end('SIGTERM');
    const clock = setInterval(() => this.#look(), tick);
    let leftBehind: CommandEnd['leftBehind'];
    let end: ChildEnd = {};
    try {
      end = (await Promise.race([child.ended, this.#gaveUp])) ?? {};
      await this.#drained();
      await this.#ending;
      if (this.#ending === undefined && (!this.#isClosed || child.tree.isAlive)) {
        const isOpen = !this.#isClosed;
        await this.#end('SIGTERM');
        if (isOpen) leftBehind = this.#isClosed ? 'ended' : 'lost';
      }
    } finally {
      clearInterval(clock);
      this.#isOver = true;
      this.#merger.settle();
    }
    return {
      ...end,
      milliseconds: Math.round(performance.now() - this.#started),
      ...(this.#stopped !== undefined && { stopped: this.#stopped, silentMilliseconds: Math.round(this.#silent) }),
      ...(leftBehind !== undefined && this.#stopped === undefined && { leftBehind }),
    };
  }

  #take(stream: StreamName, bytes: Uint8Array): void {
    this.#heard = performance.now();
    this.#wasQuiet = false;
    this.#merger.push(stream, bytes);
  }

  #unread(stream: StreamName, error: unknown): void {
    this.#options.onLost(stream, error);
    if (!this.#options.isWanted) void this.#stop('unread', 'SIGTERM');
  }

  #look(): void {
    const now = performance.now();
    // Whoever makes us wait with its output cannot complain that none comes.
    if (this.#pumps.some((pump) => pump.waits)) this.#heard = now;
    const silent = now - this.#heard;
    if (this.#merger.isHolding && silent >= lineWait) this.#merger.settle();
    if (silent >= this.#patience.quiet && !this.#wasQuiet) {
      this.#wasQuiet = true;
      this.#options.onQuiet();
    }
    const why = this.#due(now, silent);
    if (why !== undefined && this.#stopped === undefined) void this.#stop(why, 'SIGTERM');
  }

  #due(now: number, silent: number): CommandStop | undefined {
    const { timeout, quiet, afterCrash } = this.#options.limits;
    if (this.#crashed !== undefined) {
      const since = now - this.#crashed;
      if (since >= afterCrash * crashTimes || Math.min(since, silent) >= afterCrash) return 'crash';
    }
    if (timeout !== undefined && now - this.#started >= timeout) return 'timeout';
    return quiet !== undefined && silent >= quiet ? 'quiet' : undefined;
  }

  async #stop(why: CommandStop, signal: NodeJS.Signals): Promise<void> {
    if (this.#stopped !== undefined || this.#isClosed) return;
    this.#stopped = why;
    if (this.#child === undefined) return;
    this.#silent = performance.now() - this.#heard;
    this.#ending = (async () => {
      await this.#options.beforeStop(why);
      await this.#end(signal);
    })();
    await this.#ending;
  }

  /** Ends all processes of the command: asks, insists, and then gives up. */
  async #end(signal: NodeJS.Signals): Promise<void> {
    const { tree } = this.#need();
    const { grace, leftovers } = this.#patience;
    const steps: readonly (readonly [NodeJS.Signals, number])[] = [
      [signal, grace],
      ...(signal === 'SIGTERM' ? [] : [['SIGTERM', leftovers] as const]),
      ['SIGKILL', killGrace],
    ];
    for (const [each, milliseconds] of steps) {
      if (!tree.isAlive) break;
      tree.signal(each);
      // One that was stopped (Ctrl-Z) would not hear of it.
      tree.signal('SIGCONT');
      await this.#goneWithin(milliseconds);
    }
    if (!tree.isAlive) await this.#drainedWithin(drainGrace, grace);
    if (this.#isClosed) return;
    const { stdout, stderr } = this.#need();
    stdout.destroy();
    stderr.destroy();
    this.#giveUp();
  }

  /** Waits for the rest of the output of a command that has ended; what it left behind may print for ever. */
  async #drained(): Promise<void> {
    await this.#drainedWithin(this.#patience.leftovers, Number.POSITIVE_INFINITY, () => this.#ending !== undefined);
  }

  /**
   * Waits until nobody has its output open, or nothing came of that for so long; milliseconds.
   * @param most even if nobody reads what there is.
   */
  async #drainedWithin(silence: number, most: number, isEnough = (): boolean => false): Promise<void> {
    const begin = performance.now();
    let since = begin;
    while (!this.#isClosed && !isEnough()) {
      const now = performance.now();
      if (now - since >= silence || now - begin >= most) return;
      await this.#closedWithin(tick);
      if (this.#pumps.some((pump) => pump.waits)) since = performance.now();
    }
  }

  async #goneWithin(milliseconds: number): Promise<void> {
    const { tree } = this.#need();
    const end = performance.now() + milliseconds;
    while (performance.now() < end) {
      await this.#closedWithin(Math.max(Math.min(end - performance.now(), tick), 1));
      if (!tree.isAlive) return;
    }
  }

  /** Waits until nobody has its output open, or so long; if nobody has, it only waits. */
  async #closedWithin(milliseconds: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, milliseconds);
    });
    const closed = this.#need().closed.then(() => {
      this.#isClosed = true;
    });
    await (this.#isClosed ? late : Promise.race([closed, late]));
    clearTimeout(timer);
  }

  #need(): Child {
    if (this.#child === undefined) throw new Error('no command was started');
    return this.#child;
  }
}
