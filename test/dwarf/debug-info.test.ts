import { describe, expect, test } from 'vitest';
import { Attribute, Form, Tag, UnitType } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { writeLines } from '../helpers/dwarf-lines.ts';
import { ByteWriter, memorySections, type WrittenDwarf, writeDwarf } from '../helpers/dwarf-writer.ts';
import {
  abstract,
  code,
  compileUnit,
  directories,
  files,
  inlined,
  name,
  sampleLines,
  start,
  subprogram,
} from './sample.ts';

const read = (dwarf: WrittenDwarf): DebugInfo => new DebugInfo(memorySections(writeDwarf(dwarf), dwarf));

/** Frames in short: `function file:line:column`, inlined ones in brackets. */
function short(info: DebugInfo, ...addresses: number[]): string[][] {
  return info.resolve(addresses).map((frames) =>
    frames.map((frame) => {
      const where = [frame.file ?? '?', frame.line ?? '?', ...(frame.column === undefined ? [] : [frame.column])].join(
        ':',
      );
      const text = `${frame.function ?? '?'} ${where}`;
      return frame.inlined ? `[${text}]` : text;
    }),
  );
}

const oneFunction = compileUnit(
  [subprogram('first', start, 16), subprogram('second', start + 16, 16)],
  code(start, 32),
);
const lines = sampleLines(start, 8, 4);

