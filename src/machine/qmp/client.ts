import { setMaxListeners } from 'node:events';
import type { Duplex } from 'node:stream';
import { KtriageError } from '../../util/errors.ts';
import { JsonStream } from './json-stream.ts';
import { garbledMonitor, type Monitor, refusedByMonitor } from './monitor.ts';
import { member, textMember } from './values.ts';

/** How QEMU's monitor is talked to. */
export interface QmpOptions {
  /** Its address, for errors. */
  readonly peer: string;
  /** Milliseconds for an answer; 5000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Rejects what is asked and will be, until `forgive`. */
  readonly signal?: AbortSignal | undefined;
  /** Takes events (`STOP`, `RESUME`, `SHUTDOWN`, `GUEST_PANICKED`). */
  readonly onEvent?: ((name: string, data: unknown) => void) | undefined;
}

interface Waiting {
  readonly command: string;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** Commands under way at most: QEMU itself queues 8 (monitor/qmp.c, QMP_REQ_QUEUE_LEN_MAX), and stops reading then. */
const mostUnderWay = 64;
/** Milliseconds between an answer being late and nobody waiting for it any more. */
const graceMilliseconds = 25;
/** Messages that answer nothing, before the peer is given up. */
const mostStrayMessages = 10_000;

/** A client of the QEMU Machine Protocol (docs/interop/qmp-spec in QEMU). */
export class QmpClient implements Monitor {
  readonly peer: string;
  /** QEMU's version, as in `7.2.22`; empty if it does not say. */
  version = '';
  readonly #stream: Duplex;
  readonly #options: QmpOptions;
  readonly #timeout: number;
  readonly #json = new JsonStream();
  readonly #waiting = new Map<string, Waiting>();
  readonly #greeting: Promise<unknown>;
  #greet: ((greeting: unknown) => void) | undefined;
  #refuse: (reason: unknown) => void = () => undefined;
  #failure: unknown;
  #lastId = 0;
  #strays = 0;
  #isClosing = false;
  #isForgiven = false;

  private constructor(stream: Duplex, options: QmpOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#options = options;
    this.#timeout = options.timeoutMilliseconds ?? 5000;
    this.#greeting = new Promise((resolve, reject) => {
      this.#greet = resolve;
      this.#refuse = reject;
    });
    this.#greeting.catch(() => undefined);
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (error: Error) => this.#fail(this.#closed(error.message)));
    stream.on('end', () => this.#fail(this.#closed('it closed the connection')));
    stream.on('close', () => this.#fail(this.#closed('the connection was closed')));
  }

  /**
   * Begins to talk to the monitor at the other end of a stream, which is the client's from then on. A guest that runs
   * goes on running.
   * @throws KtriageError KT-QMP-TIMEOUT, KT-QMP-CLOSED, KT-QMP-GARBLED, KT-QMP-REFUSED; the signal's reason.
   */
  static async open(stream: Duplex, options: QmpOptions): Promise<QmpClient> {
    const client = new QmpClient(stream, options);
    try {
      await client.#begin();
      return client;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  async #begin(): Promise<void> {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    // Each command under way listens, and there are at most `mostUnderWay`: more than ten are no leak.
    if (signal !== undefined) setMaxListeners(0, signal);
    const abort = (): void => this.#refuse(signal?.reason);
    signal?.addEventListener('abort', abort);
    const timer = setTimeout(() => this.#expire('a greeting', () => this.#greet !== undefined), this.#timeout);
    try {
      const qmp = member(await this.#greeting, 'QMP');
      const version = member(member(qmp, 'version'), 'qemu');
      const parts = ['major', 'minor', 'micro'].map((part) => member(version, part));
      if (parts.every((part) => typeof part === 'number')) this.version = parts.join('.');
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
    await this.execute('qmp_capabilities');
  }

  execute(command: string, parameters?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const { signal } = this.#options;
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (signal?.aborted === true && !this.#isForgiven) return Promise.reject(signal.reason);
    if (this.#waiting.size >= mostUnderWay)
      return Promise.reject(garbledMonitor(this.peer, `${mostUnderWay} commands are not answered`));
    const id = `ktriage-${++this.#lastId}`;
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(signal?.reason);
      const settled = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const timer = setTimeout(() => {
        this.#expire(`an answer to ${command}`, () => this.#waiting.has(id));
      }, this.#timeout);
      if (!this.#isForgiven) signal?.addEventListener('abort', abort);
      this.#waiting.set(id, {
        command,
        timer,
        resolve: (value) => {
          settled();
          resolve(value);
        },
        reject: (reason) => {
          settled();
          reject(reason);
        },
      });
      const message = JSON.stringify({ execute: command, ...(parameters && { arguments: parameters }), id });
      if (!this.#stream.destroyed) this.#stream.write(`${message}\r\n`);
    });
  }

  forgive(): void {
    this.#isForgiven = true;
  }

  /** Ends the connection; the guest stays as it is. */
  async close(): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#fail(this.#closed('it was closed here'));
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 250);
      this.#stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#stream.end();
      this.#stream.destroy();
    });
  }

  #receive(chunk: Buffer): void {
    for (const event of this.#json.push(chunk)) {
      if (this.#failure !== undefined) return;
      if (event.kind === 'damaged') this.#fail(garbledMonitor(this.peer, event.why));
      else this.#message(event.value);
    }
  }

  #message(message: unknown): void {
    const name = textMember(message, 'event');
    if (name !== undefined) {
      this.#options.onEvent?.(name, member(message, 'data'));
      return;
    }
    if (this.#greet !== undefined) {
      if (member(message, 'QMP') === undefined)
        this.#fail(garbledMonitor(this.peer, 'its first message is no greeting'));
      else this.#greet(message);
      this.#greet = undefined;
      return;
    }
    const id = textMember(message, 'id') ?? '';
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) {
      if (++this.#strays > mostStrayMessages) this.#fail(garbledMonitor(this.peer, 'it answers what nobody asked'));
      return;
    }
    this.#waiting.delete(id);
    const error = member(message, 'error');
    if (error === undefined) waiting.resolve(member(message, 'return'));
    else {
      const words = textMember(error, 'desc') ?? textMember(error, 'class') ?? 'it does not say why';
      waiting.reject(refusedByMonitor(this.peer, waiting.command, words.slice(0, 200)));
    }
  }

  #fail(failure: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#refuse(failure);
    for (const waiting of this.#waiting.values()) waiting.reject(failure);
    this.#waiting.clear();
  }

  /** Not at once: we may have been busy ourselves, and the answer lies there to be read. */
  #expire(what: string, isMissing: () => boolean): void {
    setTimeout(() => {
      if (isMissing()) this.#fail(this.#late(what));
    }, graceMilliseconds);
  }

  #late(what: string): KtriageError {
    return new KtriageError(
      'KT-QMP-TIMEOUT',
      `QEMU's monitor at ${this.peer} does not answer`,
      `${what} did not come within ${this.#timeout / 1000} s`,
      'a monitor serves one client at a time: end the other one; check that the socket is that of a QMP monitor',
      'unvouched',
    );
  }

  #closed(why: string): KtriageError {
    return new KtriageError(
      'KT-QMP-CLOSED',
      `QEMU's monitor at ${this.peer} is gone`,
      why,
      'check that the guest still runs, and connect again',
    );
  }
}
