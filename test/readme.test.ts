import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, plainEnvironment, projectRoot } from './helpers/built.ts';
import { copyFresh, isClone } from './helpers/fresh-copy.ts';

const path = join(projectRoot, 'README.md');
const update = process.env.KTRIAGE_UPDATE === '1';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-readme-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  ensureBuilt();
  const program = join(folder, 'ktriage');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(projectRoot, 'bin', 'ktriage.js')}' "$@"\n`);
  chmodSync(program, 0o755);
}, 120_000);

/** Runs a command where `ktriage` is installed; the machine's own debug information is out of sight. */
function run(
  command: string,
  cwd: string,
): { readonly stdout: string; readonly stderr: string; status: number | null } {
  const { PATH = '' } = process.env;
  const env = plainEnvironment({ PATH: `${folder}:${PATH}`, KTRIAGE_DEBUG_DIR: folder });
  return spawnSync('sh', ['-c', command], { cwd, env, encoding: 'utf8', timeout: 60_000 });
}

const screenOf = (command: string): string => run(command, projectRoot).stdout;

describe('the screens of README.md', () => {
  test('are what the commands print', () => {
    const text = readFileSync(path, 'utf8');
    const screens = /^```console\n\$ (.*)\n([\s\S]*?)^```$/gm;
    const real = text.replace(screens, (_whole, command: string) => {
      return `\`\`\`console\n$ ${command}\n${screenOf(command)}\`\`\``;
    });
    expect(text.match(screens)?.length).toBeGreaterThanOrEqual(5);
    if (update) writeFileSync(path, real);
    else expect(text, 'KTRIAGE_UPDATE=1 npx vitest run test/readme.test.ts takes the new screens').toBe(real);
  });
});

/** Lines that a screen of README.md takes from the top of what is said of a saved guest. */
const linesOfGuest = (name: string): string => {
  const text = readFileSync(join(projectRoot, 'test', 'kernels', 'snapshots', `${name}.txt`), 'utf8');
  // Up to the table of CPUs; it needs a vmlinux to make it anew, which test:kernels does.
  return text.slice(0, text.indexOf('\n\nLocks:') + 1);
};

describe('the screens of guests in README.md', () => {
  const guests = /^```console snapshot=(\S+)\n\$ (ktriage live .*)\n([\s\S]*?)^```$/gm;

  test('are what test/kernels/snapshots has', () => {
    const text = readFileSync(path, 'utf8');
    const real = text.replace(
      guests,
      (_whole, name: string, command: string) =>
        `\`\`\`console snapshot=${name}\n$ ${command}\n${linesOfGuest(name)}\`\`\``,
    );
    expect(text.match(guests)?.length).toBe(2);
    if (update) writeFileSync(path, real);
    else expect(text, 'KTRIAGE_UPDATE=1 npx vitest run test/readme.test.ts takes the new screens').toBe(real);
  });
});

describe('the commands of README.md', () => {
  const text = readFileSync(path, 'utf8');
  const commands = [...text.matchAll(/^```sh\n([\s\S]*?)^```$/gm)]
    .flatMap(([, block = '']) => block.split('\n'))
    .filter((line) => /\bktriage /.test(line) && !line.startsWith('npm '))
    .map((line) => line.replace(/\s+# .*$/, '').replace(/\s+#.*$/, ''));
  const work = join(folder, 'work');

  beforeAll(() => {
    const log = join(projectRoot, 'samples', 'ktsample-null-x86-64.log');
    for (const name of ['logs', 'ci-1', 'build', 'src']) mkdirSync(join(work, name), { recursive: true });
    for (const name of ['dmesg.log', 'serial.log', 'logs/a.log', 'ci-1/serial.log', 'old.log', 'new.log'])
      cpSync(log, join(work, name));
    cpSync(join(projectRoot, 'samples', 'modules'), join(work, 'build'), { recursive: true });
    cpSync(join(projectRoot, 'samples', 'ktsample'), join(work, 'src'), { recursive: true });
    writeFileSync(join(work, 'boot.sh'), '#!/bin/sh\ncat serial.log\n', { mode: 0o755 });
    // In place of the machine's, which may have anything to say or nothing.
    writeFileSync(join(folder, 'dmesg'), `#!/bin/sh\ncat dmesg.log\n`);
    chmodSync(join(folder, 'dmesg'), 0o755);
  });

  test('are there', () => {
    expect(commands.length).toBeGreaterThanOrEqual(10);
  });

  test.each(commands)('%s', (command) => {
    const { status, stdout, stderr } = run(command, work);
    expect(stderr).not.toMatch(/KT-USAGE|KT-INTERNAL/);
    expect(stdout).not.toBe('');
    // A crash was found; or there is no vmlinux for all of the log.
    expect(/ (?:decode|doctor) /.test(command) ? [0, 3] : [0, 1]).toContain(status);
  });
});

/** The two set-up commands: the lines of the `sh` blocks that begin with `npm ci`. */
const setUps = [...readFileSync(path, 'utf8').matchAll(/^npm ci .*$/gm)].map((match) => match[0]);

/** A folder with what a fresh clone has. */
function freshCopy(): string {
  const copy = mkdtempSync(join(tmpdir(), 'ktriage-clone-'));
  copyFresh(copy);
  return copy;
}

const npmEnvironment = { ...process.env, npm_config_prefer_offline: 'true', npm_config_audit: 'false' };

describe('the set-up commands of README.md', () => {
  test('are two', () => {
    expect(setUps).toHaveLength(2);
    expect(setUps[1]).toBe('npm ci && npm test');
  });

  // Needs git, and npm's registry or cache.
  test.skipIf(!isClone)('the first one ends with the analysis of a sample', { timeout: 300_000 }, () => {
    const copy = freshCopy();
    try {
      const options = { cwd: copy, env: npmEnvironment, encoding: 'utf8' } as const;
      const { status, stdout, stderr } = spawnSync('sh', ['-c', setUps[0] ?? ''], options);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain('through letter, which is in %rax and is');
      expect(stdout).toContain('ktsample.h:29:34 in letter_postage, inlined into');
      expect(stdout).toContain('return letter->grams > 20 ? 160 : 95;');
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  });

  // We are part of what the second one runs: without a guard it would run itself for ever.
  test.runIf(isClone && process.env.KTRIAGE_README === 'full')(
    'the second one passes all tests',
    { timeout: 900_000 },
    () => {
      const copy = freshCopy();
      try {
        const env = { ...npmEnvironment, KTRIAGE_README: 'nested' };
        const { status, stdout, stderr } = spawnSync('sh', ['-c', setUps[1] ?? ''], {
          cwd: copy,
          env,
          encoding: 'utf8',
        });
        expect(status, stdout + stderr).toBe(0);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    },
  );
});
