import { createRequire } from 'node:module';
import type { RandomAccess } from '../io/random-access.ts';
import type { ElfFile } from './elf-file.ts';
import { Fields } from './fields.ts';
import type { SectionHeader } from './section-table.ts';

/** Where a stripped file's debug information is (`.gnu_debuglink`). */
export interface DebugLink {
  /** A file name without folders: beside the file, in `.debug/`, or below the root of debug files. */
  readonly file: string;
  /** CRC-32 of that file. */
  readonly crc: number;
}

/**
 * A file that several files of debug information share parts of: `.gnu_debugaltlink`, since DWARF 5 `.debug_sup` (7.3.6).
 * dwz makes both.
 */
export interface AlternateLink {
  /** A path, or one that begins where the file is. */
  readonly file: string;
  /** In hex; of `.debug_sup` the checksum. */
  readonly buildId: string;
}

const maxLinkBytes = 4096;
const windowBytes = 1_048_576;

interface LinkSection {
  readonly section: SectionHeader;
  readonly file: string;
  readonly rest: Uint8Array;
  readonly restAt: number;
}

/** The section's text up to its NUL, and what follows. The text begins at `start`. */
function linkSection(elf: ElfFile, name: string, start = 0): LinkSection | undefined {
  const section = elf.section(name);
  if (section === undefined || !elf.hasContents(section)) return undefined;
  const bytes = elf.data(section).read(0, maxLinkBytes);
  const nul = bytes.indexOf(0, start);
  if (nul < start) return undefined;
  return {
    section,
    // Names of files are any bytes; those of packages are UTF-8.
    file: Buffer.from(bytes.subarray(start, nul)).toString('utf8'),
    rest: bytes.subarray(nul + 1),
    restAt: nul + 1,
  };
}

/** The debug link, if there is one that makes sense: the CRC is in the last four bytes, aligned to four. */
export function debugLink(elf: ElfFile): DebugLink | undefined {
  const link = linkSection(elf, '.gnu_debuglink');
  // A file elsewhere is nobody's debug file: the name must not lead to other folders.
  if (link === undefined || link.file === '' || link.file.includes('/')) return undefined;
  const at = Math.ceil(link.restAt / 4) * 4 - link.restAt;
  if (link.rest.length < at + 4) return undefined;
  return { file: link.file, crc: new Fields(link.rest.subarray(at, at + 4), elf).u32(0) };
}

/** The link to the file with shared debug information, if there is one. */
export function alternateLink(elf: ElfFile): AlternateLink | undefined {
  const link = linkSection(elf, '.gnu_debugaltlink');
  if (link === undefined) return supplementaryLink(elf);
  return link.rest.length === 0 || link.file === ''
    ? undefined
    : { file: link.file, buildId: Buffer.from(link.rest).toString('hex') };
}

/** What a file that others share parts of is known by: its build ID, since DWARF 5 a checksum of its own. */
export function sharedFileId(elf: ElfFile): string | undefined {
  const own = supplementarySection(elf);
  return own?.isShared ? own.id : elf.buildId;
}

function supplementaryLink(elf: ElfFile): AlternateLink | undefined {
  const found = supplementarySection(elf);
  return found === undefined || found.isShared || found.file === ''
    ? undefined
    : { file: found.file, buildId: found.id };
}

/** `.debug_sup`: version, whether this is the shared file itself, the other's name, length and bytes of the checksum. */
function supplementarySection(elf: ElfFile): { isShared: boolean; file: string; id: string } | undefined {
  const link = linkSection(elf, '.debug_sup', 3);
  if (link === undefined) return undefined;
  const [isShared] = elf.data(link.section).read(2, 1);
  // No checksum is longer than what one byte of LEB128 holds.
  const [length = 0] = link.rest;
  if (length === 0 || length >= 0x80 || link.rest.length < 1 + length) return undefined;
  const id = Buffer.from(link.rest.subarray(1, 1 + length)).toString('hex');
  return { isShared: isShared === 1, file: link.file, id };
}

type Crc32 = (bytes: Uint8Array, start: number) => number;

function isCrc32(value: unknown): value is Crc32 {
  return typeof value === 'function';
}

/** CRC-32 of a whole file, as a debug link has it. A vmlinux takes half a second. */
export function fileCrc(access: RandomAccess): number {
  const zlib: unknown = createRequire(import.meta.url)('node:zlib');
  const crc32: unknown = typeof zlib === 'object' && zlib !== null ? Reflect.get(zlib, 'crc32') : undefined;
  if (!isCrc32(crc32)) throw new Error('node:zlib has no crc32');
  const window = new Uint8Array(Math.min(windowBytes, access.size));
  let crc = 0;
  for (let offset = 0; offset < access.size; ) {
    const read = access.readInto(window, offset);
    if (read === 0) break;
    crc = crc32(window.subarray(0, read), crc);
    offset += read;
  }
  return crc;
}
