import { type DwarfRegisters, dwarfRegisters } from '../arch/dwarf-registers.ts';
import type { VariableReader } from '../dwarf/variables.ts';
import { FrameVariables, type LocatedScope, type StackFrame } from '../dwarf/variables-frames.ts';
import { fromBigAddress } from '../elf/address.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type RawFrame, registerOf } from '../unwind/frame.ts';
import { insideOf } from './frames.ts';
import type { Thread } from './thread.ts';

/** Frames that follow each other without any left out: an entry from an exception, or a file that is missing, ends them. */
interface Run {
  readonly first: number;
  readonly variables: FrameVariables;
}

/** The variables of a thread's frames, as far as debug information, registers and what was read of the stack give them. */
export class ThreadVariables {
  readonly #runs: readonly (Run | undefined)[];

  private constructor(runs: readonly (Run | undefined)[]) {
    this.#runs = runs;
  }

  static async of(kernel: Kernel, thread: Thread): Promise<ThreadVariables> {
    const registers = dwarfRegisters(kernel.architecture);
    const { frames } = thread.raw;
    const runs: (Run | undefined)[] = frames.map(() => undefined);
    if (registers === undefined) return new ThreadVariables(runs);
    let first = 0;
    while (first < frames.length) {
      const run = await framesFrom(kernel, registers, frames, first);
      const start = frames[first];
      if (run.length > 0 && start !== undefined) {
        const machine = {
          register: (number: number) => start.registers[registers.names[number] ?? ''],
          memory: (address: bigint, size: number) => thread.raw.memory?.(address, size),
        };
        const variables = new FrameVariables(run, machine, registers);
        for (let nth = first; nth < first + run.length; nth++) runs[nth] = { first, variables };
      }
      first += Math.max(run.length, 1);
    }
    return new ThreadVariables(runs);
  }

  /** The functions of a frame, innermost first, with the values of all that they have in scope. */
  scopes(nth: number): readonly LocatedScope[] {
    const run = this.#runs[nth];
    return run === undefined ? [] : run.variables.scopes(nth - run.first);
  }

  /** The same with only the variables of these names, each function when it is asked for. */
  *named(nth: number, names: readonly string[]): Generator<LocatedScope> {
    const run = this.#runs[nth];
    for (const scope of run?.variables.functions(nth - run.first) ?? [])
      yield { scope, variables: run?.variables.located(nth - run.first, scope, { names }) ?? [] };
  }

  /** What reads the types of the unit that a frame's code is of. */
  unit(nth: number): ReturnType<VariableReader['unitAt']> {
    const run = this.#runs[nth];
    return run?.variables.unit(nth - run.first);
  }

  /** The parameters of the functions of a frame. */
  arguments(nth: number): readonly LocatedScope[] {
    const run = this.#runs[nth];
    return run === undefined ? [] : run.variables.arguments(nth - run.first);
  }

  /** The value of the first variable of these names in the frame, the innermost function's first. */
  value(nth: number, names: readonly string[]): bigint | undefined {
    for (const { variables } of this.named(nth, names))
      for (const { value } of variables) if (value.kind === 'known') return value.value;
    return undefined;
  }

  /** A register of a frame, by its DWARF number. */
  register(nth: number, register: number): bigint | undefined {
    const run = this.#runs[nth];
    return run?.variables.register(nth - run.first, register);
  }
}

async function framesFrom(
  kernel: Kernel,
  registers: DwarfRegisters,
  frames: readonly RawFrame[],
  first: number,
): Promise<StackFrame[]> {
  const run: StackFrame[] = [];
  for (let nth = first; nth < frames.length; nth++) {
    const frame = frames[nth];
    const inside = frame && insideOf(frame);
    const place = inside === undefined ? undefined : kernel.symbols.place(inside);
    if (frame === undefined || place === undefined || !place.image.hasDebugInfo) break;
    const { image } = place;
    run.push({
      reader: await image.variables(),
      address: place.address + (frame.isReturn ? 1 : 0),
      isReturn: frame.isReturn,
      runtimeAddress: (address) => kernel.symbols.addressOf({ image, address: fromBigAddress(address) }),
      register: (number) => registerOf(frame, registers, number),
    });
    // What it interrupted has registers of its own.
    if (frame.entry !== undefined) break;
  }
  return run;
}
