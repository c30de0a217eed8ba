import type { ElfFile } from '../elf/elf-file.ts';
import { btfError } from './errors.ts';
import { mostBytes } from './header.ts';

/** Where BTF comes from: a vmlinux or module, or bytes that were read from a guest's memory. */
export type BtfSource = ElfFile | BtfBytes;

export interface BtfBytes {
  /** What they are called in messages. */
  readonly name: string;
  /** `__start_BTF` to `__stop_BTF` of a kernel, `btf_data` of a module. They are not copied: they must not change. */
  readonly bytes: Uint8Array;
  /** `btf_base_data` of a module (`.BTF.base`), where it has one. */
  readonly base?: Uint8Array;
  /** Bytes of a pointer; taken from the size of `long` where it is not said. */
  readonly pointerSize?: 4 | 8;
}

/**
 * The bytes of `.BTF` and `.BTF.base`.
 * @throws KtriageError KT-BTF-MISSING, KT-BTF-DAMAGED, KT-ELF-*
 */
export function readSource(source: BtfSource): BtfBytes {
  if ('bytes' in source) return source;
  const bytes = section(source, '.BTF');
  if (bytes === undefined) throw btfError('MISSING', source.name, 'there is no section .BTF with contents');
  const base = section(source, '.BTF.base');
  return { name: source.name, bytes, ...(base !== undefined && { base }), pointerSize: source.is64 ? 8 : 4 };
}

function section(elf: ElfFile, name: string): Uint8Array | undefined {
  const header = elf.section(name);
  if (header === undefined || !elf.hasContents(header)) return undefined;
  if (header.size > mostBytes)
    throw btfError('DAMAGED', elf.name, `${name} has ${header.size} bytes, more than is believed`);
  return elf.data(header).read(0, header.size);
}
