import type { Duplex } from 'node:stream';
import type { KtriageError } from '../../util/errors.ts';
import { closedError, garbledError, shown, stateError, timeoutError } from './errors.ts';
import { framePacket, PacketParser } from './packet-parser.ts';
import { parseStopReply, type StopReply } from './stop-reply.ts';

/** How a stub is talked to. */
export interface ConnectionOptions {
  /** The stub's address, for errors. */
  readonly peer: string;
  /** Milliseconds that the stub has for an answer; 5000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Requests under way at a time; 32 by default. QEMU reads 114 MB/s with these, and 60 with one. */
  readonly window?: number | undefined;
  /**
   * A line that loses bytes, as a serial one: what is lost or damaged is sent again, a few times. The window is 1 then,
   * as an acknowledgement does not tell what it is for.
   */
  readonly isLossy?: boolean | undefined;
  /** Stops that no request waited for: QEMU before 8.1 sends one where attaching has stopped the guest. */
  readonly onStop?: ((reply: StopReply) => void) | undefined;
  /** What the target prints while it runs, decoded. */
  readonly onConsole?: ((text: string) => void) | undefined;
}

/** What an answer to a request is. */
export type AnswerKind =
  | 'plain'
  /** May be a stop reply (`?`). */
  | 'stop'
  /** A stop reply that comes whenever it comes (`c`, `vCont`). */
  | 'resume'
  /** Any number of `O` packets and then an answer (`qRcmd`). */
  | 'console';

/** What is different for one request. */
export interface RequestOptions {
  /** Milliseconds that the stub has for the answer. */
  readonly timeoutMilliseconds?: number | undefined;
  /** To be sent after an abort as well: what leaves the guest as it was. */
  readonly evenAborted?: boolean;
  /** Takes what comes before the answer to a `console` request. */
  readonly onOutput?: (text: string) => void;
}

/** Waits for an answer. */
interface Waiting {
  readonly request: string;
  readonly frame: Buffer;
  readonly kind: AnswerKind;
  readonly resolve: (answer: Buffer) => void;
  readonly reject: (reason: unknown) => void;
  readonly timeout: number;
  readonly isEvenAborted: boolean;
  /** Takes the decoded `O` packets of a `console` request. */
  readonly onOutput: ((text: string) => void) | undefined;
  outputBytes: number;
  retries: number;
  isLate: boolean;
  isAcknowledged: boolean;
}

/** Text of the monitor for one command. */
const mostConsoleBytes = 4_194_304;
/** Bytes that are no packets: serial lines have consoles on them, other servers send something else without end. */
const mostJunkBytes = 1_048_576;
const mostRetries = 3;
/** Milliseconds between an answer being late and nobody waiting for it any more. */
const graceMilliseconds = 25;
/** Milliseconds that an acknowledgement waits for another one, or for a request. */
const acknowledgeMilliseconds = 2;
const acknowledgement = Buffer.from('+', 'latin1');
const complaint = Buffer.from('-', 'latin1');
const interruptByte = Buffer.from([3]);

/** Requests to a stub and its answers, in order; any number of requests may be made at a time. */
export class GdbConnection {
  readonly peer: string;
  readonly #stream: Duplex;
  readonly #parser = new PacketParser();
  readonly #options: ConnectionOptions;
  readonly #window: number;
  readonly #timeout: number;
  /** Sent and not answered, in the order of sending. */
  readonly #underWay: Waiting[] = [];
  /** Not sent yet; a ring would be faster, but this is short. */
  #queue: Waiting[] = [];
  #queueStart = 0;
  #output: Buffer[] = [];
  #flush: NodeJS.Immediate | undefined;
  /** The same for what can wait. */
  #late: NodeJS.Timeout | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** When the request that is first under way became that, or was last sent again. */
  #headSince = 0;
  #acknowledges = true;
  #failure: KtriageError | undefined;
  #abort: { readonly reason: unknown } | undefined;
  #isEnding = false;
  /** Who waits for all requests under way to be answered. */
  #idle: (() => void)[] = [];
  /** Requests that were sent, for figures. */
  requests = 0;

