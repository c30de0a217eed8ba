import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceExcerpt } from '../../src/model/excerpt.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import { excerptLines } from '../../src/report/text/excerpt-lines.ts';
import { sourceSection } from '../../src/report/text/source.ts';
import { type Paragraph, wrap } from '../../src/report/text/spans.ts';
import { plainPainter } from '../../src/report/text/style.ts';
import { textReport } from '../../src/report/text.ts';
import { displayWidth } from '../../src/report/width.ts';
import { crashReport, frame, plainOptions } from './make.ts';

const excerpt = (more: Partial<SourceExcerpt> = {}): SourceExcerpt => ({
  path: '/s/frob.c',
  firstLine: 9,
  lines: ['int frob(int *at)', '{', '        *at = level->now;', '        return 0;', '}'],
  column: 15,
  state: 'likely',
  note: 'reasons',
  ...more,
});

const plain = (paragraphs: readonly Paragraph[]): string[] =>
  paragraphs.flatMap((paragraph) => wrap(paragraph, 1000, plainPainter));
const drawn = (given: SourceExcerpt, line = 11, width = 70): string[] => plain(excerptLines(given, line, width));

describe('excerptLines', () => {
  test('numbers, a mark and a caret', () => {
    expect(drawn(excerpt())).toEqual([
      '   9 | int frob(int *at)',
      '  10 | {',
      '> 11 |         *at = level->now;',
      '     |               ^~~~~',
      '  12 |         return 0;',
      '  13 | }',
    ]);
  });

  test('the caret covers what is meant: a member with its arrow, an operator, a string as one', () => {
    expect(drawn(excerpt({ column: 20 }))[3]).toBe('     |                    ^~~~~');
    expect(drawn(excerpt({ column: 13 }))[3]).toBe('     |             ^');
  });

  test('no column, no caret', () => {
    const { column: _, ...without } = excerpt();
    expect(drawn(without).join()).not.toContain('^');
  });

  test('blank lines at the edges are left out', () => {
    expect(drawn(excerpt({ lines: ['', '', 'x;', '', ''] }))).toEqual(['> 11 | x;']);
  });

  test('the caret stands right below wide and escaped characters', () => {
    const lines = ['a', 'b', '"漢\u001b" x'];
    const [line = '', caret = ''] = drawn(excerpt({ lines, column: 6 })).slice(-2);
    expect(line).toContain('"漢\\x1B" x');
    expect(caret.indexOf('^')).toBe(displayWidth(line.slice(0, line.indexOf(' x') + 1)));
  });

  test('a narrow screen indents less', () => {
    expect(drawn(excerpt(), 11, 30)[2]).toBe('> 11 |   *at = level->now;');
    expect(drawn(excerpt(), 11, 30)[3]).toBe('     |         ^~~~~');
  });

  test('never wider than the screen, and the caret in it', () => {
    const line = fc.string({ unit: fc.constantFrom('a', ' ', '漢', '->', '\u001b', '('), maxLength: 200 });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 3, maxLength: 7 }),
        fc.nat(220),
        fc.integer({ min: 24, max: 120 }),
        (...of) => {
          const [lines, column, width] = of;
          const all = drawn(excerpt({ lines, column: column + 1 }), 11, width);
          for (const each of all) {
            expect(displayWidth(each)).toBeLessThanOrEqual(width);
            expect(each).not.toContain('\u001b');
          }
        },
      ),
    );
  });
});

describe('Source', () => {
  const placed = (more: Partial<SourceExcerpt>, place: Partial<Frame> = {}): Frame =>
    frame('frob_read.cold+0xe/0x19 [frob]', 104, {
      source: { file: 'b/frob.c', line: 11, column: 7, excerpt: excerpt(more) },
      ...place,
    });
  const section = (more: Partial<CrashReport>, all = false): string =>
    plain(sourceSection(crashReport(more), plainOptions({ all }))?.paragraphs ?? []).join('\n');

  test('is not there without source', () => {
    expect(sourceSection(crashReport(), plainOptions())).toBeUndefined();
  });

  test('has each function of the chain, and how far to believe it', () => {
    const inner = { function: 'level', source: { file: 'b/level.h', line: 11, excerpt: excerpt() } };
    const text = section({ frames: [placed({}, { inlined: [inner] })] });
    expect(text).toMatch(/^b\/level.h:11 in level, inlined into frob_read\n.*9 \|/);
    expect(text).toContain('b/frob.c:11:7 in frob_read\n');
    expect(text).toMatch(/\nThe source of level.h and frob.c is likely right: reasons\.$/);
  });

  test.each([
    ['same', 'The source of frob.c is certain: reasons.'],
    ['unverified', 'The source of frob.c is unverified: reasons.'],
    ['changed', 'The source of frob.c is of ANOTHER STATE: reasons.'],
  ] as const)('%s', (state, words) => {
    expect(section({ frames: [placed({ state })] })).toContain(words);
  });

  test('says what is missing', () => {
    const frames = [placed({ state: 'missing', lines: [], note: 'it is not in the folders given' })];
    expect(section({ frames })).toBe('No source of b/frob.c: it is not in the folders given.');
  });

  test('shows a few, and all with --all', () => {
    const frames = [1, 2, 3, 4, 5].map((nth) =>
      frame(`f${nth}+0x0/0x1`, 103 + nth, { source: { file: `${nth}.c`, line: 11, excerpt: excerpt() } }),
    );
    expect(section({ frames })).toContain('… 2 further excerpts not shown (--all)');
    expect(section({ frames }, true)).toContain('5.c:11 in f5');
  });

  test('nothing of a file reaches the screen as it is', () => {
    const lines = ['\u001b[31m', '::error::', '\u202eabc', 'x', 'y'];
    const frames = [placed({ lines, note: 'a\u001b[2Jb' })];
    const text = [...textReport(crashReport({ frames }), 'log', plainOptions())].join('');
    expect(text).toContain('\\x1B[31m');
    expect(/[\u001b\u202e]/.test(text)).toBe(false);
  });
});
