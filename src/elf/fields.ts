import { signedAddress, wordRange } from './address.ts';
import type { ElfLayout } from './constants.ts';

/** Numbers in a piece of a file. Reading beyond its end is an error of the caller, who has looked at its length. */
export class Fields {
  readonly length: number;
  readonly #view: DataView;
  readonly #little: boolean;
  readonly #is64: boolean;

  constructor(bytes: Uint8Array, layout: ElfLayout) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = layout.littleEndian;
    this.#is64 = layout.is64;
    this.length = bytes.length;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.#little);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.#little);
  }

  /** Unsigned; not exact from 2^53 on, which is beyond every file. */
  u64(at: number): number {
    const [high, low] = this.#halves(at);
    return high * wordRange + low;
  }

  /** `Elf32_Word` or `Elf64_Xword`, unsigned: sizes, file offsets, flags. */
  word(at: number): number {
    return this.#is64 ? this.u64(at) : this.u32(at);
  }

  /** `Elf32_Addr` or `Elf64_Addr`, as `address.ts` has them. */
  address(at: number): number {
    if (!this.#is64) return this.u32(at);
    const [high, low] = this.#halves(at);
    return signedAddress(high, low);
  }

  #halves(at: number): [high: number, low: number] {
    const first = this.u32(at);
    const second = this.u32(at + 4);
    return this.#little ? [second, first] : [first, second];
  }
}
