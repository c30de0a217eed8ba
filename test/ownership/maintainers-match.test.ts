import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMailmap } from '../../src/ownership/maintainers-address.ts';
import { readMaintainers } from '../../src/ownership/maintainers-file.ts';
import { MaintainersMatcher, ownedSection } from '../../src/ownership/maintainers-match.ts';
import { maintainersText } from './make-tree.ts';

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const matcher = (text = maintainersText, mailmap = ''): MaintainersMatcher =>
  new MaintainersMatcher(readMaintainers(bytes(text)), readMailmap(bytes(mailmap)));

function ask(file: string, contents = '', of = matcher()) {
  const matches = of.sectionsOf({
    file,
    isFolder: (path) => path === 'lib/frob',
    contents: Buffer.from(contents, 'utf8'),
  });
  return {
    titles: matches.map(({ section }) => section.title),
    sections: matches.map(ownedSection),
    lines: of
      .recipientsOf(matches)
      .map(({ name, address, kind, role, section }) => `${name ?? ''}|${address}|${kind}|${role}|${section ?? ''}`),
  };
}

function addresses(file: string, contents: string, of: MaintainersMatcher): string[] {
  const matches = of.sectionsOf({ file, isFolder: () => false, contents: Buffer.from(contents) });
  return of.recipientsOf(matches).map(({ address }) => address);
}

describe('MAINTAINERS', () => {
  test('the text before the list is none of it', () => {
    expect(readMaintainers(maintainersText).map(({ title }) => title)).toEqual([
      'FROB BUS',
      'FROB CORE CARD READER WITH A TITLE THAT IS LONGER THAN FIFTY CHARACTERS',
      'FROB HELPERS',
      'FROB LOOKBEHIND',
      'THE REST',
    ]);
  });

  test('people by their role, reviewers, lists, and nobody twice; not Linus, not who must subscribe', () => {
    expect(ask('drivers/frob/bus.c')).toEqual({
      titles: ['FROB BUS', 'THE REST'],
      sections: [
        { title: 'FROB BUS', by: 'F', status: 'Supported' },
        { title: 'THE REST', by: 'F', status: 'Buried alive in reporters' },
      ],
      lines: [
        'Ada Frob|ada@example.org|person|supporter|FROB BUS',
        'Frob, Bea|bea@example.org|person|supporter|FROB BUS',
        'Cid (Frob Inc)|cid@example.org|person|reviewer|FROB BUS',
        '|linux-frob@example.org|list|open list|FROB BUS',
        '|linux-kernel@vger.kernel.org|list|open list|',
      ],
    });
  });

  test('the deepest section comes first, and titles are cut as the script cuts them', () => {
    const { titles, lines } = ask('drivers/frob/card/reader.c');
    expect(titles.slice(0, 2)).toEqual([
      'FROB CORE CARD READER WITH A TITLE THAT IS LONGER THAN FIFTY CHARACTERS',
      'FROB BUS',
    ]);
    expect(lines).toContain(
      'Dora Frob|dora@example.org|person|odd fixer|FROB CORE CARD READER WITH A TITLE THAT IS LONG...',
    );
    expect(lines).toContain(
      '|frob-team@example.org|person|odd fixer|FROB CORE CARD READER WITH A TITLE THAT IS LONG...',
    );
    expect(lines.some((line) => line.startsWith('|frob-card@example.org|list|moderated list|'))).toBe(true);
  });

  test('a pattern of files is of its folder only, one of a folder of all below', () => {
    expect(ask('drivers/frob/card/more/deep.c').titles).toEqual(['FROB BUS', 'THE REST']);
    expect(ask('include/linux/frob_x.h').titles).toEqual(['FROB BUS', 'THE REST']);
    expect(ask('include/linux/sub/frob.h').titles).toEqual(['THE REST']);
    expect(ask('drivers/frob/old/x.c').titles).toEqual(['THE REST']);
    expect(ask('drivers/frobber/x.c').titles).toEqual(['THE REST']);
  });

  test('a folder without a slash behind it is one; a name that begins like it is not in it', () => {
    expect(ask('lib/frob/x.c').titles).toEqual(['FROB HELPERS', 'THE REST']);
    expect(ask('lib/frobby.c').titles).toEqual(['THE REST']);
  });

  test('N: is looked for anywhere in the path, K: in the file', () => {
    expect(ask('sound/frobcard/x.c').sections[0]).toMatchObject({ by: 'N' });
    expect(ask('sound/x.c', 'int x = frob_get(y);').sections.at(-1)).toEqual({
      title: 'FROB HELPERS',
      by: 'K',
      status: 'Orphan',
    });
    expect(ask('sound/x.c', 'please FrobNicate').titles).toContain('FROB HELPERS');
    expect(ask('sound/x.c', 'frob_getter').titles).toEqual(['THE REST']);
    expect(ask('sound/x.c', 'frob_get()').lines).toContain(
      'Jürgen Frob|juergen@example.org|person|orphan minder|FROB HELPERS',
    );
  });

  test('.mailmap has the names and addresses of today', () => {
    const mailmap = `# comment
Ada Lovelace <ada@example.net> <ada@example.org>
<bea@example.com> <bea@example.org>
Cid <cid@example.org>
`;
    const { lines } = ask('drivers/frob/bus.c', '', matcher(maintainersText, mailmap));
    expect(lines.slice(0, 3)).toEqual([
      'Ada Lovelace|ada@example.net|person|supporter|FROB BUS',
      'Frob, Bea|bea@example.com|person|supporter|FROB BUS',
      'Cid|cid@example.org|person|reviewer|FROB BUS',
    ]);
  });

  test('a pattern that could take for ever takes no time', () => {
    const slow =
      'X\nM:\tx <x@example.org>\nS:\tMaintained\nF:\ta*a*a*a*a*a*a*a*a*b\nK:\t(a*)*(a*)*b$\nN:\t(a|a)*(a|aa)+c\n';
    const start = performance.now();
    expect(ask('a'.repeat(4000), 'a'.repeat(100_000), matcher(slow)).titles).toEqual([]);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  test('whatever it holds, it is read, and nobody comes out whose address has white space in it', () => {
    const line = fc.oneof(
      fc
        .tuple(fc.constantFrom(...'MRLSFXNKTW'), fc.string({ maxLength: 30 }))
        .map(([letter, rest]) => `${letter}:\t${rest}`),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('M:\ta <b@c>', 'M: "<@>', 'L:\tx@y (moderated', 'F:\t*', 'F:\t[', 'K:\t(', 'N:\t\\', 'TITLE', ''),
    );
    fc.assert(
      fc.property(
        fc.array(line, { maxLength: 30 }),
        fc.string({ maxLength: 20 }),
        fc.string(),
        (all, file, contents) => {
          const lines = addresses(file, contents, matcher(all.join('\n'), all.join('\n')));
          for (const address of lines) expect(address).not.toMatch(/\s/);
        },
      ),
    );
  });
});
