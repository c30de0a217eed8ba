import { ExtendedLineOpcode, LineOpcode } from './constants.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { LineHeader } from './line-header.ts';
import type { LineRow } from './line-program.ts';

interface AddressedRow extends LineRow {
  readonly address: number;
  readonly ends: boolean;
}

/**
 * Gives the addresses that have no row yet theirs of the sequence that begins at a position, with all its rows sorted:
 * for sequences that go backwards (subsections of assembly) and for machines with several operations in an
 * instruction. Says how many it found; the cursor stands behind the sequence in the end.
 */
export function exactRows(
  header: LineHeader,
  cursor: Cursor,
  start: number,
  addresses: readonly number[],
  found: (LineRow | undefined)[],
): number {
  const rows = sequenceRows(header, cursor, start).sort((a, b) => a.address - b.address);
  let count = 0;
  let nth = 0;
  let latest: AddressedRow | undefined;
  for (let index = 0; index < addresses.length; index++) {
    const address = addresses[index] ?? 0;
    for (let row = rows[nth]; row !== undefined && row.address <= address; row = rows[++nth]) {
      latest = row;
    }
    if (latest !== undefined && !latest.ends && found[index] === undefined && nth < rows.length) {
      found[index] = { file: latest.file, line: latest.line, column: latest.column };
      count++;
    }
  }
  return count;
}

/** Steps over the arguments of an opcode that does not matter here or is not known. */
export function skipArguments(header: LineHeader, cursor: Cursor, opcode: number): void {
  for (let count = header.argumentCounts[opcode] ?? 0; count > 0; count--) {
    cursor.uleb();
  }
}

/** The longest sequences of kernels have some ten thousand. */
const mostRows = 1 << 20;

/** All rows of a sequence in the order of the program. */
function sequenceRows(header: LineHeader, cursor: Cursor, start: number): AddressedRow[] {
  const { opcodeBase, lineBase, lineRange, minimumInstructionLength, maximumOperations } = header;
  const rows: AddressedRow[] = [];
  let address = 0;
  let operation = 0;
  let file = 1;
  let line = 1;
  let column = 0;
  const advance = (operations: number): void => {
    const total = operation + operations;
    address += minimumInstructionLength * Math.floor(total / Math.max(1, maximumOperations));
    operation = total % Math.max(1, maximumOperations);
  };
  const emit = (ends: boolean): void => {
    if (rows.length >= mostRows) {
      throw dwarfError('DAMAGED', cursor.section.name, cursor.offset, `a sequence of more than ${mostRows} rows`);
    }
    rows.push({ address, file, line, column, ends });
  };
  cursor.position = start;
  while (cursor.position < cursor.end) {
    const opcode = cursor.u8();
    if (opcode >= opcodeBase) {
      advance(Math.floor((opcode - opcodeBase) / lineRange));
      line += lineBase + ((opcode - opcodeBase) % lineRange);
      emit(false);
      continue;
    }
    switch (opcode) {
      case LineOpcode.extended: {
        const length = cursor.uleb();
        const after = cursor.position + length;
        const kind = length > 0 ? cursor.u8() : 0;
        if (kind === ExtendedLineOpcode.endSequence) {
          emit(true);
          cursor.position = after;
          return rows;
        }
        if (kind === ExtendedLineOpcode.setAddress) {
          address = cursor.address(length - 1);
          operation = 0;
        }
        cursor.position = after;
        break;
      }
      case LineOpcode.copy:
        emit(false);
        break;
      case LineOpcode.advancePc:
        advance(cursor.uleb());
        break;
      case LineOpcode.advanceLine:
        line += cursor.sleb();
        break;
      case LineOpcode.setFile:
        file = cursor.uleb();
        break;
      case LineOpcode.setColumn:
        column = cursor.uleb();
        break;
      case LineOpcode.constAddPc:
        advance(Math.floor((255 - opcodeBase) / lineRange));
        break;
      case LineOpcode.fixedAdvancePc:
        address += cursor.u16();
        operation = 0;
        break;
      default:
        skipArguments(header, cursor, opcode);
    }
  }
  return rows;
}
