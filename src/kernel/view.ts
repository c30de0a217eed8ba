import { bitFieldValue } from '../btf/bit-field.ts';
import type { Btf, BtfTypeName } from '../btf/btf.ts';
import type { MemberPlace } from '../btf/member-path.ts';
import type { BtfTypeId } from '../btf/type.ts';
import type { KernelMemory } from './memory.ts';

/** What is needed of a kernel to read its structures. */
export interface TypedMemory {
  readonly memory: KernelMemory;
  readonly types: Btf;
}

/** Structures that are read whole are smaller. */
const mostBytes = 1_048_576;

/** Where a member is; of several structures of a name in the first that has it. */
export function memberPlace(types: Btf, type: BtfTypeName, path: string): MemberPlace | undefined {
  return types.member(type, path);
}

/**
 * A structure as it was in memory when it was read. Members are named by paths, `se.vruntime`, `mem[0].base`; where a
 * member was renamed from one version of the kernel to the next, several paths are given, and the first that the structure
 * has counts. What it does not have, or what was not read, is undefined.
 */
export class View {
  readonly types: Btf;
  readonly type: BtfTypeName;
  /** Where the structure begins. */
  readonly address: bigint;
  readonly #bytes: Uint8Array;
  /** Offset in the structure of the first byte that was read. */
  readonly #from: number;

  constructor(types: Btf, type: BtfTypeName, address: bigint, bytes: Uint8Array, from = 0) {
    this.types = types;
    this.type = type;
    this.address = address;
    this.#bytes = bytes;
    this.#from = from;
  }

