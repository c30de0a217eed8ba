import { fromBigAddress } from '../elf/address.ts';
import { sectionFlag, sectionType } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { RelocationTable } from '../elf/relocation-table.ts';
import type { SectionHeader } from '../elf/section-table.ts';
import type { KernelSymbol } from '../elf/symbol-table.ts';
import type { PatchSite } from '../symbols/patch-tables.ts';
import { isRelative } from './follow-operands.ts';
import type { PlacedInstruction } from './function-code.ts';

/** What an instruction names: a function, or something in memory. */
export interface Reference {
  readonly name: string;
  /** Bytes from it. */
  readonly offset: number;
  /** In the file; missing for what is in another one (of modules, in the kernel). */
  readonly address?: number;
  readonly isCode: boolean;
  /** A per-CPU variable: its address means nothing without the base of a CPU. */
  readonly isPerCpu?: true;
}

/** A relocation within code. */
interface CodeRelocation {
  readonly symbol: number;
  readonly type: number;
  readonly addend: number;
}

/** R_X86_64_PC32, PLT32, GOTPCREL, PC64, GOTPCRELX, REX_GOTPCRELX; R_386_PC32, PLT32: they count from their own place. */
const relativeTypes: Readonly<Record<string, ReadonlySet<number>>> = {
  x86_64: new Set([2, 4, 9, 24, 41, 42]),
  i386: new Set([2, 4]),
};

/** A part of a section. */
export interface CodeRange {
  readonly section: SectionHeader;
  /** Addresses of the file. */
  readonly start: number;
  readonly end: number;
}

/** A file with code; an `Image` is one, and knows many symbols without going through those of the file. */
export interface CodeFile {
  readonly elf: ElfFile;
  /** As `SymbolTable` has it. */
  symbolAt(address: number): KernelSymbol | undefined;
  /** The symbols of each of some names. */
  symbolsNamedEach(names: readonly string[]): readonly (readonly KernelSymbol[])[];
  /** Code that the kernel may change, of all tables, in order; more than asked for; undefined if that is not known. */
  sitesWithin?(from: number, to: number): readonly PatchSite[] | undefined;
}

/** Names what instructions of a file refer to: by relocations where there are any. */
export class CodeReferences {
  readonly #file: CodeFile;
  readonly #elf: ElfFile;
  /** By the addresses that they apply to. */
  readonly #relocations = new Map<number, CodeRelocation>();

  /**
   * @param ranges what may be asked about.
   * @throws KtriageError KT-ELF-*
   */
  constructor(file: CodeFile, ranges: readonly CodeRange[]) {
    const { elf } = file;
    this.#file = file;
    this.#elf = elf;
    if (elf.type === 'rel') for (const range of ranges) addRelocations(elf, range, this.#relocations);
  }

  /** What an instruction calls, or jumps to, or has in memory at a constant address; undefined where it is no such. */
  of(placed: PlacedInstruction): Reference | undefined {
    const relocated = this.#relocated(placed);
    if (relocated !== undefined) return relocated;
    const { instruction, address } = placed;
    if (instruction.target !== undefined) return this.at(instruction.target);
    // Without its relocation nothing that a module has elsewhere makes sense.
    if (this.#elf.type === 'rel') return undefined;
    for (const { base, index, displacement, segment } of instruction.memory) {
      if (index !== undefined) continue;
      if (base !== undefined && isRelative(base)) {
        const from = base === 'pc' ? address : address + BigInt(instruction.length);
        return this.at(BigInt.asUintN(64, from + displacement));
      }
      // Per-CPU variables by their distance from the base; others are low in no kernel.
      if (base === undefined && (segment !== undefined || displacement < 0n))
        return this.at(BigInt.asUintN(64, displacement));
    }
    return undefined;
  }

  /** Whether an instruction names something by a relocation, so that nothing else in it tells. */
  isRelocated({ address, instruction }: PlacedInstruction): boolean {
    const start = fromBigAddress(address, this.#elf.is64);
    for (let at = start; at < start + instruction.length; at++) if (this.#relocations.has(at)) return true;
    return false;
  }

  /** What is at an address of the file. */
  at(address: bigint): Reference | undefined {
    const number = fromBigAddress(address, this.#elf.is64);
    const symbol = this.#file.symbolAt(number);
    if (symbol === undefined) return undefined;
    const isCode = (symbol.section.flags & sectionFlag.execute) !== 0;
    const isPerCpu = symbol.section.name === '.data..percpu';
    return {
      name: symbol.name,
      offset: number - symbol.address,
      address: number,
      isCode,
      ...(isPerCpu && { isPerCpu: true }),
    };
  }

  #relocated({ address, instruction }: PlacedInstruction): Reference | undefined {
    const start = fromBigAddress(address, this.#elf.is64);
    const end = start + instruction.length;
    for (let at = start; at < end; at++) {
      const relocation = this.#relocations.get(at);
      if (relocation === undefined) continue;
      const entry = this.#elf.symbols().entry(relocation.symbol);
      if (entry === undefined) return undefined;
      const isRelativeType = relativeTypes[this.#elf.machine]?.has(relocation.type) === true;
      const offset = relocation.addend + (isRelativeType ? end - at : 0);
      if (entry.section === undefined) return { name: entry.name, offset, isCode: instruction.target !== undefined };
      return this.at(BigInt.asUintN(64, BigInt(entry.address + offset)));
    }
    return undefined;
  }
}

/** More relocations of one function make no sense. */
const mostRelocations = 65_536;

function addRelocations(elf: ElfFile, { section, start, end }: CodeRange, into: Map<number, CodeRelocation>): void {
  for (const header of elf.sections) {
    if (header.info !== section.index || (header.type !== sectionType.rela && header.type !== sectionType.rel))
      continue;
    const table = new RelocationTable(elf.name, elf.data(header), elf, header.type === sectionType.rela);
    const take = (): boolean =>
      table.forRange(start - section.address, end - section.address, ({ offset, symbol, type, addend }) => {
        if (into.size < mostRelocations) into.set(section.address + offset, { symbol, type, addend });
      });
    // It is read again if it turns out to be out of order.
    if (!take()) take();
  }
}
