import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBlame } from '../../src/ownership/git-blame.ts';
import { type LoggedCommit, parseLog } from '../../src/ownership/git-log.ts';
import { parseContents, parseFacts } from '../../src/ownership/git-objects.ts';
import { parseRenames } from '../../src/ownership/range-renames.ts';

const hex = (length: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: length, maxLength: length });
const name = fc.oneof(hex(40), hex(64)).filter((text) => !/^0+$/.test(text));
/** What subjects, authors and file names may be, and look like: anything but a NUL. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
  fc.constantFrom(
    '',
    '\n',
    ':100644 100644 0000000000000000000000000000000000000000 1111111111111111111111111111111111111111 M',
    '1111111111111111111111111111111111111111',
    '--output=/tmp/x',
    '\x1b[2J',
    '\u202e',
  ),
);
const path = hostile.filter((text) => text !== '');
const commits: fc.Arbitrary<LoggedCommit[]> = fc.array(
  fc.record({
    commit: name,
    author: hostile,
    date: fc.constant('2026-01-02T03:04:05+01:00'),
    subject: hostile,
    files: fc.array(fc.record({ path, before: name, after: name }), { maxLength: 4 }),
  }),
  { maxLength: 5 },
);

/** What is left of a text that is no Unicode. */
const seen = (text: string): string => Buffer.from(text, 'utf8').toString('utf8');
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

/** As `git log -z --raw` writes it. */
function written(log: readonly LoggedCommit[]): string {
  return log
    .map(({ commit, author, date, subject, files }) => {
      const raw = files.map(({ path: of, before, after }) => `:100644 100644 ${before} ${after} M\0${bytes(of)}\0`);
      const first = raw.length === 0 ? '' : '\n';
      return `${commit}\0${bytes(author)}\0${date}\0${bytes(subject)}\0${first}${raw.join('')}`;
    })
    .join('');
}

describe('parseLog', () => {
  const wellFormed = (log: readonly LoggedCommit[]): boolean =>
    log.every(({ author, subject, files }) =>
      [author, subject, ...files.map((file) => file.path)].every(
        (text) => Buffer.from(text, 'utf8').toString('utf8') === text,
      ),
    );

  test('reads back whatever commits and files are called', () => {
    fc.assert(
      fc.property(commits.filter(wellFormed), (log) => {
        expect(parseLog(written(log))).toEqual(log);
      }),
    );
  });

  test('takes what breaks off anywhere for what came before', () => {
    fc.assert(
      fc.property(commits.filter(wellFormed), fc.nat(), (log, cut) => {
        const text = written(log);
        const read = parseLog(text.slice(0, cut % (text.length + 1)));
        expect(log.slice(0, read.length).map(({ commit }) => commit)).toEqual(read.map(({ commit }) => commit));
      }),
    );
  });

  test('never throws, whatever it reads', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), name, hostile), { maxLength: 40 }), (words) => {
        parseLog(words.join('\0'));
        parseContents(words.join('\n'));
        parseBlame(words.join('\n'));
      }),
    );
  });

  test('has no contents of symbolic links, submodules and what is not there', () => {
    const a = 'a'.repeat(40);
    const b = 'b'.repeat(40);
    const none = '0'.repeat(40);
    const text = [
      `${a}\0A\0d\0s\0`,
      `:000000 100755 ${none} ${b} A\0new.c\0`,
      `:100644 000000 ${b} ${none} D\0gone.c\0`,
      `:120000 120000 ${a} ${b} M\0link.c\0`,
      `:160000 160000 ${a} ${b} M\0module\0`,
    ].join('');
    expect(parseLog(text)[0]?.files).toEqual([
      { path: 'new.c', after: b },
      { path: 'gone.c', before: b },
      { path: 'link.c' },
      { path: 'module' },
    ]);
  });
});

describe('parseRenames', () => {
  const rename = fc.record({ from: path, to: path, before: name });

  test('reads back whatever files are called', () => {
    fc.assert(
      fc.property(fc.array(rename), (renames) => {
        const text = renames.map(
          ({ from, to, before }) => `:100644 100755 ${before} ${before} R095\0${bytes(from)}\0${bytes(to)}\0`,
        );
        const read = renames.map((each) => ({ ...each, from: seen(each.from), to: seen(each.to) }));
        expect(parseRenames(text.join(''))).toEqual(read);
        expect(parseRenames(text.join('').slice(0, -1))).toEqual(read.slice(0, -1));
      }),
    );
  });
});

describe('parseContents', () => {
  test('goes by sizes, whatever contents look like', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(name, hostile.map(bytes)), { maxLength: 5 }), (files) => {
        const text = files.map(([of, contents]) => `${of} blob ${contents.length}\n${contents}\n`).join('');
        expect(parseContents(`${text}deadbeef missing\n`)).toEqual(new Map(files));
      }),
    );
  });

  test('leaves out what breaks off', () => {
    expect(parseContents(`${'a'.repeat(40)} blob 100\nshort`)).toEqual(new Map());
    expect(parseFacts(`${'a'.repeat(40)} blob 12345678901234567890`)).toBeUndefined();
    expect(parseFacts('HEAD:x missing')).toBeUndefined();
  });
});

describe('parseBlame', () => {
  const a = 'a'.repeat(40);

  test('knows whether a line is older than the range', () => {
    expect(parseBlame(`${a} 3 3 1\nauthor T\nsummary x\nfilename a.c\n\tboundary\n`)).toEqual({
      commit: a,
      isOlder: false,
    });
    expect(parseBlame(`${a} 3 3 1\nauthor T\nboundary\nfilename a.c\n\tx\n`)).toEqual({ commit: a, isOlder: true });
  });

  test('is not misled by a header that breaks off', () => {
    expect(parseBlame(`${a} 3 3 1\nauthor T\n`)).toBeUndefined();
    expect(parseBlame('')).toBeUndefined();
  });
});
