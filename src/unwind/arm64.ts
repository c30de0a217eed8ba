import { isArm64Entry } from '../arch/arm64-entries.ts';
import { dwarfRegisters } from '../arch/dwarf-registers.ts';
import type { CallFrame } from '../dwarf/call-frame-table.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type CallFrames, callerRegisters, frameAddress, keepsRegisters, preservedRegisters } from './call-frames.ts';
import { codeAddress } from './code-address.ts';
import { type KernelFacts, kernelFacts } from './facts.ts';
import type { KnownRegisters } from './frame.ts';
import { savedRegisters } from './saved-registers.ts';
import type { StackMemory } from './stack-memory.ts';
import type { Unwinder, UnwindState, UnwindStep } from './state.ts';

const numbering = dwarfRegisters('arm64');
const framePointer = 29;
const linkRegister = 30;

/** FRAME_META_TYPE_* of arch/arm64/include/asm/stacktrace/frame.h (6.14). */
const metaFinal = 1n;

/**
 * Follows frame records as arch/arm64/kernel/stacktrace.c does, and call frames where they know more: in functions that
 * have none yet, and for the registers of callers.
 */
export class Arm64Unwinder implements Unwinder {
  readonly #kernel: Kernel;
  readonly #memory: StackMemory;
  readonly #frames: CallFrames;
  readonly #facts: KernelFacts;
  #precise = false;

