import type { SectionData } from '../elf/section-data.ts';
import { Attribute, Form, Tag } from './constants.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { type Encoding, formSize, formSizes, variableSize } from './forms.ts';

const firstWindow = 8192;
/** The largest table of Debian's kernels has 9 KB; whole-program units of link-time optimisation stay below this too. */
const largestTable = 1 << 22;

/** What an abbreviation's entries are to someone who looks for code; bits, as an entry may be several. */
export const Trait = {
  hasChildren: 1,
  /** A subprogram with addresses. */
  function: 2,
  /** An inlined subroutine with addresses. */
  inlined: 4,
  /** A lexical block. */
  block: 8,
  /** A namespace or module, in which functions lie. */
  scope: 16,
} as const;

/** One attribute of an abbreviation takes this many numbers of `specification`: attribute, form, implicit constant. */
export const specificationStride = 3;

function traitsOf(tag: number, hasChildren: boolean, hasCode: boolean): number {
  const children = hasChildren ? Trait.hasChildren : 0;
  switch (tag) {
    case Tag.subprogram:
      return children | (hasCode ? Trait.function : 0);
    case Tag.inlinedSubroutine:
      return children | (hasCode ? Trait.inlined : 0);
    case Tag.lexicalBlock:
      return children | Trait.block;
    case Tag.namespace:
    case Tag.module:
      return children | Trait.scope;
    default:
      return children;
  }
}

/**
 * A table of abbreviations, made so that most entries are stepped over with one addition: per abbreviation the size
 * of its entries where all their forms have one, and where in an entry `DW_AT_sibling` stands. The attributes
 * themselves are decoded when first asked for.
 */
export class AbbreviationTable {
  /** All by index; `indexOf` gives it for a code. */
  readonly tags: number[] = [];
  readonly traits: number[] = [];
  /** The size of an entry's attributes; `variableSize` and more where it varies. */
  readonly sizes: number[] = [];
  /** Where `DW_AT_sibling` stands behind the code; -1 where there is none, it varies, or is not a `DW_FORM_ref4`. */
  readonly siblings: number[] = [];
  readonly encoding: Encoding;
  readonly formSizes: Int32Array;
  readonly #positions: number[] = [];
  readonly #specifications: (number[] | undefined)[] = [];
  readonly #cursor: Cursor;
  /** Indexes of codes, unless they run from 1 to n as all compilers make them. */
  #codes: Map<number, number> | undefined;

  private constructor(cursor: Cursor, encoding: Encoding) {
    this.#cursor = cursor;
    this.encoding = encoding;
    this.formSizes = formSizes(encoding);
  }

  /** Reads the table at an offset of `.debug_abbrev`. */
  static read(section: SectionData, littleEndian: boolean, offset: number, encoding: Encoding): AbbreviationTable {
    const cursor = new Cursor(section, littleEndian);
    if (offset >= section.size) {
      throw dwarfError('TRUNCATED', section.name, offset, 'no table of abbreviations is there');
    }
    for (let window = firstWindow; ; window *= 4) {
      cursor.seek(offset, window);
      const table = new AbbreviationTable(cursor, encoding);
      if (table.#parse(offset + cursor.end >= section.size)) {
        return table;
      }
      if (window >= largestTable) {
        throw dwarfError('ABBREVIATION', section.name, offset, `the table is larger than ${largestTable} bytes`);
      }
    }
  }

  /** The index of an abbreviation by its code, which is not 0. Codes of no abbreviation give -1. */
  indexOf(code: number): number {
    if (this.#codes !== undefined) {
      return this.#codes.get(code) ?? -1;
    }
    return code <= this.tags.length ? code - 1 : -1;
  }

  /** The attributes of an abbreviation in their order: attribute, form, implicit constant, and again. */
  specification(index: number): readonly number[] {
    const known = this.#specifications[index];
    if (known !== undefined) {
      return known;
    }
    const cursor = this.#cursor;
    cursor.position = this.#positions[index] ?? cursor.end;
    const made: number[] = [];
    for (;;) {
      const attribute = cursor.uleb();
      const form = cursor.uleb();
      const constant = form === Form.implicitConst ? cursor.sleb() : 0;
      if (attribute === 0 && form === 0) {
        this.#specifications[index] = made;
        return made;
      }
      made.push(attribute, form, constant);
    }
  }

