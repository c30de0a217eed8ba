/** One of the two streams that a command prints to. */
export type StreamName = 'stdout' | 'stderr';

const lineFeed = 10;
/** More is not held back for a line of the other stream that does not end. */
const mostHeld = 65_536;

/**
 * Makes one log of two streams, for the kernel's console may be on either: bytes as they come, but a line of one that is
 * not at its end is not broken by the other's. Where only one of them speaks, the log is that one's bytes.
 */
export class StreamMerger {
  readonly #emit: (bytes: Uint8Array) => void;
  /** The stream whose unfinished line is the last of the log. */
  #open: StreamName | undefined;
  /** What the other stream printed meanwhile. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;

  constructor(emit: (bytes: Uint8Array) => void) {
    this.#emit = emit;
  }

  /** Takes what a stream printed. The bytes may be kept: they must not be overwritten. */
  push(stream: StreamName, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#open !== undefined && this.#open !== stream) {
      this.#held.push(bytes);
      this.#heldBytes += bytes.length;
      if (this.#heldBytes > mostHeld) this.settle();
      return;
    }
    if (this.#held.length === 0) {
      this.#take(stream, bytes);
      return;
    }
    // The line ends somewhere in here: the other stream's lines go behind it.
    const end = bytes.indexOf(lineFeed) + 1;
    if (end === 0) {
      this.#take(stream, bytes);
      return;
    }
    this.#take(stream, bytes.subarray(0, end));
    this.#release(stream);
    this.push(stream, bytes.subarray(end));
  }

  /** No more is coming for a while, or at all: what is held is given out, after an end for the open line. */
  settle(): void {
    const open = this.#open;
    if (open === undefined || this.#held.length === 0) return;
    this.#emit(Uint8Array.of(lineFeed));
    this.#release(open);
  }

  /** True if something is held that `settle` would give out. */
  get isHolding(): boolean {
    return this.#held.length > 0;
  }

  #release(open: StreamName): void {
    const held = this.#held;
    this.#held = [];
    this.#heldBytes = 0;
    for (const bytes of held) this.#take(open === 'stdout' ? 'stderr' : 'stdout', bytes);
  }

  #take(stream: StreamName, bytes: Uint8Array): void {
    this.#emit(bytes);
    this.#open = bytes[bytes.length - 1] === lineFeed ? undefined : stream;
  }
}
