import { describe, expect, test } from 'vitest';
import { commandFlags } from '../../../src/cli/command/command-flags.ts';

describe('commandFlags', () => {
  test('has defaults for what ends a command after a crash', () => {
    expect(commandFlags({})).toEqual({ afterCrash: 5, stopOn: 'fatal' });
  });

  test.each([
    ['a guest that would never be looked at', { gdb: ':1234' }],
    ['a report of no guest', { guestReport: 'a.json', timeout: 1 }],
    ['two outputs in one file', { output: 'a', saveLog: 'a' }],
    ['two names of one file', { output: 'a', saveLog: './b/../a' }],
    ['the log in the file of a report', { saveLog: 'a', report: [{ format: 'json', file: 'a' }] }],
  ])('refuses %s', (_name, given) => {
    expect(() => commandFlags(given)).toThrow(expect.objectContaining({ code: 'KT-USAGE' }));
  });
});
