/** The contents of a section, read in windows: decompressed where stored compressed, relocated where the file is ET_REL. */
export interface SectionData {
  readonly name: string;
  /** Bytes of the contents, uncompressed. */
  readonly size: number;
  /** Copies [offset, offset + into.length) into `into`; returns the bytes copied, fewer at the end of the section. */
  readInto(into: Uint8Array, offset: number): number;
  /** The same as a fresh array, clipped to the section (and to 1 GiB). */
  read(offset: number, length: number): Uint8Array;
}
