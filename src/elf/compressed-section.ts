import { DamagedDataError } from '../io/damaged.ts';
import { checkClaim, decompressBytes, type PieceCompression } from '../io/decompress-bytes.ts';
import type { ElfLayout } from './constants.ts';
import { badSection, unsupported } from './elf-error.ts';
import { Fields } from './fields.ts';
import { memoryContents, sectionData } from './section-contents.ts';
import type { SectionData } from './section-data.ts';

/** `ch_type` (gABI; ELFCOMPRESS_ZSTD since 2022). */
const compressionTypes: Readonly<Record<number, PieceCompression>> = { 1: 'zlib', 2: 'zstd' };

interface CompressedStart {
  readonly compression: PieceCompression;
  /** Bytes when decompressed. */
  readonly size: number;
  /** Where the compressed data begins. */
  readonly dataAt: number;
}

/** Old GNU form: the section is called `.zdebug_*`, begins with `ZLIB` and its size, always big endian. */
export function isOldCompressed(name: string): boolean {
  return name.startsWith('.zdebug_');
}

/** The contents of a section that is stored compressed. It is decompressed when it is first read, and kept. */
export function compressedContents(file: string, stored: SectionData, layout: ElfLayout): SectionData {
  const start = isOldCompressed(stored.name) ? oldStart(file, stored) : headerStart(file, stored, layout);
  told(file, stored, () => checkClaim(stored.size - start.dataAt, start.size, start.compression));
  let contents: SectionData | undefined;
  let failure: unknown;
  return sectionData(stored.name, start.size, (into, offset) => {
    // Who reads a string after the other would otherwise try again for each.
    if (failure !== undefined) throw failure;
    try {
      contents ??= memoryContents(stored.name, decompress(file, stored, start));
    } catch (error) {
      failure = error;
      throw error;
    }
    return contents.readInto(into, offset);
  });
}

function decompress(file: string, stored: SectionData, { compression, size, dataAt }: CompressedStart): Uint8Array {
  return told(file, stored, () => decompressBytes(stored.read(dataAt, stored.size - dataAt), size, compression));
}

/** Damaged data as an error that names the section. */
function told<Result>(file: string, stored: SectionData, call: () => Result): Result {
  try {
    return call();
  } catch (error) {
    if (error instanceof DamagedDataError) throw badSection(file, stored.name, error.message);
    throw error;
  }
}

/** `Elf32_Chdr`, `Elf64_Chdr`. */
function headerStart(file: string, stored: SectionData, layout: ElfLayout): CompressedStart {
  const dataAt = layout.is64 ? 24 : 12;
  const bytes = stored.read(0, dataAt);
  if (bytes.length < dataAt) throw badSection(file, stored.name, 'it is too short for the header of compressed data');
  const fields = new Fields(bytes, layout);
  const type = fields.u32(0);
  const compression = compressionTypes[type];
  if (compression === undefined)
    throw unsupported(
      file,
      stored.name,
      `it is compressed in a way that is not known (type ${type}; zlib and zstd are)`,
      'decompress it: objcopy --decompress-debug-sections',
    );
  return { compression, size: layout.is64 ? fields.word(8) : fields.word(4), dataAt };
}

function oldStart(file: string, stored: SectionData): CompressedStart {
  const bytes = stored.read(0, 12);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (bytes.length < 12 || magic !== 'ZLIB') throw badSection(file, stored.name, 'it does not begin with ZLIB');
  return { compression: 'zlib', size: new Fields(bytes, { is64: true, littleEndian: false }).u64(4), dataAt: 12 };
}
