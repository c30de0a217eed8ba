/** Numbers of the ELF format that are needed here (System V gABI, chapter 4; include/uapi/linux/elf.h in the kernel). */

export const sectionType = {
  null: 0,
  progbits: 1,
  symtab: 2,
  strtab: 3,
  rela: 4,
  note: 7,
  nobits: 8,
  rel: 9,
  dynsym: 11,
  group: 17,
  symtabShndx: 18,
} as const;

export const sectionFlag = {
  write: 0x1,
  alloc: 0x2,
  execute: 0x4,
  compressed: 0x800,
  /** SHF_RO_AFTER_INIT, the kernel's own (include/linux/module.h). */
  readOnlyAfterInit: 0x0020_0000,
} as const;

/** Section indexes with a meaning of their own, in 16 bits. */
export const sectionIndex = {
  undefined: 0,
  reserved: 0xff00,
  absolute: 0xfff1,
  common: 0xfff2,
  /** The index is elsewhere: in section 0, or in the section of type SHT_SYMTAB_SHNDX. */
  extended: 0xffff,
} as const;

export const symbolType = {
  none: 0,
  object: 1,
  function: 2,
  section: 3,
  file: 4,
  common: 5,
  tls: 6,
  ifunc: 10,
} as const;

export const symbolBinding = { local: 0, global: 1, weak: 2 } as const;

export const segmentType = { load: 1, note: 4 } as const;

/** Size of the numbers in a file, and their order. */
export interface ElfLayout {
  readonly is64: boolean;
  readonly littleEndian: boolean;
}

/** Architectures as `model/` names them. */
export type ElfMachine =
  | 'x86_64'
  | 'i386'
  | 'arm64'
  | 'arm'
  | 'riscv64'
  | 'ppc64'
  | 's390x'
  | 'mips'
  | 'loongarch64'
  | 'unknown';

/** `e_machine` (include/uapi/linux/elf-em.h). A name with `64` only holds for files of that size. */
const machines: Readonly<Record<number, { readonly name: ElfMachine; readonly bits?: 64 }>> = {
  3: { name: 'i386' },
  8: { name: 'mips' },
  21: { name: 'ppc64', bits: 64 },
  22: { name: 's390x', bits: 64 },
  40: { name: 'arm' },
  62: { name: 'x86_64' },
  183: { name: 'arm64' },
  243: { name: 'riscv64', bits: 64 },
  258: { name: 'loongarch64', bits: 64 },
};

/** The architecture of an `e_machine`, as far as logs of it are known. */
export function machineName(machine: number, is64: boolean): ElfMachine {
  const known = machines[machine];
  return known === undefined || (known.bits === 64 && !is64) ? 'unknown' : known.name;
}

/** What a file is for: linked for an address, relocatable, to be loaded anywhere, or a dump of memory. */
export type ElfType = 'rel' | 'exec' | 'dyn' | 'core' | 'other';

const types: readonly ElfType[] = ['other', 'rel', 'exec', 'dyn', 'core'];

/** `e_type` in words. */
export function elfTypeName(type: number): ElfType {
  return types[type] ?? 'other';
}
