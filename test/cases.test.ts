import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, plainEnvironment, projectRoot } from './helpers/built.ts';

const folder = join(projectRoot, 'test', 'cases');
const update = process.env.KTRIAGE_UPDATE === '1';

/** `command.json` of a case; see test/cases/README.md. */
interface CaseCommand {
  readonly args: readonly string[];
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

function readCommand(name: string): CaseCommand {
  return JSON.parse(readFileSync(join(folder, name, 'command.json'), 'utf8'));
}

/** Runs the program as a user would, in the case's folder. */
function run(name: string): Promise<Outcome> {
  const { args, stdin, env } = readCommand(name);
  const cwd = join(folder, name);
  const child = spawn(process.execPath, [join(projectRoot, 'bin', 'ktriage.js'), ...args], {
    cwd,
    env: plainEnvironment(env),
    timeout: 50_000,
  });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk) => out.push(chunk));
  child.stderr.on('data', (chunk) => err.push(chunk));
  // A program that needs no input may be gone before it was written.
  child.stdin.on('error', () => {});
  child.stdin.end(stdin === undefined ? '' : readFileSync(join(cwd, stdin)));
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (status) => {
      done({ stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString(), status });
    });
  });
}

function bless(name: string, outcome: Outcome): void {
  const at = (file: string): string => join(folder, name, file);
  writeFileSync(at('expected.stdout'), outcome.stdout);
  writeFileSync(at('expected.status'), `${outcome.status}\n`);
  if (outcome.stderr !== '') writeFileSync(at('expected.stderr'), outcome.stderr);
  else rmSync(at('expected.stderr'), { force: true });
}

function expected(name: string, file: string): string | undefined {
  const path = join(folder, name, file);
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
}

const names = readdirSync(folder, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

beforeAll(ensureBuilt, 120_000);

describe('cases', () => {
  test.concurrent.each(names)('%s', async (name) => {
    const outcome = await run(name);
    if (update) {
      bless(name, outcome);
      return;
    }
    const help = `KTRIAGE_UPDATE=1 npx vitest run test/cases.test.ts -t ${name} takes the new output`;
    expect(outcome.stdout, help).toBe(expected(name, 'expected.stdout'));
    expect(outcome.stderr, help).toBe(expected(name, 'expected.stderr') ?? '');
    expect(`${outcome.status}\n`, help).toBe(expected(name, 'expected.status'));
  });
});
