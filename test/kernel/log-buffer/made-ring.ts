import { StructureKernel, type Structures } from '../structure-kernel.ts';

export const ringStructures: Structures = {
  counter: [['counter', 'u64']],
  hlist_node: [
    ['next', '*'],
    ['pprev', '*'],
  ],
  dev_printk_info: [['subsystem', 'char[16]']],
  printk_info: [
    ...([
      ['seq', 'u64'],
      ['ts_nsec', 'u64'],
      ['text_len', 'u16'],
      ['facility', 'u8'],
      ['flags', 'u8:5'],
    ] as const),
    ...([
      ['level', 'u8:3'],
      ['caller_id', 'u32'],
      ['dev_info', 'dev_printk_info'],
    ] as const),
  ],
  prb_data_blk_lpos: [
    ['begin', 'u64'],
    ['next', 'u64'],
  ],
  prb_desc: [
    ['state_var', 'counter'],
    ['text_blk_lpos', 'prb_data_blk_lpos'],
  ],
  prb_data_ring: [
    ['size_bits', 'u32'],
    ['data', '*'],
  ],
  prb_desc_ring: [
    ...([
      ['count_bits', 'u32'],
      ['descs', '*'],
      ['infos', '*'],
      ['head_id', 'counter'],
    ] as const),
    ['tail_id', 'counter'],
  ],
  printk_ringbuffer: [
    ['desc_ring', 'prb_desc_ring'],
    ['text_data_ring', 'prb_data_ring'],
  ],
  console: [
    ...([
      ['name', 'char[16]'],
      ['flags', 'u16'],
      ['index', 'u16'],
      ['seq', 'u64'],
      ['node', 'hlist_node'],
    ] as const),
    ['nbcon_seq', 'counter'],
  ],
};

const at = {
  pointer: 0xffff_ffff_8200_0000n,
  ring: 0xffff_ffff_8200_1000n,
  descriptors: 0xffff_8880_0001_0000n,
  infos: 0xffff_8880_0002_0000n,
  text: 0xffff_8880_0003_0000n,
  consoles: 0xffff_8880_0004_0000n,
  list: 0xffff_ffff_8200_0800n,
} as const;

const states = { reserved: 0n, committed: 1n, finalized: 2n, reusable: 3n } as const;
const mask = (1n << 62n) - 1n;

export interface RingOptions {
  readonly countBits?: number;
  readonly textBits?: number;
  /** Of the first record. */
  readonly first?: bigint;
}

/** Writes a printk ring as the kernel does: blocks one after the other, those that would cross the end at its start. */
export class MadeRing {
  readonly made = new StructureKernel(ringStructures);
  readonly #count: bigint;
  readonly #bits: bigint;
  readonly #first: bigint;
  #next: bigint;
  #position: bigint;
  #console: bigint = at.list;
  #consoles = 0;

  constructor({ countBits = 4, textBits = 10, first = 0n }: RingOptions = {}) {
    this.#count = 2n ** BigInt(countBits);
    this.#bits = BigInt(textBits);
    this.#first = first;
    this.#next = first;
    // So that the ids and positions overflow soon, as the kernel has them (DESC0_ID, BLK0_LPOS).
    this.#position = BigInt.asUintN(64, -(2n ** this.#bits));
    const { made } = this;
    made.symbol('prb', at.pointer).word(at.pointer, at.ring);
    made.bytes(at.descriptors, new Uint8Array(Number(this.#count) * 24)).bytes(at.text, new Uint8Array(2 ** textBits));
    made.bytes(at.infos, new Uint8Array(Number(this.#count) * (made.types.sizeof('printk_info') ?? 0)));
    made.put('printk_ringbuffer', at.ring, {
      ...{ 'desc_ring.count_bits': countBits, 'desc_ring.descs': at.descriptors, 'desc_ring.infos': at.infos },
      ...{ 'text_data_ring.size_bits': textBits, 'text_data_ring.data': at.text },
    });
    made.symbol('console_list', at.list).word(at.list, 0n);
  }

  #id(sequence: bigint): bigint {
    return (sequence - this.#count) & mask;
  }

  record(
    text: string,
    {
      state = 'finalized',
      seconds = 1,
      level = 6,
      caller = 1,
      length = text.length,
    }: {
      readonly state?: keyof typeof states;
      readonly seconds?: number;
      readonly level?: number;
      readonly caller?: number;
      readonly length?: number;
    } = {},
  ): this {
    const { made } = this;
    const sequence = this.#next++;
    const id = this.#id(sequence);
    const index = id % this.#count;
    const bytes = 8n + BigInt(Math.ceil(Math.max(1, text.length) / 8) * 8);
    const begin = this.#position;
    let next = BigInt.asUintN(64, begin + bytes);
    let block = begin;
    if (text === '') {
      next = 3n;
    } else if (begin >> this.#bits !== BigInt.asUintN(64, next - 1n) >> this.#bits) {
      block = BigInt.asUintN(64, ((begin >> this.#bits) + 1n) << this.#bits);
      next = BigInt.asUintN(64, block + bytes);
    }
    if (text !== '') {
      this.#position = next;
      const place = at.text + (block & ((1n << this.#bits) - 1n));
      made.word(place, id).bytes(place + 8n, text.padEnd(Number(bytes) - 8, '\0'));
    }
    made.put('prb_desc', at.descriptors + index * 24n, {
      ...{ 'state_var.counter': (states[state] << 62n) | id, 'text_blk_lpos.begin': text === '' ? 3n : begin },
      'text_blk_lpos.next': next,
    });
    made.put('printk_info', at.infos + index * BigInt(made.types.sizeof('printk_info') ?? 0), {
      ...{ seq: sequence, ts_nsec: BigInt(Math.round(seconds * 1e6)) * 1000n, text_len: length, level },
      caller_id: caller,
    });
    const oldest = sequence - this.#first >= this.#count ? sequence - this.#count + 1n : this.#first;
    made.word(made.at('printk_ringbuffer', 'desc_ring.head_id', at.ring), id);
    made.word(made.at('printk_ringbuffer', 'desc_ring.tail_id', at.ring), this.#id(oldest));
    return this;
  }

  console(name: string, next: bigint, flags = 0x4, isNbcon = false): this {
    const address = at.consoles + BigInt(this.#consoles++) * 256n;
    this.made.put('console', address, {
      ...{ name, index: 0, flags: flags | (isNbcon ? 0x100 : 0) },
      ...(isNbcon ? { 'nbcon_seq.counter': next } : { seq: next }),
    });
    const node = this.made.at('console', 'node', address);
    this.made.word(this.#console, node);
    this.#console = node;
    return this;
  }

  /** Addresses of its parts. */
  get at(): typeof at {
    return at;
  }
}
