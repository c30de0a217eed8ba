import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byRunName, compareRuns } from '../../src/compare/compare.ts';
import { isKnown } from '../../src/model/comparison.ts';
import { crash, run } from './make.ts';

const statusOf = (comparison: ReturnType<typeof compareRuns>) =>
  comparison.crashes.map(({ status, matchedBy, crash: { title } }) => [status, matchedBy, title]);

describe('a run against earlier ones', () => {
  const a = crash({ signature: 'a'.repeat(16), title: 'BUG in a', names: ['a', 'x', 'y'] });
  const b = crash({ signature: 'b'.repeat(16), title: 'BUG in b', names: ['b', 'x', 'y'] });

  test('what is new, the same and gone', () => {
    expect(statusOf(compareRuns([run('old', a)], run('new', a, b)))).toEqual([
      ['new', undefined, 'BUG in b'],
      ['same', 'signature', 'BUG in a'],
    ]);
    expect(statusOf(compareRuns([run('old', a, b)], run('new', b)))).toEqual([
      ['same', 'signature', 'BUG in b'],
      ['gone', undefined, 'BUG in a'],
    ]);
  });

  test('in which of the runs it was', () => {
    const runs = [run('1', a), run('2'), run('3', a), run('4', b)];
    const [first, second] = compareRuns(runs, run('5', a)).crashes;
    expect(first?.seen).toEqual({ runs: 2, of: 4, first: '1', last: '3' });
    expect(second?.status).toBe('gone');
    expect(second?.seen).toEqual({ runs: 1, of: 4, first: '4', last: '4' });
  });

  test('another signature with the same title is known, and has changed', () => {
    const now = { ...a, signature: 'c'.repeat(16), names: ['a', 'z'] };
    const [found, ...rest] = compareRuns([run('old', a)], run('new', now)).crashes;
    expect(found).toMatchObject({ status: 'changed', matchedBy: 'title', before: a });
    expect(found?.changes).toEqual([{ what: 'signature', from: 'a'.repeat(16), to: 'c'.repeat(16) }]);
    expect(rest).toEqual([]);
  });

  test('so is one whose alternative title is the other one', () => {
    const now = { ...a, signature: 'c'.repeat(16), title: 'KASAN in a', altTitles: ['BUG in a'] };
    const [found] = compareRuns([run('old', a)], run('new', now)).crashes;
    expect(found?.matchedBy).toBe('title');
    const [back] = compareRuns([run('old', now)], run('new', a)).crashes;
    expect(back?.matchedBy).toBe('title');
  });

  test('a title without a function says nothing', () => {
    const stall = crash({ title: 'INFO: rcu detected stall in corrupted', isSpecific: false, names: ['p', 'q'] });
    const other = { ...stall, signature: 'f'.repeat(16), names: ['r', 's'] };
    expect(compareRuns([run('old', stall)], run('new', other)).crashes.map(({ status }) => status)).toEqual([
      'new',
      'gone',
    ]);
  });

  test('what is only similar is told, and does not pass for known', () => {
    const now = crash({
      signature: 'c'.repeat(16),
      title: 'BUG: unable to handle kernel NULL pointer dereference in frob_write',
      culprit: 'frob_write',
      names: ['frob_write', 'proc_reg_write', 'vfs_write', 'sys_write'],
    });
    const [found] = compareRuns([run('old', crash())], run('new', now)).crashes;
    expect(found).toMatchObject({ status: 'changed', matchedBy: 'similarity' });
    expect(found?.similarity).toBeGreaterThan(0.8);
    expect(found?.changes?.map(({ what }) => what)).toEqual(['title', 'signature', 'culprit']);
    expect(found !== undefined && found.status !== 'gone' && isKnown({ ...found, status: found.status })).toBe(false);
  });

  test('what followed from something else is not told to be gone', () => {
    const follows = { ...b, follows: true } as const;
    expect(statusOf(compareRuns([run('old', a, follows)], run('new', a)))).toEqual([['same', 'signature', 'BUG in a']]);
  });

  test('every crash of both runs is in it once', () => {
    const letters = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const record = fc
      .record({
        signature: letters,
        title: letters,
        names: fc.array(letters, { maxLength: 5 }),
        isSpecific: fc.boolean(),
      })
      .map((more) => crash(more));
    const some = fc.uniqueArray(record, { selector: ({ signature }) => signature, maxLength: 5 });
    fc.assert(
      fc.property(some, some, (before, after) => {
        const { crashes } = compareRuns([run('old', ...before)], run('new', ...after));
        const told = crashes.filter(({ status }) => status !== 'gone').map(({ crash: { signature } }) => signature);
        expect(told.sort()).toEqual(after.map(({ signature }) => signature).sort());
        const old = crashes.map((compared) => (compared.before ?? compared.crash).signature);
        for (const { signature } of before) expect(old).toContain(signature);
      }),
    );
  });
});

test('runs are ordered as people count', () => {
  const names = ['run-10', 'run-9', 'run-09', 'a', 'run-9a', 'run', '2', '10'];
  expect(names.sort(byRunName)).toEqual(['2', '10', 'a', 'run', 'run-09', 'run-9', 'run-9a', 'run-10']);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.string(), (a, b, c) => {
      expect(Math.sign(byRunName(a, b)) + Math.sign(byRunName(b, a))).toBe(0);
      if (byRunName(a, b) < 0 && byRunName(b, c) < 0) expect(byRunName(a, c)).toBeLessThan(0);
    }),
  );
});
