import type { KnownRegisters } from './frame.ts';

/** Where unwinding is. */
export interface UnwindState {
  readonly pc: bigint;
  readonly isReturn: boolean;
  readonly sp: bigint;
  readonly registers: KnownRegisters;
}

/** What is below a frame. */
export type UnwindStep =
  /** The function that called. `isGuess` if nothing certain led there. */
  | { readonly kind: 'caller'; readonly state: UnwindState; readonly isGuess?: true }
  /** Code that was interrupted, or called the kernel. */
  | {
      readonly kind: 'entry';
      readonly ptRegs: bigint;
      readonly state: UnwindState;
      readonly isUser: boolean;
      /** Not all of the `pt_regs` was saved yet. */
      readonly isPartial: boolean;
    }
  /** Nothing: this is where the stack begins. */
  | { readonly kind: 'start' }
  /** It cannot be told. */
  | { readonly kind: 'lost'; readonly why: string };

/** How stacks of an architecture are unwound. */
export interface Unwinder {
  /** Where a CPU is, by its registers; undefined if they do not tell. */
  start(registers: KnownRegisters): UnwindState | undefined;
  /** Where a sleeping task is, by what `Task.saved` has. The stack has to be loaded. */
  resume(saved: KnownRegisters): UnwindState | undefined;
  /** The stack pointer of either. */
  stackPointer(registers: KnownRegisters): bigint | undefined;
  isUser(registers: KnownRegisters): boolean;
  /** Reads what `step` needs to know besides the stack. */
  prepare(state: UnwindState, precise: boolean): Promise<void>;
  step(state: UnwindState): UnwindStep;
}
