import type { Kernel } from '../kernel/kernel.ts';
import type { StackRange } from '../kernel/stacks.ts';
import { Arm64Unwinder } from './arm64.ts';
import { CallFrames } from './call-frames.ts';
import { rememberControl } from './code-address.ts';
import { describeEntry } from './entry.ts';
import { withEntryValues } from './entry-values.ts';
import type { KnownRegisters, RawFrame, RawStack } from './frame.ts';
import { guessCaller } from './guess.ts';
import { OrcTables } from './orc-tables.ts';
import { StackMemory } from './stack-memory.ts';
import type { Unwinder, UnwindState, UnwindStep } from './state.ts';
import { X86Unwinder } from './x86.ts';

/** Frames that are kept by default. */
const usualMost = 1024;
/** Frames of all stacks of a CPU together; each takes two words at least, so there is an end before. */
const mostSteps = 65_536;
/** Guesses in a stack: where more are needed nothing is right. */
const mostGuesses = 16;
/** Stacks that one frame may be about. */
const mostLoads = 4;

/** A stack to be unwound. */
export interface UnwindRequest {
  /** What a CPU has in its registers; `SP_EL0` and the like are used where they are there. */
  readonly registers?: KnownRegisters;
  /** What a sleeping task had when it was switched away from (`Task.saved`), instead. */
  readonly saved?: KnownRegisters;
  /** Of its CPU and its task. */
  readonly stacks: readonly StackRange[];
  /** Frames that are kept at most, 2 and up; of more the middle is left out. 1024 by default. */
  readonly most?: number;
  /**
   * Whether call frame information is used for the registers of callers, and variables for what handlers were given.
   * Takes debug information; by default it is done for CPUs.
   */
  readonly precise?: boolean;
}

/** What is read once of a kernel. */
interface KernelParts {
  readonly orc: Promise<OrcTables | undefined>;
  readonly frames: CallFrames;
}

const parts = new WeakMap<Kernel, KernelParts>();

function partsOf(kernel: Kernel): KernelParts {
  let known = parts.get(kernel);
  if (known === undefined) {
    // Damaged tables are as good as none.
    const orc = OrcTables.open(kernel).catch(() => undefined);
    known = { orc, frames: new CallFrames(kernel) };
    parts.set(kernel, known);
  }
  return known;
}

/**
 * Unwinds a stack, from one stack to the next as the kernel went through them. Never throws for what is not there: then
 * the stack ends, and says why. The used part of each stack is read at once.
 */
export async function unwind(kernel: Kernel, request: UnwindRequest): Promise<RawStack> {
  const { registers, saved, stacks, most = usualMost, precise = registers !== undefined } = request;
  const known = partsOf(kernel);
  const from = registers?.rsp ?? registers?.sp;
  const memory = new StackMemory(kernel.memory, [...stacks, ...unknownStack(kernel, stacks, from)]);
  const unwinder = makeUnwinder(kernel, memory, known, await known.orc, registers);
  const first = registers ?? saved ?? {};
  const sp = unwinder.stackPointer(first);
  const number = (address: bigint, size: number): bigint | undefined => memory.number(address, size);
  if (registers !== undefined && unwinder.isUser(registers)) {
    const state = unwinder.start(registers);
    const frames = state === undefined ? [] : [userFrame(state)];
    return { frames, memory: number };
  }
  if (sp !== undefined) await memory.load(sp);
  const state = registers === undefined ? unwinder.resume(first) : unwinder.start(registers);
  if (state === undefined) {
    const why = sp === undefined ? 'the stack pointer is not known' : 'where the task sleeps is not on its stack';
    return { frames: [], endsBecause: why, memory: number };
  }
  const { frames, endsBecause } = await new Walk(kernel, memory, unwinder, precise).run(state);
  const full = precise ? await withEntryValues(kernel, memory, known.frames, frames, registers) : frames;
  return { ...shortened(full, Math.max(2, most)), ...(endsBecause !== undefined && { endsBecause }), memory: number };
}

/** Stacks of tasks are aligned to their size; others are so to less, but then the page behind is missing. */
const usualStack = 0x4000n;

/** Where a CPU is on none of the stacks that are known, as in early boot or in firmware: what it may be. */
function unknownStack({ memory }: Kernel, known: readonly StackRange[], sp: bigint | undefined): StackRange[] {
  if (sp === undefined || !memory.isKernelAddress(sp)) return [];
  if (new StackMemory(memory, known).rangeNear(sp) !== undefined) return [];
  const start = sp & ~(usualStack - 1n);
  return [{ name: 'unknown', start, end: start + usualStack }];
}

function makeUnwinder(
  kernel: Kernel,
  memory: StackMemory,
  known: KernelParts,
  orc: OrcTables | undefined,
  registers: KnownRegisters | undefined,
): Unwinder {
  switch (kernel.architecture) {
    case 'x86_64':
      return new X86Unwinder(kernel, memory, orc, known.frames);
    case 'arm64': {
      // That of any CPU holds for all.
      if (registers?.TCR_EL1 !== undefined) rememberControl(kernel, registers.TCR_EL1);
      return new Arm64Unwinder(kernel, memory, known.frames);
    }
  }
}

function userFrame({ pc, sp, registers }: UnwindState): RawFrame {
  return { pc, isReturn: false, sp, stack: 'user', reliable: true, registers };
}

/** The first and last frames of a stack with too many. */
function shortened(frames: readonly RawFrame[], most: number): Pick<RawStack, 'frames' | 'omitted'> {
  if (frames.length <= most) return { frames };
  const after = Math.ceil(most / 2);
  const omitted = { after, frames: frames.length - most };
  return { frames: [...frames.slice(0, after), ...frames.slice(frames.length - (most - after))], omitted };
}

