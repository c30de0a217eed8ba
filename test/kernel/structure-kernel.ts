import { Btf } from '../../src/btf/btf.ts';
import type { Kernel, KernelArchitecture } from '../../src/kernel/kernel.ts';
import type { KernelMemory } from '../../src/kernel/memory.ts';
import type { KernelSymbols } from '../../src/kernel/symbols.ts';
import type { Machine, RegisterValues } from '../../src/machine/machine.ts';
import { btf, type WrittenType, writeBtf } from '../helpers/btf-writer.ts';

/** Structures as C has them: `['pid', 'int']`, `['comm', 'char[16]']`, `['tasks', 'list_head']`, `['level', 'u8:3']`. */
export type Structures = Readonly<Record<string, readonly (readonly [name: string, type: string])[]>>;

const bases: Readonly<Record<string, readonly [bytes: number, encoding: number]>> = {
  char: [1, 1],
  u8: [1, 0],
  u16: [2, 0],
  int: [4, 1],
  u32: [4, 0],
  u64: [8, 0],
};

interface Made {
  readonly id: number;
  readonly bytes: number;
  readonly align: number;
}

/** BTF of some structures, each member aligned to its size; a `*` is a pointer, also to one of the structures. */
export function madeTypes(structures: Structures): Btf {
  const written: WrittenType[] = [];
  const ids = new Map<string, Made>();
  const add = (name: string, type: WrittenType, bytes: number, align: number): void => {
    written.push(type);
    ids.set(name, { id: written.length, bytes, align });
  };
  for (const [name, [bytes, encoding]] of Object.entries(bases))
    add(name, btf.int(name, bytes, encoding), bytes, bytes);
  add('*', btf.pointer(0), 8, 8);
  const typeOf = (name: string): Made => {
    const [, element = name, count] = /^(.*)\[(\d*)\]$/.exec(name) ?? [];
    if (count !== undefined && !ids.has(name)) {
      const { id, bytes, align } = typeOf(element);
      add(name, btf.array(id, Number(count)), bytes * Number(count), align);
    } else if (name.endsWith('*') && !ids.has(name)) add(name, btf.pointer(typeOf(name.slice(0, -1).trim()).id), 8, 8);
    const known = ids.get(name);
    if (known === undefined) throw new RangeError(`no type ${name}`);
    return known;
  };
  for (const [name, members] of Object.entries(structures)) {
    let bit = 0;
    const placed = members.map(([member, declared]): readonly [string, number, number, number?] => {
      const [type = '', bits] = declared.split(':');
      const { id, bytes, align } = typeOf(type);
      if (bits === undefined) bit = Math.ceil(bit / (align * 8)) * align * 8;
      const at = bit;
      bit += bits === undefined ? bytes * 8 : Number(bits);
      return bits === undefined ? [member, id, at] : [member, id, at, Number(bits)];
    });
    const bytes = Math.ceil(bit / 64) * 8;
    add(name, btf.struct(name, bytes, placed), bytes, 8);
  }
  return Btf.open({ name: 'made', bytes: writeBtf(written) });
}

/** Values of members by their paths; texts are put as characters. */
export type Values = Readonly<Record<string, bigint | number | string>>;

/** A kernel that a test makes of structures, in virtual memory and with symbols of its own. */
export class StructureKernel {
  readonly types: Btf;
  readonly #pages = new Map<bigint, Uint8Array>();
  readonly #symbols = new Map<string, bigint>();
  readonly #registers: RegisterValues[] = [];
  readonly #architecture: KernelArchitecture;

  constructor(structures: Structures, architecture: KernelArchitecture = 'x86_64') {
    this.types = madeTypes(structures);
    this.#architecture = architecture;
  }

  symbol(name: string, address: bigint): this {
    this.#symbols.set(name, address);
    return this;
  }

  /** The next CPU of the machine. */
  cpu(registers: RegisterValues): this {
    this.#registers.push(registers);
    return this;
  }

  bytes(address: bigint, bytes: Uint8Array | string): this {
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (const [index, byte] of data.entries()) {
      const at = BigInt.asUintN(64, address + BigInt(index));
      const number = at >> 12n;
      const page = this.#pages.get(number) ?? new Uint8Array(4096);
      this.#pages.set(number, page);
      page[Number(at & 0xfffn)] = byte;
    }
    return this;
  }

