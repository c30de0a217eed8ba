import { describe, expect, test } from 'vitest';
import { judgeSource, type SourceFacts } from '../../src/source/judge.ts';

const judge = (facts: Partial<SourceFacts>): string => {
  const { state, note } = judgeSource({ line: 7, lineCount: 9, function: 'f', placement: 'unknown', ...facts });
  return `${state}: ${note}`;
};

const ofRelease = { version: '6.1.1', isOfRelease: true, kernel: '6.1.1' };
const older = { what: 'module', writtenAfter: false } as const;
const newer = { what: 'kernel', writtenAfter: true } as const;

describe('judgeSource', () => {
  test.each<[Partial<SourceFacts>, string]>([
    [{}, 'unverified: nothing says of which state it is'],
    [{ sameChecksum: true, placement: 'outside' }, 'same: its MD5 is that of the file that was compiled'],
    [{ sameChecksum: false, placement: 'inside' }, 'changed: its MD5 is not that of the file that was compiled'],
    [{ placement: 'beyond' }, 'changed: it has 9 lines, and none of number 7'],
    [{ placement: 'blank' }, 'changed: there is no code in line 7'],
    [{ placement: 'outside' }, 'changed: line 7 is not in f, which is elsewhere'],
    [
      { placement: 'outside', tree: ofRelease },
      'unverified: line 7 is not in f, which is elsewhere, though the source is of the same release (6.1.1)',
    ],
    [
      { placement: 'outside', revision: { name: 'v6', exact: true, same: true } },
      'same: it is the file of v6, which the kernel was built from',
    ],
    [{ placement: 'inside' }, 'unverified: the line is in the right function'],
    [
      { tree: { version: '6.2', isOfRelease: false, kernel: '6.1' }, placement: 'inside' },
      'changed: it is of 6.2, the kernel of 6.1',
    ],
    [
      { tree: { version: '6.2', isOfRelease: false, kernel: '6.1' }, placement: 'blank' },
      'changed: it is of 6.2, the kernel of 6.1, and there is no code in line 7',
    ],
    [{ tree: ofRelease }, 'likely: the source is of the same release (6.1.1)'],
    [
      { tree: ofRelease, built: newer, placement: 'inside' },
      'likely: the source is of the same release (6.1.1), the line is in the right function',
    ],
    [
      { tree: ofRelease, built: newer },
      'unverified: it was written after the kernel was built, though the source is of the same release (6.1.1)',
    ],
    [
      { tree: ofRelease, uncommitted: true, placement: 'inside' },
      'unverified: it has changes that are not committed, though the source is of the same release (6.1.1), the line is in the right function',
    ],
    [
      { revision: { name: 'v6.1.1', exact: true, same: true }, uncommitted: true },
      'same: it is the file of v6.1.1, which the kernel was built from',
    ],
    [
      { revision: { name: 'v6.1.1', exact: true, same: false }, tree: ofRelease },
      'changed: it is not the file of v6.1.1, which the kernel was built from',
    ],
    [{ revision: { name: 'v6.1.1', exact: false, same: true } }, 'likely: it is the file of v6.1.1'],
    [
      { revision: { name: 'v6.1.1', exact: false, same: false }, tree: ofRelease },
      'unverified: it differs from the file of v6.1.1, though the source is of the same release (6.1.1)',
    ],
    [{ built: older, placement: 'inside' }, 'likely: it is older than the module, the line is in the right function'],
    [
      { built: older, placement: 'inside', uncommitted: true },
      'likely: it is older than the module, the line is in the right function',
    ],
    [{ built: older }, 'unverified: it is older than the module'],
    [{ built: newer }, 'unverified: it was written after the kernel was built'],
  ])('%j', (facts, expected) => {
    expect(judge(facts)).toBe(expected);
  });
});
