import { ElfFile } from '../../src/elf/elf-file.ts';
import { memoryAccess } from '../../src/io/random-access.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { type ElfLiteral, writeElf } from '../helpers/elf-writer.ts';

export function open(literal: ElfLiteral, name = 'made.elf'): ElfFile {
  return openBytes(writeElf(literal), name);
}

export function openBytes(bytes: Uint8Array, name = 'made.elf'): ElfFile {
  return ElfFile.open(memoryAccess(bytes), name);
}

/** The contents of a section, all at once. */
export function contents(elf: ElfFile, name: string): Uint8Array {
  const section = elf.section(name);
  if (section === undefined) throw new Error(`no section ${name}`);
  const data = elf.data(section);
  return data.read(0, data.size);
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

/** What a call fails with: code and text. */
export function failure(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof KtriageError) return `${error.code}: ${error.message}: ${error.why}`;
    throw error;
  }
  return 'no failure';
}
