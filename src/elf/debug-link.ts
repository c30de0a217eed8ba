import { createRequire } from 'node:module';
import type { RandomAccess } from '../io/random-access.ts';
import type { ElfFile } from './elf-file.ts';
import { Fields } from './fields.ts';

/** Where a stripped file's debug information is (`.gnu_debuglink`). */
export interface DebugLink {
  /** A file name without folders: beside the file, in `.debug/`, or below the root of debug files. */
  readonly file: string;
  /** CRC-32 of that file. */
  readonly crc: number;
}

/** A file that several files of debug information share parts of (`.gnu_debugaltlink`, made by dwz). */
export interface AlternateLink {
  readonly file: string;
  readonly buildId: string;
}

const maxLinkBytes = 4096;
const windowBytes = 1_048_576;

/** The section's text up to its NUL, and what follows. */
function linkSection(elf: ElfFile, name: string): { file: string; rest: Uint8Array; restAt: number } | undefined {
  const section = elf.section(name);
  if (section === undefined || !elf.hasContents(section)) return undefined;
  const bytes = elf.data(section).read(0, maxLinkBytes);
  const nul = bytes.indexOf(0);
  if (nul <= 0) return undefined;
  return {
    file: Buffer.from(bytes.subarray(0, nul)).toString('latin1'),
    rest: bytes.subarray(nul + 1),
    restAt: nul + 1,
  };
}

/** The debug link, if there is one that makes sense: the CRC is in the last four bytes, aligned to four. */
export function debugLink(elf: ElfFile): DebugLink | undefined {
  const link = linkSection(elf, '.gnu_debuglink');
  // A file elsewhere is nobody's debug file: the name must not lead to other folders.
  if (link === undefined || link.file.includes('/')) return undefined;
  const at = Math.ceil(link.restAt / 4) * 4 - link.restAt;
  if (link.rest.length < at + 4) return undefined;
  return { file: link.file, crc: new Fields(link.rest.subarray(at, at + 4), elf).u32(0) };
}

/** The link to the file with shared debug information, if there is one. */
export function alternateLink(elf: ElfFile): AlternateLink | undefined {
  const link = linkSection(elf, '.gnu_debugaltlink');
  if (link === undefined || link.rest.length === 0) return undefined;
  return { file: link.file, buildId: Buffer.from(link.rest).toString('hex') };
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
