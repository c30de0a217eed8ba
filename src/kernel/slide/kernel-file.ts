import { toBigAddress } from '../../elf/address.ts';
import type { Image } from '../../symbols/image.ts';
import type { KernelArchitecture } from '../kernel.ts';
import { SymbolNames } from '../symbol-names.ts';

/** What is looked up in a vmlinux to find its kernel; one search knows them all. */
const names = {
  both: [
    ...['_text', '_end', 'linux_banner', '__start_notes', '__stop_notes'],
    // Of all that is known to be code (see `GuestSymbols`), and what tells whether some of it is there still.
    ...['_stext', '_etext', '_sinittext', '_einittext', 'system_state'],
  ],
  x86_64: ['init_top_pgt', 'early_top_pgt', 'phys_base', 'asm_exc_page_fault', 'page_fault'],
  arm64: [
    'swapper_pg_dir',
    'tramp_pg_dir',
    'reserved_pg_dir',
    'init_pg_dir',
    'kimage_voffset',
    'vectors',
    '__entry_tramp_text_start',
    '__entry_tramp_text_end',
  ],
} as const;

/** A vmlinux, as far as it says what its kernel looks like in memory. Addresses are those of the file. */
export interface KernelFile {
  readonly image: Image;
  readonly architecture: KernelArchitecture;
  /** `_text`, where the image begins. */
  readonly text: bigint;
  /** Bytes of the image, without what is freed or allocated later. */
  readonly bytes: bigint;
  /** `linux_banner`. */
  readonly bannerAt: bigint;
  /** Its text, if the file has the contents. */
  readonly banner: string | undefined;
  readonly notes: { readonly at: bigint; readonly bytes: number } | undefined;
  readonly buildId: string | undefined;
  /** Where a symbol is in the file. */
  address(name: string): bigint | undefined;
}

/** Kernels are smaller than that, notes too. */
const mostImageBytes = 0x4000_0000n;
const mostNotesBytes = 65_536;

/**
 * Reads of a vmlinux what is needed to find its kernel; a text says why it cannot be.
 * @throws KtriageError KT-ELF-*
 */
export function readKernelFile(image: Image): KernelFile | string {
  const { machine } = image.elf;
  if (machine !== 'x86_64' && machine !== 'arm64')
    return `${image.path} is of ${machine}, which is not understood here`;
  const symbols = SymbolNames.of(image);
  symbols.prepare([...names.both, ...names[machine]]);
  const address = (name: string): bigint | undefined => {
    const symbol = symbols.named(name)[0];
    return symbol === undefined ? undefined : toBigAddress(symbol.address);
  };
  const text = address('_text');
  const bannerAt = address('linux_banner');
  if (text === undefined || bannerAt === undefined)
    return `${image.path} has no symbol ${text === undefined ? '_text' : 'linux_banner'}`;
  const end = address('_end') ?? text;
  return {
    image,
    architecture: machine,
    text,
    bytes: end > text && end - text < mostImageBytes ? end - text : mostImageBytes,
    bannerAt,
    banner: image.banner,
    notes: notesOf(address('__start_notes'), address('__stop_notes')),
    buildId: image.buildId,
    address,
  };
}

function notesOf(start: bigint | undefined, stop: bigint | undefined): KernelFile['notes'] {
  if (start === undefined || stop === undefined || stop <= start) return undefined;
  return { at: start, bytes: Math.min(Number(stop - start), mostNotesBytes) };
}