  constructor(kernel: Kernel, memory: StackMemory, frames: CallFrames) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#frames = frames;
    this.#facts = kernelFacts(kernel);
  }

  stackPointer(registers: KnownRegisters): bigint | undefined {
    return registers.sp;
  }

  /** EL0, of 64 or 32 bits. */
  isUser(registers: KnownRegisters): boolean {
    const state = registers.pstate ?? registers.cpsr;
    return state !== undefined && (state & 0xfn) === 0n;
  }

  start(registers: KnownRegisters): UnwindState | undefined {
    const { pc, sp } = registers;
    return pc === undefined || sp === undefined ? undefined : { pc, isReturn: false, sp, registers };
  }

  /** `cpu_context`, as `cpu_switch_to` saved it; new tasks begin at `ret_from_fork`. */
  resume(saved: KnownRegisters): UnwindState | undefined {
    const { pc, sp } = saved;
    if (pc === undefined || sp === undefined) return undefined;
    const plain = codeAddress(this.#kernel, pc);
    return { pc: plain, isReturn: !this.#facts.firstCode.has(plain), sp, registers: { ...saved, pc: plain } };
  }

  async prepare(state: UnwindState, precise: boolean): Promise<void> {
    this.#precise = precise;
    if (precise || !state.isReturn) await this.#frames.prepare(inside(state));
  }

  /** Also init code, which was freed: what boots stays in it for ever (`start_kernel()`). */
  #isCode(address: bigint): boolean {
    const [from, to] = this.#facts.initCode;
    return this.#kernel.symbols.isText(address) || (address >= from && address < to);
  }

  step(state: UnwindState): UnwindStep {
    const { pc, isReturn, registers } = state;
    if (this.#facts.firstCode.has(pc) && !isReturn) return { kind: 'start' };
    const name = this.#kernel.symbols.at(inside(state))?.name ?? '';
    const arrived = isReturn || name !== 'vectors' ? undefined : this.#arrived(state);
    if (arrived !== undefined) return arrived;
    if (isArm64Entry(name)) {
      const entry = this.#entry(state);
      if (entry !== undefined) return entry;
    }
    if (!isReturn) {
      const innermost = this.#innermost(state);
      if (innermost !== undefined) return innermost;
    }
    const at = registers.x29;
    if (at === undefined) return { kind: 'lost', why: 'the frame pointer is not known' };
    return this.#byRecord(state, at);
  }

  /** At a vector nothing is saved yet: the processor's own registers tell what was interrupted (`kernel_ventry`). */
  #arrived({ pc, sp, registers }: UnwindState): UnwindStep | undefined {
    const from = registers.ELR_EL1;
    if (from === undefined || !this.#isCode(from)) return undefined;
    // The first instruction makes room for pt_regs; vectors are 128 bytes apart.
    const room = (pc & 0x7fn) === 0n ? 0n : BigInt(this.#kernel.types.sizeof('struct pt_regs') ?? 0);
    const before = sp + room;
    return {
      kind: 'caller',
      state: { pc: from, isReturn: false, sp: before, registers: { ...registers, pc: from, sp: before } },
    };
  }

  /** The `pt_regs` around the record that the frame pointer is at, if it is one. */
  #entry({ registers }: UnwindState): UnwindStep | undefined {
    const at = registers.x29;
    if (at === undefined || this.#facts.record === undefined) return undefined;
    const ptRegs = BigInt.asUintN(64, at - this.#facts.record);
    const saved = savedRegisters(this.#kernel, this.#memory, ptRegs);
    if (saved === undefined) return undefined;
    const { pc, sp, x29 } = saved;
    if (pc === undefined || sp === undefined) return undefined;
    const isUser = this.isUser(saved);
    const next = this.#memory.word(at);
    const link = this.#memory.word(at + 8n);
    // Of user space it has no record, and neither from 6.14 on: then what is there is a frame_record_meta.
    const isEmpty = next === 0n && link === 0n;
    if (
      isUser || this.#facts.hasMeta
        ? !isEmpty
        : next !== x29 || codeAddress(this.#kernel, link ?? 0n) !== codeAddress(this.#kernel, pc)
    )
      return undefined;
    const plain = isUser ? pc : codeAddress(this.#kernel, pc);
    return {
      kind: 'entry',
      ptRegs,
      isUser,
      isPartial: false,
      state: { pc: plain, isReturn: false, sp, registers: { ...saved, pc: plain } },
    };
  }

  /** The caller of a function that was interrupted, which may have no frame record yet, or no longer, or never. */
  #innermost(state: UnwindState): UnwindStep | undefined {
    const { pc, registers } = state;
    const { symbols } = this.#kernel;
    const row = numbering && this.#frames.at(pc);
    if (row !== undefined && numbering !== undefined) {
      const base = frameAddress(row, numbering, registers);
      const rule = row.registers.get(linkRegister);
      const link =
        rule?.kind === 'offset'
          ? base && this.#memory.word(BigInt.asUintN(64, base + rule.offset))
          : (registers.x30 ?? registers.lr);
      const to = link === undefined ? undefined : codeAddress(this.#kernel, link);
      if (to === undefined || base === undefined || !this.#isCode(to)) return undefined;
      return this.#caller(state, to, base, row);
    }
    // Code without call frames: assembly, modules without a file, and what tracers use at the start of functions.
    const register = registers.x30 ?? registers.lr;
    const link = register === undefined ? undefined : codeAddress(this.#kernel, register);
    if (!symbols.isText(pc)) {
      if (link === undefined || !this.#isCode(link)) return { kind: 'lost', why: 'the program counter is in no code' };
      const step = this.#linked(state, link);
      return pc === 0n ? step : { ...step, isGuess: true };
    }
    if (link === undefined || !this.#isCode(link) || isArm64Entry(symbols.at(pc)?.name ?? '')) return undefined;
    // Where the function has saved it, its frame record has it as well, and leads on.
    const saved = registers.x29 === undefined ? undefined : this.#memory.word(registers.x29 + 8n);
    if (saved !== undefined && codeAddress(this.#kernel, saved) === link) return undefined;
    // What it called itself returns into it; any other function can only be the one that called it.
    const own = symbols.at(pc)?.start;
    return own === undefined || symbols.at(link - 4n)?.start === own ? undefined : this.#linked(state, link);
  }

  /** The caller by the link register alone: nothing was pushed. */
  #linked(state: UnwindState, pc: bigint): Extract<UnwindStep, { kind: 'caller' }> {
    const registers: Record<string, bigint> = { ...preservedRegisters('arm64', state.registers), pc, sp: state.sp };
    return { kind: 'caller', state: { pc, isReturn: true, sp: state.sp, registers } };
  }

  #byRecord(state: UnwindState, at: bigint): UnwindStep {
    if (at === 0n) return { kind: 'start' };
    const next = this.#memory.word(at);
    const link = this.#memory.word(at + 8n);
    if (next === undefined || link === undefined) return { kind: 'lost', why: 'the frame record cannot be read' };
    if (next === 0n && link === 0n) return this.#emptyRecord(state, at);
    const pc = codeAddress(this.#kernel, link);
    if (!this.#isCode(pc)) return { kind: 'lost', why: 'the frame record has no return address' };
    const row = this.#precise ? this.#frames.at(inside(state)) : undefined;
    const rule = row?.registers.get(framePointer);
    if (row !== undefined && rule?.kind === 'offset') {
      // The frame pointer is where the two registers were saved, whatever the stack pointer is.
      const base = BigInt.asUintN(64, at - rule.offset);
      const saved = row.registers.get(linkRegister);
      if (base > at && saved?.kind === 'offset' && saved.offset === rule.offset + 8n)
        return this.#caller(state, pc, base, row);
    }
    const kept = keepsRegisters.has(this.#kernel.symbols.at(inside(state))?.name ?? '');
    const saved = kept ? preservedRegisters('arm64', state.registers) : {};
    const registers: Record<string, bigint> = { ...saved, pc, sp: at + 16n, x29: next };
    return { kind: 'caller', state: { pc, isReturn: true, sp: at + 16n, registers } };
  }

  #emptyRecord(state: UnwindState, at: bigint): UnwindStep {
    if (!this.#facts.hasMeta) return { kind: 'start' };
    const type = this.#memory.word(at + 16n);
    if (type === metaFinal) return { kind: 'start' };
    return this.#entry(state) ?? { kind: 'lost', why: 'the saved registers cannot be read' };
  }

  #caller(state: UnwindState, pc: bigint, base: bigint, row: CallFrame): UnwindStep {
    const registers = numbering
      ? callerRegisters(row, numbering, state.registers, base, (address) => this.#memory.word(address))
      : {};
    registers.pc = pc;
    registers.sp = base;
    return { kind: 'caller', state: { pc, isReturn: true, sp: base, registers } };
  }
}

/** An address within the instruction that a frame is at. */
function inside({ pc, isReturn }: UnwindState): bigint {
  return isReturn ? pc - 4n : pc;
}
