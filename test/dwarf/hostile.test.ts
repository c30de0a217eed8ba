import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { DebugInfo } from '../../src/dwarf/debug-info.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { ByteWriter, memorySections, type WrittenEntry, writeDwarf } from '../helpers/dwarf-writer.ts';
import { abstract, code, compileUnit, inlined, name, sampleLines, start, subprogram } from './sample.ts';

const ranges = new ByteWriter()
  .withLength(false, (to) => to.number(5, 2).u8(8).u8(0).number(1, 4).number(4, 4).u8(4).uleb(0).uleb(48).u8(0))
  .raw([4, 0, 16, 5, ...new ByteWriter().number(start, 8).bytes, 4, 16, 32, 0]).bytes;

const root = compileUnit(
  [
    abstract('inner'),
    { tag: Tag.namespace, attributes: [name('space')], children: [subprogram('spaced', start + 0x80, 16)] },
    subprogram('outer', start, 64, [
      {
        tag: 0x34,
        attributes: [
          [Attribute.name, Form.string, 'local'],
          [0x02, Form.exprloc, 'abc'],
        ],
      },
      { tag: Tag.lexicalBlock, attributes: [], children: [inlined('inner', code(start + 8, 24), [1, 100, 3])] },
      inlined(
        'inner',
        [[Attribute.ranges, Form.rnglistx, 0]],
        [1, 120, 4],
        [inlined('inner', code(start + 40, 8), [2, 5, 1])],
      ),
    ]),
    { tag: Tag.subprogram, attributes: [name('listed'), [Attribute.ranges, Form.secOffset, 12]] },
  ],
  [...code(start, 0x90), [Attribute.rnglistsBase, Form.secOffset, 12]],
);

/** The same as far as DWARF 4 has it. */
const older = compileUnit(
  [
    abstract('inner'),
    subprogram('outer', start, 64, [
      inlined(
        'inner',
        [[Attribute.ranges, Form.secOffset, 0]],
        [1, 120, 4],
        [inlined('inner', code(start + 40, 8), [2, 5, 1])],
      ),
    ]),
    subprogram('last', start + 0x80, 16),
  ],
  code(start, 0x90),
);

const oldRanges = [
  [-1, start],
  [32, 56],
  [0, 0],
].flatMap(([low = 0, high = 0]) => new ByteWriter().number(low, 8).number(high, 8).bytes);

const whole = (): Map<string, Uint8Array> =>
  writeDwarf({
    units: [{ root }, { root: older, version: 4 }],
    aranges: [
      { unit: 0, ranges: [[start, 0x90]] },
      { unit: 1, ranges: [[start, 0x90]] },
    ],
    sections: { '.debug_line': sampleLines(start, 36, 4), '.debug_rnglists': ranges, '.debug_ranges': oldRanges },
  });

const addresses = [start, start + 9, start + 20, start + 41, start + 0x81, start + 0x88, start + 0x8f, 0, 5];

/** What a resolution says of damaged sections; anything but an answer or an error that names its section is a failure. */
function survive(sections: ReadonlyMap<string, Uint8Array>): DebugInfo {
  const info = new DebugInfo(memorySections(sections));
  const before = performance.now();
  const frames = info.resolve(addresses);
  expect(performance.now() - before).toBeLessThan(5000);
  expect(frames).toHaveLength(addresses.length);
  for (const problem of info.problems) {
    expect(problem).toBeInstanceOf(KtriageError);
    expect(`${problem.code} ${problem.message}`).toMatch(/^KT-DWARF-[A-Z-]+ .*\.debug_\w+(?:\.dwo)? at 0x[0-9a-f]+$/);
  }
  return info;
}