describe('functions and lines', () => {
  test('of an address are those that cover it', () => {
    const info = read({ units: [{ root: oneFunction }], sections: { '.debug_line': lines } });
    expect(short(info, start, start + 15, start + 16, start + 31)).toEqual([
      ['first kernel/sample.c:2'],
      ['first kernel/sample.c:5'],
      ['second kernel/sample.c:6'],
      ['second kernel/sample.c:9'],
    ]);
    expect(info.problems).toEqual([]);
  });

  test('come in the order of the addresses, however these come, and more than once', () => {
    const info = read({ units: [{ root: oneFunction }], sections: { '.debug_line': lines } });
    expect(short(info, start + 31, start, start + 31).map(([frame]) => frame)).toEqual([
      'second kernel/sample.c:9',
      'first kernel/sample.c:2',
      'second kernel/sample.c:9',
    ]);
  });

  test('are none where nothing covers an address', () => {
    const info = read({ units: [{ root: oneFunction }], sections: { '.debug_line': lines } });
    expect(short(info, start - 1, start + 32, 0)).toEqual([[], [], []]);
    expect(short(read({ units: [] }), start)).toEqual([[]]);
  });

  test('between functions are said to be so, unless it is assembly', () => {
    const gap = [subprogram('first', start, 8), subprogram('second', start + 16, 16)];
    const assembler = [[Attribute.language, Form.data2, 0x8001]] as const;
    const make = (more: typeof assembler | readonly []): DebugInfo =>
      read({
        units: [{ root: compileUnit(gap, [...code(start, 32), ...more]) }],
        sections: { '.debug_line': lines },
      });
    const between = { file: 'kernel/sample.c', path: '/build/linux/kernel/sample.c', line: 4, inlined: false };
    expect(make([]).resolve([start + 8])).toEqual([[{ ...between, betweenFunctions: true }]]);
    expect(make(assembler).resolve([start + 8])).toEqual([[between]]);
  });

  interface UnitKind {
    readonly version?: number;
    readonly is64?: boolean;
  }
  interface FileKind {
    readonly littleEndian?: boolean;
    readonly addressSize?: 4 | 8;
  }
  test.each<[string, UnitKind, FileKind]>([
    ['64-bit DWARF 5', { is64: true }, {}],
    ['DWARF 4', { version: 4 }, {}],
    ['DWARF 3', { version: 3 }, {}],
    ['DWARF 2', { version: 2 }, {}],
    ['64-bit DWARF 4', { version: 4, is64: true }, {}],
    ['big endian', {}, { littleEndian: false }],
    ['32-bit addresses', {}, { addressSize: 4 }],
    ['32-bit big endian, DWARF 4', { version: 4 }, { addressSize: 4, littleEndian: false }],
  ])('of %s', (_, unit, whole) => {
    const low = whole.addressSize === 4 ? 0xc0100000 : start;
    const root = compileUnit([subprogram('first', low, 16)], code(low, 32));
    const program = writeLines({
      ...unit,
      ...whole,
      directories: unit.version === undefined ? directories : directories.slice(1),
      files: unit.version === undefined ? files : files.slice(1),
      steps: [
        ['address', low],
        ['special', 0, 2],
        ['file', 2],
        ['column', 7],
        ['special', 8, 1],
        ['advance', 24],
        ['end'],
      ],
    });
    const info = read({ ...whole, units: [{ ...unit, root }], sections: { '.debug_line': program } });
    expect(short(info, low, low + 8)).toEqual([['first kernel/sample.c:3'], ['first include/linux/sample.h:4:7']]);
    expect(info.problems).toEqual([]);
  });

  test('of assembly may lie within others: the smaller one counts, wherever it stands', () => {
    const assembler = [[Attribute.language, Form.data2, 0x8001]] as const;
    const children = [subprogram('whole', start, 32), subprogram('part', start + 16, 8)];
    const info = read({ units: [{ root: compileUnit(children, [...code(start, 32), ...assembler]) }] });
    expect(short(info, start, start + 16).flat()).toEqual(['whole ?:?', 'part ?:?']);
  });

  test('whose code lies in several ranges', () => {
    const lists = new ByteWriter();
    // An offset pair from the unit's address, then an address with a length.
    lists
      .u8(4)
      .uleb(0)
      .uleb(8)
      .u8(7)
      .number(start + 0x1000, 8)
      .uleb(8)
      .u8(0);
    const root = compileUnit(
      [
        {
          tag: Tag.subprogram,
          attributes: [name('hot_and_cold'), [Attribute.ranges, Form.secOffset, 0]],
        },
      ],
      [
        [Attribute.lowPc, Form.addr, start],
        [Attribute.ranges, Form.secOffset, 0],
      ],
    );
    const info = read({ units: [{ root }], sections: { '.debug_rnglists': lists.bytes } });
    expect(short(info, start + 7, start + 8, start + 0x1000, start + 0x1008)).toEqual([
      ['hot_and_cold ?:?'],
      [],
      ['hot_and_cold ?:?'],
      [],
    ]);
  });

  test('in namespaces, in structures and in other functions', () => {
    const nested: WrittenDwarf['units'][number]['root'] = compileUnit(
      [
        { tag: Tag.namespace, attributes: [name('space')], children: [subprogram('spaced', start, 8)] },
        { tag: 0x13, attributes: [name('structure')], children: [subprogram('method', start + 8, 8)] },
        subprogram('outer', start + 16, 8, [subprogram('local', start + 24, 8)]),
      ],
      code(start, 32),
    );
    const info = read({ units: [{ root: nested }] });
    expect(short(info, start, start + 8, start + 16, start + 24).flat()).toEqual([
      'spaced ?:?',
      'method ?:?',
      'outer ?:?',
      'local ?:?',
    ]);
  });
});

