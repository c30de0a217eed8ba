import { dwarfRegisters } from '../arch/dwarf-registers.ts';
import type { CallFrame } from '../dwarf/call-frame-table.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { View } from '../kernel/view.ts';
import { type CallFrames, callerRegisters, frameAddress, keepsRegisters, preservedRegisters } from './call-frames.ts';
import { type KernelFacts, kernelFacts, ptRegsOffset } from './facts.ts';
import type { KnownRegisters } from './frame.ts';
import type { OrcBase, OrcEntry } from './orc-format.ts';
import type { OrcTables } from './orc-tables.ts';
import { savedRegisters } from './saved-registers.ts';
import type { StackMemory } from './stack-memory.ts';
import type { Unwinder, UnwindState, UnwindStep } from './state.ts';

const numbering = dwarfRegisters('x86_64');

/** Registers whose value is where the frame ends, in the special cases of entry code and of realigned stacks. */
const orcRegisters: Readonly<Partial<Record<OrcBase, string>>> = {
  r10: 'r10',
  r13: 'r13',
  di: 'rdi',
  dx: 'rdx',
  ax: 'rax',
};

/** Return addresses that tracers put in place of the real ones; what lies below them is no help. */
const replaced: ReadonlySet<string> = new Set(['return_to_handler', 'arch_rethook_trampoline', 'kretprobe_trampoline']);

const mask = (value: bigint): bigint => BigInt.asUintN(64, value);

/** Unwinds as `unwind_next_frame()` of arch/x86/kernel/unwind_orc.c does, else with call frames, else frame pointers. */
export class X86Unwinder implements Unwinder {
  readonly #kernel: Kernel;
  readonly #memory: StackMemory;
  readonly #orc: OrcTables | undefined;
  readonly #frames: CallFrames;
  readonly #facts: KernelFacts;
  #precise = false;

