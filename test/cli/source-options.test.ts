import { describe, expect, test } from 'vitest';
import { sourceOptions } from '../../src/cli/run/source-options.ts';
import { defaults, fakeSession } from './fake.ts';

describe('the variables of all frames are read', () => {
  const isLeftOut = (...[settings, reports]: [Partial<typeof defaults>, ...{ format: 'json' | 'gcc' | 'html' }[][]]) =>
    sourceOptions({}, { ...defaults, ...settings }, fakeSession(), reports).noVariables === true;

  test('where an output shows them, and only there', () => {
    expect(isLeftOut({})).toBe(true);
    expect(isLeftOut({ all: true })).toBe(false);
    expect(isLeftOut({ format: 'json' })).toBe(false);
    expect(isLeftOut({ format: 'gcc' })).toBe(true);
    expect(isLeftOut({}, [{ format: 'gcc' }])).toBe(true);
    expect(isLeftOut({}, [{ format: 'gcc' }, { format: 'html' }])).toBe(false);
  });
});
