import type { SectionData } from '../elf/section-data.ts';
import { Attribute, Form, Tag } from './constants.ts';
import { Cursor, longestLeb } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { type Encoding, formSize, formSizes, variableSize } from './forms.ts';

const firstWindow = 8192;
const firstRows = 256;
/** No entry has a tenth of the attributes that fit. */
const longestDeclaration = 1024;
const none = -1;
/** The largest table of Debian's kernels has 9 KB; whole-program units of link-time optimisation stay below this too. */
const largestTable = 1 << 22;

/** What an abbreviation's entries are to someone who looks for code; bits, as an entry may be several. */
export const Trait = {
  hasChildren: 1,
  /** A subprogram with addresses. */
  function: 2,
  /** An inlined subroutine. */
  inlined: 4,
  /** A lexical block. */
  block: 8,
  /** A namespace or module, in which functions lie. */
  scope: 16,
} as const;

/** What `AbbreviationTable.rows` has of each abbreviation. */
export const Row = {
  /** Bits of `Trait`. */
  traits: 0,
  /** The size of an entry's attributes; `variableSize` and more where it varies. */
  size: 1,
  /** Where `DW_AT_sibling` stands behind the code; -1 where there is none, it varies, or is not a `DW_FORM_ref4`. */
  sibling: 2,
  /** Where the only attribute whose size varies stands behind the code. */
  variable: 3,
  /** How to step over that attribute: `skipBlock`, `skipString`, `skipNumber`; else there are several, or it is rare. */
  skip: 4,
  /** The size of the attributes behind that one. */
  rest: 5,
  tag: 6,
  /** Where in the table the attributes are declared. */
  declaration: 7,
} as const;

/** The attribute has its length in front, as a LEB128. */
export const skipBlock = 1;
/** The attribute is a string in place. */
export const skipString = 2;
/** The attribute is a LEB128. */
export const skipNumber = 3;
const skipOneByOne = 0;

function wayToSkip(form: number): number {
  switch (form) {
    case Form.exprloc:
    case Form.block:
      return skipBlock;
    case Form.string:
      return skipString;
    case Form.sdata:
    case Form.udata:
    case Form.refUdata:
    case Form.strx:
    case Form.addrx:
    case Form.loclistx:
    case Form.rnglistx:
      return skipNumber;
    default:
      return skipOneByOne;
  }
}

/** Numbers in a row of `AbbreviationTable.rows`. */
export const rowStride = 8;

/** Sizes beyond this, which no entry reaches, are this. */
const largestSize = 1 << 28;

/** One attribute of an abbreviation takes this many numbers of `specification`: attribute, form, implicit constant. */
export const specificationStride = 3;

