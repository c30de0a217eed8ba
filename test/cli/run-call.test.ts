import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { errorText } from '../../src/cli/errors.ts';
import { runCall } from '../../src/cli/run-call.ts';
import { fakeSession } from './fake.ts';

async function call(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const session = fakeSession();
  const code = await runCall(args, session);
  return { code, out: session.stdout.text, err: session.stderr.text };
}

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));

describe('runCall', () => {
  test('--version and --help', async () => {
    expect(await call('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
    const help = await call('--help');
    expect(help).toMatchObject({ code: 0, err: '' });
    for (const command of ['analyze', 'list', 'watch', 'explain', 'schema', 'completion', 'config']) {
      expect(help.out).toContain(`  ${command} `);
      expect(await call(command, '--help')).toMatchObject({ code: 0, err: '' });
    }
  });

  test('nothing asked for: help on standard error, and 2', async () => {
    const { code, out, err } = await call();
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage: ktriage');
  });

  test('no input and a person at the keyboard: help, not a hang', async () => {
    for (const command of ['analyze', 'list']) {
      const session = fakeSession();
      session.stdin.isTTY = true;
      expect(await runCall([command], session)).toBe(2);
      expect(session.stderr.text).toContain(`Usage: ktriage ${command}`);
    }
  });

  test.each([
    [['boot.log'], 'ktriage analyze boot.log'],
    [['/var/log/a b.log'], "ktriage analyze '/var/log/a b.log'"],
    [['anlyze', 'x'], 'did you mean ktriage analyze?'],
    [['analyze', '--fromat', 'json'], 'did you mean --format? See ktriage analyze --help'],
    [['analyze', '--format', 'xml'], 'see ktriage analyze --help'],
    [['analyze', '--limit', 'many'], 'see ktriage analyze --help'],
    [['watch'], 'see ktriage watch --help'],
    [['watch', 'a', 'b'], 'see ktriage watch --help'],
    [['completion', 'tcsh'], 'see ktriage completion --help'],
    [['--nonsense'], 'see ktriage --help'],
  ])('a wrong call %j has a way out', async (args, hint) => {
    const { code, out, err } = await call(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const lines = err.split('\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toMatch(/^error KT-USAGE: /);
    expect(lines[1]).toMatch(/^ {2}why: /);
    expect(lines[2]).toBe(`  next: ${hint}`);
  });

  test('a word of the call cannot act on the terminal', async () => {
    expect((await call('a\x1b[31m.log')).err).not.toContain('\x1b');
  });

  test('schema prints JSON', async () => {
    const { code, out } = await call('schema');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' });
  });

  test('explain: a kind, all kinds, a kind that is none', async () => {
    const one = await call('explain', 'oops/null-deref');
    expect(one.code).toBe(0);
    expect(one.out).toMatch(/^oops\/null-deref \(error\): /);
    const all = await call('explain', '--list');
    expect(all.out).toMatch(/^oops\/null-deref +error +\S/m);
    const none = await call('explain', 'oops/null-dref');
    expect(none).toMatchObject({ code: 2, out: '' });
    expect(none.err).toContain('did you mean oops/null-deref');
  });
});

describe('errorText', () => {
  test('a mistake of ours is no riddle either', () => {
    expect(errorText(new TypeError('x'))).toMatch(/^error KT-INTERNAL: x\n {2}why: .*\n {2}next: .*\n$/);
    expect(errorText('boo')).toContain('boo');
  });
});
