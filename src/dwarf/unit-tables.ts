import type { SectionData } from '../elf/section-data.ts';
import { Budget } from './budget.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { Encoding } from './forms.ts';
import type { SectionKind, SectionSet } from './sections.ts';
import { StringSection } from './strings.ts';

const window = 4096;

/** Length, version and padding, or address size and segment size, which the tables of DWARF 5 begin with (7.26, 7.27). */
function headerSize({ is64 }: Encoding): number {
  return is64 ? 16 : 8;
}

/** What units refer to in a file that several files share, by offsets of its own sections. */
export interface SharedEntries {
  /** The string at an offset of its `.debug_str`. */
  string(offset: number): string | undefined;
  /** The name of the function whose entry is at an offset of its `.debug_info`. */
  name(entry: number): string | undefined;
}

/** The tables of a file that units refer to with offsets and indexes: strings and addresses. */
export class UnitTables {
  readonly set: SectionSet;
  /** What the question at hand may still cost; set anew for each. */
  budget = new Budget();
  /** Those of the file that several files share parts of, which has strings of this one; see `supplement.ts`. */
  supplement: SharedEntries | undefined;
  readonly #strings = new Map<SectionKind, StringSection | undefined>();
  readonly #cursors = new Map<SectionKind, Cursor | undefined>();

  constructor(set: SectionSet) {
    this.set = set;
  }

  /** The string that stands in `.debug_info` itself. */
  info(offset: number): string | undefined {
    return this.#section('info')?.at(offset);
  }

  /** The string that stands in `.debug_line` itself. */
  line(offset: number): string | undefined {
    return this.#section('line')?.at(offset);
  }

  /** The 64 bits at an offset of `.debug_info`. */
  infoNumber(offset: number): bigint | undefined {
    const cursor = this.cursor('info');
    cursor?.seek(offset, 8);
    return cursor?.u64Exact();
  }

  string(offset: number): string | undefined {
    return this.#section('str')?.at(offset);
  }

  lineString(offset: number): string | undefined {
    return this.#section('line_str')?.at(offset);
  }

  /** The string with an index of `.debug_str_offsets`. `base` is missing in split units, which use the whole section. */
  indexedString(index: number, base: number | undefined, encoding: Encoding): string | undefined {
    const cursor = this.cursor('str_offsets');
    if (cursor === undefined) {
      return undefined;
    }
    const width = encoding.is64 ? 8 : 4;
    const start = base ?? (encoding.version >= 5 ? headerSize(encoding) : 0);
    const at = start + index * width;
    if (at + width > cursor.section.size) {
      return undefined;
    }
    cursor.go(at, width, window);
    return this.string(cursor.sectionOffset(encoding.is64));
  }

  /** The address with an index of `.debug_addr`. */
  indexedAddress(index: number, base: number | undefined, encoding: Encoding): number {
    const cursor = this.cursor('addr');
    if (cursor === undefined) {
      throw dwarfError('DAMAGED', '.debug_addr', 0, 'an address is referred to by index, but the section is missing');
    }
    const start = base ?? (encoding.version >= 5 ? headerSize(encoding) : 0);
    cursor.go(start + index * encoding.addressSize, encoding.addressSize, window);
    return cursor.address(encoding.addressSize);
  }

  /** A cursor on a section for whoever reads windows of it; undefined where the section is missing. */
  cursor(kind: SectionKind): Cursor | undefined {
    if (!this.#cursors.has(kind)) {
      const section = this.set.get(kind);
      this.#cursors.set(kind, section && new Cursor(section, this.set.littleEndian));
    }
    return this.#cursors.get(kind);
  }

  #section(kind: SectionKind): StringSection | undefined {
    if (!this.#strings.has(kind)) {
      const section: SectionData | undefined = this.set.get(kind);
      this.#strings.set(kind, section && new StringSection(section));
    }
    return this.#strings.get(kind);
  }
}
