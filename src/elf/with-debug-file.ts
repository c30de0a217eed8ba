import { openRandomAccess } from '../io/random-access.ts';
import { KtriageError } from '../util/errors.ts';
import { sectionFlag, sectionType } from './constants.ts';
import { buildIdFiles, debugFilePaths, isFile } from './debug-files.ts';
import { type DebugLink, debugLink, fileCrc } from './debug-link.ts';
import type { ElfFile } from './elf-file.ts';
import { openElf } from './open-elf.ts';

/** A file with the one that its debug information was split off into. Without such a one all are the same. */
export interface ElfFiles {
  /** The file that was asked for; it has the contents of what is loaded: code, the banner, what a module says of itself. */
  readonly loaded: ElfFile;
  /** The one of the two that has more symbols. */
  readonly symbols: ElfFile;
  /** The one that has the debug information, if one has. */
  readonly debug: ElfFile;
}

export interface DebugFileOptions {
  /** What stands in place of `/` where packages put their files; default `/` itself. */
  readonly root?: string;
  readonly signal?: AbortSignal;
  /** Called with each file that is there and was not taken. */
  readonly onRefused?: (path: string, why: string) => void;
}

/**
 * Adds to an open file the one with its debug information, if it has none itself: by its build ID, by the link in it
 * (`.gnu_debuglink`), or by its name. The other must have the same build ID; where one of them has none, it must be
 * what the link says, with the CRC that it says (a vmlinux takes half a second to sum up, so that build IDs go first).
 * `loaded` stays the caller's to close; so is `debug`.
 * @throws the signal's reason if it is aborted; KtriageError KT-ELF-* if the link itself is damaged.
 */
export async function withDebugFile(loaded: ElfFile, options: DebugFileOptions = {}): Promise<ElfFiles> {
  const alone: ElfFiles = { loaded, symbols: loaded, debug: loaded };
  if (loaded.hasDebugInfo) return alone;
  const { root = '', onRefused = () => {} } = options;
  const link = debugLink(loaded);
  const byId = buildIdFiles(loaded.buildId, root);
  for (const path of [...byId, ...debugFilePaths(loaded.name, link?.file, root)]) {
    options.signal?.throwIfAborted();
    if (!isFile(path)) continue;
    const found = await openFitting(path, loaded, link, options.signal);
    if (typeof found === 'string') onRefused(path, found);
    else return { loaded, symbols: symbolCount(found) < symbolCount(loaded) ? loaded : found, debug: found };
  }
  return alone;
}

/** The file, or why it is not the one. */
async function openFitting(
  path: string,
  loaded: ElfFile,
  link: DebugLink | undefined,
  signal: AbortSignal | undefined,
): Promise<ElfFile | string> {
  let file: ElfFile | undefined;
  try {
    file = await openElf(path, signal);
    const why = whyOther(file, loaded, path, link);
    if (why === undefined) return file;
    file.close();
    return why;
  } catch (error) {
    file?.close();
    if (!(error instanceof KtriageError)) throw error;
    return error.why;
  }
}

/** Why a file is not the debug file of another; undefined if it is. */
function whyOther(file: ElfFile, loaded: ElfFile, path: string, link: DebugLink | undefined): string | undefined {
  if (!file.hasDebugInfo) return 'it has no debug information';
  if (file.buildId !== undefined && loaded.buildId !== undefined) {
    if (file.buildId !== loaded.buildId)
      return `its build ID is ${file.buildId}, that of ${loaded.name} ${loaded.buildId}`;
  } else if (link === undefined || !path.endsWith(`/${link.file}`))
    return `nothing says that it belongs to ${loaded.name}: a build ID is missing`;
  else if (crcOf(path) !== link.crc) return `its CRC is not what ${loaded.name} says`;
  return sameCode(file, loaded) ? undefined : `its sections of code are not those of ${loaded.name}`;
}

function crcOf(path: string): number {
  const access = openRandomAccess(path);
  try {
    return fileCrc(access);
  } finally {
    access.close();
  }
}

/** Whether addresses mean the same in both: debug files keep the headers of all sections, without their contents. */
function sameCode(one: ElfFile, other: ElfFile): boolean {
  if (one.machine !== other.machine || one.is64 !== other.is64 || one.littleEndian !== other.littleEndian) return false;
  if ((one.type === 'rel') !== (other.type === 'rel')) return false;
  const wanted = sectionFlag.alloc | sectionFlag.execute;
  return other.sections.every((section) => {
    if ((section.flags & wanted) !== wanted || section.size === 0) return true;
    const same = one.section(section.name);
    // Several sections of one name: the first stands for them.
    if (same === undefined || other.section(section.name) !== section) return same !== undefined;
    return same.address === section.address && same.size === section.size;
  });
}

/** Entries of `.symtab`; what is only for dynamic linking is not a kernel's. */
function symbolCount(elf: ElfFile): number {
  const table = elf.sections.find(({ type }) => type === sectionType.symtab);
  return table === undefined ? 0 : table.size / (elf.is64 ? 24 : 16);
}