  constructor(stream: Duplex, options: ConnectionOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#options = options;
    this.#window = options.isLossy ? 1 : Math.max(1, options.window ?? 32);
    this.#timeout = options.timeoutMilliseconds ?? 5000;
    stream.on('data', (chunk: Buffer) => this.#receive(chunk));
    stream.on('error', (error: Error) => this.fail(closedError(this.peer, error.message)));
    stream.on('end', () => this.fail(closedError(this.peer, 'it closed the connection')));
    stream.on('close', () => this.fail(closedError(this.peer, 'the connection was closed')));
  }

  /** Why nothing more can be asked. */
  get failure(): KtriageError | undefined {
    return this.#failure;
  }

  /** Nothing is acknowledged from now on, by either side (`QStartNoAckMode`). */
  stopAcknowledging(): void {
    this.#acknowledges = false;
    this.#parser.zeroChecksumIsNone = true;
  }

  /**
   * Sends a request and gives the answer. Characters of it are bytes.
   * @throws KtriageError KT-GDB-TIMEOUT, KT-GDB-CLOSED, KT-GDB-GARBLED, after which nothing can be asked any more; the
   * reason of `abort`.
   */
  request(request: string, kind: AnswerKind = 'plain', options: RequestOptions = {}): Promise<Buffer> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#abort !== undefined && options.evenAborted !== true) return Promise.reject(this.#abort.reason);
    if (this.#isEnding) return Promise.reject(stateError(this.peer, 'the connection is being closed'));
    return new Promise((resolve, reject) => {
      this.#queue.push({
        request,
        frame: framePacket(request),
        kind,
        resolve,
        reject,
        timeout: kind === 'resume' ? Number.POSITIVE_INFINITY : (options.timeoutMilliseconds ?? this.#timeout),
        isEvenAborted: options.evenAborted ?? false,
        onOutput: options.onOutput,
        outputBytes: 0,
        retries: 0,
        isLate: false,
        isAcknowledged: false,
      });
      this.#send();
    });
  }

  /** Asks a running target to stop. The answer is that of the request that made it run. */
  interrupt(): void {
    this.#write(interruptByte);
  }

  /** Whether an answer is waited for. */
  get isBusy(): boolean {
    return this.#underWay.length > 0 && this.#failure === undefined;
  }

