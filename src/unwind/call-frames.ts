import { type DwarfRegisters, dwarfRegisters } from '../arch/dwarf-registers.ts';
import type { CallFrame } from '../dwarf/call-frame-table.ts';
import type { VariableReader } from '../dwarf/variables.ts';
import type { Kernel, KernelArchitecture } from '../kernel/kernel.ts';
import type { Image } from '../symbols/image.ts';
import type { KnownRegisters } from './frame.ts';

const mostKept = 65_536;

/** What `.debug_frame` of vmlinux and of the modules' files says about addresses of the running kernel. */
export class CallFrames {
  readonly #kernel: Kernel;
  readonly #readers = new Map<Image, VariableReader | undefined>();
  readonly #rows = new Map<bigint, CallFrame | undefined>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** Opens the debug information of the file that an address is in. */
  async prepare(address: bigint): Promise<void> {
    const image = this.#rows.has(address) ? undefined : this.#kernel.symbols.place(address)?.image;
    if (image === undefined || this.#readers.has(image)) return;
    let reader: VariableReader | undefined;
    try {
      reader = await image.variables();
    } catch {
      // A damaged file has none; whoever opened it tells.
    }
    this.#readers.set(image, reader);
  }

  /** How registers of the caller are found at an address, after `prepare`; undefined where nothing is said. */
  at(address: bigint): CallFrame | undefined {
    if (this.#rows.has(address)) return this.#rows.get(address);
    const place = this.#kernel.symbols.place(address);
    const row = place && this.#readers.get(place.image)?.callFrameAt(place.address);
    if (this.#rows.size >= mostKept) this.#rows.clear();
    this.#rows.set(address, row);
    return row;
  }

  /** What reads the debug information of the file that an address is in, after `prepare`. */
  reader(address: bigint): VariableReader | undefined {
    const image = this.#kernel.symbols.place(address)?.image;
    return image && this.#readers.get(image);
  }
}

/** The call frame address, where it is a register's value with something added. */
export function frameAddress(
  { frame }: CallFrame,
  { names }: DwarfRegisters,
  registers: KnownRegisters,
): bigint | undefined {
  if (frame?.kind !== 'register') return undefined;
  const value = registers[names[frame.register] ?? ''];
  return value === undefined ? undefined : BigInt.asUintN(64, value + frame.offset);
}

/**
 * Registers that a caller gets back, by name, as far as they are known. Not the stack pointer and the return address.
 * @param registers of the called function.
 * @param base its call frame address.
 */
export function callerRegisters(
  row: CallFrame,
  { names, preserved, stackPointer, returnAddress }: DwarfRegisters,
  registers: KnownRegisters,
  base: bigint,
  word: (address: bigint) => bigint | undefined,
): Record<string, bigint> {
  const found: Record<string, bigint> = {};
  for (const register of preserved) {
    if (register === stackPointer || register === returnAddress) continue;
    const name = names[register] ?? '';
    const rule = row.registers.get(register);
    let value: bigint | undefined;
    switch (rule?.kind) {
      case undefined:
      case 'same':
        // Compilers say nothing of registers that a function does not touch.
        value = registers[name];
        break;
      case 'offset':
        value = word(BigInt.asUintN(64, base + rule.offset));
        break;
      case 'value-offset':
        value = BigInt.asUintN(64, base + rule.offset);
        break;
      case 'register':
        value = registers[names[rule.register] ?? ''];
        break;
      case 'undefined':
      case 'expression':
      case 'value-expression':
        // No compiler of kernels writes these for registers.
        break;
    }
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Assembly without call frames that leads to other stacks and changes none of the registers that callees keep. */
export const keepsRegisters: ReadonlySet<string> = new Set([
  'call_on_irq_stack',
  'asm_call_on_stack',
  'asm_call_sysvec_on_stack',
  'asm_call_irq_on_stack',
]);

/** Of registers those that a called function leaves as they were. */
export function preservedRegisters(
  architecture: KernelArchitecture,
  registers: KnownRegisters,
): Record<string, bigint> {
  const { names = [], preserved = [] } = dwarfRegisters(architecture) ?? {};
  const found: Record<string, bigint> = {};
  for (const register of preserved) {
    const name = names[register] ?? '';
    const value = registers[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
