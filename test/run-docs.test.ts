import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildProgram } from '../src/cli/program.ts';
import { fakeSession } from './cli/fake.ts';
import { ensureBuilt, plainEnvironment, projectRoot } from './helpers/built.ts';

const page = readFileSync(join(projectRoot, 'docs', 'run.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'ktriage-run-docs-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeAll(() => {
  ensureBuilt();
  const program = join(folder, 'ktriage');
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(projectRoot, 'bin', 'ktriage.js')}' "$@"\n`);
  chmodSync(program, 0o755);
  symlinkSync(join(projectRoot, 'samples'), join(folder, 'samples'));
}, 120_000);

/** How long things took is another time each time. */
const timeless = (text: string): string => text.replace(/\b\d+(?:\.\d)? s\b/g, 'N s');

describe('docs/run.md', () => {
  const screens = [...page.matchAll(/^```console\n\$ (.*)\n([\s\S]*?)^```$/gm)];

  test.each(screens.map(([, command = '', screen = '']) => ({ command, screen })))(
    '$command',
    ({ command, screen }) => {
      const env = plainEnvironment({ PATH: `${folder}:${process.env.PATH ?? ''}`, KTRIAGE_DEBUG_DIR: folder });
      const { stderr } = spawnSync('sh', ['-c', command], { cwd: folder, env, encoding: 'utf8', timeout: 50_000 });
      expect(timeless(stderr)).toBe(timeless(screen));
    },
  );

  test('has screens', () => {
    expect(screens).toHaveLength(2);
  });

  test('names options that there are, and all that only this command has', () => {
    const { commands } = buildProgram(fakeSession());
    const optionsOf = (name: string): Set<string> =>
      new Set(commands.find((each) => each.name() === name)?.options.flatMap(({ long }) => long ?? []));
    const own = optionsOf('run');
    const analyze = optionsOf('analyze');
    for (const [, named = ''] of page.matchAll(/`(--[a-z][a-z-]+)/g)) expect([...own], named).toContain(named);
    for (const each of own) if (!analyze.has(each)) expect(page, each).toContain(each);
    // Whatever analyze takes that has a sense here.
    expect([...analyze].filter((each) => !own.has(each))).toEqual(['--no-pager']);
  });

  test('has links that lead somewhere', () => {
    for (const [, target = ''] of page.matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g))
      expect(existsSync(join(projectRoot, 'docs', target)), target).toBe(true);
  });
});