function traitsOf(tag: number, hasChildren: boolean, hasCode: boolean): number {
  const children = hasChildren ? Trait.hasChildren : 0;
  switch (tag) {
    case Tag.subprogram:
      return children | (hasCode ? Trait.function : 0);
    case Tag.inlinedSubroutine:
      return children | Trait.inlined;
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
  /** `rowStride` numbers for each abbreviation, by index; `indexOf` gives the index for a code. */
  rows = new Int32Array(firstRows * rowStride);
  count = 0;
  readonly encoding: Encoding;
  readonly formSizes: Int32Array;
  readonly #specifications: (number[] | undefined)[] = [];
  readonly #cursor: Cursor;
  /** Indexes of codes, unless they run from 1 to n as all compilers make them. */
  #codes: Map<number, number> | undefined;

  private constructor(cursor: Cursor, encoding: Encoding) {
    this.#cursor = cursor;
    this.encoding = encoding;
    this.formSizes = formSizes(encoding);
  }

  /** Reads the table at an offset of `.debug_abbrev`: all of it, or up to the abbreviation with the code `until`. */
  static read(
    section: SectionData,
    littleEndian: boolean,
    offset: number,
    encoding: Encoding,
    until = none,
  ): AbbreviationTable {
    const cursor = new Cursor(section, littleEndian);
    if (offset >= section.size) {
      throw dwarfError('TRUNCATED', section.name, offset, 'no table of abbreviations is there');
    }
    for (let window = firstWindow; ; window *= 4) {
      cursor.seek(offset, window);
      const table = new AbbreviationTable(cursor, encoding);
      if (table.#parse(offset + cursor.end >= section.size, until)) {
        return table;
      }
      if (window >= largestTable) {
        throw dwarfError('DAMAGED', section.name, offset, `the table is larger than ${largestTable} bytes`);
      }
    }
  }

  /** The index of an abbreviation by its code, which is not 0. Codes of no abbreviation give -1. */
  indexOf(code: number): number {
    if (this.#codes !== undefined) {
      return this.#codes.get(code) ?? -1;
    }
    return code <= this.count ? code - 1 : -1;
  }

  tag(index: number): number {
    return this.rows[index * rowStride + Row.tag] ?? 0;
  }

  /** The attributes of an abbreviation in their order: attribute, form, implicit constant, and again. */
  specification(index: number): readonly number[] {
    const known = this.#specifications[index];
    if (known !== undefined) {
      return known;
    }
    const cursor = this.#cursor;
    cursor.position = this.rows[index * rowStride + Row.declaration] ?? cursor.end;
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

  /**
   * Whether the table ended within the window; it may also end where its section ends. One loop without calls: a unit
   * has hundreds of declarations, and whoever asks for one address pays for all of them before anything is compiled.
   */
  #parse(isLast: boolean, until: number): boolean {
    const cursor = this.#cursor;
    const { bytes, end } = cursor;
    const known = this.formSizes;
    // Held here: loading a constant of a table costs before the loop is compiled.
    const { sibling: siblingAttribute, lowPc, ranges } = Attribute;
    const { ref4, implicitConst } = Form;
    let position = 0;
    while (position < end) {
      let code = bytes[position++] ?? 0;
      if (code >= 0x80) {
        const next = bytes[position++] ?? 0;
        if (next < 0x80) {
          code = (code & 0x7f) | (next << 7);
        } else {
          code = this.#long(position - 2);
          position = cursor.position;
        }
      }
      if (code === 0) {
        return position <= end;
      }
      let tag = bytes[position++] ?? 0;
      if (tag >= 0x80) {
        const next = bytes[position++] ?? 0;
        if (next < 0x80) {
          tag = (tag & 0x7f) | (next << 7);
        } else {
          tag = this.#long(position - 2);
          position = cursor.position;
        }
      }
      const hasChildren = bytes[position++] === 1;
      const start = position;
      let size = 0;
      let sibling = -1;
      let variable = -1;
      let variableForm = 0;
      let isSingle = true;
      let hasCode = false;
      for (;;) {
        let attribute = bytes[position++] ?? 0;
        if (attribute >= 0x80) {
          const next = bytes[position++] ?? 0;
          if (next < 0x80) {
            attribute = (attribute & 0x7f) | (next << 7);
          } else {
            attribute = this.#long(position - 2);
            position = cursor.position;
          }
        }
        let form = bytes[position++] ?? 0;
        if (form >= 0x80) {
          const next = bytes[position++] ?? 0;
          if (next < 0x80) {
            form = (form & 0x7f) | (next << 7);
          } else {
            form = this.#long(position - 2);
            position = cursor.position;
          }
        }
        if (attribute === 0 && form === 0) {
          break;
        }
        if (attribute === siblingAttribute && form === ref4 && size < variableSize) {
          sibling = size;
        } else if (attribute === lowPc || attribute === ranges) {
          hasCode = true;
        }
        if (form === implicitConst) {
          this.#long(position);
          position = cursor.position;
        }
        const formBytes = known[form] ?? formSize(form, known, this.encoding);
        if (formBytes === variableSize) {
          isSingle = variable < 0;
          variable = size;
          variableForm = form;
        }
        size += formBytes;
      }
      if (position > end) {
        break;
      }
      if (position - start > longestDeclaration) {
        throw dwarfError('DAMAGED', cursor.section.name, cursor.base + start, 'an entry has too many attributes');
      }
      if (code !== this.count + 1 || this.#codes !== undefined) {
        this.#addCode(code);
      }
      if (this.count * rowStride >= this.rows.length) {
        this.#grow();
      }
      const { rows } = this;
      const row = this.count++ * rowStride;
      rows[row] = traitsOf(tag, hasChildren, hasCode);
      rows[row + 1] = Math.min(size, largestSize);
      rows[row + 2] = sibling;
      rows[row + 3] = variable;
      rows[row + 4] = variable >= 0 && isSingle ? wayToSkip(variableForm) : skipOneByOne;
      rows[row + 5] = size - variable - variableSize;
      rows[row + 6] = tag;
      rows[row + 7] = start;
      if (code === until) {
        return true;
      }
    }
    if (isLast && position > end) {
      throw dwarfError('TRUNCATED', cursor.section.name, cursor.base + end, 'an abbreviation does not end');
    }
    return isLast;
  }

  /** A LEB128 at a position; where the window ends in it, the cursor stands behind the window. */
  #long(position: number): number {
    const cursor = this.#cursor;
    const last = Math.min(position + longestLeb, cursor.end);
    let next = position;
    while (next < last && (cursor.bytes[next] ?? 0) >= 0x80) {
      next++;
    }
    if (next >= cursor.end) {
      cursor.position = cursor.end + 1;
      return 0;
    }
    cursor.position = position;
    return cursor.uleb();
  }

  #grow(): void {
    const rows = new Int32Array(2 * this.rows.length);
    rows.set(this.rows);
    this.rows = rows;
  }

  /** Notes a code that is not what the number of declarations makes it. */
  #addCode(code: number): void {
    this.#codes ??= new Map(Array.from({ length: this.count }, (_, each) => [each + 1, each]));
    // Of two with one code the first counts, as for everybody else.
    if (!this.#codes.has(code)) {
      this.#codes.set(code, this.count);
    }
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

  /** A table up to one abbreviation, for who reads a single entry of each of many units. It is not kept. */
  tableUntil(offset: number, encoding: Encoding, until: number): AbbreviationTable {
    return AbbreviationTable.read(this.#section, this.#littleEndian, offset, encoding, until);
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
