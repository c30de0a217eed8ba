import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Cursor } from '../../src/dwarf/cursor.ts';
import { LineTables, loadLineProgram } from '../../src/dwarf/line-header.ts';
import { findRows, type LineRow } from '../../src/dwarf/line-program.ts';
import { type LineStep, type WrittenLines, writeLines } from '../helpers/dwarf-lines.ts';
import { memorySection } from '../helpers/dwarf-writer.ts';

function rows(lines: WrittenLines, addresses: readonly number[]): (LineRow | undefined)[] {
  const section = memorySection('.debug_line', Uint8Array.from(writeLines(lines)));
  const cursor = new Cursor(section, lines.littleEndian ?? true);
  return findRows(loadLineProgram(cursor, 0, lines.addressSize ?? 8), cursor, addresses);
}

const linesOf = (steps: readonly LineStep[], addresses: readonly number[], more: Partial<WrittenLines> = {}) =>
  rows({ ...more, steps }, addresses).map((row) => row?.line);

describe('a line program', () => {
  test('has a row for every address of a sequence, and none beyond', () => {
    const steps: LineStep[] = [['address', 0x100], ['line', 9], ['copy'], ['special', 4, 2], ['advance', 4], ['end']];
    expect(linesOf(steps, [0xff, 0x100, 0x103, 0x104, 0x107, 0x108])).toEqual([undefined, 10, 10, 12, 12, undefined]);
  });

  test('has the last of the rows at one address', () => {
    const steps: LineStep[] = [
      ['address', 8],
      ['special', 0, 1],
      ['special', 0, 1],
      ['copy'],
      ['special', 0, 4],
      ['advance', 1],
      ['end'],
    ];
    expect(linesOf(steps, [8])).toEqual([7]);
  });

  test('knows every standard opcode, long numbers and discriminators', () => {
    const steps: LineStep[] = [
      ['address', 0],
      ['line', 1000],
      ['file', 300],
      ['column', 200],
      ['copy'],
      ['discriminator', 3],
      ['raw', [6, 7, 10, 11, 12, 5]],
      ['line', -900],
      ['const'],
      ['copy'],
      ['fixed', 0x200],
      ['file', 2],
      ['column', 3],
      ['copy'],
      ['advance', 300],
      ['end'],
    ];
    expect(rows({ steps }, [0, 17, 17 + 0x200])).toEqual([
      { file: 300, line: 1001, column: 200 },
      { file: 300, line: 101, column: 200 },
      { file: 2, line: 101, column: 3 },
    ]);
  });

  test('goes on where DW_LNE_set_address is in the middle of a sequence', () => {
    const steps: LineStep[] = [
      ['address', -100],
      ['special', 0, 1],
      ['address', -50],
      ['special', 0, 1],
      ['advance', 5],
      ['end'],
    ];
    expect(linesOf(steps, [-100, -51, -50, -46, -45])).toEqual([2, 2, 3, 3, undefined]);
  });

  test('may have rows that go back: they are sorted', () => {
    const steps: LineStep[] = [
      ['address', 0x100],
      ['special', 0, 1],
      ['special', 8, 1],
      ['address', 0x104],
      ['special', 0, 5],
      ['address', 0x110],
      ['end'],
    ];
    expect(linesOf(steps, [0x100, 0x103, 0x104, 0x107, 0x108, 0x10f, 0x110])).toEqual([2, 2, 8, 8, 3, 3, undefined]);
  });

  test('may have several sequences, in any order, of which the first one counts', () => {
    const steps: LineStep[] = [
      ['address', 0x200],
      ['special', 0, 1],
      ['advance', 16],
      ['end'],
      ['address', 0x100],
      ['special', 0, 2],
      ['advance', 16],
      ['end'],
      ['address', 0x208],
      ['special', 0, 3],
      ['advance', 16],
      ['end'],
    ];
    expect(linesOf(steps, [0x100, 0x20f, 0x210, 0x217])).toEqual([3, 2, 4, 4]);
  });

  test('has instructions of four bytes on some machines', () => {
    const steps: LineStep[] = [
      ['address', 0x100],
      ['special', 0, 1],
      ['special', 2, 1],
      ['const'],
      ['copy'],
      ['advance', 1],
      ['end'],
    ];
    const more = { minimumInstructionLength: 4 };
    expect(linesOf(steps, [0x100, 0x107, 0x108, 0x108 + 17 * 4, 0x10c + 17 * 4], more)).toEqual([
      2,
      2,
      3,
      3,
      undefined,
    ]);
  });

  test('has several operations in an instruction on others', () => {
    const steps: LineStep[] = [
      ['address', 0x100],
      ['special', 0, 1],
      ['special', 2, 1],
      ['special', 1, 1],
      ['special', 3, 1],
      ['advance', 3],
      ['end'],
    ];
    const more = { minimumInstructionLength: 16, maximumOperations: 3 };
    // Rows at operations 0, 2, 3 and 6, which are in instructions 0, 0, 1 and 2.
    expect(linesOf(steps, [0x100, 0x10f, 0x110, 0x120, 0x12f, 0x130], more)).toEqual([3, 3, 4, 5, 5, undefined]);
  });

  test('may have more standard opcodes than are known, or fewer', () => {
    const steps: LineStep[] = [['address', 0], ['raw', [14, 5, 6]], ['special', 0, 1], ['advance', 1], ['end']];
    expect(linesOf(steps, [0], { opcodeBase: 16 })).toEqual([2]);
    const old: LineStep[] = [['address', 0], ['special', 0, 1], ['special', 2, 1], ['advance', 1], ['end']];
    expect(linesOf(old, [0, 2], { opcodeBase: 10 })).toEqual([2, 3]);
  });

  test('that divides by nothing is refused', () => {
    expect(() => linesOf([['end']], [0], { lineRange: 0 })).toThrow(/\.debug_line at 0x/);
  });

  test.each([2, 3, 4, 5])('of version %i has its files and directories', (version) => {
    const lines = {
      version,
      directories: version >= 5 ? ['/build', 'include'] : ['include'],
      files: [
        ['a.c', 0],
        ['b.h', 1],
      ] as const,
      steps: [['end']] as const,
    };
    const cursor = new Cursor(memorySection('.debug_line', Uint8Array.from(writeLines(lines))), true);
    const tables = new LineTables(loadLineProgram(cursor, 0, 8), cursor);
    const text = (entry: { path: number } | undefined): string | undefined => {
      if (entry === undefined) return undefined;
      cursor.position = entry.path - cursor.base;
      return cursor.string();
    };
    const first = version >= 5 ? 0 : 1;
    expect([text(tables.file(first + 1)), text(tables.file(first)), tables.file(first + 2)]).toEqual([
      'b.h',
      'a.c',
      undefined,
    ]);
    expect(text(tables.directory(tables.file(first + 1)?.directory ?? -1))).toBe('include');
    if (version < 5) expect([tables.file(0), tables.directory(0)]).toEqual([undefined, undefined]);
  });

  test('says the same as a table of all its rows', () => {
    const step = fc.oneof(
      fc
        .tuple(fc.nat(16), fc.integer({ min: -5, max: 8 }))
        .map(([advance, lines]): LineStep => ['special', advance, lines]),
      fc.nat(300).map((advance): LineStep => ['advance', advance]),
      fc.integer({ min: -200, max: 200 }).map((lines): LineStep => ['line', lines]),
      fc.constant<LineStep>(['copy']),
      fc.constant<LineStep>(['const']),
      fc.nat(500).map((advance): LineStep => ['fixed', advance]),
      fc.nat(0x1000).map((address): LineStep => ['address', address]),
    );
    const queries = fc.array(fc.nat(0x1400), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.nat(0x1000), fc.array(step, { maxLength: 40 }), queries, (low, steps, asked) => {
        const addresses = [...new Set(asked)].sort((a, b) => a - b);
        const all: LineStep[] = [['address', low], ...steps, ['end']];
        const table = allRows(all);
        // What goes back after everything was found is not seen; such programs are beyond the standard.
        fc.pre(table.every((row, nth) => nth === 0 || row.address >= (table[nth - 1]?.address ?? 0)));
        expect(linesOf(all, addresses)).toEqual(
          addresses.map((address) => {
            const row = table.findLast((each) => each.address <= address);
            return row === undefined || row.ends || table.length === 1 ? undefined : row.line;
          }),
        );
      }),
      { numRuns: 500 },
    );
  });
});

function allRows(steps: readonly LineStep[]): { address: number; line: number; ends: boolean }[] {
  const table: { address: number; line: number; ends: boolean }[] = [];
  let address = 0;
  let line = 1;
  for (const step of steps) {
    switch (step[0]) {
      case 'address':
        address = Number(step[1]);
        break;
      case 'advance':
      case 'fixed':
        address += step[1];
        break;
      case 'const':
        address += 17;
        break;
      case 'line':
        line += step[1];
        break;
      case 'special':
        address += step[1];
        line += step[2];
        table.push({ address, line, ends: false });
        break;
      case 'copy':
      case 'end':
        table.push({ address, line, ends: step[0] === 'end' });
        break;
    }
  }
  return table;
}