class Walk {
  readonly #kernel: Kernel;
  readonly #memory: StackMemory;
  readonly #unwinder: Unwinder;
  readonly #precise: boolean;
  readonly #frames: RawFrame[] = [];
  /** Stacks that were left: the kernel never comes back to one. */
  readonly #left = new Set<StackRange>();
  #guesses = 0;
  /** False behind a guess, until registers that were saved tell again. */
  #reliable = true;

  constructor(kernel: Kernel, memory: StackMemory, unwinder: Unwinder, precise: boolean) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#unwinder = unwinder;
    this.#precise = precise;
  }

  async run(first: UnwindState): Promise<Pick<RawStack, 'frames' | 'endsBecause'>> {
    const endsBecause = await this.#run(first);
    return { frames: this.#frames, ...(endsBecause !== undefined && { endsBecause }) };
  }

  /** Why it ends too early. */
  async #run(first: UnwindState): Promise<string | undefined> {
    let state = first;
    let range = this.#memory.rangeNear(state.sp);
    for (let steps = 0; steps < mostSteps; steps++) {
      await this.#unwinder.prepare(state, this.#precise);
      const step = await this.#step(state);
      const entry =
        step.kind === 'entry' ? describeEntry(this.#kernel, this.#memory, state, step, this.#frames) : undefined;
      const { pc, isReturn, sp, registers } = state;
      const stack = range?.name ?? 'unknown';
      this.#frames.push({ pc, isReturn, sp, stack, reliable: this.#reliable, registers, ...(entry && { entry }) });
      if (step.kind === 'start') return undefined;
      if (step.kind === 'entry' && step.isUser) {
        this.#frames.push(userFrame(step.state));
        return undefined;
      }
      const next = await this.#next(state, range, step);
      if (typeof next === 'string') return next;
      state = next.state;
      range = next.range;
    }
    return 'it has too many frames';
  }

  /** What is below a frame; what it needs of other stacks is read. */
  async #step(state: UnwindState): Promise<UnwindStep> {
    let step = this.#unwinder.step(state);
    for (let nth = 0; nth < mostLoads && (await this.#memory.loadMissed()); nth++) step = this.#unwinder.step(state);
    return step;
  }

  /** Where it goes on, or why it does not. */
  async #next(
    state: UnwindState,
    range: StackRange | undefined,
    step: Exclude<UnwindStep, { kind: 'start' }>,
  ): Promise<{ readonly state: UnwindState; readonly range: StackRange | undefined } | string> {
    let why = step.kind === 'lost' ? step.why : undefined;
    if (step.kind !== 'lost') {
      const isEntry = step.kind === 'entry';
      const next = isEntry ? this.#memory.rangeNear(step.state.sp) : this.#rangeOf(step.state.sp, range);
      why = this.#whyNot(state, range, step.state, next, isEntry);
      if (why === undefined) {
        if (next !== range && range !== undefined) this.#left.add(range);
        if (next !== range) await this.#memory.load(step.state.sp);
        if (step.kind === 'entry') this.#reliable = true;
        else if (step.isGuess) this.#reliable = false;
        return { state: step.state, range: next };
      }
    }
    if (++this.#guesses > mostGuesses) return why ?? 'nothing is certain';
    const guess = await this.#guess(state, range);
    if (guess === undefined) return why ?? 'nothing is certain';
    this.#reliable = false;
    return guess;
  }

  /**
   * The stack of a frame: where the last function of one has returned, and right below one that was used up, it is still
   * that one.
   */
  #rangeOf(sp: bigint, current: StackRange | undefined): StackRange | undefined {
    const found = this.#memory.rangeAt(sp);
    if (found !== undefined || current === undefined) return found;
    return sp === current.end || this.#memory.rangeNear(sp) === current ? current : undefined;
  }

  /** Stacks grow down, so callers are above, or on another stack that was not there yet. */
  #whyNot(
    { sp, registers }: UnwindState,
    range: StackRange | undefined,
    next: UnwindState,
    to: StackRange | undefined,
    isEntry: boolean,
  ): string | undefined {
    // Whatever was interrupted is a frame, even if its stack is not known.
    if (to === undefined) return isEntry ? undefined : 'the stack pointer leaves the known stacks';
    if (to !== range) return this.#left.has(to) ? 'it comes back to a stack that it left' : undefined;
    if (next.sp > sp || isEntry) return isEntry && next.sp <= sp ? 'it does not lead on' : undefined;
    // Of arm64 a function without a frame of its own has its caller's; the first one only.
    const isSame = next.sp === sp && this.#frames.at(-1)?.isReturn === false;
    return isSame && registers !== next.registers ? undefined : 'it does not lead on';
  }

  async #guess(
    state: UnwindState,
    range: StackRange | undefined,
  ): Promise<{ readonly state: UnwindState; readonly range: StackRange | undefined } | undefined> {
    if (range === undefined) return undefined;
    const found = await guessCaller(this.#kernel, this.#memory, this.#unwinder, state.sp);
    if (found !== undefined) return { state: found, range };
    // The last word of an x86 IRQ stack is where the stack below was left (asm/irq_stack.h).
    if (range.name !== 'IRQ' || this.#kernel.architecture !== 'x86_64') return undefined;
    const below = this.#memory.word(range.end - 8n);
    const next = below === undefined ? undefined : this.#memory.rangeAt(below);
    if (below === undefined || next === undefined || next === range || this.#left.has(next)) return undefined;
    await this.#memory.load(below);
    this.#left.add(range);
    const caller = await guessCaller(this.#kernel, this.#memory, this.#unwinder, below);
    return caller && { state: caller, range: next };
  }
}
