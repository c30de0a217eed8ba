import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mentionedFrames } from '../../src/symbols/mentions.ts';
import { crashReport, frame } from '../report/make.ts';

const found = (reportText: string, frames = [frame('known+0x1/0x2 [m]', 104)]): string[] =>
  mentionedFrames(crashReport({ reportText, frames, stacks: [], registers: [] })).map(
    ({ function: name, offset, size, module }) =>
      `${name}+0x${offset?.toString(16)}/0x${size?.toString(16)}${module === undefined ? '' : ` [${module}]`}`,
  );

describe('mentionedFrames', () => {
  test.each([
    ['(&p->lock){+.+.}-{3:3}, at: frob_take+0x12/0x34 [frob]', ['frob_take+0x12/0x34 [frob]']],
    ['hardirqs last enabled at (7): [<ffffffff81000000>] frob.isra.0+0x12/0x34', ['frob.isra.0+0x12/0x34']],
    ['initcall frob_init+0x0/0x10 [frob 0123456789abcdef] returned 0', ['frob_init+0x0/0x10 [frob]']],
    ['twice frob+0x1/0x2 and frob+0x1/0x2', ['frob+0x1/0x2']],
    ['known+0x1/0x2 [m] is a frame', []],
    ['frob+0x1 has no size, 0x1+0x2/0x3 no name, +0x1/0x2 neither', []],
  ])('%s', (text, expected) => {
    expect(found(text)).toEqual(expected);
  });

  test('are bounded, and found in time', () => {
    expect(found(Array.from({ length: 999 }, (_, nth) => `f${nth}+0x1/0x2`).join(' ')).length).toBe(64);
    const begin = performance.now();
    found(`${'a'.repeat(500)}+0x`.repeat(20_000));
    found('+0x'.repeat(1_000_000));
    found('a'.repeat(5_000_000));
    expect(performance.now() - begin).toBeLessThan(3000);
  });

  test('any text', () => {
    const piece = fc.oneof(
      fc.constantFrom('foo', '+0x', '/0x', '12', ' [', ']', '.', '\n'),
      fc.string({ maxLength: 4 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        for (const each of found(text, [])) expect(each).toMatch(/^[A-Za-z_][\w.$]*\+0x[0-9a-f]+\/0x[0-9a-f]+/);
      }),
    );
  });
});
