import type { ElfFile } from '../elf/elf-file.ts';
import { DebugInfo, type DebugInfoOptions } from './debug-info.ts';
import { elfDebugSections, openSplitFile } from './elf-sections.ts';
import type { KnownUnits } from './unit-finder.ts';

/** The debug information of a file that is open, and what to close when it is not asked any more. */
export interface OpenedDebugInfo {
  readonly info: DebugInfo;
  close(): void;
}

type Options = { -readonly [Key in keyof DebugInfoOptions]: DebugInfoOptions[Key] };

/**
 * The debug information of an ELF file with all that belongs to it in other files: `.dwo` files and packages of them,
 * the file that `dwz` made. What a file has not is not loaded, as most have nothing of it.
 * @param root what stands in place of `/` where packages put their files.
 * @param unitAt knows the units of some addresses already.
 */
export async function openDebugInfo(elf: ElfFile, root = '', unitAt?: KnownUnits): Promise<OpenedDebugInfo> {
  const { name } = elf;
  const has = (section: string): boolean => {
    const found = elf.section(section);
    return found !== undefined && elf.hasContents(found);
  };
  const opened: { close(): void }[] = [];
  const options: Options = {
    openSplitFile,
    ...(unitAt && { unitAt }),
    directory: name.slice(0, Math.max(name.lastIndexOf('/'), 0)) || '.',
  };
  if (has('.gnu_debugaltlink') || has('.debug_sup')) {
    const { openSupplement } = await import('./open-supplement.ts');
    const supplement = openSupplement(elf, root);
    opened.push(supplement);
    options.supplement = supplement.make;
  }
  // Skeletons of split debug information have their addresses there.
  if (has('.debug_addr')) {
    const { openPackage } = await import('./open-package.ts');
    const found = openPackage(name);
    if (found !== undefined) {
      opened.push(found);
      options.splitPackage = found;
    }
  }
  const index = has('.debug_aranges') ? undefined : elf.section('.gdb_index');
  if (index !== undefined && elf.hasContents(index)) {
    const { readGdbIndex } = await import('./gdb-index.ts');
    options.readUnitRanges = (store, into) => readGdbIndex(elf.data(index), store, into);
  }
  return {
    info: new DebugInfo(elfDebugSections(elf), options),
    close: () => {
      for (const each of opened) each.close();
    },
  };
}