describe('inlined calls', () => {
  const unit = compileUnit(
    [
      abstract('inner'),
      abstract('middle'),
      subprogram('outer', start, 64, [
        { tag: 0x34, attributes: [name('variable')] },
        {
          tag: Tag.lexicalBlock,
          attributes: [],
          children: [
            inlined('middle', code(start + 8, 24), [1, 100, 3], [inlined('inner', code(start + 12, 8), [2, 55, 9])]),
          ],
        },
        inlined('inner', code(start + 40, 8), [1, 120, 4]),
      ]),
    ],
    code(start, 64),
  );

  test('stand innermost first, each with the place it was called from', () => {
    const info = read({ units: [{ root: unit }], sections: { '.debug_line': sampleLines(start, 16, 4) } });
    expect(short(info, start, start + 8, start + 12, start + 19, start + 20, start + 40)).toEqual([
      ['outer kernel/sample.c:2'],
      ['[middle kernel/sample.c:4]', 'outer kernel/sample.c:100:3'],
      ['[inner kernel/sample.c:5]', '[middle include/linux/sample.h:55:9]', 'outer kernel/sample.c:100:3'],
      ['[inner kernel/sample.c:6]', '[middle include/linux/sample.h:55:9]', 'outer kernel/sample.c:100:3'],
      ['[middle kernel/sample.c:7]', 'outer kernel/sample.c:100:3'],
      ['[inner kernel/sample.c:12]', 'outer kernel/sample.c:120:4'],
    ]);
  });

  test('that overlap: the deeper, then the smaller; empty ones never', () => {
    const overlapping = compileUnit(
      [
        ...['wide', 'narrow', 'nothing', 'deep'].map(abstract),
        subprogram('outer', start, 64, [
          inlined('narrow', code(start + 8, 4), [1, 10, 1]),
          inlined('wide', code(start, 32), [1, 11, 1]),
          inlined('nothing', code(start + 8, 0), [1, 12, 1]),
          inlined('wide', code(start + 40, 16), [1, 13, 1], [inlined('deep', code(start + 40, 16), [1, 14, 1])]),
          inlined('narrow', code(start + 40, 4), [1, 15, 1]),
        ]),
      ],
      code(start, 64),
    );
    const info = read({ units: [{ root: overlapping }] });
    const names = info
      .resolve([start + 8, start + 12, start + 40])
      .map((frames) => frames.map((frame) => frame.function));
    expect(names).toEqual([
      ['narrow', 'outer'],
      ['wide', 'outer'],
      ['deep', 'wide', 'outer'],
    ]);
  });

  test('with an origin in another unit, which is a definition of a declaration', () => {
    const other = compileUnit([
      { tag: Tag.subprogram, label: 'declared', attributes: [name('declared')] },
      { tag: Tag.subprogram, label: 'defined', attributes: [[Attribute.specification, Form.ref4, 'declared']] },
    ]);
    const root = compileUnit(
      [
        subprogram('outer', start, 8, [
          {
            tag: Tag.inlinedSubroutine,
            attributes: [[Attribute.abstractOrigin, Form.refAddr, 'defined'], ...code(start, 8)],
          },
        ]),
      ],
      code(start, 8),
    );
    for (const version of [2, 4, 5]) {
      const info = read({
        units: [
          { root, version },
          { root: other, version },
        ],
      });
      expect(short(info, start)).toEqual([['[declared ?:?]', 'outer ?:?']]);
    }
  });

  test('whose origins go round in a circle have no name', () => {
    const circle = compileUnit(
      [
        { tag: Tag.subprogram, label: 'one', attributes: [[Attribute.abstractOrigin, Form.ref4, 'two']] },
        { tag: Tag.subprogram, label: 'two', attributes: [[Attribute.specification, Form.ref4, 'one']] },
        subprogram('outer', start, 8, [inlined('one', code(start, 8), [1, 7, 1])]),
      ],
      code(start, 8),
    );
    expect(short(read({ units: [{ root: circle }] }), start)).toEqual([['[? ?:?]', 'outer ?:7:1']]);
  });
});

describe('names', () => {
  const mangled = '_RNvNtCs1234_6kernel5print11call_printk';
  const linkage = (text: string): DebugInfo =>
    read({
      units: [
        {
          root: compileUnit(
            [subprogram('plain', start, 8, undefined, [[Attribute.linkageName, Form.string, text]])],
            code(start, 8),
          ),
        },
      ],
    });

  test('of Rust are the linkage names', () => {
    const frames = linkage(mangled).resolve([start]);
    expect(frames).toEqual([[{ function: mangled, inlined: false }]]);
  });

  test('of C are the plain ones, whatever clang links them by', () => {
    const frames = linkage('plain.llvm.123').resolve([start]);
    expect(frames).toEqual([[{ function: 'plain', inlined: false }]]);
  });
});

