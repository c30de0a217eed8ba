import { assertNever } from '../../util/errors.ts';
import { fieldOf, type ReadField } from '../field.ts';
import type { Kernel } from '../kernel.ts';
import { readView } from '../view.ts';
import { readWindow, type Window } from '../window.ts';
import { callerOf, type LogRecord } from './record.ts';

/** LOG_BUF_LEN_MAX is 2 GiB; nobody has more than this, and no more is read. */
const mostTextBits = 26;
/** Descriptors: one for 32 bytes of text (PRB_AVGBITS). */
const mostCountBits = 21;
/** `enum desc_state`, the top two bits of a descriptor's state (kernel/printk/printk_ringbuffer.h). */
const states = ['reserved', 'committed', 'finalized', 'reusable'] as const;
const stateShift = 62n;
const idMask = (1n << stateShift) - 1n;

/** A line without text has no block: EMPTY_LINE_LPOS, before 6.13 NO_LPOS. */
const emptyLine = 3n;

/** What was read of the ring, with what is odd in it. */
export interface RingRead {
  readonly records: readonly LogRecord[];
  readonly problems: readonly string[];
}

/**
 * The lockless ring of 5.10 and later: `prb` points at it, also at the small one in the image that is used until memory
 * can be allocated. Undefined if the kernel has none, or it makes no sense.
 * @param most records that are read, the newest
 */
export async function readRing(kernel: Kernel, most: number): Promise<RingRead | undefined> {
  const pointer = kernel.symbols.address('prb');
  if (pointer === undefined || kernel.types.sizeof('printk_ringbuffer') === undefined) return undefined;
  const address = await kernel.memory.u64(pointer);
  const ring = address === undefined ? undefined : await readView(kernel, 'printk_ringbuffer', address);
  if (ring === undefined) return undefined;
  const countBits = ring.number('desc_ring.count_bits');
  const textBits = ring.number('text_data_ring.size_bits');
  const data = ring.pointer('text_data_ring.data');
  const descriptors = ring.pointer('desc_ring.descs');
  const head = ring.big('desc_ring.head_id');
  const tail = ring.big('desc_ring.tail_id');
  if (countBits === undefined || textBits === undefined || data === undefined || descriptors === undefined)
    return undefined;
  if (head === undefined || tail === undefined || countBits > mostCountBits || textBits > mostTextBits)
    return undefined;

  const table = new Table(kernel, 2 ** countBits, descriptors, ring.pointer('desc_ring.infos'));
  const used = Number(BigInt.asUintN(64, (head & idMask) - (tail & idMask)) & idMask);
  const problems: string[] = [];
  if (used >= table.count) problems.push('the ends of the printk buffer make no sense; all of it was looked at');
  const length = Math.min(used + 1, table.count, most);
  if (length < Math.min(used + 1, table.count)) problems.push('the oldest part of the printk buffer was not read');
  const first = (head - BigInt(length - 1)) & idMask;
  const rows = await table.read(first, length);
  const text = await RingText.read(kernel, data, textBits, rows);
  const records: LogRecord[] = [];
  for (const row of rows) {
    const record = recordOf(row, text);
    if (record !== undefined) records.push(record);
  }
  return { records: inOrder(records), problems };
}

/** A descriptor and its info; a member that the kernel does not have is undefined. */
interface Row {
  readonly id: bigint;
  readonly state: bigint | undefined;
  readonly begin: bigint | undefined;
  readonly next: bigint | undefined;
  readonly sequence: bigint | undefined;
  readonly nanoseconds: bigint | undefined;
  readonly level: bigint | undefined;
  readonly facility: bigint | undefined;
  readonly caller: bigint | undefined;
  readonly length: bigint | undefined;
}

/** The descriptors, and the infos of the records: in an array of their own, else in the descriptor. */
class Table {
  readonly count: number;
  readonly #kernel: Kernel;
  readonly #descriptors: bigint;
  readonly #infos: bigint | undefined;
  readonly #descriptorBytes: number;
  readonly #infoBytes: number;

