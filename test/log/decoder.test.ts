import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LineDecoder } from '../../src/log/decoder.ts';
import { decodeText } from '../helpers/decorate/decode.ts';
import { formats } from '../helpers/decorate/formats.ts';
import { consoleLine, labMessages } from '../helpers/decorate/message.ts';

/** `context|text` of each message. */
function decoded(log: string): string[] {
  return decodeText(log).lines.map((line) => `${line.context}|${line.text}`);
}

describe('a plain console log', () => {
  test('text is what follows stamp, caller and one blank', () => {
    expect(
      decoded(
        '[    1.000000]  foo+0x1/0x2\r\n[    1.000001][  T12] BUG: x\n[    1.000002][    C4]  bar+0x1/0x2\n[    1.000003]\nuser space\n',
      ),
    ).toEqual(['console| foo+0x1/0x2', 'T12|BUG: x', 'C4| bar+0x1/0x2', 'console|', '|user space']);
  });

  test('dropped messages, a login prompt and the level may stand before the stamp', () => {
    const { lines } = decodeText(
      '** 12 printk messages dropped ** [    1.000000] a\ndebian login: [    2.000000][    T1] b\n<4>[    3.000000] c\nroot@testbox:~# [    4.000000] d\n',
    );
    expect(lines.map((line) => [line.context, line.text, line.seconds, line.level])).toEqual([
      ['console', 'a', 1, undefined],
      ['T1', 'b', 2, undefined],
      ['console', 'c', 3, 4],
      ['console', 'd', 4, undefined],
    ]);
  });

  test('a program had not ended its line when the kernel printed', () => {
    expect(decoded('[    1.000000] a\nalive at 2.77[    2.860746] Redzone  ff: bb\n')).toEqual([
      'console|a',
      'console|Redzone  ff: bb',
    ]);
    expect(decoded('[    1.000000] a\nsaid "[    2.860746] b"\nat x[2.860746] b\n').slice(1)).toEqual([
      '|said "[    2.860746] b"',
      '|at x[2.860746] b',
    ]);
  });

  test('a line that will be printed again says so', () => {
    const { lines } = decodeText(
      '[    1.000000] BUG: cut\n** replaying previous printk message **\n[    1.000000] BUG: cut short\n',
    );
    expect(lines.map((line) => line.replayed)).toEqual([true, undefined, undefined]);
  });

  test('a line without the blank behind its stamp is no kernel line', () => {
    expect(decoded('[    1.000000]text\n')).toEqual(['|[    1.000000]text']);
  });
});

describe('what the kernel prints is not taken for a decoration', () => {
  const texts = [
    ' foo+0x1/0x2',
    ' <TASK>',
    '[<ffffffff81000000>] foo+0x1/0x2',
    ' [<ffffffff81000000>] ? foo+0x1/0x2',
    '[drm:drm_mode_set [drm]] *ERROR* bad mode',
    '>ffff888012345600: fb fb fb fb fc fc fc fc',
    ' ffff888012345600: 00 00 00 00 fc fc fc fc',
    '-> #1 (&lock){+.+.}-{3:3}:',
    '-> #0 (rtnl_mutex){+.+.}-{4:4}:',
    '------------[ cut here ]------------',
    '---[ end trace 0000000000000000 ]---',
    '1 lock held by init/143:',
    ' #0: ffffffff82345678 (rtnl_mutex){+.+.}-{4:4}, at: foo+0x1/0x2',
    '       CPU0                    CPU1',
    '       ----                    ----',
    ' Possible unsafe locking scenario:',
    '  lock(rtnl_mutex);',
    '[0000000000000020] pgd=080000004331c003, p4d=080000004331c003',
    '00000000: 11 22 33 44 55 66 77 88',
    '  ESR = 0x0000000096000006',
    '==================================================================',
    '{1}[Hardware Error]: Hardware error from APEI',
    '12 pages in swap cache',
    '|      1 |    42 | 100',
    'Nov 20 is a date within a message',
    '\t(detected by 0, t=2102 jiffies)',
  ];

  test('without stamps', () => {
    expect(decoded(`${texts.join('\n')}\n`)).toEqual(
      texts.map((text) => (text.startsWith('Nov 20') ? expect.anything() : `|${text}`)),
    );
  });

  test('with stamps', () => {
    expect(decoded(texts.map((text, i) => `[    1.${String(i).padStart(6, '0')}] ${text}\n`).join(''))).toEqual(
      texts.map((text) => `console|${text}`),
    );
  });

  test('in a lab log without stamps, alone or in pieces', () => {
    const messages = labMessages('6.1-arm64-null-read-trimmed.log');
    const texts = messages.map((m) => m.text);
    for (const part of [texts, texts.slice(24), texts.slice(40, 60)]) {
      expect(decoded(`${part.join('\n')}\n`)).toEqual(part.map((text) => `|${text}`));
    }
  });
});

describe('who printed it', () => {
  test('other programs of a syslog are told apart', () => {
    const { lines } = decodeText(
      'Nov 20 05:20:12 testbox kernel: BUG: x\nNov 20 05:20:12 testbox sshd[812]: WARNING: no moduli\nNov 20 05:20:13 testbox kernel: y\n',
    );
    expect(lines.map((line) => [line.kernel, line.context, line.text])).toEqual([
      [true, 'console', 'BUG: x'],
      [false, '', 'sshd[812]: WARNING: no moduli'],
      [true, 'console', 'y'],
    ]);
  });

  test("lines of user space stay apart under a terminal program's stamps", () => {
    const log = [1, 2, 3, 4].flatMap((n) => [
      `[Fri Nov 20 05:20:1${n} 2026] [    ${n}.000000] kernel ${n}`,
      `[Fri Nov 20 05:20:1${n} 2026] user ${n}`,
    ]);
    expect(decoded(`${log.join('\n')}\n`).filter((line) => line.startsWith('|'))).toEqual(
      [1, 2, 3, 4].map((n) => `|user ${n}`),
    );
  });

  test('nothing kernel-like, no kernel lines', () => {
    expect(decodeText('make: Entering directory\nWARNING: modpost: missing\n').decoder.kernelLines).toBe(false);
    expect(decodeText('Linux version 6.1.0\n').decoder.kernelLines).toBe(true);
  });
});

