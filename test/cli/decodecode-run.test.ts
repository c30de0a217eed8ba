import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { runCall } from '../../src/cli/run-call.ts';
import { Collector, type FakeSession, fakeSession } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-decodecode-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], stdin = '', session: FakeSession = fakeSession()): Promise<Outcome> {
  session.stdin.end(Buffer.from(stdin, 'latin1'));
  const code = await runCall(['decodecode', ...args], session);
  return { code, out: session.stdout.text, err: session.stderr.text };
}

const line = '[    1.0] Code: 48 8b 43 08 48 c7 40 20 00 00 00 00 74 05 <8b> 40 10 e8 f0 ff ff ff c3';

describe('ktriage decodecode', () => {
  test('prints what scripts/decodecode prints', async () => {
    const { code, out, err } = await run([], `${line}\n`);
    expect(out).toBe(
      [
        line,
        'All code',
        '========',
        '   0:\t48 8b 43 08          \tmov    0x8(%rbx),%rax',
        '   4:\t48 c7 40 20 00 00 00 \tmovq   $0x0,0x20(%rax)',
        '   b:\t00 ',
        '   c:\t74 05                \tje     0x13',
        '   e:*\t8b 40 10             \tmov    0x10(%rax),%eax\t\t<-- trapping instruction',
        '  11:\te8 f0 ff ff ff       \tcall   0x6',
        '  16:\tc3                   \tret',
        '',
        'Code starting with the faulting instruction',
        '===========================================',
        '   0:\t8b 40 10             \tmov    0x10(%rax),%eax',
        '   3:\te8 f0 ff ff ff       \tcall   0xfffffffffffffff8',
        '   8:\tc3                   \tret',
        '',
      ].join('\n'),
    );
    expect([code, err]).toEqual([0, '']);
  });

  test('leaves out zeros as objdump does, but not the marked ones', async () => {
    const { out } = await run([], 'Code: 90 00 00 00 00 00 00 00 00 <c3> 00 00\nCode: 90 <00> 00 00 00 00 00 00 00\n');
    expect(out).toContain('   0:\t90                   \tnop\n\t...\n   9:*\tc3 ');
    expect(out).toContain('   1:*\t00 00                \tadd    %al,(%rax)\t\t<-- trapping instruction\n');
  });

  test('takes all lines of a log once, also of compressed ones', async () => {
    const file = join(folder, 'log.gz');
    writeFileSync(file, gzipSync(`${line}\nEIP: foo+0x1/0x2\nCode: 40 <8b> 00\n${line}\n`));
    const { code, out } = await run([file]);
    expect(code).toBe(0);
    expect(out.match(/All code/g)).toHaveLength(2);
    expect(out).toContain('   0:\t40                   \tinc    %eax\n');
  });

  test('takes the environment of the script, and options before that', async () => {
    const session = (env: Record<string, string>): FakeSession => fakeSession({ env });
    const text = async (env: Record<string, string>, ...args: string[]): Promise<string> =>
      (await run(args, 'Code: 40 <8b> 00\n', session(env))).out;
    expect(await text({ AFLAGS: '--32' })).toContain('inc    %eax');
    expect(await text({ ARCH: 'x86', AFLAGS: '-g --32' })).toContain('inc    %eax');
    expect(await text({ ARCH: 'x86' })).toContain('mov    (%rax),%eax');
    expect(await text({ AFLAGS: '--32' }, '--arch', 'x86_64')).toContain('mov    (%rax),%eax');
    expect(await text({ PC: '0xffffffff81000010' })).toContain('ffffffff81000010:*\t8b 00 ');
    expect(await text({ PC: '4665d9' })).toContain('  4665d9:*\t8b 00 ');
    expect(await text({ PC: '1' }, '--pc', '0x4665d9')).toContain('  4665d9:*\t8b 00 ');
  });

  test('prints JSON', async () => {
    const { code, out } = await run(['--format', 'json'], `x\n${line}\nCode: 90 <0f> 0b\n`);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      { line: 2, architecture: 'x86_64', skippedBytes: 0, text: line },
      {
        line: 3,
        units: ['90', '0f', '0b'],
        instructions: [
          { offset: -1, bytes: '90', text: 'nop' },
          { offset: 0, bytes: '0f 0b', text: 'ud2', marked: true },
        ],
      },
    ]);
    expect(await run(['--format', 'json'], '')).toMatchObject({ code: 3, out: '[]\n' });
  });

  test('says what it leaves out', async () => {
    expect(await run([], 'nothing here\n')).toEqual({ code: 3, out: '', err: 'note: there is no Code: line\n' });
    const bad = await run([], 'Code: Bad RIP value.\nCode: 90 <0f> 0b\n');
    expect(bad.code).toBe(0);
    expect(bad.err).toBe('note: line 1 is left out: the kernel could not read the code: Code: Bad RIP value.\n');
    const command = await run([], '##[add-mask]\x1b[2J Code: Bad RIP value.\n');
    expect(command.err).toContain('# #[add-mask]\\x1B[2J Code: Bad');
    const thumb = await run([], 'Code: 4770 b510 4604 (6800)\nCode: 90 <0f> 0b\n');
    expect([thumb.code, thumb.err]).toMatchObject([3, expect.stringContaining('line 1 is left out')]);
    const arm = await run([], 'Code: e3a03000 (e5833000)\n', fakeSession({ env: { ARCH: 'arm' } }));
    expect([arm.code, arm.err]).toMatchObject([3, expect.stringContaining('arm')]);
  });

  test('makes nothing of the log act on a terminal', async () => {
    const { out, err } = await run([], `\x1b[31m${line}\n\x1b[2JCode: Bad RIP value.\n`);
    expect(out + err).not.toContain('\x1b');
  });

  test.each<[string, string[]]>([
    ['KT-INPUT-MISSING', [join(folder, 'gone')]],
    ['KT-INPUT', [folder]],
    ['KT-USAGE', ['--arch', 'vax']],
    ['KT-USAGE', ['--pc', 'nowhere']],
    ['KT-OUTPUT-UNWRITABLE', ['-o', join(folder, 'gone', 'file')]],
  ])('refuses what it cannot do: %s', async (text, args) => {
    const { code, out, err } = await run(args, `${line}\n`);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
  });

  test('refuses a PC in the environment that is none', async () => {
    const { code, err } = await run([], line, fakeSession({ env: { PC: 'x' } }));
    expect([code, err]).toMatchObject([2, expect.stringContaining('PC=x is no address')]);
  });

  test('ends when nobody reads on', async () => {
    class Closed extends Collector {
      writes = 0;

      override _write(_chunk: unknown, _encoding: string, done: (error?: Error) => void): void {
        this.writes += 1;
        done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
      }
    }
    const stdout = new Closed();
    const lines = Array.from({ length: 200 }, (_, nth) => `Code: 90 ${nth.toString(16).padStart(2, '0')} <0f> 0b`);
    const code = await runCall(['decodecode'], feeding({ ...fakeSession(), stdout }, lines.join('\n')));
    expect([code, stdout.writes]).toEqual([expect.any(Number), 1]);
  });
});

function feeding(session: FakeSession, text: string): FakeSession {
  session.stdin.end(text);
  return session;
}

test('ktriage decode puts the disassembly below the line', async () => {
  const session = fakeSession();
  session.stdin.end('a\r\nCode: 90 <0f> 0b\r\nError Code: 12\r\n');
  expect(await runCall(['decode', '--debug-dir', folder], session)).toBe(0);
  expect(session.stdout.text).toBe(
    [
      'a',
      'Code: 90 <0f> 0b',
      'All code',
      '========',
      '   0:\t90                   \tnop',
      '   1:*\t0f 0b                \tud2\t\t<-- trapping instruction',
      '',
      'Code starting with the faulting instruction',
      '===========================================',
      '   0:\t0f 0b                \tud2',
      'Error Code: 12',
      '',
    ].join('\r\n'),
  );
});
