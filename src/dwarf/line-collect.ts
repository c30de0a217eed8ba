import { ExtendedLineOpcode, LineOpcode } from './constants.ts';
import type { Cursor } from './cursor.ts';
import type { LineHeader } from './line-header.ts';
import { skipArguments } from './line-rows.ts';

/** In place of a file's index: no sequence covers what follows. */
export const noRow = -1;
/** In place of a file's index: what follows is covered in a way that depends on what else is asked about. */
export const unclearRow = -2;

/** A unit has hundred thousand at most; of a damaged one with more nothing is told. */
const mostRows = 1 << 22;

/**
 * The rows of a line program in the order of addresses: each reaches up to the next one. Columns of equal length;
 * `files` may have `noRow` or `unclearRow`.
 */
export interface RowTable {
  readonly count: number;
  readonly addresses: Float64Array;
  readonly files: Int32Array;
  readonly lines: Int32Array;
  readonly columns: Int32Array;
}

interface Sequence {
  readonly from: number;
  to: number;
  low: number;
  high: number;
  isClear: boolean;
}

/** Columns of rows that grow. */
class Columns {
  count = 0;
  addresses = new Float64Array(4096);
  files = new Int32Array(4096);
  lines = new Int32Array(4096);
  columns = new Int32Array(4096);

  add(address: number, file: number, line: number, column: number): void {
    if (this.count === this.files.length) this.#grow();
    const at = this.count++;
    this.addresses[at] = address;
    this.files[at] = file;
    this.lines[at] = line;
    this.columns[at] = column;
  }

  #grow(): void {
    const size = 2 * this.files.length;
    const addresses = new Float64Array(size);
    addresses.set(this.addresses);
    this.addresses = addresses;
    this.files = larger(this.files, size);
    this.lines = larger(this.lines, size);
    this.columns = larger(this.columns, size);
  }
}

function larger(values: Int32Array<ArrayBuffer>, size: number): Int32Array<ArrayBuffer> {
  const made = new Int32Array(size);
  made.set(values);
  return made;
}

/** Collects the rows of one line program after the other. */
export class RowCollector {
  readonly #rows = new Columns();
  readonly #sorted = new Columns();

  /**
   * Runs a whole line program and sorts its sequences; undefined where a single look-up would have to go through it in
   * another way (several operations in an instruction, damage). What it gives is used again for the next program.
   */
  collect(header: LineHeader, cursor: Cursor): RowTable | undefined {
    this.#rows.count = 0;
    this.#sorted.count = 0;
    return collectRows(header, cursor, this.#rows, this.#sorted);
  }
}

function collectRows(header: LineHeader, cursor: Cursor, rows: Columns, sorted: Columns): RowTable | undefined {
  if (header.lineRange === 0 || header.maximumOperations > 1) return undefined;
  const sequences: Sequence[] = [];
  cursor.position = header.program;
  while (cursor.position < cursor.end) {
    const sequence = runSequence(header, cursor, rows);
    if (sequence === undefined) return undefined;
    if (sequence.to > sequence.from) sequences.push(sequence);
  }
  sequences.sort((a, b) => a.low - b.low);
  addInOrder(rows, sequences, sorted);
  return sorted;
}

/** Adds the rows of one sequence, its end among them; the cursor stands behind it in the end. */
function runSequence(header: LineHeader, cursor: Cursor, rows: Columns): Sequence | undefined {
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength: unit } = header;
  const { bytes, end } = cursor;
  const sequence: Sequence = { from: rows.count, to: 0, low: 0, high: 0, isClear: true };
  let position = cursor.position;
  let address = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  let latest = Number.NEGATIVE_INFINITY;
  const { copy, extended, advancePc, advanceLine, setFile, setColumn, negateStmt } = LineOpcode;
  const { constAddPc, fixedAdvancePc } = LineOpcode;
  const constantAdvance = Math.floor((255 - opcodeBase) / lineRange) * unit;
  while (position < end) {
    const opcode = bytes[position++] ?? 0;
    let ends = false;
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      const steps = (adjusted / lineRange) | 0;
      address += steps * unit;
      line += lineBase + adjusted - steps * lineRange;
    } else if (opcode === negateStmt) {
      continue;
    } else if (opcode === constAddPc) {
      address += constantAdvance;
      continue;
    } else if (opcode !== copy) {
      cursor.position = position;
      switch (opcode) {
        case extended: {
          const length = cursor.uleb();
          const after = cursor.position + length;
          const kind = length > 0 ? cursor.u8() : 0;
          if (kind === ExtendedLineOpcode.setAddress) address = cursor.address(length - 1);
          ends = kind === ExtendedLineOpcode.endSequence;
          cursor.position = after;
          break;
        }
        case advancePc:
          address += cursor.uleb() * unit;
          break;
        case advanceLine:
          line += cursor.sleb();
          break;
        case setFile:
          file = cursor.uleb();
          break;
        case setColumn:
          column = cursor.uleb();
          break;
        case fixedAdvancePc:
          address += cursor.u16();
          break;
        default:
          skipArguments(header, cursor, opcode);
      }
      position = cursor.position;
      if (!ends) continue;
    }
    if (address < latest) sequence.isClear = false;
    if (rows.count === sequence.from) {
      sequence.low = address;
      sequence.high = address;
    }
    sequence.low = Math.min(sequence.low, address);
    sequence.high = Math.max(sequence.high, address);
    latest = address;
    // What is too large for a column is of no file, line or column either.
    if (file > 0x7fffffff || line > 0x7fffffff || line < 0 || column > 0x7fffffff) return undefined;
    rows.add(address, ends ? noRow : file, line, column);
    if (rows.count > mostRows) return undefined;
    if (ends) break;
  }
  cursor.position = position;
  sequence.to = rows.count;
  // One that does not end covers nothing beyond its last row.
  if (rows.count > sequence.from) rows.files[rows.count - 1] = noRow;
  return sequence;
}

/** Puts all sequences into one table. Where they overlap, or go back, a look-up may stop before it has seen all. */
function addInOrder(rows: Columns, sequences: readonly Sequence[], made: Columns): void {
  for (let nth = 0; nth < sequences.length; ) {
    const { from, to, low, isClear } = sequences[nth] ?? { from: 0, to: 0, low: 0, isClear: false };
    let high = sequences[nth]?.high ?? 0;
    let next = nth + 1;
    for (; next < sequences.length && (sequences[next]?.low ?? 0) < high; next++)
      high = Math.max(high, sequences[next]?.high ?? 0);
    if (next > nth + 1 || !isClear) {
      made.add(low, unclearRow, 0, 0);
      made.add(high, noRow, 0, 0);
    } else {
      for (let at = from; at < to; at++) {
        // Of rows at one address the last counts.
        const address = rows.addresses[at] ?? 0;
        if (at + 1 < to && rows.addresses[at + 1] === address) continue;
        made.add(address, rows.files[at] ?? 0, rows.lines[at] ?? 0, rows.columns[at] ?? 0);
      }
    }
    nth = next;
  }
}
