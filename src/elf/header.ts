import type { RandomAccess } from '../io/random-access.ts';
import { type ElfLayout, type ElfMachine, type ElfType, elfTypeName, machineName, sectionIndex } from './constants.ts';
import { anotherFile, notElf, truncated } from './elf-error.ts';
import { Fields } from './fields.ts';
import { lookalikeBytes, lookalikeOf } from './lookalike.ts';

/** A table in the file: entries of a size, so many of them, from an offset. */
export interface Table {
  readonly offset: number;
  readonly entrySize: number;
  readonly count: number;
}

/** The header of an ELF file, extended numbering resolved. */
export interface ElfHeader extends ElfLayout {
  readonly type: ElfType;
  readonly machine: ElfMachine;
  /** `e_machine` as it is. */
  readonly machineNumber: number;
  readonly entry: number;
  readonly sections: Table;
  readonly segments: Table;
  /** Index of the section with the names of sections; 0 if there is none. */
  readonly namesIndex: number;
}

/** Where the fields of the headers are (gABI 4.1: ELF header, program header, section header). */
const offsets = {
  32: { bytes: 52, programTable: 28, sectionTable: 32, sizes: 40, section: 40, segment: 32, sectionSize: 20, link: 24 },
  64: { bytes: 64, programTable: 32, sectionTable: 40, sizes: 52, section: 64, segment: 56, sectionSize: 32, link: 40 },
} as const;

/** Reads exactly so many bytes. */
export function readExactly(access: RandomAccess, offset: number, length: number): Uint8Array | undefined {
  if (offset + length > access.size) return undefined;
  const bytes = new Uint8Array(length);
  return access.readInto(bytes, offset) === length ? bytes : undefined;
}

/**
 * @throws KtriageError KT-ELF-NOT-ELF, KT-ELF-BOOT-IMAGE, KT-ELF-SYMBOL-MAP, KT-ELF-TRUNCATED
 */
export function readHeader(access: RandomAccess, file: string): ElfHeader {
  const identity = readExactly(access, 0, 16);
  if (identity === undefined) throw notElf(file, `it has only ${access.size} bytes`);
  if (identity[0] !== 0x7f || identity[1] !== 0x45 || identity[2] !== 0x4c || identity[3] !== 0x46) {
    const start = new Uint8Array(lookalikeBytes);
    const other = lookalikeOf(start.subarray(0, access.readInto(start, 0)));
    if (other !== undefined) throw anotherFile(file, other);
    throw notElf(file, 'it does not begin with the bytes 7f 45 4c 46');
  }
  const [, , , , fileClass = 0, data = 0, version = 0] = identity;
  if (fileClass !== 1 && fileClass !== 2) throw notElf(file, `its class is ${fileClass}, neither 32 nor 64 bits`);
  if (data !== 1 && data !== 2) throw notElf(file, `its byte order is ${data}, neither little nor big endian`);
  if (version !== 1) throw notElf(file, `its version is ${version}`);
  const layout: ElfLayout = { is64: fileClass === 2, littleEndian: data === 1 };
  const where = offsets[layout.is64 ? 64 : 32];
  const bytes = readExactly(access, 0, where.bytes);
  if (bytes === undefined) throw truncated(file, 'the header', `it has only ${access.size} bytes`);
  const fields = new Fields(bytes, layout);
  const machineNumber = fields.u16(18);
  // e_phentsize, e_phnum, e_shentsize, e_shnum, e_shstrndx follow each other behind e_ehsize.
  const sizes = where.sizes + 2;
  const sectionTable = {
    offset: fields.word(where.sectionTable),
    entrySize: fields.u16(sizes + 4) || where.section,
    count: fields.u16(sizes + 6),
  };
  const segments = {
    offset: fields.word(where.programTable),
    entrySize: fields.u16(sizes) || where.segment,
    count: fields.u16(sizes + 2),
  };
  const extended = extendedNumbers(access, file, layout, sectionTable, {
    sections: sectionTable.count,
    segments: segments.count,
    names: fields.u16(sizes + 8),
  });
  return {
    ...layout,
    type: elfTypeName(fields.u16(16)),
    machine: machineName(machineNumber, layout.is64),
    machineNumber,
    entry: fields.address(24),
    sections: checkedTable(access, file, 'the section headers', where.section, {
      ...sectionTable,
      count: extended.sections,
    }),
    segments: checkedTable(access, file, 'the program headers', where.segment, {
      ...segments,
      count: extended.segments,
    }),
    namesIndex: extended.names,
  };
}

interface Counts {
  readonly sections: number;
  readonly segments: number;
  readonly names: number;
}

/** What does not fit into the header's 16 bits is in section 0: sh_size, sh_info and sh_link (gABI 4.1). */
function extendedNumbers(access: RandomAccess, file: string, layout: ElfLayout, table: Table, counts: Counts): Counts {
  const manySections = counts.sections === 0 && table.offset !== 0;
  const manySegments = counts.segments === sectionIndex.extended;
  const farNames = counts.names === sectionIndex.extended;
  if (table.offset === 0) return { sections: 0, segments: manySegments ? 0 : counts.segments, names: 0 };
  if (!manySections && !manySegments && !farNames) return counts;
  const where = offsets[layout.is64 ? 64 : 32];
  const bytes = readExactly(access, table.offset, where.section);
  if (bytes === undefined) throw truncated(file, 'the section headers', tooFar(table.offset, access.size));
  const first = new Fields(bytes, layout);
  return {
    sections: manySections ? first.word(where.sectionSize) : counts.sections,
    segments: manySegments ? first.u32(where.link + 4) : counts.segments,
    names: farNames ? first.u32(where.link) : counts.names,
  };
}

function checkedTable(access: RandomAccess, file: string, place: string, entrySize: number, table: Table): Table {
  if (table.count === 0) return { offset: 0, entrySize, count: 0 };
  if (table.entrySize < entrySize) throw notElf(file, `an entry of ${place} has ${table.entrySize} bytes`);
  const end = table.offset + table.count * table.entrySize;
  if (end > access.size) throw truncated(file, place, tooFar(end, access.size));
  return table;
}

function tooFar(end: number, size: number): string {
  return `they reach to byte ${end}, the file has ${size}`;
}