  constructor(kernel: Kernel, count: number, descriptors: bigint, infos: bigint | undefined) {
    this.#kernel = kernel;
    this.count = count;
    this.#descriptors = descriptors;
    this.#infos = infos;
    this.#descriptorBytes = kernel.types.sizeof('prb_desc') ?? 0;
    this.#infoBytes = infos === undefined ? 0 : (kernel.types.sizeof('printk_info') ?? 0);
  }

  /** Those of `length` ids from `first` on, in their order. */
  async read(first: bigint, length: number): Promise<Row[]> {
    const start = Number(first % BigInt(this.count));
    const before = Math.min(length, this.count - start);
    const [one, other] = await Promise.all([
      this.#readRows(first, start, before),
      this.#readRows((first + BigInt(before)) & idMask, 0, length - before),
    ]);
    return [...one, ...other];
  }

  async #readRows(first: bigint, from: number, length: number): Promise<Row[]> {
    if (length === 0) return [];
    const { memory } = this.#kernel;
    const at = (base: bigint, bytes: number): bigint => base + BigInt(from * bytes);
    const [descriptors, infos] = await Promise.all([
      readWindow(memory, at(this.#descriptors, this.#descriptorBytes), length * this.#descriptorBytes),
      this.#infos === undefined
        ? undefined
        : readWindow(memory, at(this.#infos, this.#infoBytes), length * this.#infoBytes),
    ]);
    const fields = this.#fields();
    const rows: Row[] = [];
    for (let index = 0; index < length; index++) {
      const descriptor = structureIn(descriptors, index, this.#descriptorBytes);
      const info = infos === undefined ? descriptor : structureIn(infos, index, this.#infoBytes);
      if (descriptor === undefined || info === undefined) continue;
      rows.push({
        id: (first + BigInt(index)) & idMask,
        state: fields.state(descriptor),
        begin: fields.begin(descriptor),
        next: fields.next(descriptor),
        sequence: fields.sequence(info),
        nanoseconds: fields.nanoseconds(info),
        level: fields.level(info),
        facility: fields.facility(info),
        caller: fields.caller(info),
        length: fields.length(info),
      });
    }
    return rows;
  }

  #fields(): Readonly<Record<Exclude<keyof Row, 'id'>, ReadField>> {
    const { types } = this.#kernel;
    const descriptor = (path: string): ReadField => fieldOf(types, 'prb_desc', path, this.#descriptorBytes);
    const info = (path: string): ReadField =>
      this.#infos === undefined ? descriptor(`info.${path}`) : fieldOf(types, 'printk_info', path, this.#infoBytes);
    return {
      state: descriptor('state_var'),
      begin: descriptor('text_blk_lpos.begin'),
      next: descriptor('text_blk_lpos.next'),
      sequence: info('seq'),
      nanoseconds: info('ts_nsec'),
      level: info('level'),
      facility: info('facility'),
      caller: info('caller_id'),
      length: info('text_len'),
    };
  }
}

function structureIn(window: Window, index: number, bytes: number): DataView | undefined {
  const contents = window.slice(index * bytes, bytes);
  return contents && new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
}

/** The part of the text that the rows have blocks in. */
class RingText {
  readonly bits: number;
  readonly #pieces: readonly { readonly start: number; readonly window: Window }[];

  private constructor(bits: number, pieces: readonly { readonly start: number; readonly window: Window }[]) {
    this.bits = bits;
    this.#pieces = pieces;
  }

  static async read({ memory }: Kernel, data: bigint, bits: number, rows: readonly Row[]): Promise<RingText> {
    const size = 2 ** bits;
    const hasBlock = ({ begin, next }: Row): boolean =>
      begin !== undefined && next !== undefined && (begin & 1n) !== 1n;
    const begin = rows.find(hasBlock)?.begin;
    const next = rows.findLast(hasBlock)?.next;
    if (begin === undefined || next === undefined) return new RingText(bits, []);
    const from = Number(begin & BigInt(size - 1));
    const bytes = BigInt.asUintN(64, next - begin);
    // What is not from one position to the next was not written in turn: then all of it may matter.
    const length = bytes > BigInt(size) ? size : Number(bytes);
    const ranges =
      bytes > BigInt(size)
        ? [[0, size]]
        : [
            [from, Math.min(size, from + length)],
            [0, from + length - size],
          ];
    const pieces = ranges.flatMap(([start = 0, end = 0]) =>
      end <= start ? [] : [readWindow(memory, data + BigInt(start), end - start).then((window) => ({ start, window }))],
    );
    return new RingText(bits, await Promise.all(pieces));
  }

  slice(offset: number, length: number): Uint8Array | undefined {
    for (const { start, window } of this.#pieces) {
      const bytes = offset < start ? undefined : window.slice(offset - start, length);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }
}

function recordOf(row: Row, text: RingText): LogRecord | undefined {
  const { id, state: variable, sequence, caller } = row;
  if (variable === undefined || sequence === undefined || (variable & idMask) !== id) return undefined;
  const state = states[Number(variable >> stateShift)] ?? 'reusable';
  if (state === 'reusable') return undefined;
  const block = blockOf(row, text);
  return {
    sequence,
    nanoseconds: row.nanoseconds ?? 0n,
    level: Number(row.level ?? 0n),
    facility: Number(row.facility ?? 0n),
    ...(caller !== undefined && { caller: callerOf(Number(caller)) }),
    ...textOf(state, block, Number(row.length ?? 0n)),
  };
}

function textOf(
  state: Exclude<(typeof states)[number], 'reusable'>,
  block: Uint8Array | undefined,
  length: number,
): Pick<LogRecord, 'text' | 'state'> {
  if (block === undefined) return { text: '', state: 'lost' };
  switch (state) {
    case 'reserved': {
      // Its length is not known before it is written; what was there before may follow.
      const end = block.indexOf(0);
      return { text: decode(length > 0 ? block.subarray(0, length) : block.subarray(0, end)), state: 'half-written' };
    }
    case 'committed':
      return { text: decode(block.subarray(0, length)), state: 'open' };
    case 'finalized':
      return { text: decode(block.subarray(0, length)), state: 'complete' };
    default:
      return assertNever(state);
  }
}

function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** The data of a block without the id in front of it, as `get_data` finds it; undefined if it is another's by now. */
function blockOf({ id, begin, next }: Row, text: RingText): Uint8Array | undefined {
  if (begin === undefined || next === undefined) return undefined;
  if ((begin & 1n) === 1n && (next & 1n) === 1n)
    return begin === emptyLine && next === emptyLine ? new Uint8Array() : undefined;
  const bits = BigInt(text.bits);
  const size = 2 ** text.bits;
  const offset = (position: bigint): number => Number(position & ((1n << bits) - 1n));
  // A block that would cross the end begins at 0 instead. `next` is one past it, and may be where the next wrap begins.
  const last = BigInt.asUintN(64, next - 1n);
  const isWrapped = begin >> bits !== last >> bits;
  const start = isWrapped ? 0 : offset(begin);
  const end = isWrapped || offset(next) !== 0 ? offset(next) : size;
  const block = end - start <= 8 ? undefined : text.slice(start, end - start);
  if (block === undefined) return undefined;
  const owner = new DataView(block.buffer, block.byteOffset, block.byteLength).getBigUint64(0, true);
  return owner === id ? block.subarray(8) : undefined;
}

/** By sequence, each once. */
function inOrder(records: readonly LogRecord[]): LogRecord[] {
  const sorted = records.toSorted((a, b) => (a.sequence < b.sequence ? -1 : a.sequence > b.sequence ? 1 : 0));
  return sorted.filter(({ sequence }, index) => sequence !== sorted[index - 1]?.sequence);
}