describe('debug information that is', () => {
  test('whole has no problems', () => {
    expect(survive(whole()).problems).toEqual([]);
  });

  test('changed anywhere is survived', () => {
    const names = [...whole().keys()];
    const change = fc.record({
      section: fc.constantFrom(...names),
      at: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 4 }),
        fc.constantFrom(
          [0xff, 0xff, 0xff, 0xff],
          [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
          [0x80, 0x80, 0x80],
          [0, 0],
        ),
      ),
    });
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), (changes) => {
        const sections = whole();
        for (const { section, at, bytes } of changes) {
          const target = sections.get(section) ?? new Uint8Array(1);
          const offset = Math.floor(at * target.length);
          target.set(Array.from(bytes).slice(0, target.length - offset), offset);
        }
        survive(sections);
      }),
      { numRuns: 5000 },
    );
  }, 120_000);

  test('cut off anywhere is survived', () => {
    for (const [name_, bytes] of whole()) {
      for (let length = 0; length < bytes.length; length += bytes.length > 400 ? 7 : 1) {
        survive(whole().set(name_, bytes.slice(0, length)));
      }
    }
  });

  test('random is survived', () => {
    const section = fc.uint8Array({ maxLength: 200 });
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...whole().keys()), section), (random) => {
        survive(new Map(Object.entries(random)));
      }),
      { numRuns: 1000 },
    );
  });

  test('missing a section is survived', () => {
    for (const missing of whole().keys()) {
      const sections = whole();
      sections.delete(missing);
      survive(sections);
    }
  });

  test('LEB128 numbers of a mile are refused', () => {
    const mile = new Array<number>(100_000).fill(0x80);
    const sections = whole();
    sections.set('.debug_abbrev', Uint8Array.from([1, 0x11, 1, ...mile, 0]));
    sections.delete('.debug_aranges');
    expect(survive(sections).problems.map((problem) => problem.code)).toContain('KT-DWARF-DAMAGED');
  });

  test('abbreviations without end are refused', () => {
    const bomb = new Uint8Array(5_000_000);
    for (let at = 0; at + 5 <= bomb.length; at += 5) bomb.set([0x81, 0x01, 0x2e, 0, 0], at);
    const sections = whole().set(
      '.debug_abbrev',
      bomb.map((byte, at) => (at % 7 === 6 && byte === 0 ? 1 : byte)),
    );
    expect(survive(sections).problems.length).toBeGreaterThan(0);
  });

  test('nested without end is refused', () => {
    let entry: WrittenEntry = subprogram('deep', start, 8);
    for (let depth = 0; depth < 4200; depth++) entry = { tag: Tag.namespace, attributes: [], children: [entry] };
    const info = survive(writeDwarf({ units: [{ root: compileUnit([entry], code(start, 64)) }] }));
    expect(info.problems.map((problem) => problem.code)).toContain('KT-DWARF-DAMAGED');
  });

  test('a thousand units that point to one endless list are refused in time', () => {
    const list = new ByteWriter();
    for (let entry = 0; entry < 200_000; entry++) list.raw([4, 0, 1]);
    const unit = {
      root: compileUnit(
        [],
        [
          [Attribute.ranges, Form.secOffset, 0],
          [Attribute.lowPc, Form.addr, start],
        ],
      ),
    };
    const sections = writeDwarf({
      units: new Array<typeof unit>(1000).fill(unit),
      sections: { '.debug_rnglists': [...list.bytes, 0] },
    });
    const info = survive(sections);
    expect(info.problems.map((problem) => problem.code)).toContain('KT-DWARF-TOO-LARGE');
  });

  test('large counts in a line program are refused', () => {
    const lines = sampleLines(start, 36, 4);
    // The count of directories, behind their format.
    const at = 4 + 2 + 2 + 4 + 6 + 12 + 3;
    const sections = whole().set(
      '.debug_line',
      Uint8Array.from([...lines.slice(0, at), 0xff, 0xff, 0xff, 0x7f, ...lines.slice(at + 4)]),
    );
    expect(survive(sections).problems.map((problem) => problem.code)).toContain('KT-DWARF-DAMAGED');
  });
});
