import { isFile, sharedFilePaths } from '../elf/debug-files.ts';
import { alternateLink, sharedFileId } from '../elf/debug-link.ts';
import { ElfFile } from '../elf/elf-file.ts';
import { openRandomAccess } from '../io/random-access.ts';
import { KtriageError } from '../util/errors.ts';
import { elfDebugSections } from './elf-sections.ts';
import type { Problems } from './problems.ts';
import type { DebugSections } from './sections.ts';
import { Supplement } from './supplement.ts';

/** What a file shares with others, opened when it is asked for. */
export interface OpenedSupplement {
  /** Makes the reader of it. */
  readonly make: (problems: Problems) => Supplement;
  close(): void;
}

/**
 * The file that `dwz` moved parts of this file's debug information to. It must have the build ID that the link says.
 * @param root what stands in place of `/`.
 */
export function openSupplement(elf: ElfFile, root: string): OpenedSupplement {
  let opened: ElfFile | undefined;
  const open = (): DebugSections | string => {
    const found = findSupplement(elf, root);
    if (typeof found === 'string') return found;
    opened = found;
    return elfDebugSections(found);
  };
  return { make: (problems) => new Supplement(open, problems), close: () => opened?.close() };
}

/** The open file, or why there is none. */
function findSupplement(elf: ElfFile, root: string): ElfFile | string {
  const link = alternateLink(elf);
  if (link === undefined) return `${elf.name} has a link to another file that makes no sense`;
  const paths = sharedFilePaths(elf.name, link.file, link.buildId, root);
  const reasons: string[] = [];
  for (const path of paths) {
    if (!isFile(path)) continue;
    try {
      const file = ElfFile.open(openRandomAccess(path), path);
      const id = sharedFileId(file);
      if (id === link.buildId) return file;
      file.close();
      reasons.push(`${path} has the build ID ${id ?? '(none)'}, not ${link.buildId}`);
    } catch (error) {
      if (!(error instanceof KtriageError)) throw error;
      reasons.push(`${path}: ${error.why}`);
    }
  }
  return reasons.length > 0 ? reasons.join('; ') : `${link.file} is at none of ${paths.join(', ')}`;
}
