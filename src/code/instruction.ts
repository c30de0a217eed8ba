import type { Access } from '../model/explanation.ts';

/** An operand in memory, before the registers are known. */
export interface DecodedMemory {
  readonly access: Access;
  /** Bytes; 0 where the instruction does not say (`lea`, cache maintenance). */
  readonly size: number;
  /** Full registers, by the names of the report's register set (`rax`, `rip`, `x0`, `sp`). */
  readonly base?: string;
  readonly index?: string;
  /** 1, 2, 4, 8; of arm64 the shift as a factor. */
  readonly scale: number;
  /** Of an index that is extended first: `uxtw`, `sxtw`. */
  readonly extend?: string;
  /** Signed. With `rip` as the base it counts from the end of the instruction, with `pc` from its beginning. */
  readonly displacement: bigint;
  readonly segment?: 'fs' | 'gs';
  /** Where the base is changed before or after the access (arm64 pre- and post-index, x86 string instructions). */
  readonly update?: 'before' | 'after';
}

/** Where the processor goes on. */
export type Flow =
  | 'next'
  | 'call'
  | 'call-indirect'
  | 'jump'
  | 'jump-indirect'
  | 'branch' // conditional
  | 'return'
  | 'trap' // ud2, brk, int3, undefined on purpose
  | 'stop'; // hlt, wfi: goes on after an interrupt

/** One machine instruction. */
export interface DecodedInstruction {
  /** Bytes; of those that are none, how far decoding goes on behind them. */
  readonly length: number;
  /** In the syntax of GNU tools; `(bad)` where it is no instruction. */
  readonly text: string;
  /** Without operands, prefixes and AT&T size suffixes. */
  readonly mnemonic: string;
  /** x86: with a `lock` prefix. */
  readonly locked?: boolean | undefined;
  readonly valid: boolean;
  readonly memory: readonly DecodedMemory[];
  /** Full registers, by the names of the report's register set; flags are left out. */
  readonly reads: readonly string[];
  readonly writes: readonly string[];
  readonly flow: Flow;
  /** Of direct calls, jumps and branches. */
  readonly target?: bigint;
  /** x86: it is `movb $0, memory`, with which spinlocks are given back; told without finding out anything else. */
  readonly clearsByte?: true;
  /**
   * What it does with values, for those that move one thing to another place; the rest has none.
   * `move`: `to` becomes `from`, of `bits` only the low ones, with zeros or (`signed`) the sign above. `load`: `to` is
   * read from memory[0]; of pairs (arm64 ldp) `to` from its first half, `second` from the other. `address`: `to` becomes
   * the address of memory[0] (lea, add of a constant). `constant`: `to` becomes `value`.
   */
  readonly effect?:
    | {
        readonly kind: 'move';
        readonly to: string;
        readonly from: string;
        readonly bits?: number;
        readonly signed?: true;
      }
    | { readonly kind: 'load'; readonly to: string; readonly second?: string; readonly signed?: true }
    | { readonly kind: 'address'; readonly to: string }
    | { readonly kind: 'constant'; readonly to: string; readonly value: bigint }
    | undefined;
}

/** Decodes instructions of one architecture. */
export interface Disassembler {
  readonly architecture: 'x86_64' | 'i386' | 'arm64';
  /** The longest instruction, in bytes. */
  readonly maxLength: number;
  /** The instruction at an offset of code that begins at `address`. Never throws; undefined at the end of the code. */
  decode(code: Uint8Array, offset: number, address: bigint): DecodedInstruction | undefined;
  /**
   * The first instructions of code, one behind the other, up to so many or to one that is none: where that is faster than
   * to decode each.
   */
  decodeAll?(code: Uint8Array, address: bigint, most: number): DecodedInstruction[];
  /** Only the length, where that is found much faster than by decoding; 0 at the end of the code. */
  lengthAt?(code: Uint8Array, offset: number): number;
}