describe('indexed forms', () => {
  test('of strings, addresses and ranges, with their bases', () => {
    const lists = new ByteWriter();
    lists.withLength(false, (to) =>
      // One list behind the table of offsets: two ranges by index, then one from a base by index.
      to
        .number(5, 2)
        .u8(8)
        .u8(0)
        .number(1, 4)
        .number(4, 4)
        .u8(3)
        .uleb(1)
        .uleb(8)
        .u8(1)
        .uleb(2)
        .u8(4)
        .uleb(0)
        .uleb(4)
        .u8(0),
    );
    const root = {
      tag: Tag.compileUnit,
      attributes: [
        [Attribute.strOffsetsBase, Form.secOffset, 8],
        [Attribute.addrBase, Form.secOffset, 8],
        [Attribute.rnglistsBase, Form.secOffset, 12],
        [Attribute.lowPc, Form.addrx, start],
        [Attribute.highPc, Form.data4, 0x2000],
        [Attribute.compDir, Form.strx, '/build'],
      ],
      children: [
        {
          tag: Tag.subprogram,
          attributes: [
            [Attribute.name, Form.strx1, 'indexed'],
            [Attribute.lowPc, Form.addrx, start + 0x100],
            [Attribute.highPc, Form.addrx, start + 0x1000],
          ],
        },
        {
          tag: Tag.subprogram,
          attributes: [
            [Attribute.name, Form.strx2, 'listed'],
            [Attribute.ranges, Form.rnglistx, 0],
          ],
        },
        {
          tag: Tag.subprogram,
          attributes: [
            [Attribute.name, Form.strx4, 'implicit'],
            [Attribute.lowPc, Form.addrx1, start + 0x1800],
            [Attribute.highPc, Form.implicitConst, 16],
          ],
        },
      ],
    } as const;
    const info = read({ units: [{ root }], sections: { '.debug_rnglists': lists.bytes } });
    expect(short(info, start + 0x1001, start + 0x100, start + 0xfff, start + 0x180f, start + 0x1810).flat()).toEqual([
      'listed ?:?',
      'listed ?:?',
      'indexed ?:?',
      'implicit ?:?',
    ]);
    expect(info.problems).toEqual([]);
  });
});

describe('units', () => {
  const second = compileUnit([subprogram('in_second', start + 0x100, 16)], code(start + 0x100, 16));

  test('are found through .debug_aranges, and without it for those it does not tell of', () => {
    const units = [{ root: oneFunction }, { root: second }];
    const told = [{ unit: 0, ranges: [[start, 32]] as const }];
    for (const aranges of [undefined, told, []]) {
      const info = read({ units, ...(aranges && { aranges }) });
      expect(short(info, start, start + 0x100).flat()).toEqual(['first ?:?', 'in_second ?:?']);
      expect(info.problems).toEqual([]);
    }
  });

  test('are found where .debug_aranges is damaged, which is noted', () => {
    const info = read({
      units: [{ root: oneFunction }],
      sections: { '.debug_aranges': [0xff, 0, 0, 0, 9, 9, 0, 0, 0, 0, 8, 0, 1, 2, 3, 4] },
    });
    expect(short(info, start).flat()).toEqual(['first ?:?']);
    expect(info.problems.map((problem) => problem.code)).toEqual(['KT-DWARF-DAMAGED']);
    expect(info.problems[0]?.message).toContain('.debug_aranges at 0x0');
  });

  test('that overlap: the one that has a function there', () => {
    const empty = compileUnit([], code(start, 8));
    const info = read({ units: [{ root: empty }, { root: oneFunction }] });
    expect(short(info, start).flat()).toEqual(['first ?:?']);
  });

  test('of other kinds do not matter', () => {
    const partial = { ...compileUnit([subprogram('wrong', start, 16)], code(start, 16)), tag: 0x3c };
    const info = read({ units: [{ type: UnitType.partial, root: partial }, { root: oneFunction }] });
    expect(short(info, start).flat()).toEqual(['first ?:?']);
  });

  test('that are damaged cost only their own functions; their lines remain', () => {
    const sections = writeDwarf({
      units: [{ root: oneFunction }, { root: second }],
      sections: { '.debug_line': lines },
    });
    const info = sections.get('.debug_info') ?? new Uint8Array();
    // The code of the first function's entry, behind the unit's header and its own entry.
    info[0x0c + 1 + 4 + 4 + 4 + 8 + 4] = 0x7f;
    const debug = new DebugInfo(memorySections(sections));
    expect(short(debug, start, start + 0x100)).toEqual([['? kernel/sample.c:2'], ['in_second ?:?']]);
    expect(debug.problems.map((problem) => problem.code)).toEqual(['KT-DWARF-DAMAGED']);
    expect(debug.problems[0]?.message).toMatch(/^debug information is damaged: \.debug_info at 0x[0-9a-f]+$/);
  });
});

