import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, projectRoot } from './helpers/built.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-pack-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Packed {
  readonly filename: string;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

let packed: Packed | undefined;

beforeAll(() => {
  ensureBuilt();
  // Without scripts: the build is there, and building again would pull dist/ from under tests that run beside this one.
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const output = execFileSync('npm', args, { cwd: projectRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const all: Packed[] = JSON.parse(output);
  packed = all[0];
}, 120_000);

describe('npm pack', () => {
  test('holds what a user needs, and nothing else', () => {
    const names = packed?.files.map((file) => file.path) ?? [];
    for (const name of [
      'package.json',
      'README.md',
      'LICENSE',
      'bin/ktriage.js',
      'bin/load.js',
      'dist/program/main.cjs',
      'dist/index.d.ts',
    ]) {
      expect(names).toContain(name);
    }
    expect(names.some((name) => name.startsWith('samples/'))).toBe(true);
    const allowed =
      /^(?:bin\/(?:ktriage|load)\.js|bin\/package\.json|dist\/.+(?:\.js|\.wasm|\.memory|\.d\.ts|\.cjs|\/code\/[\w.-]+\/[\w.-]+\.cjs\.code)|docs\/[\w-]+\.md|samples\/(?:[\w-]+\.log|ktsample\/[\w.]+|modules\/[\w.-]+\/ktsample\.ko\.gz)|package\.json|README\.md|LICENSE)$/;
    expect(names.filter((name) => !allowed.test(name))).toEqual([]);
  });

  test('has samples of modest size', () => {
    const sizes = packed?.files.filter((file) => file.path.startsWith('samples/')).map((file) => file.size) ?? [];
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400_000);
  });

  // Needs npm's registry or its cache.
  test('installs into an empty folder and runs there', { timeout: 300_000 }, () => {
    const home = join(folder, 'empty');
    execFileSync('mkdir', [home]);
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n');
    const tarball = join(folder, packed?.filename ?? '');
    const flags = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    const install = spawnSync('npm', ['install', ...flags, tarball], { cwd: home, encoding: 'utf8' });
    expect(install.status, install.stderr).toBe(0);

    const npx = (...args: string[]) =>
      spawnSync('npx', ['--no-install', 'ktriage', ...args], { cwd: home, encoding: 'utf8' });
    const { version } = JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8'));
    expect(npx('--version').stdout).toBe(`${version}\n`);
    const sample = join(home, 'node_modules', 'ktriage', 'samples', 'null-deref-x86-64.log');
    expect(npx('analyze', sample)).toMatchObject({ status: 1, stdout: expect.stringContaining('NULL pointer') });

    writeFileSync(
      join(home, 'use.js'),
      `import { analyzeFile } from 'ktriage';\nconst { reports } = await analyzeFile(process.argv[2]);\nconsole.log(reports[0].kind);\n`,
    );
    expect(execFileSync(process.execPath, ['use.js', sample], { cwd: home, encoding: 'utf8' })).toBe(
      'oops/null-deref\n',
    );
  });
});