  /** Whether the table ended within the window. A table may also end where its section ends. */
  #parse(isLast: boolean): boolean {
    const cursor = this.#cursor;
    while (cursor.position < cursor.end) {
      const start = cursor.position;
      const code = this.#leb();
      if (code === 0) {
        return true;
      }
      if (code < 0 || !this.#declaration(code)) {
        cursor.position = start;
        if (isLast) {
          throw dwarfError('TRUNCATED', cursor.section.name, cursor.offset, 'an abbreviation does not end');
        }
        return false;
      }
    }
    return isLast;
  }

  #declaration(code: number): boolean {
    const tag = this.#leb();
    const cursor = this.#cursor;
    const hasChildren = cursor.bytes[cursor.position++] === 1;
    const start = cursor.position;
    const sizes = this.formSizes;
    let size = 0;
    let sibling = -1;
    let hasCode = false;
    for (;;) {
      const attribute = this.#leb();
      const form = this.#leb();
      if (attribute < 0 || form < 0) {
        return false;
      }
      if (attribute === 0 && form === 0) {
        break;
      }
      if (attribute === Attribute.sibling && form === Form.ref4 && size < variableSize) {
        sibling = size;
      } else if (attribute === Attribute.lowPc || attribute === Attribute.ranges) {
        hasCode = true;
      }
      if (form === Form.implicitConst && this.#leb() < 0) {
        return false;
      }
      size += sizes[form] ?? formSize(form, sizes, this.encoding);
    }
    this.#add(code, tag, traitsOf(tag, hasChildren, hasCode), size, sibling, start);
    return true;
  }

  #add(code: number, tag: number, traits: number, size: number, sibling: number, start: number): void {
    const index = this.tags.length;
    if (this.#codes === undefined && code !== index + 1) {
      this.#codes = new Map(this.tags.map((_, each) => [each + 1, each]));
    }
    // Of two with one code the first counts, as for everybody else.
    if (this.#codes !== undefined && !this.#codes.has(code)) {
      this.#codes.set(code, index);
    }
    this.tags.push(tag);
    this.traits.push(traits);
    this.sizes.push(size);
    this.siblings.push(sibling);
    this.#positions.push(start);
  }

  /** An unsigned LEB128, or the bytes of a signed one; -1 where the window ends first. */
  #leb(): number {
    const cursor = this.#cursor;
    const { bytes, end } = cursor;
    let byte = bytes[cursor.position++] ?? 0;
    let value = byte & 0x7f;
    let factor = 128;
    while (byte >= 0x80) {
      byte = bytes[cursor.position++] ?? 0;
      value += (byte & 0x7f) * factor;
      factor *= 128;
      // Twenty times 7 bits are more than any writer pads to.
      if (factor > 2 ** 140) {
        throw cursor.longLeb();
      }
    }
    return cursor.position <= end ? value : -1;
  }
}

const mostTables = 32;

/** The tables of one `.debug_abbrev`, the latest few kept: units of one table mostly stand together. */
export class AbbreviationCache {
  readonly #section: SectionData;
  readonly #littleEndian: boolean;
  readonly #tables = new Map<string, AbbreviationTable>();

  constructor(section: SectionData, littleEndian: boolean) {
    this.#section = section;
    this.#littleEndian = littleEndian;
  }

  table(offset: number, encoding: Encoding): AbbreviationTable {
    const key = `${offset} ${encoding.version} ${encoding.addressSize} ${encoding.is64}`;
    let table = this.#tables.get(key);
    if (table === undefined) {
      table = AbbreviationTable.read(this.#section, this.#littleEndian, offset, encoding);
      if (this.#tables.size >= mostTables) {
        const [oldest] = this.#tables.keys();
        this.#tables.delete(oldest ?? '');
      }
      this.#tables.set(key, table);
    }
    return table;
  }
}
