import type { SectionData } from '../elf/section-data.ts';

/** What DWARF calls its sections, without `.debug_` in front and `.dwo` behind. */
export type SectionKind =
  | 'info'
  | 'abbrev'
  | 'line'
  | 'str'
  | 'line_str'
  | 'str_offsets'
  | 'addr'
  | 'aranges'
  | 'ranges'
  | 'rnglists'
  | 'loc'
  | 'loclists'
  | 'types'
  | 'frame'
  | 'names'
  | 'cu_index'
  | 'tu_index';

/** The name of a section of debug information; those of split files end in `.dwo`. */
export type DebugSectionName = `.debug_${SectionKind}` | `.debug_${SectionKind}.dwo`;

/** Where the sections of one file come from: decompressed, and relocated if the file is relocatable. */
export interface DebugSections {
  get(name: DebugSectionName): SectionData | undefined;
  readonly littleEndian: boolean;
  readonly addressSize: 4 | 8;
  /** Closes the file, if it was opened for these sections alone, as split files are. */
  close?(): void;
}

/** The sections of one file that belong together: those of the file itself, or the `.dwo` ones. */
export class SectionSet {
  readonly littleEndian: boolean;
  readonly addressSize: 4 | 8;
  readonly split: boolean;
  readonly #sections: DebugSections;

  constructor(sections: DebugSections, split: boolean) {
    this.#sections = sections;
    this.littleEndian = sections.littleEndian;
    this.addressSize = sections.addressSize;
    this.split = split;
  }

  get(kind: SectionKind): SectionData | undefined {
    return this.#sections.get(this.split ? `.debug_${kind}.dwo` : `.debug_${kind}`);
  }
}
