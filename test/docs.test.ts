import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { settingTable } from '../src/cli/settings.ts';
import { projectRoot } from './helpers/built.ts';

const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');

describe('docs/errors.md', () => {
  test('has a section for every code, and none too many', () => {
    const inCode = new Set<string>();
    for (const name of readdirSync(join(projectRoot, 'src'), { recursive: true, encoding: 'utf8' })) {
      if (!name.endsWith('.ts')) continue;
      // In quotes or, in the texts of errors.ts, behind `error `: comments give examples.
      for (const match of read(join('src', name)).matchAll(/(?:'|error )(KT-[A-Z-]*[A-Z])\b/g))
        inCode.add(match[1] ?? '');
    }
    const described = [...read('docs/errors.md').matchAll(/^## (KT-\S+)$/gm)].map((match) => match[1]);
    expect([...described].sort()).toEqual([...inCode].sort());
  });
});

describe('README.md', () => {
  test('has the settings as they are', () => {
    const rows = [...read('README.md').matchAll(/^\| `(\w+)` +\| `(KTRIAGE_\w+)` +\|/gm)].map((match) => [
      match[1],
      match[2],
    ]);
    expect(rows).toEqual(Object.values(settingTable).map(({ key, env }) => [key, env]));
  });
});

test.each([
  'README.md',
  'docs/errors.md',
  'docs/output.md',
  'docs/live.md',
  'docs/design.md',
  'docs/ci.md',
  'docs/ci-outputs.md',
  'docs/compare.md',
])('links of %s lead somewhere', (page) => {
  const targets = [...read(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map((match) => match[1] ?? '');
  expect(targets.filter((target) => !existsSync(join(projectRoot, dirname(page), target)))).toEqual([]);
});