  /** Where the first member of these is that the structure has. */
  place(...paths: readonly string[]): MemberPlace | undefined {
    for (const path of paths) {
      const place = memberPlace(this.types, this.type, path);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  has(path: string): boolean {
    return this.place(path) !== undefined;
  }

  /** The address of a member. */
  at(...paths: readonly string[]): bigint | undefined {
    const place = this.place(...paths);
    return place === undefined ? undefined : this.address + BigInt(place.offset);
  }

  /** An integer of up to 8 bytes, a pointer, an enumerator or a bit field, without sign. */
  big(...paths: readonly string[]): bigint | undefined {
    const place = this.place(...paths);
    if (place === undefined) return undefined;
    const { bits } = place;
    if (bits !== undefined) {
      const first = bits.first - place.offset * 8;
      const bytes = this.#slice(place.offset, Math.ceil((first + bits.count) / 8));
      return bytes === undefined ? undefined : bitFieldValue(bytes, first, bits.count, true);
    }
    const { size = 0 } = place;
    const start = place.offset - this.#from;
    if (size < 1 || size > 8 || start < 0 || start + size > this.#bytes.length) return undefined;
    return unsigned(this.#bytes, start, size);
  }

  /** As `big`; undefined above 2^53. */
  number(...paths: readonly string[]): number | undefined {
    const value = this.big(...paths);
    return value === undefined || value > BigInt(Number.MAX_SAFE_INTEGER) ? undefined : Number(value);
  }

  /** An integer with a sign: `int`, `long`. */
  signed(...paths: readonly string[]): bigint | undefined {
    const place = this.place(...paths);
    const value = this.big(...paths);
    const bits = place?.bits?.count ?? (place?.size ?? 0) * 8;
    return value === undefined ? undefined : BigInt.asIntN(bits, value);
  }

  /** A pointer that is not NULL. */
  pointer(...paths: readonly string[]): bigint | undefined {
    const value = this.big(...paths);
    return value === 0n ? undefined : value;
  }

  /** An array of characters up to its NUL; a character per byte. */
  text(...paths: readonly string[]): string | undefined {
    const bytes = this.bytes(...paths);
    if (bytes === undefined) return undefined;
    const end = bytes.indexOf(0);
    return Buffer.from(end < 0 ? bytes : bytes.subarray(0, end)).toString('latin1');
  }

  bytes(...paths: readonly string[]): Uint8Array | undefined {
    const place = this.place(...paths);
    return place?.size === undefined ? undefined : this.#slice(place.offset, place.size);
  }

  /** A structure in this one, or an element of an array of them. */
  view(...paths: readonly string[]): View | undefined {
    const place = this.place(...paths);
    const bytes = place?.size === undefined ? undefined : this.#slice(place.offset, place.size);
    if (place === undefined || bytes === undefined) return undefined;
    return new View(this.types, place.type, this.address + BigInt(place.offset), bytes);
  }

  /** Elements of an array, at most `most`. */
  views(path: string, most: number): View[] {
    const found: View[] = [];
    for (let index = 0; index < Math.min(most, this.elements(path)); index++) {
      const view = this.view(`${path}[${index}]`);
      if (view !== undefined) found.push(view);
    }
    return found;
  }

  /** How many elements an array has; 0 of one without a size. */
  elements(path: string): number {
    const place = this.place(path);
    const plain = place === undefined ? undefined : this.types.plain(place.type);
    const type = plain === undefined ? undefined : this.types.type(plain);
    return type?.kind === 'array' ? type.count : 0;
  }

  #slice(offset: number, length: number): Uint8Array | undefined {
    const start = offset - this.#from;
    return start < 0 || start + length > this.#bytes.length ? undefined : this.#bytes.subarray(start, start + length);
  }
}

/** A little-endian number of up to 8 bytes; two halves take fewer steps than its bytes. */
function unsigned(bytes: Uint8Array, from: number, length: number): bigint {
  const low = half(bytes, from, Math.min(length, 4));
  const high = length > 4 ? half(bytes, from + 4, length - 4) : 0;
  return high === 0 ? BigInt(low) : (BigInt(high) << 32n) | BigInt(low);
}

/** One of up to 4 bytes. */
function half(bytes: Uint8Array, from: number, length: number): number {
  let number = 0;
  for (let at = from + length - 1; at >= from; at--) number = number * 256 + (bytes[at] ?? 0);
  return number;
}

/** Reads a structure whole; undefined if its layout is not known, it is larger than 1 MiB, or it is not there. */
export async function readView(
  { memory, types }: TypedMemory,
  type: BtfTypeName,
  address: bigint,
): Promise<View | undefined> {
  const size = types.sizeof(type);
  if (size === undefined || size === 0 || size > mostBytes) return undefined;
  const bytes = await memory.read(address, size);
  return bytes === undefined ? undefined : new View(types, type, address, bytes);
}

/** The part of a structure that certain members are in. */
export interface MemberSpan {
  readonly type: BtfTypeName;
  readonly from: number;
  readonly bytes: number;
}

/** From the first to the last of these members, of which a structure needs not have all. */
export function spanOf(types: Btf, type: BtfTypeName, paths: readonly string[]): MemberSpan | undefined {
  let from = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const path of paths) {
    const place = memberPlace(types, type, path);
    if (place === undefined) continue;
    const { bits } = place;
    const bytes = bits === undefined ? (place.size ?? 0) : Math.ceil((bits.first + bits.count) / 8) - place.offset;
    from = Math.min(from, place.offset);
    end = Math.max(end, place.offset + bytes);
  }
  return end <= from || end - from > mostBytes ? undefined : { type, from, bytes: end - from };
}

/** Reads a part of a structure; what is outside of it is undefined then. */
export async function readSpan(
  { memory, types }: TypedMemory,
  { type, from, bytes }: MemberSpan,
  address: bigint,
): Promise<View | undefined> {
  const contents = await memory.read(address + BigInt(from), bytes);
  return contents === undefined ? undefined : new View(types, type, address, contents, from);
}

/** A pointer's target of BTF; undefined of what is no pointer. */
export function pointedAt(types: Btf, type: BtfTypeId): BtfTypeId | undefined {
  const plain = types.plain(type);
  const found = plain === undefined ? undefined : types.type(plain);
  return found?.kind === 'pointer' ? found.target : undefined;
}
