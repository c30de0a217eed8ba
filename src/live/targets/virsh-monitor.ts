import { type ProcessResult, runProcess } from '../../io/process.ts';
import { garbledMonitor, type Monitor, refusedByMonitor } from '../../machine/qmp/monitor.ts';
import { noVirsh, virshFailed, virshLate } from './virsh-errors.ts';

/** Milliseconds for a command, or for several that are handed on together. */
const commandMilliseconds = 20_000;
/** Commands that one virsh hands on. Each may answer with 20 KiB, and an argument may have 128 KiB (MAX_ARG_STRLEN). */
const mostTogether = 64;
/** Bytes of a command that is handed on together with others. */
const mostBytesTogether = 1024;

/** The program that is run, so that tests can put another one in its place. */
export interface VirshOptions {
  readonly program?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A command that waits for its turn. */
interface Waiting {
  readonly command: string;
  readonly message: string;
  /** It only reads: it may be said together with others, and twice. */
  readonly isReading: boolean;
  resolve(returned: unknown): void;
  reject(error: unknown): void;
}

function isReading(command: string, parameters: Readonly<Record<string, unknown>> | undefined): boolean {
  if (command !== 'human-monitor-command') return command.startsWith('query-');
  const line = parameters?.['command-line'];
  return typeof line === 'string' && /^(?:xp?|info) /.test(line);
}

/** A word in a line of commands of virsh's, as its own parser takes it (vshCommandStringGetArg in libvirt's vsh.c). */
const quoted = (word: string): string => `"${word.replace(/["\\]/g, '\\$&')}"`;

/**
 * QEMU's monitor behind libvirt, which has it to itself: commands are handed on by `virsh qemu-monitor-command`. libvirt
 * marks the domain as tainted by that (`custom-monitor`), which changes nothing. One virsh runs at a time, as the monitor
 * takes one command after the other; reads that wait meanwhile are handed on together.
 */
export class VirshMonitor implements Monitor {
  readonly peer: string;
  /** A process for each command: 20 ms and more. */
  readonly isSlow = true;
  readonly #domain: string;
  readonly #options: VirshOptions;
  #isForgiven = false;
  #isWorking = false;
  #waiting: Waiting[] = [];

  constructor(domain: string, options: VirshOptions = {}) {
    this.peer = `libvirt:${domain}`;
    this.#domain = domain;
    this.#options = options;
  }

  async execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const message = JSON.stringify({ execute: command, ...(parameters && { arguments: parameters }) });
    // What must still be said waits for nobody.
    if (this.#isForgiven) return this.#returned(command, await this.#say(command, message));
    this.#options.signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ command, message, isReading: isReading(command, parameters), resolve, reject });
      if (!this.#isWorking) void this.#work();
    });
  }

  forgive(): void {
    this.#isForgiven = true;
  }

  /** There is nothing open. */
  async close(): Promise<void> {}

  /** Hands on what waits, in its order. Never fails: that goes to who asked. */
  async #work(): Promise<void> {
    this.#isWorking = true;
    // Others that are asked at the same time come along.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const together = this.#next();
      try {
        const answers = together.length > 1 ? await this.#sayTogether(together) : undefined;
        for (const [i, each] of together.entries()) await this.#settle(each, answers?.[i]);
      } catch (error) {
        // The next would fare no better, or nobody waits for it any more.
        for (const { reject } of [...together, ...this.#waiting.splice(0)]) reject(error);
      }
    }
    this.#isWorking = false;
  }

  /**
   * Tells who asked.
   * @throws what no command would do without: virsh failed, or it was aborted.
   */
  async #settle({ command, message, resolve, reject }: Waiting, answer: string | undefined): Promise<void> {
    this.#options.signal?.throwIfAborted();
    const text = answer ?? (await this.#say(command, message));
    try {
      resolve(this.#returned(command, text));
    } catch (error) {
      reject(error);
    }
  }

  #next(): Waiting[] {
    let count = 0;
    while (count < mostTogether) {
      const next = this.#waiting[count];
      if (next === undefined || !next.isReading || next.message.length > mostBytesTogether) break;
      count++;
    }
    return this.#waiting.splice(0, Math.max(count, 1));
  }

  /** A line of answer for each; undefined if it is not that: then each is to be asked for itself, to know which fails. */
  async #sayTogether(together: readonly Waiting[]): Promise<readonly string[] | undefined> {
    const lines = together.map(
      ({ message }) => `qemu-monitor-command ${quoted(this.#domain)} --cmd ${quoted(message)}`,
    );
    const { exitCode, failure, stdout } = await this.#virsh([lines.join('; ')]);
    if (failure === 'timeout') throw virshLate(this.#domain, together[0]?.command ?? '', commandMilliseconds);
    const answers = stdout.split('\n').filter((line) => line !== '');
    return exitCode === 0 && answers.length === together.length ? answers : undefined;
  }

  /** What virsh prints for a command. */
  async #say(command: string, message: string): Promise<string> {
    const result = await this.#virsh(['qemu-monitor-command', this.#domain, '--cmd', message]);
    if (!this.#isForgiven) this.#options.signal?.throwIfAborted();
    if (result.failure === 'ENOENT') throw noVirsh(this.#domain);
    if (result.failure === 'timeout') throw virshLate(this.#domain, command, commandMilliseconds);
    if (result.exitCode !== 0) throw virshFailed(this.#domain, result.stderr);
    return result.stdout;
  }

  #virsh(words: readonly string[]): Promise<ProcessResult> {
    const { program = 'virsh', signal } = this.#options;
    return runProcess(program, ['-q', ...words], {
      timeoutMilliseconds: commandMilliseconds,
      maxOutputBytes: 16_777_216,
      env: { LC_ALL: 'C' },
      isDetached: true,
      ...(signal === undefined || this.#isForgiven ? {} : { signal }),
    });
  }

  #returned(command: string, text: string): unknown {
    let answer: unknown;
    try {
      answer = JSON.parse(text);
    } catch {
      throw garbledMonitor(this.peer, `virsh prints no JSON for ${command}`);
    }
    if (typeof answer !== 'object' || answer === null) throw garbledMonitor(this.peer, 'virsh prints no answer');
    if ('error' in answer) {
      const { error } = answer;
      const said = typeof error === 'object' && error !== null && 'desc' in error ? error.desc : undefined;
      throw refusedByMonitor(this.peer, command, typeof said === 'string' ? said.slice(0, 200) : 'it does not say why');
    }
    return 'return' in answer ? answer.return : undefined;
  }
}
