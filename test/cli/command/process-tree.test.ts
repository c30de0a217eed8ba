import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { familyOf, parseStat } from '../../../src/cli/command/process-tree.ts';

describe('parseStat', () => {
  test('finds the fields behind a name of any form', () => {
    expect(parseStat('812 (a) b (c) S 7 8 9 0 -1 4194560')).toEqual({ id: 812, parent: 7, group: 8, session: 9 });
  });

  test.each(['', '812', '812 (sh', '812 (sh) S', '812 (sh) S x 8 9', 'x (sh) S 7 8 9'])('%j is nothing', (text) => {
    expect(parseStat(text)).toBeUndefined();
  });

  test('the dead do not count', () => {
    expect(parseStat('812 (sh) Z 7 8 9')).toBeUndefined();
  });

  test('takes anything', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseStat(text)));
    fc.assert(
      fc.property(fc.nat(), fc.string(), fc.nat(), fc.nat(), fc.nat(), (id, name, parent, group, session) => {
        const place = parseStat(`${id} (${name}) S ${parent} ${group} ${session} 0`);
        expect(place).toEqual({ id, parent, group, session });
      }),
    );
  });
});

describe('familyOf', () => {
  const place = (id: number, parent: number, group: number, session: number) => ({ id, parent, group, session });

  test('is the group, the session, and what left both', () => {
    const processes = [
      place(1, 0, 1, 1),
      place(50, 1, 50, 50),
      place(100, 50, 100, 100),
      place(101, 100, 100, 100),
      // A shell's job, whose shell is gone.
      place(102, 1, 102, 100),
      // setsid, and what that started.
      place(103, 101, 103, 103),
      place(104, 103, 103, 103),
    ];
    const ids = familyOf(100, processes).map(({ id }) => id);
    expect(ids.sort()).toEqual([100, 101, 102, 103, 104]);
  });

  test('ends where parents go round', () => {
    expect(familyOf(1, [place(1, 2, 1, 1), place(2, 1, 2, 2)])).toHaveLength(2);
  });
});
