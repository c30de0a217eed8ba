import type { RandomAccess } from '../io/random-access.ts';
import type { SectionData } from './section-data.ts';

/** What readInto() of a section does; the rest of SectionData is the same for all. */
export type ReadInto = (into: Uint8Array, offset: number) => number;

/** No more is read at once: who wants more reads it in windows. Sizes of sections without contents can be any. */
const maxReadBytes = 1_073_741_824;

/** A section by its way of being read. `readInto` is only asked for what is inside. */
export function sectionData(name: string, size: number, readInto: ReadInto): SectionData {
  const clipped: ReadInto = (into, offset) => {
    if (!Number.isSafeInteger(offset) || offset < 0 || offset >= size || into.length === 0) return 0;
    const length = Math.min(into.length, size - offset);
    return readInto(length === into.length ? into : into.subarray(0, length), offset);
  };
  return {
    name,
    size,
    readInto: clipped,
    read(offset: number, length: number): Uint8Array {
      const wanted = Math.max(0, Math.min(length, size - offset, maxReadBytes));
      // Also for offsets and lengths that are no numbers of bytes.
      if (!Number.isSafeInteger(wanted) || !(offset >= 0)) return new Uint8Array(0);
      const bytes = new Uint8Array(wanted);
      const filled = clipped(bytes, offset);
      return filled === wanted ? bytes : bytes.subarray(0, filled);
    },
  };
}

/** A part of the file as it is. */
export function fileContents(access: RandomAccess, name: string, start: number, size: number): SectionData {
  return sectionData(name, size, (into, offset) => access.readInto(into, start + offset));
}

/** Bytes in memory. */
export function memoryContents(name: string, bytes: Uint8Array): SectionData {
  return sectionData(name, bytes.length, (into, offset) => {
    into.set(bytes.subarray(offset, offset + into.length));
    return into.length;
  });
}
