import { isFile } from '../elf/debug-files.ts';
import { ElfFile } from '../elf/elf-file.ts';
import { openRandomAccess } from '../io/random-access.ts';
import { KtriageError } from '../util/errors.ts';
import type { DebugSections } from './sections.ts';

/** The debug information of an ELF file. Sections without contents, as stripped files have them, are not there. */
export function elfDebugSections(file: ElfFile): DebugSections {
  return {
    littleEndian: file.littleEndian,
    addressSize: file.is64 ? 8 : 4,
    get(name) {
      const section = file.section(name);
      return section !== undefined && file.hasContents(section) ? file.data(section) : undefined;
    },
  };
}

/** Opens a file of split debug information; undefined where there is none that can be read. */
export function openSplitFile(path: string): DebugSections | undefined {
  // Its name comes from the debug information: it could be a pipe, which waits for who writes to it.
  if (!isFile(path)) return undefined;
  try {
    const file = ElfFile.open(openRandomAccess(path), path);
    return { ...elfDebugSections(file), close: () => file.close() };
  } catch (error) {
    if (error instanceof KtriageError) {
      return undefined;
    }
    throw error;
  }
}
