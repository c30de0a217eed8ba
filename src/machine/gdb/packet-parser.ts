/**
 * The outermost layer of the GDB remote serial protocol (gdb's manual, appendix E.1): packets `$data#cs`, notifications
 * `%data#cs`, acknowledgements `+` and `-`, and what stands between them.
 */

/** What was found in the bytes of a stub. */
export type PacketEvent =
  | { readonly kind: 'ack' }
  | { readonly kind: 'nak' }
  /** Runs are expanded; escapes of binary data are still there, as only the request tells whether it is binary. */
  | { readonly kind: 'packet'; readonly payload: Buffer }
  | { readonly kind: 'notification'; readonly payload: Buffer }
  /** A packet that cannot be what was sent. */
  | { readonly kind: 'damaged'; readonly why: string };

const mark = { dollar: 0x24, percent: 0x25, hash: 0x23, plus: 0x2b, minus: 0x2d, star: 0x2a, escape: 0x7d } as const;

/** Bytes of a packet at most, run lengths expanded: gdbserver's are 16 KiB, of stubs that send much 128 KiB. */
export const longestPacket = 1_048_576;

/** The sum of all bytes, modulo 256. */
export function checksum(bytes: Uint8Array): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i++) sum += bytes[i] ?? 0;
  return sum & 0xff;
}

/** A packet ready to be sent. The data must be escaped already where it is binary. */
export function framePacket(data: string | Uint8Array): Buffer {
  const body = typeof data === 'string' ? data : Buffer.from(data).toString('latin1');
  let sum = 0;
  for (let i = 0; i < body.length; i++) sum += body.charCodeAt(i);
  return Buffer.from(`$${body}#${(sum & 0xff).toString(16).padStart(2, '0')}`, 'latin1');
}

function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/**
 * Expands runs: `X*n` is X and `n - 29` more of it. Undefined if a run repeats nothing, has no length, or the whole
 * becomes longer than a packet may be.
 */
export function expandRuns(data: Buffer, most = longestPacket): Buffer | undefined {
  if (data.indexOf(mark.star) < 0) return data;
  let size = 0;
  for (let i = 0; i < data.length; i++) {
    if (data[i] !== mark.star) {
      size++;
      continue;
    }
    const count = (data[i + 1] ?? 0) - 29;
    if (i === 0 || i + 1 >= data.length || count < 1 || count > 97) return undefined;
    size += count;
    if (size > most) return undefined;
    i++;
  }
  const expanded = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < data.length; i++) {
    const byte = data[i] ?? 0;
    if (byte !== mark.star) {
      expanded[at++] = byte;
      continue;
    }
    const count = (data[++i] ?? 0) - 29;
    expanded.fill(expanded[at - 1] ?? 0, at, at + count);
    at += count;
  }
  return expanded;
}

/** Undoes the escapes of binary data: `}` and a byte is that byte, its bit 5 flipped. A lone `}` at the end is dropped. */
export function unescapeBinary(data: Buffer): Buffer {
  let from = data.indexOf(mark.escape);
  if (from < 0) return data;
  const plain = Buffer.allocUnsafe(data.length);
  let at = data.copy(plain, 0, 0, from);
  for (; from < data.length; from++) {
    const byte = data[from] ?? 0;
    if (byte !== mark.escape) plain[at++] = byte;
    else if (++from < data.length) plain[at++] = (data[from] ?? 0) ^ 0x20;
  }
  return plain.subarray(0, at);
}

/** Takes the bytes of a stub in pieces of any size. Holds one packet at most. */
export class PacketParser {
  /** Bytes since the last whole packet that belong to none. */
  junkBytes = 0;
  /** Whether a checksum of 00 counts as none, as some stubs send where nothing is acknowledged. */
  zeroChecksumIsNone = false;
  readonly #most: number;
  #state: 'between' | 'body' | 'checksum' = 'between';
  #isNotification = false;
  /** The body, where one piece had all of it; else what is kept of it, and how many bytes that are. */
  #whole: Buffer | undefined;
  #kept: Buffer = Buffer.alloc(0);
  #size = 0;
  #firstDigit = -1;

