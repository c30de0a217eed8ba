import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { runCall } from '../../src/cli/run-call.ts';
import { hasCompiler, makeKernel, place } from '../symbols/own-kernel.ts';
import { Collector, type FakeSession, fakeSession } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-decode-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly code: number;
  readonly session: FakeSession;
  readonly out: string;
  readonly err: string;
}

async function run(args: readonly string[], stdin = '', session = fakeSession()): Promise<Outcome> {
  session.stdin.end(Buffer.from(stdin, 'latin1'));
  const code = await runCall(['decode', ...args], session);
  return { code, session, out: session.stdout.text, err: session.stderr.text };
}

/** A pipe whose reader went away. */
class Closed extends Collector {
  writes = 0;

  override _write(_chunk: unknown, _encoding: string, done: (error?: Error) => void): void {
    this.writes += 1;
    done(Object.assign(new Error('gone'), { code: 'EPIPE' }));
  }
}

describe('ktriage decode', () => {
  test('passes on what it cannot decode, and says why', async () => {
    const log = 'Linux version 6.9.9 (a) (b) #1 SMP x\n foo+0x1/0x2\n';
    const { code, out, err } = await run(['--debug-dir', folder], log);
    expect([code, out]).toEqual([3, log]);
    expect(err).toMatch(
      /^error KT-SYMBOLS-NO-VMLINUX: there is no vmlinux of 6\.9\.9 .*\n {2}why: .*\n {2}next: .*\n$/,
    );
    expect(await run(['--debug-dir', folder], 'plain\r\nno end')).toMatchObject({
      code: 0,
      out: 'plain\r\nno end',
      err: '',
    });
  });

  test.each<[string, string[]]>([
    ['is no vmlinux', [join(folder, 'log')]],
    ['both a and --release', ['a', '--release', '6.9.9']],
    ['both a and --vmlinux', ['a', '--vmlinux', 'b']],
    ['is empty', ['']],
    ['KT-FILE-MISSING', [join(folder, 'gone')]],
    ['KT-FILE', [folder]],
    ['KT-FILE-MISSING', ['--modules', join(folder, 'gone')]],
    ['KT-SYMBOLS-NO-VMLINUX', ['--debug-dir', folder, '-r', '6.9.9']],
    ['--release ../../etc is no', ['-r', '../../etc']],
    ['KT-FILE-MISSING', ['--system-map', join(folder, 'gone')]],
    ['KT-SYMBOLS-MAP', ['--system-map', join(folder, 'log')]],
    ['KT-INPUT-MISSING', ['-i', join(folder, 'gone')]],
    ['KT-INPUT-DIRECTORY', ['-i', folder]],
    ['KT-OUTPUT-UNWRITABLE', ['-i', join(folder, 'log'), '-o', join(folder, 'log')]],
    ['too many arguments', ['a', 'auto', 'c', 'd']],
  ])('a wrong call: %s', async (words, args) => {
    writeFileSync(join(folder, 'log'), 'a log, and no kernel of any kind');
    const { code, out, err } = await run(args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(words);
  });

  test('takes a System.map, for addresses that stand alone', async () => {
    const map = join(folder, 'System.map');
    writeFileSync(map, 'ffffffff81000000 T _stext\nffffffff81000000 T made\nffffffff81000100 T _etext\n');
    const { code, out, err } = await run(
      ['--system-map', map, '--kaslr', '0'],
      '[<ffffffff81000010>]\n made+0x1/0x100\n',
    );
    expect([code, out]).toEqual([0, 'made+0x10/0x100\n made+0x1/0x100\n']);
    expect(err).toBe(`note: ${map} has functions only, for addresses without a symbol: source lines need a vmlinux\n`);
  });

  test('shows help where nobody but a person could give it a log', async () => {
    const session = fakeSession();
    session.stdin.isTTY = true;
    const { code, err } = await run([], '', session);
    expect(code).toBe(2);
    expect(err).toContain('Usage: ktriage decode');
  });

  test('on a terminal nothing of a log acts', async () => {
    const session = fakeSession();
    session.stdout.isTTY = true;
    const { out } = await run([], 'a\tb\x1b[2J\r\n\x07 \xc3\xa4\n', session);
    expect(out).toBe('a\tb\\x1B[2J\n\\x07 ä\n');
  });

  test('stops when nobody reads any more', async () => {
    const session = { ...fakeSession(), stdout: new Closed() };
    const { code, err } = await run([], 'a\n'.repeat(100_000), session);
    expect([code, err, session.stdout.writes]).toEqual([0, '', 1]);
  });
});

describe.skipIf(!hasCompiler)('ktriage decode with a kernel of our own (skipped without gcc)', () => {
  if (!hasCompiler) return;
  const kernel = makeKernel(join(folder, 'kernel'));
  const line = ` in_library+0x0/0x${kernel.symbol('in_library').size.toString(16)}\n`;
  const decoded = ' in_library (lib/library.c:3)\n';

  test('takes the arguments of decode_stacktrace.sh', async () => {
    place(kernel.vmlinux, join(folder, 'root/usr/lib/debug/boot/vmlinux-6.9.0-made'));
    const root = ['--debug-dir', join(folder, 'root')];
    const calls: readonly string[][] = [
      [kernel.vmlinux],
      [kernel.vmlinux, 'auto'],
      ['-R', kernel.vmlinux, 'auto', folder],
      [...root, '-r', '6.9.0-made'],
      [...root, '-R', '-r', '6.9.0-made'],
      ['--vmlinux', kernel.vmlinux, '--modules', folder],
    ];
    for (const args of calls) expect(await run(args, line)).toMatchObject({ code: 0, out: decoded, err: '' });
    expect((await run([kernel.vmlinux, 'lib/'], line)).out).toBe(' in_library (library.c:3)\n');
  });

  test('a vmlinux of another build is refused, and used with --force', async () => {
    const log = `CPU: 0 PID: 1 Comm: a Not tainted 6.9.0-other #1\n${line}`;
    const { code, out, err } = await run([kernel.vmlinux], log);
    expect([code, out]).toEqual([3, log]);
    expect(err).toContain('error KT-SYMBOLS-OTHER-BUILD');
    const forced = await run([kernel.vmlinux, '--force'], log);
    expect(forced).toMatchObject({ code: 0, out: log.replace(line, decoded) });
    expect(forced.err).toMatch(/^warning: positions of \S+ are UNVERIFIED \(--force\): the log is of 6\.9\.0-other/);
  });

  test('a vmlinux without debug information is told, with what to do', async () => {
    const stripped = join(folder, 'stripped');
    execFileSync('strip', ['--strip-debug', '-o', stripped, kernel.vmlinux]);
    const { code, out, err } = await run([stripped], line);
    expect([code, out]).toEqual([3, line]);
    expect(err).toMatch(/^error KT-SYMBOLS-NO-DEBUG-INFO: \S+stripped has symbols and no debug information\n/);
  });

  test('modules that are missing are told, and are no failure', async () => {
    const { code, out, err } = await run([kernel.vmlinux], ' foo+0x1/0x2 [mod]\n');
    expect([code, out]).toEqual([0, ' foo+0x1/0x2 [mod]\n']);
    expect(err).toBe('note: module mod: no file of it was found; its functions stay as they are\n');
  });

  test('logs from files, compressed too, to a file', async () => {
    const [plain, zipped, result] = ['a.log', 'b.log.gz', 'out'].map((name) => join(folder, name));
    if (plain === undefined || zipped === undefined || result === undefined) return;
    writeFileSync(plain, `${line}\xff no end`, 'latin1');
    writeFileSync(zipped, gzipSync(line));
    const { code, out } = await run(['-i', plain, '-i', zipped, '-o', result, kernel.vmlinux]);
    expect([code, out]).toEqual([0, '']);
    expect(readFileSync(result, 'latin1')).toBe(`${decoded}\xff no end${decoded}`);
  });

  test('tells with --verbose what it looked at', async () => {
    expect((await run([kernel.vmlinux, '--verbose'], line)).err).toContain(`note: ${kernel.vmlinux}: used\n`);
  });
});