describe('several decorations', () => {
  test('one behind the other in a log', () => {
    const messages = labMessages('6.12-amd64-null-read-trimmed.log');
    const want = messages.map((m) => `console|${m.text}`);
    const log = messages
      .map((m, i) => {
        const line = consoleLine(m);
        if (i < 25) return line;
        return i < 60 ? `2026-11-20T05:20:12.1234567Z guest-1  | ${line}` : `> ${line}`;
      })
      .join('\n');
    expect(decoded(`${log}\n`)).toEqual(want);
  });

  test('netconsole packets that a syslog daemon filed are joined', () => {
    const text = `Modules linked in: ${'snd_hda_intel '.repeat(120)}`;
    const body = `[    1.000000] ${text}`;
    const log = `Nov 20 05:20:12 192.0.2.31 [    0.500000] before\nNov 20 05:20:12 192.0.2.31 ${body.slice(0, 1000)}\nNov 20 05:20:12 192.0.2.31 ${body.slice(1000)}\n`;
    expect(decoded(log)).toEqual(['console|before', `console|${text}`]);
  });
});

describe('positions', () => {
  test('a joined line covers its physical lines', () => {
    const first = `[    1.000000] ${'x'.repeat(65)}`;
    const log = `[    0.900000] a\n${first}\nyyy\n${first}\nzz\n[    2.000000] b\n`;
    const { lines } = decodeText(log);
    expect(lines.map((line) => [line.range.firstLine, line.range.lastLine])).toEqual([
      [1, 1],
      [2, 3],
      [4, 5],
      [6, 6],
    ]);
    expect(lines[1]?.range).toEqual({ firstLine: 2, lastLine: 3, firstByte: 17, endByte: 17 + 81 + 4 });
  });

  test.each(formats.map((format) => [format.name, format] as const))('%s: ranges lie within the log', (_, format) => {
    const log = format.make(labMessages('6.1-arm64-null-read-trimmed.log'));
    for (const { range } of decodeText(log).lines) {
      expect(range.firstByte).toBeGreaterThanOrEqual(0);
      expect(range.endByte).toBeLessThanOrEqual(log.length);
      expect(range.firstLine).toBeLessThanOrEqual(range.lastLine);
    }
  });
});

describe('a reader that skips', () => {
  const line = (n: number, bytes: string) => ({
    bytes,
    number: n,
    firstByte: n * 100,
    endByte: n * 100 + bytes.length + 1,
  });

  test('nothing is lost at a gap, and what was learnt stays', () => {
    const decoder = new LineDecoder();
    const out = [];
    for (let n = 1; n <= 20; n++) out.push(...decoder.push(line(n, `> [    1.0000${n + 10}] line ${n}`)));
    decoder.gap();
    out.push(...decoder.push(line(500, '> [    9.000000] after')), ...decoder.flush());
    expect(out).toHaveLength(21);
    expect(out.at(-1)).toMatchObject({ text: 'after', context: 'console' });
  });

  test('a headline comes out before a reader gives up waiting for it', () => {
    const decoder = new LineDecoder();
    for (let n = 1; n <= 300; n++) decoder.push(line(n, `[    1.000000] line ${n}`));
    decoder.flush();
    let out = 0;
    for (let n = 301; n <= 500; n++) out += decoder.push(line(n, `[    2.000000] line ${n}`)).length;
    expect(out).toBeGreaterThan(100);
  });

  test('pstore parts and records want every line', () => {
    const decoder = new LineDecoder();
    for (let n = 1; n <= 600; n++) decoder.push(line(n, n === 1 ? 'Panic#1 Part1' : `<4>[    1.000000] line ${n}`));
    expect(decoder.needsEveryLine).toBe(true);
    decoder.flush();
    expect(decoder.needsEveryLine).toBe(false);
  });
});

describe('hostile input', () => {
  test('any bytes: no exception, no line lost', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary-ascii', maxLength: 60 }), { maxLength: 40 }), (lines) => {
        const log = lines.map((l) => `${l.replaceAll('\n', '')}\n`).join('');
        const count = log === '' ? 0 : log.split('\n').length - 1;
        const got = decodeText(log).lines;
        expect(got.reduce((sum, l) => sum + l.range.lastLine - l.range.firstLine + 1, 0)).toBeGreaterThanOrEqual(
          count - lines.filter((l) => /^[\s{}[\],]*$|dmesg|__CURSOR|====/.test(l)).length,
        );
      }),
      { numRuns: 300 },
    );
  });

  test('damaged decorated logs: no exception', () => {
    const messages = labMessages('6.12-amd64-null-read-trimmed.log', true).slice(20, 60);
    fc.assert(
      fc.property(
        fc.constantFrom(...formats),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 30 }),
        fc.nat(),
        (format, damage, cut) => {
          const log = Buffer.from(format.make(messages), 'latin1');
          for (const [at, byte] of damage) log[at % log.length] = byte;
          const text = log.toString('latin1').slice(cut % log.length);
          expect(() => decodeText(text)).not.toThrow();
        },
      ),
      { numRuns: 300 },
    );
  });
});
