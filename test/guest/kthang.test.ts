import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectRoot } from '../helpers/built.ts';
import { scenarioTruths } from './scenarios.ts';

const folder = join(projectRoot, 'test', 'guest');
const source = join(folder, 'kthang');
const read = (path: string): string => readFileSync(path, 'utf8');

describe('kthang', () => {
  test('is built of the source that is here', () => {
    // As its build writes it: `cat Kbuild *.c *.h | sha256sum`, by name in the C locale.
    const names = readdirSync(source).filter((name) => /\.[ch]$/.test(name));
    const sorted = (end: string): string[] => names.filter((name) => name.endsWith(end)).sort();
    const text = ['Kbuild', ...sorted('.c'), ...sorted('.h')].map((name) => read(join(source, name))).join('');
    const sum = createHash('sha256').update(text).digest('hex');
    const builds = readdirSync(join(folder, 'modules'));
    expect(builds.length).toBeGreaterThan(0);
    for (const release of builds)
      expect(read(join(folder, 'modules', release, 'source.sha256')).trim(), `${release}: run kthang/build`).toBe(sum);
  });

  test('has the scenarios that are expected, and their lines', () => {
    const files = readdirSync(source).filter((name) => name.endsWith('.c'));
    const code = files.map((name) => read(join(source, name))).join('\n');
    const init = read(join(folder, 'init'));
    for (const [name, { function: where, line }] of Object.entries(scenarioTruths)) {
      expect(`${code}${init}`).toContain(name);
      if (where !== undefined) expect(code).toMatch(new RegExp(`\\b${where}\\(`));
      if (line !== undefined) expect(code).toContain(line);
    }
  });
});
