import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StreamMerger, type StreamName } from '../../../src/cli/command/merge-streams.ts';

type Step = readonly [stream: StreamName, text: string] | 'settle';

function merged(steps: readonly Step[]): string {
  const pieces: Uint8Array[] = [];
  const merger = new StreamMerger((bytes) => pieces.push(bytes));
  for (const step of steps) {
    if (step === 'settle') merger.settle();
    else merger.push(step[0], Buffer.from(step[1], 'latin1'));
  }
  merger.settle();
  return Buffer.concat(pieces).toString('latin1');
}

describe('StreamMerger', () => {
  test.each<[string, readonly Step[], string]>([
    [
      'one stream is passed on at once',
      [
        ['stdout', 'a'],
        ['stdout', 'b\nc'],
      ],
      'ab\nc',
    ],
    [
      'whole lines take turns',
      [
        ['stdout', 'a\n'],
        ['stderr', 'x\n'],
        ['stdout', 'b\n'],
      ],
      'a\nx\nb\n',
    ],
    [
      'a line is not broken by the other stream',
      [
        ['stdout', 'a'],
        ['stderr', 'x\n'],
        ['stdout', 'b\nc\n'],
      ],
      'ab\nx\nc\n',
    ],
    [
      'a line that does not end is not waited for',
      [['stdout', 'login: '], ['stderr', 'x\n'], 'settle'],
      'login: \nx\n',
    ],
    [
      'both may be unfinished',
      [
        ['stdout', 'a'],
        ['stderr', 'x'],
        ['stdout', 'b\nc'],
        ['stderr', 'y\n'],
      ],
      'ab\nxy\nc',
    ],
  ])('%s', (_name, steps, text) => {
    expect(merged(steps)).toBe(text);
  });

  test('does not hold back more than a little', () => {
    const pieces: Uint8Array[] = [];
    const merger = new StreamMerger((bytes) => pieces.push(bytes));
    merger.push('stdout', Buffer.from('a'));
    for (let times = 0; times < 100; times++) merger.push('stderr', Buffer.alloc(1000, 'x\n'));
    expect(Buffer.concat(pieces).length).toBeGreaterThan(60_000);
  });

  test('loses and changes nothing but ends of lines, whatever comes when', () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.tuple(fc.constantFrom('stdout' as const, 'stderr' as const), pieceOf()) },
      { weight: 1, arbitrary: fc.constant('settle' as const) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        // Each stream has letters of its own, so its text can be told from the other's.
        const own = (stream: StreamName): string =>
          steps.flatMap((each) => (each !== 'settle' && each[0] === stream ? [spelled(stream, each[1])] : [])).join('');
        const text = merged(steps.map((each) => (each === 'settle' ? each : [each[0], spelled(each[0], each[1])])));
        expect(text.replace(/[^a-z]/g, '')).toBe(own('stdout').replace(/\n/g, ''));
        expect(text.replace(/[^A-Z]/g, '')).toBe(own('stderr').replace(/\n/g, ''));
      }),
    );
  });

  test('a single stream is the log, byte by byte', () => {
    fc.assert(
      fc.property(fc.array(pieceOf()), (texts) => {
        expect(merged(texts.map((text) => ['stderr', text]))).toBe(texts.join(''));
      }),
    );
  });
});

const pieceOf = (): fc.Arbitrary<string> =>
  fc.array(fc.constantFrom('a', 'b', '\n'), { maxLength: 6 }).map((letters) => letters.join(''));

const spelled = (stream: StreamName, text: string): string => (stream === 'stdout' ? text : text.toUpperCase());
