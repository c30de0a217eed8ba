import { ExtendedLineOpcode, LineOpcode } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { LineHeader } from './line-header.ts';
import { exactRows, skipArguments } from './line-rows.ts';
import { firstFrom } from './search.ts';
import { small } from './small.ts';

/** The row of a line program that an address belongs to. */
export interface LineRow {
  /** Index of the program's files. */
  readonly file: number;
  /** 0 where the code has no line. */
  readonly line: number;
  /** 0 where the column is not told. */
  readonly column: number;
}

/** What a special opcode adds, by opcode: bytes of code, and lines. */
export interface SpecialOpcodes {
  readonly advances: Int32Array;
  readonly lines: Int32Array;
}

let latest: { key: number; tables: SpecialOpcodes } | undefined;

/** Tables instead of a division for every row; all programs of a kernel have the same. */
function specialOpcodes(header: LineHeader): SpecialOpcodes {
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength } = header;
  const key = ((opcodeBase * 256 + (lineBase & 0xff)) * 256 + lineRange) * 256 + minimumInstructionLength;
  if (latest?.key !== key) {
    const advances = new Int32Array(256);
    const lines = new Int32Array(256);
    for (let opcode = opcodeBase; opcode < 256; opcode++) {
      const adjusted = opcode - opcodeBase;
      advances[opcode] = Math.floor(adjusted / lineRange) * minimumInstructionLength;
      lines[opcode] = lineBase + (adjusted % lineRange);
    }
    latest = { key, tables: { advances, lines } };
  }
  return latest.tables;
}

/**
 * Runs the line program that the cursor holds, once, for all of some ascending addresses; gives the row of each, and
 * undefined where no sequence covers one. A row reaches from its address to that of the next in the order of
 * addresses; of rows at one address the last counts. `DW_LNE_set_address` in a sequence is like any other advance.
 *
 * Inside a sequence addresses are counted from its first, so that they are small integers: the loop runs for every
 * opcode of the unit.
 */
export function findRows(header: LineHeader, cursor: Cursor, addresses: readonly number[]): (LineRow | undefined)[] {
  const found: (LineRow | undefined)[] = addresses.map(() => undefined);
  if (header.lineRange === 0) {
    throw dwarfError('DAMAGED', cursor.section.name, cursor.base, 'the line range is 0');
  }
  let missing = addresses.length;
  let position = header.program;
  const sequence = new SequenceRunner(header, cursor, addresses, found);
  while (position < cursor.end && missing > 0) {
    sequence.run(position, missing);
    if (sequence.goesBack || header.maximumOperations > 1) {
      for (const index of sequence.filled) {
        found[index] = undefined;
      }
      missing -= exactRows(header, cursor, position, addresses, found);
    } else {
      missing -= sequence.filled.length;
    }
    position = cursor.position;
  }
  return found;
}

/** Goes through sequences, each in one pass that remembers a single row. */
class SequenceRunner {
  readonly #header: LineHeader;
  readonly #cursor: Cursor;
  readonly #addresses: readonly number[];
  readonly #found: (LineRow | undefined)[];
  readonly #special: SpecialOpcodes;
  /** Indexes of the addresses that the last sequence gave a row to. */
  filled: number[] = [];
  /** Whether the last sequence had addresses below earlier ones: then what it filled in may be wrong. */
  goesBack = false;
  // What the opcode that was just read says.
  #value = 0;
  #advance = 0;
  #lines = 0;

  constructor(header: LineHeader, cursor: Cursor, addresses: readonly number[], found: (LineRow | undefined)[]) {
    this.#header = header;
    this.#cursor = cursor;
    this.#addresses = addresses;
    this.#found = found;
    this.#special = specialOpcodes(header);
  }

