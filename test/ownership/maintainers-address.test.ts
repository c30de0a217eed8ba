import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseMailbox, parseMailboxes, readMailmap } from '../../src/ownership/maintainers-address.ts';
import { parseScriptLine } from '../../src/ownership/maintainers-script.ts';

describe('addresses', () => {
  test.each([
    ['Ada Frob <ada@example.org>', [{ name: 'Ada Frob', address: 'ada@example.org' }]],
    ['"Frob, Ada" <ada@example.org>', [{ name: 'Frob, Ada', address: 'ada@example.org' }]],
    ['Ada Frob, some company <ada@example.org>', [{ name: 'Ada Frob, some company', address: 'ada@example.org' }]],
    ['Ada (Frob) <ada@example.org>', [{ name: 'Ada (Frob)', address: 'ada@example.org' }]],
    ['Ada <ada@example.org> (this, and that)', [{ name: 'Ada', address: 'ada@example.org' }]],
    ['ada@example.org', [{ name: '', address: 'ada@example.org' }]],
    [
      'ada@example.org, Bea <bea@example.org>',
      [
        { name: '', address: 'ada@example.org' },
        { name: 'Bea', address: 'bea@example.org' },
      ],
    ],
    ['Nobody', []],
    ['Nobody <nowhere>', []],
  ])('%s', (text, expected) => {
    expect(parseMailboxes(text)).toEqual(expected);
  });

  test('nothing breaks them, and what was written is read', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseMailboxes(text);
        parseMailbox(text);
        parseScriptLine(text);
        readMailmap(text).proper({ name: text, address: text });
      }),
    );
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z ]{0,20}[a-z]$/);
    const address = fc.stringMatching(/^[a-z.]{1,10}@[a-z.]{1,10}$/);
    fc.assert(
      fc.property(name, address, (of, at) => {
        expect(parseMailboxes(`${of} <${at}>`)).toEqual([{ name: of, address: at }]);
      }),
    );
  });
});

describe('what the script prints', () => {
  test.each([
    [
      'Ada Frob <ada@example.org> (supporter:FROB (AND MORE) DRIVERS)',
      {
        name: 'Ada Frob',
        address: 'ada@example.org',
        kind: 'person',
        role: 'supporter',
        section: 'FROB (AND MORE) DRIVERS',
      },
    ],
    [
      '"Ada (Frob)" <ada@example.org> (reviewer:FROB)',
      { name: 'Ada (Frob)', address: 'ada@example.org', kind: 'person', role: 'reviewer', section: 'FROB' },
    ],
    ['x@example.org (open list)', { address: 'x@example.org', kind: 'list', role: 'open list' }],
    [
      'x@example.org (moderated list:FROB)',
      { address: 'x@example.org', kind: 'list', role: 'moderated list', section: 'FROB' },
    ],
  ])('%s', (line, expected) => {
    expect(parseScriptLine(line)).toEqual(expected);
  });

  test.each([
    '',
    'no address (x)',
    'Ada <ada@example.org>',
    'Bad divisor in main::vcs_assign: 0',
    'x <a b@c> (maintainer:X)',
  ])('%s is none', (line) => {
    expect(parseScriptLine(line)).toBeUndefined();
  });
});
