import { sectionFlag, sectionType } from '../../elf/constants.ts';
import { ElfFile } from '../../elf/elf-file.ts';
import { memoryAccess } from '../../io/random-access.ts';
import { Image } from '../../symbols/image.ts';
import type { KernelArchitecture } from '../kernel.ts';
import { buildElf, type NewSection } from './build-elf.ts';
import type { SymbolList } from './symbol-list.ts';

/** What a file is made of. Addresses are numbers: see `elf/address.ts`. */
export interface ImageParts {
  readonly architecture: KernelArchitecture;
  /** What it is called in messages. */
  readonly name: string;
  readonly symbols: SymbolList;
  /** Virtual address of the first byte of `contents`, which is `_text`. */
  readonly start: number;
  readonly contents: Uint8Array;
  readonly buildId?: string | undefined;
  /** Where BTF is in the contents. */
  readonly btf?: { readonly at: number; readonly bytes: number } | undefined;
}

const { alloc, execute, write } = sectionFlag;

/** Where a linker script begins something else (arch/.../kernel/vmlinux.lds.S); what an architecture lacks is left out. */
const marks: readonly { readonly symbol: string; readonly name: string; readonly flags: number }[] = [
  { symbol: '_text', name: '.text', flags: alloc | execute },
  { symbol: '_etext', name: '.rodata', flags: alloc },
  { symbol: '__end_rodata', name: '.data', flags: alloc | write },
  { symbol: '_sinittext', name: '.init.text', flags: alloc | execute },
  { symbol: '_einittext', name: '.init.data', flags: alloc | write },
];

/** Symbols that `imageOf` asks for. */
export const imageMarks: readonly string[] = [...marks.map(({ symbol }) => symbol), '_end'];

/**
 * A kernel's image in memory as if it were its vmlinux, linked for where it is: symbols, code, constants and types, no
 * debug information.
 * @throws KtriageError KT-ELF-* for what no kernel has
 */
export function imageOf(parts: ImageParts): Image {
  const { architecture, name, symbols, contents } = parts;
  const elf = buildElf(architecture, contents, sectionsOf(parts), symbols.all());
  return Image.of(ElfFile.open(memoryAccess(elf), name));
}

function sectionsOf({ symbols, start, contents, buildId, btf }: ImageParts): NewSection[] {
  const end = symbols.address('_end') ?? start + contents.length;
  const cuts = marks
    .flatMap((mark) => {
      const address = mark.symbol === '_text' ? start : symbols.address(mark.symbol);
      return address === undefined || address < start || address >= end ? [] : [{ ...mark, address }];
    })
    .sort((a, b) => a.address - b.address);
  const sections = cuts.flatMap(({ name, flags, address }, nth): NewSection[] => {
    const size = (cuts[nth + 1]?.address ?? end) - address;
    const offset = address - start;
    // What was freed after boot may hold anything now.
    const isThere = name !== '.init.text' && offset + size <= contents.length;
    if (size <= 0) return [];
    const header = { name, flags, address, size };
    return [isThere ? { ...header, type: sectionType.progbits, offset } : { ...header, type: sectionType.nobits }];
  });
  const { perCpuEnd } = symbols;
  if (perCpuEnd > 0)
    sections.push({
      ...{ name: '.data..percpu', type: sectionType.nobits, flags: alloc | write, address: 0, size: perCpuEnd },
    });
  if (btf !== undefined)
    sections.push({
      ...{
        name: '.BTF',
        type: sectionType.progbits,
        flags: 0,
        address: start + btf.at,
        size: btf.bytes,
        offset: btf.at,
      },
    });
  if (buildId !== undefined) {
    const note = noteOf(buildId);
    sections.push({ name: '.notes', type: sectionType.note, flags: 0, address: 0, size: note.length, contents: note });
  }
  return sections;
}

/** NT_GNU_BUILD_ID */
function noteOf(buildId: string): Uint8Array {
  const id = Buffer.from(buildId, 'hex');
  const head = Buffer.alloc(12);
  head.writeUInt32LE(4, 0);
  head.writeUInt32LE(id.length, 4);
  head.writeUInt32LE(3, 8);
  return Buffer.concat([head, Buffer.from('GNU\0', 'latin1'), id]);
}
