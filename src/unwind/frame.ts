import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import type { LiveEntry } from '../model/live.ts';

/** Registers by name, as `Machine.registers` has them, as far as they are known. */
export type KnownRegisters = Readonly<Record<string, bigint>>;

/** A frame of a stack as it was unwound, without names. */
export interface RawFrame {
  /** The instruction pointer, or where a call returns to. Without a pointer authentication code. */
  readonly pc: bigint;
  /** `pc` is where a call returns to, so the call is before it. */
  readonly isReturn: boolean;
  /** The stack pointer in this frame; of arm64 without call frame information where its frame record begins. */
  readonly sp: bigint;
  /**
   * The stack it is on: `task`, `IRQ`, `SOFTIRQ`, `NMI`, `#DF`, `#DB`, `#MC`, `ENTRY`, `overflow`; `user` of the last
   * frame, if the kernel was entered from user space, and `unknown`.
   */
  readonly stack: string;
  /** False where it is a guess. */
  readonly reliable: boolean;
  /** Registers as they are in this frame, as far as they are known: all of the innermost and at a `pt_regs`. */
  readonly registers: KnownRegisters;
  /**
   * This frame is in the code of an entry, and below it lies what it saved; the next frame is where it came from. The
   * interrupted frame has all registers.
   */
  readonly entry?: LiveEntry;
}

/**
 * A register of a frame by its DWARF number, as it was found when the stack was unwound. Not the stack pointer of arm64,
 * which may be only where the frame record lies: callees' call frame information tells it.
 */
export function registerOf(
  { registers }: Pick<RawFrame, 'registers'>,
  { names }: DwarfRegisters,
  number: number,
): bigint | undefined {
  const name = names[number] ?? '';
  return name === 'sp' ? undefined : registers[name];
}

/** A stack that was unwound. */
export interface RawStack {
  readonly frames: readonly RawFrame[];
  /** Why it ends where it does; missing where it ends as a stack should: at its start, or in user space. */
  readonly endsBecause?: string;
  /** Frames that were left out, of a stack with too many, and how many are kept before them. */
  readonly omitted?: { readonly after: number; readonly frames: number };
  /**
   * A number of 1, 2, 4 or 8 bytes of the stacks that were gone through; undefined elsewhere. Needs no more reading of
   * the machine.
   */
  readonly memory: (address: bigint, size: number) => bigint | undefined;
}