  constructor(most = longestPacket) {
    this.#most = most;
  }

  /** What a piece completes. Keeps no reference to its bytes unless a packet goes on behind it. */
  push(chunk: Buffer): PacketEvent[] {
    const events: PacketEvent[] = [];
    let at = 0;
    while (at < chunk.length) {
      switch (this.#state) {
        case 'between':
          at = this.#between(chunk, at, events);
          break;
        case 'body':
          at = this.#inBody(chunk, at, events);
          break;
        case 'checksum':
          this.#inChecksum(chunk[at++] ?? 0, events);
          break;
      }
    }
    return events;
  }

  #between(chunk: Buffer, start: number, events: PacketEvent[]): number {
    let at = start;
    while (at < chunk.length) {
      const byte = chunk[at++];
      if (byte === mark.plus) events.push({ kind: 'ack' });
      else if (byte === mark.minus) events.push({ kind: 'nak' });
      else if (byte === mark.dollar || byte === mark.percent) {
        this.#isNotification = byte === mark.percent;
        this.#state = 'body';
        return at;
      } else this.junkBytes++;
    }
    return at;
  }

  #inBody(chunk: Buffer, start: number, events: PacketEvent[]): number {
    const end = chunk.indexOf(mark.hash, start);
    const next = end < 0 ? chunk.length : end + 1;
    const part = chunk.subarray(start, end < 0 ? chunk.length : end);
    // A `$` is escaped inside of packets: this is one that was cut off, and another behind it.
    const restart = part.lastIndexOf(mark.dollar);
    if (restart >= 0) {
      this.junkBytes += this.#size + restart;
      this.#size = 0;
      this.#isNotification = false;
    }
    const rest = part.subarray(restart + 1);
    if (this.#size + rest.length > this.#most) {
      this.junkBytes += this.#size + rest.length;
      this.#size = 0;
      this.#state = 'between';
      events.push({ kind: 'damaged', why: `a packet has more than ${this.#most} bytes` });
      return next;
    }
    if (end >= 0 && this.#size === 0) this.#whole = rest;
    else this.#keep(rest);
    if (end < 0) return next;
    this.#state = 'checksum';
    this.#firstDigit = -1;
    return next;
  }

  /** Into one buffer that doubles: a stub that sends single bytes must cost no more than one that does not. */
  #keep(part: Buffer): void {
    const size = this.#size + part.length;
    if (size > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(size, 2 * this.#kept.length, 4096));
      this.#kept.copy(larger, 0, 0, this.#size);
      this.#kept = larger;
    }
    part.copy(this.#kept, this.#size);
    this.#size = size;
  }

  #inChecksum(byte: number, events: PacketEvent[]): void {
    if (this.#firstDigit < 0) {
      // Anything but a digit counts as 16, so that no sum is equal to it.
      const digit = hexDigit(byte);
      this.#firstDigit = digit < 0 ? 16 : digit;
      return;
    }
    const digit = hexDigit(byte);
    const given = digit < 0 ? 256 : this.#firstDigit * 16 + digit;
    const body = this.#whole ?? Buffer.from(this.#kept.subarray(0, this.#size));
    this.#whole = undefined;
    this.#size = 0;
    this.#state = 'between';
    if (given !== checksum(body) && !(given === 0 && this.zeroChecksumIsNone)) {
      events.push({ kind: 'damaged', why: 'the checksum of a packet is wrong' });
      return;
    }
    const payload = expandRuns(body, this.#most);
    if (payload === undefined) {
      events.push({ kind: 'damaged', why: 'a run length in a packet is wrong' });
      return;
    }
    this.junkBytes = 0;
    events.push({ kind: this.#isNotification ? 'notification' : 'packet', payload });
  }
}