  word(address: bigint, value: bigint, bytes = 8): this {
    const data = new Uint8Array(bytes);
    for (let index = 0; index < bytes; index++) data[index] = Number((value >> BigInt(index * 8)) & 0xffn);
    return this.bytes(address, data);
  }

  /** A page is there no more. */
  drop(address: bigint): this {
    this.#pages.delete(address >> 12n);
    return this;
  }

  /** A structure with these members; the rest is zero. */
  put(type: string, address: bigint, values: Values = {}): this {
    this.bytes(address, new Uint8Array(this.types.sizeof(type) ?? 0));
    for (const [path, value] of Object.entries(values)) {
      const place = this.types.member(type, path);
      if (place === undefined) throw new RangeError(`no ${path} in ${type}`);
      const at = address + BigInt(place.offset);
      if (typeof value === 'string') this.bytes(at, value);
      else if (place.bits === undefined) this.word(at, BigInt(value), place.size ?? 8);
      else {
        const old = BigInt(this.#byte(at) ?? 0);
        this.word(at, old | (BigInt(value) << BigInt(place.bits.first % 8)), 1);
      }
    }
    return this;
  }

  /** The address of a member. */
  at(type: string, path: string, address: bigint): bigint {
    return address + BigInt(this.types.member(type, path)?.offset ?? 0);
  }

  get kernel(): Kernel {
    const symbols: KernelSymbols = {
      address: (name) => this.#symbols.get(name),
      addresses: (name) => [this.#symbols.get(name)].filter((each) => each !== undefined),
      ...{ at: () => undefined, isText: () => false, place: () => undefined, addressOf: () => undefined },
      ...{ addModule: () => {}, modules: [] },
      get vmlinux(): never {
        throw new Error('there is none');
      },
    };
    return {
      ...{ machine: this.#machine(), architecture: this.#architecture, identity: {}, symbols, types: this.types },
      place: { slide: 0n, physicalBase: 0n, pageTable: 0n, how: 'made' },
      memory: this.#memory(),
    };
  }

  #byte(address: bigint): number | undefined {
    return this.#pages.get(BigInt.asUintN(64, address) >> 12n)?.[Number(address & 0xfffn)];
  }

  #read(address: bigint, length: number): Uint8Array | undefined {
    if (length < 0 || length > 1_048_576) return undefined;
    const bytes = new Uint8Array(length);
    for (let index = 0; index < length; index++) {
      const byte = this.#byte(address + BigInt(index));
      if (byte === undefined) return undefined;
      bytes[index] = byte;
    }
    return bytes;
  }

  #memory(): KernelMemory {
    const number = (address: bigint, length: number): bigint | undefined =>
      this.#read(address, length)?.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
    const small = (address: bigint, length: number): number | undefined => {
      const value = number(address, length);
      return value === undefined ? undefined : Number(value);
    };
    return {
      read: async (address, length) => this.#read(address, length),
      u8: async (address) => small(address, 1),
      u16: async (address) => small(address, 2),
      u32: async (address) => small(address, 4),
      u64: async (address) => number(address, 8),
      text: async (address, most) => {
        let text = '';
        for (let index = 0; index < most; index++) {
          const byte = this.#byte(address + BigInt(index));
          if (byte === undefined) return undefined;
          if (byte === 0) break;
          text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
        }
        return text;
      },
      translate: async (address) => ({
        ...{ address, steps: [] },
        ...(this.#byte(address) !== undefined && { physical: address & 0xffff_ffffn }),
      }),
      isKernelAddress: (address) => address >= 0xffff_8000_0000_0000n && address < 1n << 64n,
      forget: () => {},
    };
  }

  #machine(): Machine {
    const registers = this.#registers;
    return {
      ...{ name: 'made', architecture: this.#architecture, wasRunning: true, stoppedMilliseconds: 0 },
      cpus: registers.map((_, id) => ({ id, thread: `${id + 1}` })),
      ...{ canReadPhysical: false, memory: undefined },
      registers: async (cpu) => registers[cpu] ?? {},
      readPhysical: async () => undefined,
      readVirtual: async () => undefined,
      info: async () => undefined,
      stop: async () => {},
      resume: async () => {},
      close: async () => {},
    };
  }
}
