import type { ArchitectureName, RegisterSet } from '../../model/report.ts';
import type { DecodedInstruction, DecodedMemory } from '../instruction.ts';

/** Values of a report's registers, and what addresses they make. */
export class RegisterValues {
  readonly bits: 32 | 64;
  readonly #values: Readonly<Record<string, bigint>>;
  readonly #address: bigint | undefined;

  /** `address`: of the instruction, where it is known. Reports print it as a symbol only, since 4.10. */
  constructor(set: RegisterSet | undefined, architecture: ArchitectureName, address?: bigint) {
    this.#values = set?.values ?? {};
    this.bits = architecture === 'i386' || architecture === 'arm' ? 32 : 64;
    this.#address = address ?? this.#values.rip ?? this.#values.pc ?? this.#values.eip;
  }

  /** Of the instruction. */
  get address(): bigint | undefined {
    return this.#address;
  }

  /** A full register's value; undefined where it is not printed. */
  get(name: string): bigint | undefined {
    if (name === 'rip' || name === 'eip' || name === 'pc') return this.#address;
    const value = this.#values[name];
    // arm64 prints x30 as `lr`, and that mostly as a symbol.
    return value ?? (name === 'x30' ? this.#values.lr : undefined);
  }

  /** General registers with this value. */
  holding(value: bigint, among: Iterable<string>): string[] {
    return [...among].filter((name) => this.#values[name] === value);
  }

  /** The address of an operand; undefined where a register that it is made of is not printed. */
  addressOf(memory: DecodedMemory, instruction: DecodedInstruction): bigint | undefined {
    const base = memory.base === undefined ? 0n : this.#base(memory.base, instruction);
    const index = memory.index === undefined ? 0n : this.#index(memory.index, memory.extend);
    const segment = memory.segment === undefined ? 0n : this.#segment(memory.segment);
    if (base === undefined || index === undefined || segment === undefined) return undefined;
    return BigInt.asUintN(this.bits, segment + base + index * BigInt(memory.scale) + memory.displacement);
  }

  /** x86 counts from the end of the instruction. */
  #base(name: string, instruction: DecodedInstruction): bigint | undefined {
    const value = this.get(name);
    const fromEnd = name === 'rip' || name === 'eip';
    return value === undefined || !fromEnd ? value : value + BigInt(instruction.length);
  }

  #index(name: string, extend: string | undefined): bigint | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (extend === 'uxtw') return BigInt.asUintN(32, value);
    return extend === 'sxtw' ? BigInt.asIntN(32, value) : value;
  }

  /** x86-64 prints the bases (`FS:  ...(0000) GS:...(0000)`); 32-bit kernels print selectors only. */
  #segment(name: 'fs' | 'gs'): bigint | undefined {
    return this.#values[`${name}_base`];
  }
}
