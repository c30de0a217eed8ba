import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Owners, Recipient } from '../../../src/model/owners.ts';
import type { CrashReport } from '../../../src/model/report.ts';
import type { Suspects } from '../../../src/model/suspects.ts';
import { mailFormat } from '../../../src/report/formats/mail.ts';
import { quotedLine } from '../../../src/report/formats/mail-body.ts';
import { headerText, isPlainAddress, mailbox } from '../../../src/report/formats/mail-header.ts';
import type { FormatOptions } from '../../../src/report/formats/options.ts';
import type { Run } from '../../../src/report/formats/run.ts';
import { fileResult, frame, lines } from '../make.ts';
import { formatOptions, judgedRun, manyProblems, placedReport, runOf, signature } from './make.ts';

const recipients: readonly Recipient[] = [
  { name: 'Ada Frob', address: 'ada@example.org', kind: 'person', role: 'maintainer', section: 'FROB BUS' },
  { name: 'Uwe Kleine-König', address: 'uwe@example.org', kind: 'person', role: 'supporter', section: 'FROB BUS' },
  { name: 'Frob, "Bea"', address: 'bea@example.org', kind: 'person', role: 'reviewer', section: 'FROB BUS' },
  { address: 'linux-frob@example.org', kind: 'list', role: 'open list', section: 'FROB BUS' },
];
const owners: Owners = {
  file: 'drivers/frob/frob.c',
  why: 'frob_read() is to blame',
  from: 'MAINTAINERS',
  sections: [{ title: 'FROB BUS', status: 'Maintained', by: 'F' }],
  recipients,
};

const reportText = `earlier line
------------[ cut here ]------------
BUG: kernel NULL pointer dereference, address: 0000000000000020
RIP: 0010:frob_read+0xe/0x19 [frob]
Call Trace:
 frob_write+0x18/0x2f [frob]
 vfs_write+0xc7/0x3f0
---[ end trace 0000000000000000 ]---
RIP: 0010:frob_read+0xe/0x19 [frob]
`;

const clean: Partial<CrashReport> = {
  owners,
  reportText,
  linkedModules: [{ name: 'frob' }],
  taintFlags: [],
  taints: [],
  kernel: { release: '6.12.0-rc3-00123-gabcdef123456', version: '#1 SMP' },
};

const render = (run: Run, more: Partial<FormatOptions> = {}): string =>
  [...mailFormat(run, formatOptions(more))].join('');

/** The parts of what is printed: notes, headers (unfolded), body. */
function parts(output: string) {
  const all = output.split('\n');
  const begin = all.indexOf('');
  const end = all.indexOf('', begin + 1);
  const headers = new Map<string, string>();
  for (const line of all
    .slice(begin + 1, end)
    .join('\n')
    .replace(/\n /g, ' ')
    .split('\n')) {
    const [, name = '', value = ''] = /^([A-Za-z-]+): (.*)$/.exec(line) ?? [];
    expect(name, `a header: ${JSON.stringify(line)}`).not.toBe('');
    expect(headers.has(name)).toBe(false);
    headers.set(name, value);
  }
  return {
    notes: all.slice(0, begin),
    headers,
    headerLines: all.slice(begin + 1, end),
    body: all.slice(end + 1),
  };
}

const mail = (more: Partial<CrashReport> = {}, options: Partial<FormatOptions> = {}) =>
  parts(render(runOf(fileResult([placedReport({ ...clean, ...more })])), options));