describe('split units', () => {
  const skeleton = (version: number, id: bigint): WrittenDwarf => ({
    units: [
      {
        version,
        type: UnitType.skeleton,
        ...(version >= 5 && { dwoId: id }),
        root: {
          tag: Tag.compileUnit,
          attributes: [
            [Attribute.compDir, Form.strp, '/build/linux'],
            [Attribute.stmtList, Form.secOffset, 0],
            [version >= 5 ? Attribute.dwoName : Attribute.gnuDwoName, Form.strp, 'kernel/sample.dwo'],
            ...(version >= 5 ? [] : ([[Attribute.gnuDwoId, Form.data8, id]] as const)),
            [version >= 5 ? Attribute.addrBase : Attribute.gnuAddrBase, Form.secOffset, version >= 5 ? 8 : 0],
            ...code(start, 32),
          ],
        },
      },
    ],
    sections: {
      '.debug_line': lines,
      '.debug_addr': new ByteWriter().raw(version >= 5 ? [0xc, 0, 0, 0, 5, 0, 8, 0] : []).number(start, 8).bytes,
    },
  });
  const split = (version: number, id: bigint): WrittenDwarf => ({
    split: true,
    units: [
      {
        version,
        type: UnitType.splitCompile,
        ...(version >= 5 && { dwoId: id }),
        root: {
          tag: Tag.compileUnit,
          attributes: version >= 5 ? [] : [[Attribute.gnuDwoId, Form.data8, id]],
          children: [
            {
              tag: Tag.subprogram,
              attributes: [
                [Attribute.name, version >= 5 ? Form.strx1 : Form.gnuStrIndex, 'elsewhere'],
                [Attribute.lowPc, version >= 5 ? Form.addrx : Form.gnuAddrIndex, start],
                [Attribute.highPc, Form.data4, 32],
              ],
            },
          ],
        },
      },
    ],
  });
  const resolve = (version: number, id: bigint, at: string): { info: DebugInfo; tried: string[] } => {
    const tried: string[] = [];
    const dwo = writeDwarf(split(version, id));
    dwo.delete('.debug_addr.dwo');
    const info = new DebugInfo(memorySections(writeDwarf(skeleton(version, 0x1234567890abcdefn))), {
      directory: '/srv/debug',
      openSplitFile: (path) => {
        tried.push(path);
        return path === at ? memorySections(dwo) : undefined;
      },
    });
    return { info, tried };
  };

  test.each([4, 5])('of DWARF %i are sought where they were made and beside the file', (version) => {
    for (const at of ['/build/linux/kernel/sample.dwo', '/srv/debug/kernel/sample.dwo', '/srv/debug/sample.dwo']) {
      const { info, tried } = resolve(version, 0x1234567890abcdefn, at);
      expect(short(info, start + 4)).toEqual([['elsewhere kernel/sample.c:3']]);
      expect(tried.at(-1)).toBe(at);
      expect(info.problems).toEqual([]);
    }
  });

  test.each([4, 5])(
    'of DWARF %i and another build are refused: their lines are there, their functions not',
    (version) => {
      const { info } = resolve(version, 0x1234567890abcdeen, '/srv/debug/sample.dwo');
      expect(short(info, start + 4)).toEqual([['? kernel/sample.c:3']]);
      expect(info.problems.map((problem) => problem.code)).toEqual(['KT-DWARF-SPLIT']);
      expect(info.problems[0]?.why).toContain('/srv/debug/sample.dwo');
    },
  );
});
