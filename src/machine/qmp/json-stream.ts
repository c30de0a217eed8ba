/** Characters of a message at most. */
export const longestMessage = 33_554_432;
/** Levels of arrays and objects; QEMU's own limit is 1024 (qobject/json-parser.c), its answers have about 10. */
const mostDepth = 512;

/** A message of a peer, or that what came is none. */
export type JsonEvent =
  | { readonly kind: 'message'; readonly value: unknown }
  | { readonly kind: 'damaged'; readonly why: string };

const mark = { quote: 0x22, backslash: 0x5c, openObject: 0x7b, closeObject: 0x7d, openArray: 0x5b, closeArray: 0x5d };

/**
 * Cuts a stream of bytes into JSON objects, whatever blanks and line ends are between and in them: QMP has a message on
 * each line, or on many with `pretty=on`. Bytes outside of objects are skipped. After damage nothing more is found.
 */
export class JsonStream {
  readonly #most: number;
  #kept: Buffer = Buffer.alloc(0);
  #size = 0;
  #depth = 0;
  #isString = false;
  #isEscape = false;
  #isDamaged = false;

  constructor(most = longestMessage) {
    this.#most = most;
  }

  /** The messages that a piece completes. */
  push(chunk: Buffer): JsonEvent[] {
    const events: JsonEvent[] = [];
    let start = this.#depth > 0 ? 0 : -1;
    for (let at = 0; at < chunk.length && !this.#isDamaged; at++) {
      const byte = chunk[at] ?? 0;
      if (this.#isString) {
        if (this.#isEscape) this.#isEscape = false;
        else if (byte === mark.backslash) this.#isEscape = true;
        else if (byte === mark.quote) this.#isString = false;
      } else if (byte === mark.quote) this.#isString = this.#depth > 0;
      else if (byte === mark.openObject || (byte === mark.openArray && this.#depth > 0)) {
        if (this.#depth++ === 0) start = at;
        if (this.#depth > mostDepth) this.#damage(events, `a message has more than ${mostDepth} levels`);
      } else if ((byte === mark.closeObject || byte === mark.closeArray) && this.#depth > 0) {
        if (--this.#depth > 0) continue;
        this.#keep(chunk.subarray(start, at + 1), events);
        start = -1;
        this.#message(events);
      }
    }
    if (start >= 0) this.#keep(chunk.subarray(start), events);
    return events;
  }

  #keep(part: Buffer, events: JsonEvent[]): void {
    if (this.#isDamaged) return;
    const size = this.#size + part.length;
    if (size > this.#most) {
      this.#damage(events, `a message has more than ${this.#most} bytes`);
      return;
    }
    if (size > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#kept.length, 4096));
      this.#kept.copy(larger, 0, 0, this.#size);
      this.#kept = larger;
    }
    part.copy(this.#kept, this.#size);
    this.#size = size;
  }

  #message(events: JsonEvent[]): void {
    if (this.#isDamaged) return;
    const text = this.#kept.toString('utf8', 0, this.#size);
    this.#size = 0;
    try {
      events.push({ kind: 'message', value: JSON.parse(text) });
    } catch {
      this.#damage(events, 'a message is no JSON');
    }
  }

  #damage(events: JsonEvent[], why: string): void {
    this.#isDamaged = true;
    this.#kept = Buffer.alloc(0);
    events.push({ kind: 'damaged', why });
  }
}