  /** Settled when all that is under way is answered, or nothing will be any more. */
  idle(): Promise<void> {
    if (!this.isBusy) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /**
   * Rejects all requests with the reason, those to come included, but for those marked `evenAborted`. Answers that are
   * still to come are taken and dropped, so that the connection can be used to put things in order.
   */
  abort(reason: unknown): void {
    if (this.#abort !== undefined || this.#failure !== undefined) return;
    this.#abort = { reason };
    for (const waiting of this.#underWay) if (!waiting.isEvenAborted) waiting.reject(reason);
    const queued = this.#queue.slice(this.#queueStart);
    this.#queue = queued.filter(({ isEvenAborted }) => isEvenAborted);
    this.#queueStart = 0;
    for (const waiting of queued) if (!waiting.isEvenAborted) waiting.reject(reason);
  }

  /** Gives up: all requests fail with this. The stream is left open, see `end`. */
  fail(failure: KtriageError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    clearTimeout(this.#timer);
    for (const waiting of this.#underWay) waiting.reject(failure);
    for (const waiting of this.#queue.slice(this.#queueStart)) waiting.reject(failure);
    this.#queue = [];
    this.#queueStart = 0;
    this.#becomeIdle();
  }

  /**
   * Ends the connection. Last words, in frames or not, are written first, whatever state it is in, and nobody waits for
   * an answer to them. Not destroyed at once: a reset would throw away what the stub has not read yet.
   */
  async end(lastWords: readonly (string | Buffer)[] = [], graceMilliseconds = 250): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const words of lastWords) this.#output.push(typeof words === 'string' ? framePacket(words) : words);
    this.#writeNow();
    this.fail(stateError(this.peer, 'the connection is closed'));
    if (this.#stream.destroyed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, graceMilliseconds);
      this.#stream.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      this.#stream.once('end', () => this.#stream.destroy());
      this.#stream.end();
    });
    this.#stream.destroy();
  }

  #send(): void {
    while (this.#underWay.length < this.#window && this.#queueStart < this.#queue.length) {
      const waiting = this.#queue[this.#queueStart++];
      if (waiting === undefined) break;
      if (this.#underWay.length === 0) this.#becomeHead();
      this.#underWay.push(waiting);
      this.requests++;
      this.#write(waiting.frame);
    }
    if (this.#queueStart === this.#queue.length) {
      this.#queue = [];
      this.#queueStart = 0;
    }
  }

  /** Collected and written once per turn of the event loop: an acknowledgement goes with the next request then. */
  #write(bytes: Buffer): void {
    this.#output.push(bytes);
    this.#flush ??= setImmediate(() => this.#writeNow());
  }

  #writeNow(): void {
    clearImmediate(this.#flush);
    clearTimeout(this.#late);
    this.#flush = undefined;
    this.#late = undefined;
    const output = this.#output;
    this.#output = [];
    if (output.length === 0 || this.#stream.destroyed || !this.#stream.writable) return;
    this.#stream.write(output.length === 1 ? output[0] : Buffer.concat(output));
  }

  #becomeHead(): void {
    this.#headSince = performance.now();
    this.#timer ??= setTimeout(() => this.#lookAtClock(), this.#timeout);
  }

  #lookAtClock(): void {
    this.#timer = undefined;
    const head = this.#underWay[0];
    if (head === undefined || this.#failure !== undefined) return;
    const left = this.#headSince + head.timeout - performance.now();
    if (left > 0) {
      // Timers may be a millisecond early. A target that runs is waited for without end, but looked at.
      this.#timer = setTimeout(() => this.#lookAtClock(), Math.min(Math.max(left, 1), 60_000));
      return;
    }
    if (!head.isLate) {
      // We may have been busy ourselves, and its answer lies there to be read.
      head.isLate = true;
      this.#timer = setTimeout(() => this.#lookAtClock(), graceMilliseconds);
      return;
    }
    if (this.#options.isLossy === true && head.retries < mostRetries) {
      head.retries++;
      this.#write(head.isAcknowledged ? complaint : head.frame);
      this.#becomeHead();
      return;
    }
    this.fail(timeoutError(this.peer, head.request, head.timeout));
  }

  #receive(chunk: Buffer): void {
    this.#takeEvents(chunk);
    if (this.#output.length === 0 || this.#flush !== undefined) return;
    // Acknowledgements alone, of which nobody takes note who has more requests to answer: the next may go with them.
    if (this.#underWay.length > 0 && this.#options.isLossy !== true)
      this.#late ??= setTimeout(() => this.#writeNow(), acknowledgeMilliseconds);
    else this.#flush = setImmediate(() => this.#writeNow());
  }

  #takeEvents(chunk: Buffer): void {
    for (const event of this.#parser.push(chunk)) {
      if (this.#failure !== undefined) return;
      switch (event.kind) {
        case 'ack': {
          const head = this.#underWay[0];
          if (head !== undefined) head.isAcknowledged = true;
          break;
        }
        case 'nak':
          this.#sendAgain();
          break;
        case 'notification':
          // Non-stop mode has these, which is never asked for.
          break;
        case 'damaged':
          this.#askAgain(event.why);
          break;
        case 'packet':
          if (this.#acknowledges) this.#output.push(acknowledgement);
          this.#packet(event.payload);
          break;
      }
    }
    if (this.#parser.junkBytes > mostJunkBytes)
      this.fail(garbledError(this.peer, `${this.#parser.junkBytes} bytes came that belong to no packet`));
  }

  /** The stub got a request with a wrong checksum. Which, is only known where there is one. */
  #sendAgain(): void {
    const head = this.#underWay[0];
    if (head === undefined || !this.#acknowledges) return;
    if (this.#underWay.length > 1 || head.retries >= mostRetries) {
      this.fail(garbledError(this.peer, 'requests arrive there with wrong checksums'));
      return;
    }
    head.retries++;
    this.#write(head.frame);
    this.#becomeHead();
  }

  /** An answer is damaged; the stub sends its last one again if told so. */
  #askAgain(why: string): void {
    const head = this.#underWay[0];
    if (head === undefined || this.#underWay.length > 1 || !this.#acknowledges || head.retries >= mostRetries) {
      if (head !== undefined || this.#options.isLossy !== true) this.fail(garbledError(this.peer, why));
      return;
    }
    head.retries++;
    this.#write(complaint);
    this.#becomeHead();
  }

  #packet(payload: Buffer): void {
    const head = this.#underWay[0];
    const isStop = parseStopReply(payload);
    if (isStop !== undefined && head?.kind !== 'stop' && head?.kind !== 'resume') {
      this.#options.onStop?.(isStop);
      return;
    }
    // O 0x4f, and no OK.
    if (payload[0] === 0x4f && payload[1] !== 0x4b && (head === undefined || head.kind !== 'plain')) {
      this.#consoleOutput(payload, head);
      return;
    }
    // An answer to nothing: one that was sent twice on a line that loses bytes, or from a client before us.
    if (head === undefined) return;
    if (head.kind === 'resume' && isStop === undefined && payload[0] !== 0x45) {
      // F, a file operation of the target on the host, or nonsense; an empty one is a request that it does not know.
      if (payload.length > 0) {
        this.fail(garbledError(this.peer, `${shown(payload.toString('latin1', 0, 80))} came while the guest ran`));
        return;
      }
    }
    this.#underWay.shift();
    if (this.#underWay.length > 0) this.#headSince = performance.now();
    head.resolve(payload);
    this.#send();
    if (this.#underWay.length === 0) this.#becomeIdle();
  }

  #becomeIdle(): void {
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #consoleOutput(payload: Buffer, head: Waiting | undefined): void {
    const text = Buffer.from(payload.toString('latin1', 1), 'hex').toString('latin1');
    if (head?.kind !== 'console') {
      this.#options.onConsole?.(text);
      return;
    }
    head.outputBytes += text.length;
    if (head.outputBytes > mostConsoleBytes) {
      this.fail(garbledError(this.peer, `its monitor answers ${shown(head.request)} without end`));
      return;
    }
    head.onOutput?.(text);
  }
}