  constructor(kernel: Kernel, memory: StackMemory, orc: OrcTables | undefined, frames: CallFrames) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#orc = orc;
    this.#frames = frames;
    this.#facts = kernelFacts(kernel);
  }

  stackPointer(registers: KnownRegisters): bigint | undefined {
    return registers.rsp;
  }

  isUser(registers: KnownRegisters): boolean {
    return ((registers.cs ?? 0n) & 3n) === 3n;
  }

  start(registers: KnownRegisters): UnwindState | undefined {
    const { rip, rsp } = registers;
    return rip === undefined || rsp === undefined ? undefined : { pc: rip, isReturn: false, sp: rsp, registers };
  }

  /** `struct inactive_task_frame`, as `__unwind_start()` reads it. */
  resume(saved: KnownRegisters): UnwindState | undefined {
    const { rsp } = saved;
    const size = this.#facts.inactiveFrame;
    const bytes = rsp === undefined || size === undefined ? undefined : this.#memory.bytes(rsp, size);
    if (rsp === undefined || size === undefined || bytes === undefined) return undefined;
    const view = new View(this.#kernel.types, 'inactive_task_frame', rsp, bytes);
    const pc = view.big('ret_addr');
    if (pc === undefined) return undefined;
    const sp = rsp + BigInt(size);
    const registers: Record<string, bigint> = { rip: pc, rsp: sp };
    for (const [register, member] of [
      ['rbx', 'bx'],
      ['rbp', 'bp'],
    ] as const)
      set(registers, register, view.big(member));
    for (const register of ['r12', 'r13', 'r14', 'r15']) set(registers, register, view.big(register));
    return { pc, isReturn: !this.#facts.firstCode.has(pc), sp, registers };
  }

  async prepare(state: UnwindState, precise: boolean): Promise<void> {
    this.#precise = precise;
    const at = inside(state);
    await this.#orc?.prepare(at);
    if (precise || this.#orc?.at(at) === undefined) await this.#frames.prepare(at);
  }

  step(state: UnwindState): UnwindStep {
    const { pc, isReturn } = state;
    const at = inside(state);
    const { symbols } = this.#kernel;
    if (!isReturn && !symbols.isText(pc)) return this.#badCall(state);
    if (isReturn && replaced.has(symbols.at(at)?.name ?? ''))
      return { kind: 'lost', why: 'a tracer replaced the return address' };
    const orc = this.#orc?.at(at);
    if (orc !== undefined) return this.#byOrc(state, orc);
    return this.#byCallFrame(state) ?? this.#byFramePointer(state);
  }

  /** A call of what is no code: only the return address was pushed (null_orc_entry). */
  #badCall(state: UnwindState): UnwindStep {
    const to = this.#memory.word(state.sp);
    if (to === undefined || !this.#kernel.symbols.isText(to))
      return { kind: 'lost', why: 'the instruction pointer is in no code' };
    const step = this.#caller(state, state.sp + 8n, to, state.registers.rbp, state.registers);
    return state.pc === 0n ? step : { ...step, isGuess: true };
  }

  #byOrc(state: UnwindState, orc: OrcEntry): UnwindStep {
    if (orc.type === 'end') return { kind: 'start' };
    if (orc.type === 'undefined') return { kind: 'lost', why: 'the kernel has no unwind information for this code' };
    const sp = this.#previousStackPointer(state, orc);
    if (sp === undefined) return { kind: 'lost', why: 'where the frame ends cannot be read' };
    if (orc.type !== 'call') return this.#entry(state, sp, orc.type === 'partial-registers');
    const to = this.#memory.word(sp - 8n);
    if (to === undefined) return { kind: 'lost', why: 'the return address cannot be read' };
    const bp = this.#previousFramePointer(state, orc, sp);
    const row = this.#precise ? this.#frames.at(inside(state)) : undefined;
    // Code that has nothing on its stack but its return address has saved no register, so it changed none.
    const isPlain = orc.spBase === 'sp' && orc.spOffset === 8;
    const name = row === undefined && !isPlain ? this.#kernel.symbols.at(inside(state))?.name : undefined;
    const kept = isPlain || keepsRegisters.has(name ?? '') ? state.registers : undefined;
    return this.#caller(state, sp, to, bp, row === undefined ? kept : undefined, row, orc.isSignal);
  }

  #previousStackPointer({ sp, registers }: UnwindState, { spBase, spOffset }: OrcEntry): bigint | undefined {
    const offset = BigInt(spOffset);
    switch (spBase) {
      case 'sp':
        return mask(sp + offset);
      case 'sp-indirect': {
        if (this.#facts.isOldIndirect) return this.#memory.word(mask(sp + offset));
        const found = this.#memory.word(sp);
        return found === undefined ? undefined : mask(found + offset);
      }
      case 'bp-indirect': {
        const bp = registers.rbp;
        return bp === undefined ? undefined : this.#memory.word(mask(bp + offset));
      }
      case 'bp': {
        const bp = registers.rbp;
        return bp === undefined ? undefined : mask(bp + offset);
      }
      default:
        return registers[orcRegisters[spBase] ?? ''];
    }
  }

  #previousFramePointer({ registers }: UnwindState, { bpBase, bpOffset }: OrcEntry, sp: bigint): bigint | undefined {
    const bp = registers.rbp;
    switch (bpBase) {
      case 'undefined':
        return bp;
      case 'previous-sp':
        return this.#memory.word(mask(sp + BigInt(bpOffset)));
      case 'bp':
        return bp === undefined ? undefined : this.#memory.word(mask(bp + BigInt(bpOffset)));
      default:
        return undefined;
    }
  }

  /**
   * @param sp the call frame address: what the stack pointer is after the return.
   * @param kept registers that the function left as they were, where no row of call frames tells.
   */
  #caller(
    { registers }: UnwindState,
    sp: bigint,
    pc: bigint,
    bp: bigint | undefined,
    kept: KnownRegisters | undefined,
    row?: CallFrame,
    isSignal = false,
  ): Extract<UnwindStep, { kind: 'caller' }> {
    let found: Record<string, bigint> = {};
    if (numbering !== undefined && row !== undefined)
      found = callerRegisters(row, numbering, registers, sp, (address) => this.#memory.word(address));
    else if (kept !== undefined) found = preservedRegisters('x86_64', kept);
    found.rip = pc;
    found.rsp = sp;
    delete found.rbp;
    set(found, 'rbp', bp);
    return { kind: 'caller', state: { pc, isReturn: !isSignal, sp, registers: found } };
  }

  /**
   * What lies below code of an entry.
   * @param at where the whole `pt_regs` is, or only its end that the processor pushed (`ip` and what follows).
   */
  #entry(state: UnwindState, at: bigint, isPartial: boolean): UnwindStep {
    const ip = ptRegsOffset(this.#kernel, 'ip') ?? 0n;
    const ptRegs = isPartial ? at - ip : at;
    const saved = isPartial ? this.#pushed(at) : savedRegisters(this.#kernel, this.#memory, ptRegs);
    if (saved === undefined) return { kind: 'lost', why: 'the saved registers cannot be read' };
    const registers = isPartial ? { ...state.registers, ...saved } : saved;
    const { rip, rsp } = saved;
    if (rip === undefined || rsp === undefined) return { kind: 'lost', why: 'the saved registers are not known' };
    const isUser = this.isUser(saved);
    return { kind: 'entry', ptRegs, isUser, isPartial, state: { pc: rip, isReturn: false, sp: rsp, registers } };
  }

  /** What the processor itself pushes; the lower 16 bits of selectors count. */
  #pushed(at: bigint): Record<string, bigint> | undefined {
    const [rip, cs, eflags, rsp, ss] = [0n, 8n, 16n, 24n, 32n].map((offset) => this.#memory.word(at + offset));
    if (rip === undefined || cs === undefined || eflags === undefined || rsp === undefined || ss === undefined)
      return undefined;
    return { rip, cs: cs & 0xffffn, eflags, rsp, ss: ss & 0xffffn };
  }

  #byCallFrame(state: UnwindState): UnwindStep | undefined {
    const row = this.#frames.at(inside(state));
    const base = row && numbering && frameAddress(row, numbering, state.registers);
    if (row === undefined || base === undefined || base <= state.sp) return undefined;
    const to = this.#memory.word(base - 8n);
    if (to === undefined || !this.#kernel.symbols.isText(to) || numbering === undefined) return undefined;
    const { rbp } = callerRegisters(row, numbering, state.registers, base, (address) => this.#memory.word(address));
    return this.#caller(state, base, to, rbp, undefined, row);
  }

  /** With CONFIG_UNWINDER_FRAME_POINTER; entries leave the address of their `pt_regs` there with its lowest bit set. */
  #byFramePointer(state: UnwindState): UnwindStep {
    const bp = state.registers.rbp;
    if (bp === undefined) return { kind: 'lost', why: 'no unwind information' };
    if ((bp & 1n) === 1n && this.#memory.rangeAt(bp - 1n) !== undefined) {
      const cs = this.#memory.word(mask(bp - 1n + (ptRegsOffset(this.#kernel, 'cs') ?? 0n)));
      // __KERNEL_CS and __USER_CS, __USER32_CS.
      if (cs !== undefined && [0x10n, 0x33n, 0x23n].includes(cs & 0xffffn)) return this.#entry(state, bp - 1n, false);
    }
    if (this.#facts.firstCode.has(state.pc)) return { kind: 'start' };
    const next = this.#memory.word(bp);
    const to = this.#memory.word(mask(bp + 8n));
    if (next === undefined || to === undefined || bp < state.sp) return { kind: 'lost', why: 'no unwind information' };
    if (to === 0n && next === 0n) return { kind: 'start' };
    if (!this.#kernel.symbols.isText(to)) return { kind: 'lost', why: 'no unwind information' };
    return this.#caller(state, bp + 16n, to, next, undefined);
  }
}

function set(into: Record<string, bigint>, name: string, value: bigint | undefined): void {
  if (value !== undefined) into[name] = value;
}

/** An address within the instruction that a frame is at: of calls before the return address. */
function inside({ pc, isReturn }: UnwindState): bigint {
  return isReturn ? pc - 1n : pc;
}
