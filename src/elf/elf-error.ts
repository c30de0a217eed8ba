import { KtriageError } from '../util/errors.ts';
import type { Lookalike } from './lookalike.ts';

/** Where in a file something is wrong: a section's name, or a part of the file in words (`the section headers`). */
export type ElfPlace = string;

/** A file that is no ELF file at all. */
export function notElf(file: string, why: string): KtriageError {
  return new KtriageError(
    'KT-ELF-NOT-ELF',
    `${file} is no ELF file`,
    why,
    'name a vmlinux, a module (.ko) or a file of debug information',
  );
}

/** A file that is no ELF file, and known to be something else. */
export function anotherFile(file: string, { code, is, why, hint }: Lookalike): KtriageError {
  return new KtriageError(code, `${file} is ${is}, no ELF file`, why, hint);
}

const reading = (file: string, place: ElfPlace): string =>
  `cannot read ${place === '' ? 'a section without a name' : place} of ${file}`;

/** A file that ends before what its headers speak of. */
export function truncated(file: string, place: ElfPlace, why: string): KtriageError {
  return new KtriageError(
    'KT-ELF-TRUNCATED',
    reading(file, place),
    why,
    'the file is cut off or still being written: fetch or build it again',
  );
}

/** A section whose contents cannot be what they are said to be. */
export function badSection(file: string, place: ElfPlace, why: string): KtriageError {
  return new KtriageError(
    'KT-ELF-SECTION',
    reading(file, place),
    why,
    'the file is damaged, or made by a tool that is not known: check it with readelf, fetch or build it again',
  );
}

/** What is right in itself and not understood. */
export function unsupported(file: string, place: ElfPlace, why: string, hint: string): KtriageError {
  return new KtriageError('KT-ELF-UNSUPPORTED', reading(file, place), why, hint);
}
