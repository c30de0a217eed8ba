import { DamagedDataError } from '../io/damaged.ts';
import { compressionOf, magicBytes } from '../io/magic.ts';
import { openRandomAccess, type RandomAccess } from '../io/random-access.ts';
import { badSection } from './elf-error.ts';
import { ElfFile } from './elf-file.ts';

/**
 * Opens an ELF file; one that is compressed as a whole (`.ko.xz`, `.ko.zst`, `.ko.gz`, `vmlinux.xz`) is unpacked first:
 * to memory, or if it is large to a temporary file that is gone when it is closed.
 * @throws KtriageError KT-FILE-*, KT-ELF-*; the signal's reason if it is aborted.
 */
export async function openElf(path: string, signal?: AbortSignal): Promise<ElfFile> {
  const stored = openRandomAccess(path);
  let access: RandomAccess = stored;
  try {
    const start = new Uint8Array(magicBytes);
    const compression = compressionOf(start.subarray(0, stored.readInto(start, 0)));
    // Loaded when it is needed: most files are as they are.
    if (compression !== 'none') access = await (await import('../io/unpack.ts')).unpack(stored, compression, signal);
    return ElfFile.open(access, path);
  } catch (error) {
    access.close();
    if (access !== stored) stored.close();
    if (error instanceof DamagedDataError) throw badSection(path, 'the compressed data', error.message);
    throw error;
  }
}
