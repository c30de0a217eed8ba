import type { ElfMachine } from './constants.ts';

/** What a relocation does with the value of its symbol plus addend. */
export type RelocationKind =
  | 'absolute'
  /** Less the place that it is at. */
  | 'relative'
  /** Added to what is there, or taken away: differences of two symbols (riscv, loongarch). */
  | 'add'
  | 'subtract'
  /** The low six bits only; the others stay. */
  | 'set-6'
  | 'subtract-6'
  | 'add-6';

export interface RelocationRule {
  readonly kind: RelocationKind;
  readonly bytes: 1 | 2 | 4 | 8;
}

type Rules = Readonly<Record<number, RelocationRule>>;

const absolute = (bytes: RelocationRule['bytes']): RelocationRule => ({ kind: 'absolute', bytes });
const relative = (bytes: RelocationRule['bytes']): RelocationRule => ({ kind: 'relative', bytes });
const add = (bytes: RelocationRule['bytes']): RelocationRule => ({ kind: 'add', bytes });
const subtract = (bytes: RelocationRule['bytes']): RelocationRule => ({ kind: 'subtract', bytes });

/**
 * Relocations of data, by the numbers of the processor supplements; those of instructions are left alone.
 * In debug information compilers use the absolute ones, riscv and loongarch differences of labels as well.
 */
const rules: Readonly<Partial<Record<ElfMachine, Rules>>> = {
  // R_X86_64_64, PC32, PLT32, 32, 32S, 16, PC64 (arch/x86/include/asm/elf.h)
  x86_64: {
    1: absolute(8),
    2: relative(4),
    4: relative(4),
    10: absolute(4),
    11: absolute(4),
    12: absolute(2),
    24: relative(8),
  },
  // R_AARCH64_ABS64, ABS32, ABS16, PREL64, PREL32 (arch/arm64/include/asm/elf.h)
  arm64: { 257: absolute(8), 258: absolute(4), 259: absolute(2), 260: relative(8), 261: relative(4) },
  // R_386_32, PC32, PLT32
  i386: { 1: absolute(4), 2: relative(4), 4: relative(4) },
  // R_ARM_ABS32, REL32, TARGET1 (as ABS32 on Linux)
  arm: { 2: absolute(4), 3: relative(4), 38: absolute(4) },
  // R_RISCV_32, 64, ADD8 to ADD64, SUB8 to SUB64, SUB6, SET6 to SET32, 32_PCREL
  riscv64: {
    1: absolute(4),
    2: absolute(8),
    33: add(1),
    34: add(2),
    35: add(4),
    36: add(8),
    37: subtract(1),
    38: subtract(2),
    39: subtract(4),
    40: subtract(8),
    52: { kind: 'subtract-6', bytes: 1 },
    53: { kind: 'set-6', bytes: 1 },
    54: absolute(1),
    55: absolute(2),
    56: absolute(4),
    57: relative(4),
  },
  // R_LARCH_32, 64, ADD8, ADD16, ADD32, ADD64, SUB8, SUB16, SUB32, SUB64, 32_PCREL, ADD6, SUB6, 64_PCREL
  loongarch64: {
    1: absolute(4),
    2: absolute(8),
    47: add(1),
    48: add(2),
    50: add(4),
    51: add(8),
    52: subtract(1),
    53: subtract(2),
    55: subtract(4),
    56: subtract(8),
    99: relative(4),
    105: { kind: 'add-6', bytes: 1 },
    106: { kind: 'subtract-6', bytes: 1 },
    109: relative(8),
  },
  // R_PPC64_ADDR32, REL32, ADDR64, REL64
  ppc64: { 1: absolute(4), 26: relative(4), 38: absolute(8), 44: relative(8) },
  // R_390_32, PC32, 64, PC64
  s390x: { 4: absolute(4), 5: relative(4), 22: absolute(8), 23: relative(8) },
  // R_MIPS_32 of 32-bit files; the entries of 64-bit ones are laid out differently.
  mips: { 2: absolute(4) },
};

/** The rules of an architecture, by type of relocation. */
export function relocationRules(machine: ElfMachine, is64: boolean): Rules {
  return machine === 'mips' && is64 ? {} : (rules[machine] ?? {});
}
