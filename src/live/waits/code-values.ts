import { callingConvention } from '../../code/calling-convention.ts';
import type { PlacedInstruction } from '../../code/function-code.ts';
import { type FunctionText, readFunction } from '../../code/function-text.ts';
import type { Disassembler } from '../../code/instruction.ts';
import { fromBigAddress, toBigAddress } from '../../elf/address.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { FilePlace } from '../../kernel/symbols.ts';
import type { Image } from '../../symbols/image.ts';
import { goBack, unchangedBefore } from './code-paths.ts';

/** A function of the running kernel with its code. */
export interface CodeOfFrame {
  readonly text: FunctionText;
  readonly place: FilePlace;
  /** What is added to an address of the file to have the running kernel's. */
  readonly move: bigint;
}

/** What is known of a frame's registers and of memory, to follow values in its code. */
export interface FrameState {
  /** A register as it is where the frame stands. */
  register(name: string): bigint | undefined;
  memory(address: bigint): Promise<bigint | undefined>;
}

const deepest = 8;

/** Reads functions, each once. */
export class CodeReader {
  readonly #kernel: Kernel;
  readonly #disassembler: Disassembler;
  /** By the file and where the function begins in it. */
  readonly #known = new Map<Image, Map<number, FunctionText | undefined>>();
  readonly #unchanged = new WeakMap<FunctionText, Map<string, ReadonlySet<number>>>();

  constructor(kernel: Kernel, disassembler: Disassembler) {
    this.#kernel = kernel;
    this.#disassembler = disassembler;
  }

  /** The function around an address of the running kernel. */
  at(address: bigint): CodeOfFrame | undefined {
    const place = this.#kernel.symbols.place(address);
    const symbol = place?.image.symbolAt(place.address);
    if (place === undefined || symbol === undefined) return undefined;
    const ofImage = this.#known.get(place.image) ?? new Map<number, FunctionText | undefined>();
    this.#known.set(place.image, ofImage);
    if (!ofImage.has(symbol.address))
      ofImage.set(symbol.address, readFunction(place.image, place.address, this.#disassembler));
    const text = ofImage.get(symbol.address);
    return text && { text, place, move: address - toBigAddress(place.address) };
  }

  /** The address that an instruction names, in the running kernel. */
  named(
    { text, place }: CodeOfFrame,
    placed: PlacedInstruction,
  ): { readonly name: string; readonly address?: bigint } | undefined {
    const reference = text.references?.of(placed);
    if (reference === undefined) return undefined;
    const { name, offset, address } = reference;
    if (address === undefined) {
      const start = this.#kernel.symbols.address(name);
      return { name, ...(start !== undefined && { address: start + BigInt(offset) }) };
    }
    const moved = this.#kernel.symbols.addressOf({ image: place.image, address });
    return { name, ...(moved !== undefined && { address: moved }) };
  }

  /**
   * What a register held before the instruction with an index, followed back over the ways that lead there. Of several
   * the nearest in the order of the code is taken, so what comes of it must be checked against something.
   */
  async value(
    code: CodeOfFrame,
    from: number,
    register: string,
    here: number,
    state: FrameState,
    depth = 0,
  ): Promise<bigint | undefined> {
    const { code: text } = code.text;
    if (depth > deepest) return undefined;
    const isVolatile = registersOf(code).volatile(register);
    if (!isVolatile && this.isUnchanged(code, register, from, here)) {
      const now = state.register(register);
      if (now !== undefined) return now;
    }
    let nearest: number | undefined;
    await goBack(text, from, (nth) => {
      const instruction = text.instructions[nth]?.instruction;
      const isLost = (instruction?.flow === 'call' || instruction?.flow === 'call-indirect') && isVolatile;
      if (!isLost && instruction?.writes.includes(register) !== true) return true;
      if (!isLost && (nearest === undefined || Math.abs(from - nth) < Math.abs(from - nearest))) nearest = nth;
      return false;
    });
    return nearest === undefined ? undefined : this.#written(code, nearest, here, state, depth);
  }

  /** Whether a register holds the same before an instruction (of an index) as where the frame stands. */
  isUnchanged({ text }: CodeOfFrame, register: string, from: number, here: number): boolean {
    const known = this.#unchanged.get(text) ?? new Map<string, ReadonlySet<number>>();
    this.#unchanged.set(text, known);
    const key = `${register} ${here}`;
    const found = known.get(key) ?? unchangedBefore(text.code, register, here);
    known.set(key, found);
    return found.has(from);
  }

  async #written(
    code: CodeOfFrame,
    nth: number,
    here: number,
    state: FrameState,
    depth: number,
  ): Promise<bigint | undefined> {
    const placed = code.text.code.instructions[nth];
    const effect = placed?.instruction.effect;
    if (placed === undefined || effect === undefined) return undefined;
    const value = (register: string): Promise<bigint | undefined> =>
      this.value(code, nth, register, here, state, depth + 1);
    switch (effect.kind) {
      case 'move': {
        // An addition of nothing that the linker has yet to fill in (arm64: add x0, x19, :lo12:symbol).
        const named = this.#relocated(code, placed);
        if (named !== undefined) return named;
        return effect.bits === undefined || effect.bits === 64 ? value(effect.from) : undefined;
      }
      case 'constant':
        return this.#relocated(code, placed) ?? effect.value;
      case 'address':
      case 'load': {
        const address = await this.#operand(code, placed, value);
        if (effect.kind === 'address' || address === undefined) return address;
        return effect.second === undefined && placed.instruction.memory[0]?.size === 8
          ? state.memory(address)
          : undefined;
      }
    }
  }

  /** The address of the first operand in memory of an instruction, followed back as in `value`. */
  async operandAddress(code: CodeOfFrame, nth: number, here: number, state: FrameState): Promise<bigint | undefined> {
    const placed = code.text.code.instructions[nth];
    if (placed === undefined) return undefined;
    return this.#operand(code, placed, (register) => this.value(code, nth, register, here, state, 1));
  }

  #relocated(code: CodeOfFrame, placed: PlacedInstruction): bigint | undefined {
    return code.text.references?.isRelocated(placed) === true ? this.named(code, placed)?.address : undefined;
  }

