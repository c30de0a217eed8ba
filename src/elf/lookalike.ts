/**
 * What people name in place of a vmlinux, told by its first bytes, and what to name instead. Without it an error could
 * only say that the file is no ELF file.
 */
export interface Lookalike {
  /** Of the error. */
  readonly code: string;
  /** What it is, behind the file's name. */
  readonly is: string;
  readonly why: string;
  readonly hint: string;
}

/** Bytes of a file's beginning that tell. */
export const lookalikeBytes = 0x206;

const bootImage: Lookalike = {
  code: 'KT-ELF-BOOT-IMAGE',
  is: 'an image to boot',
  why: 'what a boot loader starts (vmlinuz, bzImage, Image) has no debug information',
  hint: 'name the vmlinux that it was made of, from the package with debug symbols or the folder of the build',
};

const symbolMap: Lookalike = {
  code: 'KT-ELF-SYMBOL-MAP',
  is: 'a System.map or a copy of /proc/kallsyms',
  why: 'it has addresses and names of functions, and no source lines',
  hint: 'name a vmlinux; or this one with --system-map (analyze, symbolize, decode), for functions without lines',
};

/** Where a magic stands that makes a file an image to boot (Documentation/arch/x86/boot.rst, arm64/booting.rst). */
const bootMagic: readonly (readonly [number, string])[] = [
  // x86: the setup header, since boot protocol 2.00.
  [0x202, 'HdrS'],
  // arm64 Image; riscv has its "RSC\x05" at the same place.
  [0x38, 'ARM\x64'],
  [0x38, 'RSC\x05'],
  // drivers/firmware/efi/libstub/zboot-header.S: vmlinuz.efi, since 6.1.
  [0x04, 'zimg'],
];

/** A line of System.map and of /proc/kallsyms: an address (or zeros), a letter of nm's, a name. */
const mapLine = /^ {0,16}[0-9a-f]{8,16} [A-Za-z?] [^\s]/;

/** What a file that is no ELF file seems to be; `undefined` if it is none of those that are known. */
export function lookalikeOf(start: Uint8Array): Lookalike | undefined {
  const text = Buffer.from(start).toString('latin1');
  if (bootMagic.some(([offset, magic]) => text.startsWith(magic, offset))) return bootImage;
  return mapLine.test(text) ? symbolMap : undefined;
}
