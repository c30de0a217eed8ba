import { describe, expect, test } from 'vitest';
import { errorText, noteText, warningText } from '../../src/cli/errors.ts';
import { tell } from '../../src/cli/run/live-survey.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { fakeSession } from './fake.ts';

describe('words on standard error', () => {
  const hostile = '::error::x\n::error::y ##[add-mask]z ##vso[x] \x1b[2J\u202e';
  const isHarmless = (text: string): void => {
    expect(text).not.toMatch(/^\s*::|##\[|##vso\[|[\x1b\u202e]/m);
  };

  test('have no command of a CI or a terminal, and no line of their own', () => {
    for (const text of [noteText(hostile), warningText(hostile)]) {
      isHarmless(text);
      expect(text.split('\n')).toHaveLength(2);
    }
    const error = errorText(new KtriageError('KT-USAGE', hostile, hostile, hostile));
    isHarmless(error);
    expect(error.split('\n')).toHaveLength(4);
  });

  test('of a machine neither', () => {
    const session = fakeSession();
    tell({ session }, hostile);
    isHarmless(session.stderr.text);
    expect(session.stderr.text).toMatch(/^note: /);
  });
});
