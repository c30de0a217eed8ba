import { sectionType } from '../elf/constants.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { RelocationTable } from '../elf/relocation-table.ts';
import type { SectionHeader } from '../elf/section-table.ts';

/** Relocations of x86-64 that fill eight bytes: R_X86_64_64 and R_X86_64_PC64. All others in code fill four. */
const wide: ReadonlySet<number> = new Set([1, 24]);

/**
 * Which bytes of a module's section get other values when it is loaded: 1 for each that does. Nothing of a linked file
 * does, but for the kernel's move, see `code-file.ts`.
 * @throws KtriageError KT-ELF-*
 */
export function relocatedBytes(elf: ElfFile, section: SectionHeader, offset: number, length: number): Uint8Array {
  const mask = new Uint8Array(length);
  if (elf.type !== 'rel') return mask;
  for (const header of elf.sections) {
    if (header.info !== section.index || (header.type !== sectionType.rela && header.type !== sectionType.rel))
      continue;
    const table = new RelocationTable(elf.name, elf.data(header), elf, header.type === sectionType.rela);
    const fill = (): boolean =>
      table.forRange(Math.max(0, offset - 7), offset + length, ({ offset: place, type }) => {
        const bytes = elf.machine === 'x86_64' && wide.has(type) ? 8 : 4;
        mask.fill(1, Math.max(0, place - offset), Math.max(0, place - offset + bytes));
      });
    // It is read again if it turns out to be out of order.
    if (!fill()) fill();
  }
  return mask;
}
