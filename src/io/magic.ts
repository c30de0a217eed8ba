/** How an input is compressed. */
export type Compression = 'none' | 'gzip' | 'xz' | 'zstd';

/** How an input's text is encoded, as far as its first bytes tell: by a byte order mark, or not at all (`bytes`). */
export type Encoding = 'bytes' | 'utf-8' | 'utf-16le' | 'utf-16be';

/** Bytes at the start of an input that tell what it is. */
export const magicBytes = 6;

const compressions: readonly (readonly [Compression, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
];

const encodings: readonly (readonly [Encoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

function beginsWith(start: Uint8Array, magic: readonly number[]): boolean {
  return start.length >= magic.length && magic.every((byte, index) => start[index] === byte);
}

export function compressionOf(start: Uint8Array): Compression {
  const found = compressions.find(([, magic]) => beginsWith(start, magic))?.[0];
  if (found !== undefined) return found;
  // Skippable frames (0x184D2A50 to 5F) may stand before the first one: pzstd and seekable zstd write them.
  const skippable = beginsWith(start.subarray(1), [0x2a, 0x4d, 0x18]) && ((start[0] ?? 0) & 0xf0) === 0x50;
  return skippable ? 'zstd' : 'none';
}

export function encodingOf(start: Uint8Array): Encoding {
  return encodings.find(([, magic]) => beginsWith(start, magic))?.[0] ?? 'bytes';
}

/** Beginnings of files that lie around next to logs and are none. */
const binaryMagic: readonly (readonly number[])[] = [
  [0x7f, 0x45, 0x4c, 0x46], // ELF
  [0x89, 0x50, 0x4e, 0x47], // PNG
  [0xff, 0xd8, 0xff], // JPEG
  [0x47, 0x49, 0x46, 0x38], // GIF
  [0x25, 0x50, 0x44, 0x46], // PDF
  [0x50, 0x4b, 0x03, 0x04], // zip, jar, office documents
  [0x42, 0x5a, 0x68], // bzip2
  [0x37, 0x7a, 0xbc, 0xaf], // 7z
  [0x4d, 0x5a], // PE: EFI binaries, bzImage
  [0x51, 0x46, 0x49, 0xfb], // qcow2
  [0x4b, 0x44, 0x55, 0x4d, 0x50, 0x20, 0x20, 0x20], // kdump-compressed dump
  [0x6d, 0x61, 0x6b, 0x65, 0x64, 0x75, 0x6d, 0x70], // makedumpfile flattened dump
  [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], // SQLite
  [0x4c, 0x50, 0x4b, 0x53, 0x48, 0x48, 0x52, 0x48], // binary journal of journald
];

/** Of so many bytes this share may be NUL: consoles deliver some when a machine resets. */
const nulShare = 0.1;

/** True if a file that begins so is surely no log. Compressed files and UTF-16 text are not judged. */
export function looksBinary(start: Uint8Array): boolean {
  if (compressionOf(start) !== 'none') return false;
  if (encodingOf(start) === 'utf-16le' || encodingOf(start) === 'utf-16be') return false;
  if (binaryMagic.some((magic) => beginsWith(start, magic))) return true;
  let nuls = 0;
  for (const byte of start) if (byte === 0) nuls++;
  return nuls > start.length * nulShare;
}