  /**
   * Runs the sequence that begins at a position until `missing` addresses have rows; the cursor stands behind it in
   * the end. Addresses only rise in a sequence, as the standard demands: what goes back after all is found is not seen.
   */
  run(start: number, missing: number): void {
    const cursor = this.#cursor;
    const { bytes, end } = cursor;
    const { opcodeBase } = this.#header;
    const { advances, lines } = this.#special;
    let position = start;
    let base = 0;
    let hasRows = false;
    // The registers of the line machine, and those of the row before.
    let address = 0;
    let file = 1;
    let line = 1;
    let column = 0;
    let rowAddress = 0;
    let rowFile = 0;
    let rowLine = 0;
    let rowColumn = 0;
    // The lowest address that is still to be found, counted from the base. The first row sets it.
    let wanted = Number.NEGATIVE_INFINITY;
    let nth = 0;
    this.filled = [];
    this.goesBack = false;
    // Held here: loading a constant of a table costs before the loop is compiled.
    const constantAdvance = advances[255] ?? 0;
    const { setDiscriminator } = ExtendedLineOpcode;
    const { constAddPc, extended, copy, advanceLine, setFile, setColumn, negateStmt } = LineOpcode;
    while (position < end) {
      const opcode = bytes[position++] ?? 0;
      let ends = false;
      if (opcode >= opcodeBase) {
        address += advances[opcode] ?? 0;
        line += lines[opcode] ?? 0;
      } else if (opcode === negateStmt) {
        continue;
      } else if (opcode !== copy) {
        const argument = bytes[position] ?? 0;
        if (argument < 0x80 && (opcode === setColumn || opcode === advanceLine || opcode === setFile)) {
          position++;
          if (opcode === setColumn) {
            column = argument;
          } else if (opcode === setFile) {
            file = argument;
          } else {
            // Seven bits with a sign.
            line += (argument ^ 0x40) - 0x40;
          }
          continue;
        }
        if (opcode === extended && argument < 0x80 && bytes[position + 1] === setDiscriminator) {
          position += 1 + argument;
          continue;
        }
        if (opcode === constAddPc) {
          address += constantAdvance;
          continue;
        }
        cursor.position = position;
        if (opcode === extended) {
          const kind = this.#extended();
          position = cursor.position;
          if (kind === ExtendedLineOpcode.setAddress) {
            base = hasRows ? base : this.#value;
            address = small(this.#value - base);
          }
          ends = kind === ExtendedLineOpcode.endSequence;
        } else {
          this.#standard(opcode);
          position = cursor.position;
          address += this.#advance;
          line += this.#lines;
          file = opcode === setFile ? this.#value : file;
          column = opcode === setColumn ? this.#value : column;
        }
        if (!ends) {
          continue;
        }
      }
      if (address > wanted) {
        if (!hasRows) {
          nth = firstFrom(this.#addresses, base + address);
        }
        for (; nth < this.#addresses.length && (this.#addresses[nth] ?? 0) - base < address; nth++) {
          this.#fill(nth, rowFile, rowLine, rowColumn);
        }
        if (this.filled.length === missing && !this.goesBack) {
          break;
        }
        wanted = nth < this.#addresses.length ? small((this.#addresses[nth] ?? 0) - base) : Number.POSITIVE_INFINITY;
      }
      if (ends) {
        break;
      }
      if (address < rowAddress && hasRows) {
        this.goesBack = true;
      }
      hasRows = true;
      rowAddress = address;
      rowFile = file;
      rowLine = line;
      rowColumn = column;
    }
    cursor.position = position;
  }

  /** Reads an extended opcode and says which it is; the address it sets is in `#value`. */
  #extended(): number {
    const cursor = this.#cursor;
    const length = cursor.uleb();
    const after = cursor.position + length;
    const kind = length > 0 ? cursor.u8() : 0;
    if (kind === ExtendedLineOpcode.setAddress) {
      this.#value = cursor.address(length - 1);
    }
    cursor.position = after;
    return kind;
  }

  /** Reads a standard opcode that is rare or long: what it adds is in `#advance` and `#lines`, what it sets in `#value`. */
  #standard(opcode: number): void {
    const cursor = this.#cursor;
    this.#advance = 0;
    this.#lines = 0;
    switch (opcode) {
      case LineOpcode.advancePc:
        this.#advance = cursor.uleb() * this.#header.minimumInstructionLength;
        break;
      case LineOpcode.advanceLine:
        this.#lines = cursor.sleb();
        break;
      case LineOpcode.setFile:
      case LineOpcode.setColumn:
        this.#value = cursor.uleb();
        break;
      case LineOpcode.fixedAdvancePc:
        this.#advance = cursor.u16();
        break;
      default:
        skipArguments(this.#header, cursor, opcode);
    }
  }

  #fill(index: number, file: number, line: number, column: number): void {
    if (this.#found[index] === undefined) {
      this.#found[index] = { file, line, column };
      this.filled.push(index);
    }
  }
}
