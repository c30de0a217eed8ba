import type { RandomAccess } from '../io/random-access.ts';
import { truncated } from './elf-error.ts';
import { Fields } from './fields.ts';
import { type ElfHeader, readExactly } from './header.ts';

/** A segment: a part of the file and where in memory it belongs. */
export interface ProgramHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly virtualAddress: number;
  readonly physicalAddress: number;
  readonly fileSize: number;
  readonly memorySize: number;
  readonly alignment: number;
}

/** Dumps have one for each range of memory, some thousands at most; more of them are not looked at. */
const maxSegments = 1_048_576;

/** @throws KtriageError KT-ELF-TRUNCATED */
export function readProgramHeaders(access: RandomAccess, file: string, header: ElfHeader): ProgramHeader[] {
  const { offset, entrySize, count } = header.segments;
  const used = Math.min(count, maxSegments);
  const bytes = readExactly(access, offset, used * entrySize);
  if (bytes === undefined) throw truncated(file, 'the program headers', 'the file became shorter');
  const fields = new Fields(bytes, header);
  const found: ProgramHeader[] = [];
  for (let index = 0; index < used; index++) {
    const at = index * entrySize;
    // In 64-bit files p_flags comes second, in 32-bit ones it is the last but one.
    if (header.is64)
      found.push({
        type: fields.u32(at),
        flags: fields.u32(at + 4),
        offset: fields.u64(at + 8),
        virtualAddress: fields.address(at + 16),
        physicalAddress: fields.address(at + 24),
        fileSize: fields.u64(at + 32),
        memorySize: fields.u64(at + 40),
        alignment: fields.u64(at + 48),
      });
    else
      found.push({
        type: fields.u32(at),
        flags: fields.u32(at + 24),
        offset: fields.u32(at + 4),
        virtualAddress: fields.u32(at + 8),
        physicalAddress: fields.u32(at + 12),
        fileSize: fields.u32(at + 16),
        memorySize: fields.u32(at + 20),
        alignment: fields.u32(at + 28),
      });
  }
  return found;
}
