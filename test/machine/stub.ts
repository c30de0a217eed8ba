import { Duplex } from 'node:stream';

/** Two ends of a line. */
export function linePair(): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        const to = other();
        setImmediate(() => {
          if (!to.destroyed) to.push(chunk);
          done();
        });
      },
      final(done) {
        const to = other();
        setImmediate(() => {
          if (!to.destroyed) to.push(null);
          done();
        });
      },
    });
  const left: Duplex = make(() => right);
  const right: Duplex = make(() => left);
  right.on('error', () => undefined);
  return [left, right];
}

/** A packet as the manual has it, written without the code under test. */
export function packet(data: string | Buffer): Buffer {
  const body = Buffer.from(data as string, 'latin1');
  let sum = 0;
  for (const byte of body) sum += byte;
  return Buffer.concat([Buffer.from('$'), body, Buffer.from(`#${(sum % 256).toString(16).padStart(2, '0')}`)]);
}

/** What a stub does with a request: answers it, sends bytes that are no packet, several of these, or nothing. */
export type Answer = string | Buffer | readonly (string | Buffer)[] | undefined;

/** A gdbstub that does as it is told, and keeps what it is asked. */
export class ScriptedStub {
  /** The client's end. */
  readonly line: Duplex;
  readonly requests: string[] = [];
  /** All bytes of the client. */
  received = '';
  acknowledgements = 0;
  isEnded = false;
  /** Whether it sends `+`, as it does till told otherwise. */
  doesAcknowledge = true;
  readonly #end: Duplex;
  readonly #answer: (request: string, stub: ScriptedStub) => Answer;
  #text = '';

  constructor(answer: (request: string, stub: ScriptedStub) => Answer) {
    this.#answer = answer;
    [this.line, this.#end] = linePair();
    this.#end.on('data', (chunk: Buffer) => this.#receive(chunk.toString('latin1')));
    this.#end.on('end', () => {
      this.isEnded = true;
      this.#end.end();
    });
  }

  send(bytes: string | Buffer): void {
    this.#end.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Ends without a word. */
  die(): void {
    this.#end.end();
  }

  #receive(text: string): void {
    this.received += text;
    this.#text += text;
    for (;;) {
      const match = /^([^$]*)\$([^#]*)#([0-9a-f]{2})/.exec(this.#text);
      const plain = match?.[1] ?? (this.#text.includes('$') ? '' : this.#text);
      this.acknowledgements += plain.split('+').length - 1;
      if (plain.includes('\x03')) this.#reply('\x03');
      if (match === null) {
        this.#text = this.#text.slice(plain.length);
        return;
      }
      this.#text = this.#text.slice(match[0].length);
      const request = match[2] ?? '';
      this.requests.push(request);
      if (packet(request).toString('latin1') !== `$${request}#${match[3]}`) throw new Error('wrong checksum');
      this.#reply(request);
    }
  }

  #reply(request: string): void {
    const answer = this.#answer(request, this);
    if (this.doesAcknowledge && request !== '\x03') this.send('+');
    if (answer === undefined) return;
    for (const each of Array.isArray(answer) ? answer : [answer])
      this.send(Buffer.isBuffer(each) ? each : packet(each));
  }
}

/** Registers of a made-up CPU, in the order of the layout for x86-64 that has no description: 24 of them, 164 bytes. */
export const registerPacket = Array.from({ length: 24 }, (_, i) => {
  const bytes = i < 17 ? 8 : 4;
  return (i + 1)
    .toString(16)
    .padStart(2, '0')
    .padEnd(bytes * 2, '0');
}).join('');

/** Bytes of made-up memory: those of the address, one after the other. Page 0 is not there. */
export function memoryAt(address: bigint, length: number): Buffer | undefined {
  if (address < 4096n) return undefined;
  const bytes = Buffer.alloc(length);
  for (let i = 0; i < length; i++)
    bytes[i] = Number(((address + BigInt(i)) * 7n + ((address + BigInt(i)) >> 8n)) & 0xffn);
  return bytes;
}

/** A stub as QEMU's, as far as is needed; `over` answers before it, and leaves to it what it answers `undefined` to. */
export function qemuLike(
  over: (request: string, stub: ScriptedStub) => Answer | 'default' = () => 'default',
): ScriptedStub {
  let isPhysical = '0';
  let isRunning = false;
  return new ScriptedStub((request, stub) => {
    const own = over(request, stub);
    if (own !== 'default') return own;
    if (request === '\x03') {
      if (!isRunning) return undefined;
      isRunning = false;
      return 'T02thread:p01.01;';
    }
    if (isRunning) throw new Error(`${request} while the guest ran`);
    if (request.startsWith('qSupported')) return 'PacketSize=1000;vContSupported+;multiprocess+';
    if (request === '?') return 'T05thread:p01.01;';
    if (request === 'vCont?') return 'vCont;c;C;s;S';
    if (request === 'vCont;c') {
      isRunning = true;
      return undefined;
    }
    if (request.startsWith('vCont;s')) return 'T05thread:p01.01;';
    if (request === 'qfThreadInfo') return 'mp01.01';
    if (request === 'qsThreadInfo') return 'l';
    if (request.startsWith('qThreadExtraInfo')) return Buffer.from('CPU#0 [halted ]').toString('hex');
    if (request === 'qqemu.PhyMemMode') return isPhysical;
    if (request.startsWith('Qqemu.PhyMemMode:')) {
      isPhysical = request.slice(-1);
      return 'OK';
    }
    if (request.startsWith('Hg') || request.startsWith('D') || /^[zZ][1-4],/.test(request)) return 'OK';
    if (request === 'g') return registerPacket;
    const read = /^m([0-9a-f]+),([0-9a-f]+)$/.exec(request);
    if (read !== null) {
      const length = Number.parseInt(read[2] ?? '', 16);
      // Physical memory is told from virtual memory by its contents.
      const start = BigInt(`0x${read[1]}`) + (isPhysical === '1' ? 1n : 0n);
      return length > 0x800 ? 'E22' : (memoryAt(start, length)?.toString('hex') ?? 'E14');
    }
    return '';
  });
}