/** Encoded words as a mail program reads them. */
function decodeWords(text: string): string {
  return text.replace(/\?= =\?UTF-8\?Q\?/g, '').replace(/=\?UTF-8\?Q\?([^?]*)\?=/g, (_, word: string) =>
    Buffer.from(
      word
        .replaceAll('_', ' ')
        .replace(/=([0-9A-F]{2})/g, (__, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
      'latin1',
    ).toString('utf8'),
  );
}

describe('the mail', () => {
  test('has a subject, recipients by their roles, and what a report must have', () => {
    const { headers, body } = mail();
    expect(headers.get('Subject')).toBe('[BUG] BUG: unable to handle kernel NULL pointer dereference in frob_read');
    expect(headers.get('To')).toBe('Ada Frob <ada@example.org>, =?UTF-8?Q?Uwe_Kleine-K=C3=B6nig?= <uwe@example.org>');
    expect(headers.get('Cc')).toBe(
      '"Frob, \\"Bea\\"" <bea@example.org>, linux-frob@example.org, linux-kernel@vger.kernel.org',
    );
    expect([...headers.keys()]).toEqual(['Subject', 'To', 'Cc']);
    const text = body.join('\n');
    expect(text).toContain('[ktriage 1.2.3, a program, wrote this');
    expect(text).toContain('kernel:       6.12.0-rc3-00123-gabcdef123456, x86_64, not tainted');
    expect(text).toContain('HEAD commit:  abcdef123456');
    expect(text).toContain('reproducer:   none yet');
    expect(text).not.toMatch(/Fixes:|Reported-by:|Link:|Closes:|regzbot|Possibly/);
  });

  test('has the report as decode_stacktrace.sh leaves it, from its mark to its end and no further', () => {
    const { body } = mail();
    const begin = body.indexOf('------------[ cut here ]------------');
    expect(body.slice(begin)).toEqual([
      '------------[ cut here ]------------',
      'BUG: kernel NULL pointer dereference, address: 0000000000000020',
      'RIP: 0010:frob_read (include/frob.h:7 drivers/frob/frob.c:22) frob',
      'Call Trace:',
      ' frob_write (drivers/frob/main.c:45) frob',
      ' vfs_write (fs/read_write.c:582)',
      '---[ end trace 0000000000000000 ]---',
      '',
    ]);
    expect(body).not.toContain('earlier line');
  });

  test('prose is wrapped, lines of the log are not', () => {
    const long = `Code: ${'90 '.repeat(80).trim()}`;
    const sentence = `a sentence that is ${'rather '.repeat(30)}long`;
    const { body, notes } = mail({
      reportText: `${reportText.split('RIP')[0]}${long}\n`,
      findings: [{ rule: 'x/y', confidence: 'certain', sentence, evidence: [] }],
    });
    expect(body).toContain(long);
    const facts = body.findIndex((line) => line.startsWith('HEAD commit'));
    for (const line of [...notes, ...body.slice(0, facts)]) expect(line.length).toBeLessThanOrEqual(72);
  });

  test('what the sender says is in it, and only then', () => {
    const { headers, body } = mail(
      {},
      {
        mail: {
          introduced: 'v6.11..v6.12-rc1',
          configUrl: 'https://example.org/config',
          logUrl: 'https://example.org/log',
          reproducerUrl: 'https://example.org/r.c',
          reportedBy: 'Ada <ada@example.org>',
          link: 'https://lore.example.org/x',
        },
      },
    );
    expect(headers.get('Subject')).toMatch(/^\[REGRESSION\] /);
    expect(headers.get('Cc')).toMatch(/, regressions@lists\.linux\.dev$/);
    expect(body).toContain('#regzbot introduced: v6.11..v6.12-rc1');
    expect(body).toContain('config:       https://example.org/config');
    expect(body).toContain('dmesg:        https://example.org/log');
    expect(body.slice(-3, -1)).toEqual(['Reported-by: Ada <ada@example.org>', 'Closes: https://lore.example.org/x']);
    expect(mail({}, { mail: { link: 'https://x.example' } }).body.at(-2)).toBe('Link: https://x.example');
  });

  test('a regression within a stable series goes to its list too', () => {
    const cc = (introduced: string): string => mail({}, { mail: { introduced } }).headers.get('Cc') ?? '';
    expect(cc('v6.1.170..v6.1.176')).toContain('stable@vger.kernel.org');
    expect(cc('v6.1..v6.1.176')).not.toContain('stable@');
    expect(cc('v6.1.3..v6.2.4')).not.toContain('stable@');
  });

  test('is of the worst that makes the run fail, and the others are counted', () => {
    const known = placedReport({ ...clean, title: 'known', severity: 'fatal', signature: signature(1) });
    const worse = placedReport({ ...clean, title: 'worse', severity: 'error', signature: signature(2) });
    const run = judgedRun(
      ({ title }) => title !== 'known',
      fileResult([known, worse, placedReport({ ...clean, severity: 'warning', signature: signature(3) })]),
    );
    const { headers, notes } = parts(render(run));
    expect(headers.get('Subject')).toBe('[BUG] worse');
    expect(notes.join(' ')).toContain('2 other problems of the run are not in it');
    expect(parts(render(manyProblems(1))).notes.join(' ')).not.toContain('other problem');
  });

  test('commits of a range are called possible, by name, and only if something speaks for them', () => {
    const commit = {
      commit: 'abcdef0123456789abcdef0123456789abcdef01',
      subject: 'frob: read faster',
      author: 'Ada',
      date: '2026-01-01T00:00:00Z',
      strength: 'strong',
      score: 1,
      reasons: [],
    } as const;
    const suspects = (strength: 'strong' | 'weak'): Suspects => ({
      range: 'v1..v2',
      good: 'a',
      bad: 'b',
      commits: [{ ...commit, strength }],
      omitted: 0,
      complete: true,
      notes: [],
    });
    const body = (strength: 'strong' | 'weak'): string => {
      const run = runOf(fileResult([placedReport(clean)]));
      const problems = run.problems.map((problem) => ({ ...problem, suspects: suspects(strength) }));
      return parts(render({ ...run, problems })).body.join('\n');
    };
    expect(body('strong')).toMatch(
      /Possibly[^[]*nothing was\s+bisected:\n\n {2}abcdef012345 \("frob: read faster"\)\n/,
    );
    expect(body('strong')).not.toContain('Fixes');
    expect(body('weak')).not.toContain('abcdef012345 ');
  });

  test('a log that has positions already has each once', () => {
    const { body } = mail({
      reportText:
        'BUG: kernel NULL\n vfs_write+0xc7/0x3f0 fs/read_write.c:582 [frob]\n vfs_write+0xc7/0x3f0 fs/read_write.c:582\n',
    });
    expect(body).toContain(' vfs_write (fs/read_write.c:582)');
  });

  test('no crash, no mail', () => {
    expect(render(runOf(fileResult([])))).toMatch(/^# No mail: no crash in 1 input\.\n$/);
  });
});

describe('notes to the sender', () => {
  const notes = (more: Partial<CrashReport>, options: Partial<FormatOptions> = {}): string =>
    mail(more, options)
      .notes.map((line) => line.replace(/^# ? ?/, '').trim())
      .join(' ');

  test('stand above the mail, apart from it', () => {
    for (const line of mail().notes) expect(line).toMatch(/^#/);
    expect(mail().body.join('\n')).not.toContain('security@kernel.org');
  });

  test.each<[string, Partial<CrashReport>, string]>([
    [
      'a distribution',
      { kernel: { release: '6.1.0-50-amd64', version: '#1 SMP Debian 6.1.176-1' } },
      "is a distribution's",
    ],
    ['a stable release', { kernel: { release: '6.1.176' } }, 'is a stable release, not mainline'],
    ['mainline', { kernel: { release: '6.12.0-rc3' } }, 'cannot be known here'],
    ['an unknown kernel', { kernel: {} }, 'does not say which kernel it is'],
    [
      'taint',
      { taintFlags: ['P', 'W'], taints: ['proprietary module', 'warning'] },
      'tainted (PW: proprietary module, warning)',
    ],
    ['only ? frames', { frames: [frame('? a+0x1/0x2', 1)] }, 'have a ? before them'],
    ['no stack', { frames: [] }, 'has no stack'],
    ['no lines', { frames: [frame('a+0x1/0x2', 1)] }, 'no source lines'],
    ['some lines', {}, ''],
    [
      'a vmlinux that does not fit',
      { frames: [frame('a+0x1/0x2', 1, { source: { file: 'a.c', line: 1, unverified: true } })] },
      'It is not verified',
    ],
    ['a damaged report', { corrupted: true, corruptedReason: 'two are mixed' }, 'is damaged (two are mixed)'],
    ['an old crash', { history: { status: 'same', seen: { runs: 1, of: 1 } } }, 'Earlier runs had it too'],
    ['a known issue', { knownIssue: { reason: 'we know', entry: 'x' } }, 'a known issue: we know'],
    ['an orphan', { owners: { ...owners, recipients: recipients.slice(3) } }, 'Nobody maintains that file'],
    [
      'an address that is none',
      { owners: { ...owners, recipients: [{ ...recipients[0], address: 'a b@c', kind: 'person', role: 'x' }] } },
      '1 recipient left out',
    ],
  ])('%s', (_, more, expected) => {
    expect(notes(more)).toContain(expected);
  });

  test('without owners nobody is made up but the list for everything', () => {
    const { owners: __, ...unowned } = clean;
    const { headers, notes: said } = parts(render(runOf(fileResult([placedReport(unowned)]))));
    expect([...headers]).toEqual([
      ['Subject', expect.any(String)],
      ['Cc', 'linux-kernel@vger.kernel.org'],
    ]);
    expect(said.join(' ')).toContain('--source');
  });

  test('a module from elsewhere is nothing for the lists of the kernel', () => {
    const more = {
      linkedModules: [{ name: 'frob', flags: 'OE' }],
      culprit: { function: 'frob_read', module: 'frob', range: lines(104), passed: [] },
    };
    expect([...mail(more).headers.keys()]).toEqual(['Subject']);
    expect(notes(more)).toContain("not of the kernel's tree");
  });

  test('a module that may be from elsewhere is to be looked at', () => {
    const { linkedModules: __, ...unlisted } = clean;
    const culprit = { function: 'frob_read', module: 'frob', range: lines(104), passed: [] };
    const report = placedReport({ ...unlisted, culprit, taintFlags: ['O'] });
    expect(parts(render(runOf(fileResult([report])))).notes.join(' ')).toMatch(/if frob is \W*one/);
  });

  test('what is missing is asked for by its option', () => {
    expect(notes({}, { mail: { logUrl: 'https://x.example' } })).toContain('--config-url, --reproducer-url.');
  });
});

describe('hostile logs', () => {
  test.each([
    ['From someone Mon Sep 17 00:00:00 2001', '>From someone Mon Sep 17 00:00:00 2001'],
    ['>From x', '>>From x'],
    ['#regzbot introduced: x', '>#regzbot introduced: x'],
    ['  #syz fix: x', '>  #syz fix: x'],
    ['Signed-off-by: x', '>Signed-off-by: x'],
    ['Fixes: 123456789abc', '>Fixes: 123456789abc'],
    ['-- ', '>--'],
    ['---', '>---'],
    ['---[ end trace 0 ]---', '---[ end trace 0 ]---'],
    [' #0: ffff8881 (&x){+.+.}', ' #0: ffff8881 (&x){+.+.}'],
    ['RIP: 0010:x', 'RIP: 0010:x'],
    ['#PF: supervisor read access in kernel mode', '#PF: supervisor read access in kernel mode'],
  ])('%s', (line, expected) => {
    expect(quotedLine(line)).toBe(expected);
  });

  const nasty = fc.oneof(
    fc.constantFrom(
      'x\r\nBcc: all@example.org',
      'x\nTo: y@example.org\n\nbody',
      '=?UTF-8?Q?=0ABcc:_x?=',
      '\u0000\u001b[2J\u2028\u2029\u202e',
      '\ud800',
      'ünï\u{1f4a5}çode '.repeat(40),
      'a'.repeat(2000),
      '\nFrom x\n#regzbot invalid\n#syz invalid\n.\n',
      '"<>,;:()',
    ),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );

  test('no header comes from them, and no line is too long', () => {
    fc.assert(
      fc.property(nasty, nasty, nasty, (title, text, name) => {
        const { headers, headerLines, body, notes } = mail({
          title,
          reportText: `${text}\n${title}`,
          headline: title,
          kernel: { release: text, version: title, hardware: name },
          task: { comm: name },
          taints: [text],
          owners: {
            ...owners,
            file: text,
            why: title,
            recipients: [{ name, address: `${text}@example.org`, kind: 'person', role: 'maintainer' }, ...recipients],
          },
        });
        for (const header of headers.keys())
          expect(['Subject', 'To', 'Cc', 'MIME-Version', 'Content-Type', 'Content-Transfer-Encoding']).toContain(
            header,
          );
        for (const line of headerLines) expect(line).toMatch(/^[\x20-\x7e]{1,990}$/);
        for (const line of body) expect(Buffer.byteLength(line)).toBeLessThan(998);
        for (const line of body) expect(line).not.toMatch(/^(?:From |\s*#(?:regzbot|syz))/);
        for (const line of notes) expect(line).toMatch(/^#/);
      }),
    );
  });

  test('text of a header is read as it was, on one line', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 100 }), (text) => {
        const encoded = headerText(text);
        for (const line of encoded.split('\n ')) expect(line.length).toBeLessThanOrEqual(200);
        const seen = text
          .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
          .replace(/ +/g, ' ')
          .trim();
        expect(decodeWords(encoded.replaceAll('\n', ''))).toBe([...seen].slice(0, 200).join(''));
      }),
    );
  });

  test('names of mailboxes end before their address', () => {
    fc.assert(
      fc.property(nasty, (name) => {
        expect(mailbox({ name, address: 'a@example.org' })).toMatch(
          /^(?:(?:[\w \-!#$%&'*+/=?^`{|}~]+|"(?:[^"\\]|\\["\\])*"|=\?UTF-8\?Q\?[!-~]*\?=(?:\n =\?UTF-8\?Q\?[!-~]*\?=)*) <a@example\.org>|a@example\.org)$/,
        );
      }),
    );
    for (const bad of ['a b@c', 'a@b\nBcc: x', '<a@b>', 'a@b,c@d', 'ä@b', 'a', '', '-oQ/tmp@b'])
      expect(isPlainAddress(bad)).toBe(false);
  });
});
