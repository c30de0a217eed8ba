import { Form, LineContent } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { type Encoding, formSizes, readNumber } from './forms.ts';
import { readInitialLength } from './unit-header.ts';

const longestInitialLength = 12;
/** A file has a path, a directory, and at most time, size, MD5 and source. */
const mostContents = 16;
/** What a damaged count may ask for; a unit of a kernel has a thousand. */
const mostEntries = 1 << 20;

/** A directory or file of a line program; its path is a string like any other. */
export interface LineEntry {
  readonly form: number;
  readonly path: number;
  readonly directory: number;
  /** Where the MD5 of the file stands in the section, where it has one (DWARF 5; clang). */
  readonly md5?: number;
}

/** The header of a line program, without its tables of names; positions are of the cursor's bytes. */
export interface LineHeader extends Encoding {
  readonly minimumInstructionLength: number;
  /** More than 1 only for machines that put several operations into one instruction. */
  readonly maximumOperations: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** Numbers of LEB128 arguments by standard opcode. */
  readonly argumentCounts: readonly number[];
  /** Where the tables of directories and files begin. */
  readonly tables: number;
  /** Where the opcodes begin; they end where the cursor's part does. */
  readonly program: number;
}

/** Loads the line program at an offset of `.debug_line` and reads its header. */
export function loadLineProgram(cursor: Cursor, offset: number, addressSize: number): LineHeader {
  cursor.seek(offset, longestInitialLength);
  const { length, is64 } = readInitialLength(cursor);
  cursor.load(cursor.offset, length);
  const version = cursor.u16();
  if (version < 2 || version > 5) {
    throw dwarfError(
      'UNSUPPORTED',
      cursor.section.name,
      offset,
      `a line program of version ${version}; 2 to 5 are known`,
    );
  }
  const size = version >= 5 ? cursor.u8() : addressSize;
  if (version >= 5) {
    cursor.u8();
  }
  const headerLength = cursor.sectionOffset(is64);
  const program = cursor.position + headerLength;
  if (program > cursor.end) {
    throw dwarfError(
      'DAMAGED',
      cursor.section.name,
      offset,
      `a header of ${headerLength} bytes is longer than the program`,
    );
  }
  const minimumInstructionLength = cursor.u8();
  const maximumOperations = version >= 4 ? cursor.u8() : 1;
  cursor.u8();
  const lineBase = (cursor.u8() << 24) >> 24;
  const lineRange = cursor.u8();
  const opcodeBase = cursor.u8();
  const argumentCounts = [0];
  for (let opcode = 1; opcode < opcodeBase; opcode++) {
    argumentCounts.push(cursor.u8());
  }
  return {
    version,
    addressSize: size,
    is64,
    minimumInstructionLength,
    maximumOperations,
    lineBase,
    lineRange,
    opcodeBase,
    argumentCounts,
    tables: cursor.position,
    program,
  };
}

/**
 * The directories and files of a line program. Both are read only as far as they are asked for: a unit has hundreds
 * of files, and some addresses need a handful. Indexes are as the program uses them: before DWARF 5 the first file is
 * 1, and directory 0, which is the unit's own, has no entry.
 */
export class LineTables {
  readonly #header: LineHeader;
  readonly #cursor: Cursor;
  readonly #sizes: Int32Array;
  readonly #directories: LineEntry[] = [];
  readonly #files: LineEntry[] = [];
  /** Where the next file is read. */
  #position: number;
  #formats: readonly number[] = [];
  #fileCount = 0;

  /** The cursor holds the program as long as this is asked. */
  constructor(header: LineHeader, cursor: Cursor) {
    this.#header = header;
    this.#cursor = cursor;
    this.#sizes = formSizes(header);
    cursor.position = header.tables;
    if (header.version >= 5) {
      const formats = this.#readFormats();
      const count = this.#count();
      for (let each = 0; each < count; each++) {
        this.#directories.push(this.#readEntry(formats));
      }
      this.#formats = this.#readFormats();
      this.#fileCount = this.#count();
    } else {
      for (let entry = this.#readOldDirectory(); entry !== undefined; entry = this.#readOldDirectory()) {
        this.#directories.push(entry);
      }
    }
    this.#position = cursor.position;
  }

  directory(index: number): LineEntry | undefined {
    return this.#directories[this.#header.version >= 5 ? index : index - 1];
  }

  get directories(): readonly LineEntry[] {
    return this.#directories;
  }

  file(index: number): LineEntry | undefined {
    const at = this.#header.version >= 5 ? index : index - 1;
    while (at >= this.#files.length) {
      const next = this.#next();
      if (next === undefined) {
        return undefined;
      }
      this.#files.push(next);
    }
    return this.#files[at];
  }

  /** The MD5 of a file in hex, where the program has it. */
  checksum({ md5 }: LineEntry): string | undefined {
    if (md5 === undefined) {
      return undefined;
    }
    const { base, bytes } = this.#cursor;
    const digits = Buffer.from(bytes.subarray(md5 - base, md5 - base + 16)).toString('hex');
    // Nothing but zeros stands for a file that was not there to be read.
    return /^(?:0{32}|.{0,31})$/.test(digits) ? undefined : digits;
  }

  #next(): LineEntry | undefined {
    const cursor = this.#cursor;
    cursor.position = this.#position;
    const isNew = this.#header.version >= 5;
    if (isNew && this.#files.length >= this.#fileCount) {
      return undefined;
    }
    const entry = isNew ? this.#readEntry(this.#formats) : this.#readOldFile();
    this.#position = cursor.position;
    return entry;
  }

  #readFormats(): number[] {
    const cursor = this.#cursor;
    const count = cursor.u8();
    if (count > mostContents) {
      throw dwarfError('DAMAGED', cursor.section.name, cursor.offset, `names of ${count} parts`);
    }
    return Array.from({ length: 2 * count }, () => cursor.uleb());
  }

  #count(): number {
    const cursor = this.#cursor;
    const count = cursor.uleb();
    if (count > mostEntries) {
      throw dwarfError('DAMAGED', cursor.section.name, cursor.offset, `${count} directories or files`);
    }
    return count;
  }

  #readEntry(formats: readonly number[]): LineEntry {
    let form = 0;
    let path = 0;
    let directory = 0;
    let md5: number | undefined;
    for (let each = 0; each < formats.length; each += 2) {
      const written = formats[each + 1] ?? 0;
      const value = readNumber(this.#cursor, written, 0, this.#header, this.#sizes);
      if (formats[each] === LineContent.path) {
        form = written;
        path = value;
      } else if (formats[each] === LineContent.directoryIndex) {
        directory = value;
      } else if (formats[each] === LineContent.md5 && written === Form.data16) {
        md5 = value;
      }
    }
    return md5 === undefined ? { form, path, directory } : { form, path, directory, md5 };
  }

  /** Before DWARF 5 strings stand in place; an empty one ends the table. */
  #readOldDirectory(): LineEntry | undefined {
    const path = this.#cursor.offset;
    return this.#skipString() ? { form: Form.string, path, directory: 0 } : undefined;
  }

  #readOldFile(): LineEntry | undefined {
    const cursor = this.#cursor;
    const path = cursor.offset;
    if (!this.#skipString()) {
      return undefined;
    }
    const directory = cursor.uleb();
    // Time and size, which nobody writes.
    cursor.uleb();
    cursor.uleb();
    return { form: Form.string, path, directory };
  }

  #skipString(): boolean {
    return this.#cursor.string() !== '';
  }
}
