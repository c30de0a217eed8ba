import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runCall } from '../../src/cli/run-call.ts';
import { projectRoot } from '../helpers/built.ts';
import { fakeSession } from './fake.ts';

const log = join(projectRoot, 'samples', 'ktsample-null-x86-64.log');

interface Report {
  readonly title?: string;
  readonly frames?: readonly object[];
  readonly explanation?: object;
  readonly findings?: readonly object[];
}

async function analyze(...args: string[]): Promise<{ readonly code: number; readonly out: string }> {
  const session = fakeSession();
  const code = await runCall([...args, log], session);
  expect(session.stderr.text).toBe('');
  return { code, out: session.stdout.text };
}

async function report(...args: string[]): Promise<Report> {
  const { out } = await analyze('analyze', '--exit-zero', '--format', 'jsonl', '--no-cache', ...args);
  const found: Report = JSON.parse(out);
  return found;
}

describe('--no-explain', () => {
  test('leaves out why, and nothing else', async () => {
    const { explanation, findings, ...explained } = await report();
    expect(explanation).toBeDefined();
    expect(findings).not.toEqual([]);
    const { findings: none = [], ...plain } = await report('--no-explain');
    expect(none).toEqual([]);
    expect(plain).toEqual(explained);
  });

  test('with debug information there are source positions all the same', async () => {
    const modules = join(projectRoot, 'samples', 'modules');
    const { explanation, frames } = await report('--no-explain', '--modules', modules);
    expect(explanation).toBeUndefined();
    expect(JSON.stringify(frames)).toContain('faults.c');
    expect(frames).toEqual((await report('--modules', modules)).frames);
  });

  test('as text, and of watch', async () => {
    const { out, code } = await analyze('analyze', '--no-explain');
    expect(code).toBe(1);
    expect(out).toContain('NULL pointer');
    expect(out).not.toContain('The instruction');
    const watched = await analyze('watch', '--once', '--no-explain', '--format', 'jsonl');
    expect(JSON.parse(watched.out).explanation).toBeUndefined();
  });
});
