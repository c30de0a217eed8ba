import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openOutputFile, StreamOutput } from '../../src/cli/output.ts';
import { PagedOutput, pagerCommand } from '../../src/cli/pager.ts';
import { ensureBuilt, plainEnvironment, projectRoot } from '../helpers/built.ts';
import { Collector } from './fake.ts';

function failing(code: string): Writable {
  return new Writable({
    write(_chunk, _encoding, done) {
      done(Object.assign(new Error(code), { code }));
    },
  });
}

describe('StreamOutput', () => {
  test('a reader that went away is no error, and is noticed', async () => {
    const output = new StreamOutput(failing('EPIPE'));
    await output.write('x');
    await new Promise(setImmediate);
    expect(output.closed).toBe(true);
    await output.write('y');
    await output.end();
  });

  test('a full disk is one', async () => {
    const output = new StreamOutput(failing('ENOSPC'));
    await output.write('x').catch(() => {});
    await new Promise(setImmediate);
    await expect(output.end()).rejects.toMatchObject({ code: 'KT-OUTPUT-UNWRITABLE', why: 'the disk is full' });
  });
});

describe('openOutputFile', () => {
  test.skipIf(!existsSync('/dev/full'))(
    'a full disk is an error, even for the last piece (needs /dev/full)',
    async () => {
      const error = { code: 'KT-OUTPUT-UNWRITABLE', why: 'the disk is full' };
      const output = await openOutputFile('/dev/full', []);
      await expect(output.write('x')).rejects.toMatchObject(error);
      await expect(output.end()).rejects.toMatchObject(error);
    },
  );
});

describe('pagerCommand', () => {
  test('the setting, else $PAGER, else less; none for cat and nothing', () => {
    expect(pagerCommand(undefined, {})).toBe('less');
    expect(pagerCommand(undefined, { PAGER: 'most' })).toBe('most');
    expect(pagerCommand('more', { PAGER: 'most' })).toBe('more');
    expect(pagerCommand(false, { PAGER: 'most' })).toBeUndefined();
    expect(pagerCommand(undefined, { PAGER: '' })).toBeUndefined();
    expect(pagerCommand('cat', {})).toBeUndefined();
  });
});

describe('PagedOutput', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-pager-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const { PATH = '' } = process.env;

  async function page(command: string, lines: number): Promise<string> {
    const direct = new Collector();
    const output = new PagedOutput(new StreamOutput(direct), command, 10, { PATH });
    for (let line = 1; line <= lines; line += 1) await output.write(`line ${line}\n`);
    await output.end();
    return direct.text;
  }

  test('what fits the screen goes straight there', async () => {
    expect(await page('false', 9)).toMatch(/^line 1\n[\s\S]*line 9\n$/);
  });

  test('what does not goes through the pager, all of it, with the usual flags for less', async () => {
    const file = join(folder, 'paged');
    expect(await page(`{ echo "$LESS"; cat; } > '${file}'`, 500)).toBe('');
    const paged = readFileSync(file, 'utf8').split('\n');
    expect(paged).toHaveLength(502);
    expect(paged.slice(0, 2)).toEqual(['FRX', 'line 1']);
  });

  test('a pager that is left early is fine', async () => {
    expect(await page('head -n 1 > /dev/null', 50_000)).toBe('');
  });

  test('without such a pager it is printed all the same', async () => {
    expect(await page('no-such-pager-anywhere 2> /dev/null', 20)).toMatch(/^line 1\n[\s\S]*line 20\n$/);
  });
});

describe('the program', () => {
  beforeAll(ensureBuilt, 120_000);
  const sample = join(projectRoot, 'samples', 'null-deref-x86-64.log');
  const program = join(projectRoot, 'bin', 'ktriage.js');
  const shell = (command: string) =>
    spawnSync('bash', ['-c', `set -o pipefail; ${command}`], {
      encoding: 'utf8',
      env: plainEnvironment({ NODE: process.execPath, PROGRAM: program, SAMPLE: sample }),
    });

  test('ends quietly when nobody reads on', () => {
    const { stderr, stdout } = shell(`"$NODE" "$PROGRAM" analyze --format json "$SAMPLE" | head -n 1`);
    expect({ stderr, stdout }).toEqual({ stderr: '', stdout: '{\n' });
  });

  test('colours only where asked for, and never sends what the log holds', () => {
    expect(shell('"$NODE" "$PROGRAM" analyze "$SAMPLE"').stdout).not.toContain('\x1b');
    expect(shell('"$NODE" "$PROGRAM" analyze --color always "$SAMPLE"').stdout).toContain('\x1b[');
    const hostile = shell(
      `printf '[    1.0] x\\n[    1.1] kernel BUG at \\033]0;owned\\007 a.c:1!\\n' | "$NODE" "$PROGRAM" analyze`,
    );
    expect(hostile.stdout).not.toMatch(/[\x1b\x07]/);
  });

  test('runs in a folder that is gone', () => {
    const gone = shell(
      `folder=$(mktemp -d); cd "$folder"; rmdir "$folder"; "$NODE" "$PROGRAM" analyze --exit-zero "$SAMPLE"`,
    );
    expect(gone.status).toBe(0);
    expect(gone.stdout).toContain('NULL pointer');
  });

  test('--version loads nothing that it does not need', () => {
    // All files that are read, and what Node's own loaders load.
    const hook = join(mkdtempSync(join(tmpdir(), 'ktriage-reads-')), 'reads.cjs');
    writeFileSync(
      hook,
      `const fs = require('node:fs');
      for (const name of ['openSync', 'readFileSync']) {
        const read = fs[name];
        fs[name] = (path, ...rest) => {
          if (typeof path === 'string') process.stderr.write(path + '\\n');
          return read(path, ...rest);
        };
      }`,
    );
    const loaded = shell(
      `NODE_DEBUG=esm,module "$NODE" --require "${hook}" "$PROGRAM" --version 2>&1 | grep -oE '(node_modules|dist)/[^ "]*' | sort -u`,
    ).stdout;
    rmSync(dirname(hook), { recursive: true });
    const own = loaded.split('\n').filter((path) => /^dist\/.*\.cjs$/.test(path));
    const bytes = own.map((path) => statSync(join(projectRoot, path)).size).reduce((sum, size) => sum + size, 0);
    // What analyses is several times as much; the commands' options and their help are some 60 KB, commander 40 KB.
    expect(bytes).toBeGreaterThan(1000);
    expect(bytes).toBeLessThan(130_000);
    expect(loaded).not.toContain('node_modules');
  });
});