  /** The address of an instruction's first operand in memory. */
  async #operand(
    code: CodeOfFrame,
    placed: PlacedInstruction,
    value: (register: string) => Promise<bigint | undefined>,
  ): Promise<bigint | undefined> {
    const relocated = this.#relocated(code, placed);
    const [memory] = placed.instruction.memory;
    if (memory === undefined || memory.segment !== undefined || memory.update !== undefined) return relocated;
    const { base, index, displacement } = memory;
    if (index !== undefined) return undefined;
    if (base === undefined || base === 'rip' || base === 'pc') {
      if (relocated !== undefined) return relocated;
      const from =
        base === 'rip' ? placed.address + BigInt(placed.instruction.length) : base === 'pc' ? placed.address : 0n;
      const target = from + displacement;
      return base === undefined ? BigInt.asUintN(64, target) : BigInt.asUintN(64, target + code.move);
    }
    if (relocated !== undefined) return relocated;
    const start = await value(base);
    return start === undefined ? undefined : BigInt.asUintN(64, start + displacement);
  }
}

function registersOf({ text }: CodeOfFrame): { readonly volatile: (register: string) => boolean } {
  const { architecture } = text.code;
  return { volatile: (register) => !kept[architecture].has(register) };
}

/** Registers that functions leave as they were: System V ABI, AMD64 supplement, 3.2.1; Procedure Call Standard 6.1.1. */
const kept = {
  x86_64: new Set(['rbx', 'rbp', 'rsp', 'r12', 'r13', 'r14', 'r15']),
  i386: new Set(['ebx', 'ebp', 'esp', 'esi', 'edi']),
  arm64: new Set(['x19', 'x20', 'x21', 'x22', 'x23', 'x24', 'x25', 'x26', 'x27', 'x28', 'x29', 'sp']),
} as const;

/** The register of the first argument. */
export const firstArgument = ({ text }: CodeOfFrame): string =>
  callingConvention(text.code.architecture).arguments[0] ?? '';

/** The index of the instruction that a frame stands at, or of the call that it returns to. */
export function indexAt({ text, place }: CodeOfFrame, inside: number): number | undefined {
  const at = toBigAddress(inside);
  const exact = text.indexOf(at);
  if (exact !== undefined) return exact;
  const nth = text.code.instructions.findIndex(
    ({ address, instruction }) => address <= at && at < address + BigInt(instruction.length),
  );
  return nth < 0 || fromBigAddress(at, place.image.elf.is64) !== inside ? undefined : nth;
}
