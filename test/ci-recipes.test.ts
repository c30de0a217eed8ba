import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ensureBuilt, projectRoot } from './helpers/built.ts';
import { CiJob, type Outcome } from './helpers/ci-job.ts';
import { copyFresh, isClone } from './helpers/fresh-copy.ts';
import { runWorkflow } from './helpers/github-workflow.ts';
import { type GroovyCall, readGroovy } from './helpers/groovy.ts';

interface Snippet {
  readonly language: string;
  readonly text: string;
}

/** The snippets of docs/ci.md, by the headings that they stand under. */
const sections = new Map(
  readFileSync(join(projectRoot, 'docs', 'ci.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section): [string, readonly Snippet[]] => [
      section.slice(0, section.indexOf('\n')),
      [...section.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language = '', text = '']) => ({ language, text })),
    ]),
);

function snippet(heading: string, language: string, index = 0): string {
  const found = (sections.get(heading) ?? []).filter((each) => each.language === language)[index];
  if (found === undefined) throw new Error(`docs/ci.md has no such snippet: ${heading}, ${language} ${index}`);
  return found.text;
}

const folder = mkdtempSync(join(tmpdir(), 'ktriage-ci-'));
// Whole checkouts with their packages are in it.
afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);
beforeAll(() => ensureBuilt(), 120_000);

const job = (outcome: Outcome): CiJob => new CiJob(mkdtempSync(join(folder, 'job-')), outcome);
const both = [
  ['crash', 1],
  ['healthy', 0],
] as const;

// Needs git, and npm's registry or its cache.
test.skipIf(!isClone)('Installing', { timeout: 300_000 }, () => {
  const repository = join(folder, 'repository');
  copyFresh(repository);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: repository, stdio: 'ignore' });
  git('init');
  git('add', '--all');
  git('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '--message', 'x');
  const own = job('crash');
  const prefix = join(folder, 'prefix');
  const environment = {
    HOME: process.env.HOME ?? '',
    KTRIAGE_REPOSITORY: `file://${repository}`,
    npm_config_prefix: prefix,
    npm_config_prefer_offline: 'true',
  };
  const { status, stdout, stderr } = own.run(['sh', '-e'], snippet('Installing', 'sh'), environment, 280_000);
  expect(status, stdout + stderr).toBe(0);
  const analyze = `'${join(prefix, 'bin', 'ktriage')}' analyze --modules build "$JOB/console"`;
  expect(own.run(['sh', '-e'], analyze)).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('letter_postage'),
  });
});

test('each recipe has a test', () => {
  expect([...sections].map(([name, { length }]) => `${name}: ${length}`)).toEqual([
    'Installing: 1',
    'GitHub: 2',
    'GitLab: 1',
    'Jenkins: 1',
    'Buildkite: 1',
    'LAVA: 2',
    'KernelCI: 1',
    'virtme-ng: 1',
    'tuxrun: 1',
  ]);
});

/** Beside the crash there is a warning: the vmlinux of the job, of which none could say that it is of the kernel. */
const entries = { 1: 2, 0: 0 } as const;

describe('GitHub', () => {
  test.each(both)('the workflow, %s', (outcome, expected) => {
    const own = job(outcome);
    const results = runWorkflow(snippet('GitHub', 'yaml'), own.workspace, own.environment());
    expect(results.map(({ what }) => what.replace(/@.*/, ''))).toEqual([
      'actions/checkout',
      './boot-and-test.sh > serial.log',
      'OWNER/ktriage',
      'github/codeql-action/upload-sarif',
      'actions/upload-artifact',
    ]);
    const [, , ours, sarif, artifact] = results;
    expect(ours?.status).toBe(expected);
    expect(ours?.action?.outputs.crashes).toBe(String(expected));
    expect(ours?.action?.commands.map(({ name }) => name)).toEqual(expected === 1 ? ['error', 'warning'] : []);
    expect(JSON.parse(own.read(sarif?.with?.sarif_file ?? '')).version).toBe('2.1.0');
    const files = ['ktriage.sarif', 'ktriage.xml', 'ktriage.html'].map((name) => join(own.workspace, name));
    expect(artifact?.with?.path?.trim().split('\n')).toEqual(['serial.log', ...files]);
  });

  test.each(both)('the three lines of README.md, %s', (outcome, expected) => {
    const [, text = ''] = /^```yaml\n([\s\S]*?)^```$/m.exec(readFileSync(join(projectRoot, 'README.md'), 'utf8')) ?? [];
    expect(text.trimEnd().split('\n')).toHaveLength(3);
    const own = job(outcome);
    own.run(['sh'], './boot-and-test.sh > serial.log');
    const [result] = runWorkflow(text, own.workspace, own.environment());
    expect(result?.status).toBe(expected);
    const [error] = result?.action?.commands ?? [];
    expect(error?.properties.file).toBe(expected === 1 ? 'ktsample/faults.c' : undefined);
    expect(result?.action?.summary).not.toBe('');
  });

  test('what the main branch had before is not new', { timeout: 120_000 }, () => {
    const text = snippet('GitHub', 'yaml', 1);
    const own = job('crash');
    const run = (ref: string, number: string): number | null | undefined =>
      runWorkflow(text, own.workspace, own.environment(), { ref, run_number: number, run_id: number }).find(
        ({ action }) => action !== undefined,
      )?.status;
    expect(run('refs/pull/1', '1')).toBe(1);
    expect(run('refs/heads/main', '2')).toBe(1);
    expect(run('refs/pull/1', '3')).toBe(0);
    own.boot('healthy');
    expect(run('refs/pull/2', '4')).toBe(0);
  });
});

interface GitlabJob {
  readonly script: readonly string[];
  readonly artifacts: { readonly paths: readonly string[]; readonly reports?: Readonly<Record<string, string>> };
}

test.each(both)('GitLab, %s', (outcome, expected) => {
  const own = job(outcome);
  const pipeline: Readonly<Record<string, GitlabJob>> = parse(snippet('GitLab', 'yaml'));
  const environment = { GITLAB_CI: 'true', CI_PROJECT_DIR: own.workspace };
  const results = Object.values(pipeline).map(({ script, artifacts }) => {
    const result = own.run(['bash', '-eo', 'pipefail'], script.join('\n'), environment);
    for (const path of [...artifacts.paths, ...Object.values(artifacts.reports ?? {})])
      expect(own.read(path), path).not.toBe('');
    return result;
  });
  expect(results[1]?.status, results[1]?.stderr).toBe(expected);
  expect(results[1]?.stdout.includes('section_start')).toBe(true);
  const issues: readonly { location: { path: string } }[] = JSON.parse(own.read('gl-code-quality-report.json'));
  expect(issues.map(({ location }) => location.path)).toEqual(
    expected === 1 ? ['ktsample/faults.c', 'serial.log'] : [],
  );
  expect(own.read('ktriage.xml')).toContain(`failures="${expected}"`);
});

describe('Jenkins', () => {
  const calls = readGroovy(snippet('Jenkins', 'groovy'));
  const named = (name: string): GroovyCall[] => calls.filter((call) => call.name === name);

  test.each(both)('%s', (outcome, expected) => {
    const own = job(outcome);
    const environment = { JENKINS_URL: 'http://jenkins.example', WORKSPACE: own.workspace };
    const results = named('sh').map(({ strings: [script = ''] }) => own.run(['sh', '-xe'], script, environment));
    expect(results).toHaveLength(2);
    expect(results[1]?.status, results[1]?.stderr).toBe(expected);
    const [issues = ''] = named('issues').map(({ strings }) => strings.at(-1));
    expect(JSON.parse(own.read(issues)).issues).toHaveLength(entries[expected]);
    expect(own.read(named('junit')[0]?.strings[0] ?? '')).toContain('<testsuites');
    const archived = named('archiveArtifacts')[0]?.strings[0]?.split(',') ?? [];
    expect(archived.map((name) => own.read(name) !== '')).toEqual([true, true]);
  });
});

test.each(both)('Buildkite, %s', (outcome, expected) => {
  const own = job(outcome);
  const { steps }: { steps: readonly { command: string; artifact_paths: string }[] } = parse(
    snippet('Buildkite', 'yaml'),
  );
  const environment = { BUILDKITE: 'true', BUILDKITE_BUILD_CHECKOUT_PATH: own.workspace, BUILDKITE_LABEL: 'boot' };
  const command = steps[0]?.command ?? '';
  // A single dollar would be replaced when the pipeline is read.
  expect(command.replaceAll('$$', '')).not.toContain('$');
  const { status, stderr } = own.run(['bash', '-e'], command.replaceAll('$$', '$'), environment);
  expect(status, stderr).toBe(expected);
  expect(own.read('annotated')).toContain(`annotate --style ${expected === 1 ? 'error' : 'success'} --context`);
  expect(own.read('annotation').includes('ktsample_postage')).toBe(expected === 1);
  for (const path of steps[0]?.artifact_paths.split(';') ?? []) expect(own.read(path), path).not.toBe('');
});

describe('LAVA', () => {
  test.each(both)('the log of a job, %s', (outcome, expected) => {
    const own = job(outcome);
    const { status, stderr } = own.run(['sh', '-e'], snippet('LAVA', 'sh'));
    expect(status, stderr).toBe(expected);
    const tests = Object.values(JSON.parse(own.read('tests.json')));
    expect(JSON.stringify(tests).includes('"fail"')).toBe(expected === 1);
    expect(own.read('ktriage.html')).toContain('<html');
  });

  test.each(both)('a test definition, %s', (outcome, expected) => {
    const own = job(outcome);
    const { run }: { run: { steps: readonly string[] } } = parse(snippet('LAVA', 'yaml'));
    const { status, stdout, stderr } = own.run(['sh', '-e'], run.steps.join('\n'));
    expect(status, stderr).toBe(0);
    const signals = stdout.match(/<LAVA_SIGNAL_TESTCASE TEST_CASE_ID=\S+ RESULT=(?:pass|fail)\b/g) ?? [];
    // The crash, and all of the log.
    expect(signals.filter((signal) => signal.includes('=fail'))).toHaveLength(2 * expected);
    expect(signals.length).toBeGreaterThan(0);
  });
});

test.each(both)('KernelCI, %s', (outcome, expected) => {
  const own = job(outcome);
  own.run(['sh'], './boot-and-test.sh > serial.log');
  const environment = {
    KCIDB_URL: 'https://kcidb.example',
    KCIDB_TOKEN: 'secret',
    TEST: '4711',
    BUILD: '12',
    LOG_URL: 'https://logs.example/4711',
  };
  const { status, stderr } = own.run(['sh', '-e'], snippet('KernelCI', 'sh'), environment);
  expect(status, stderr).toBe(0);
  const submission = JSON.parse(own.read('kcidb.json'));
  expect(submission.tests).toMatchObject([
    { id: 'myci:4711', build_id: 'myci:12', status: expected === 1 ? 'FAIL' : 'PASS' },
  ]);
  expect(submission.incidents ?? []).toHaveLength(expected);
  expect(own.read('sent')).toContain('--data-binary @kcidb.json https://kcidb.example/submit');
});

describe('virtme-ng', () => {
  const script = snippet('virtme-ng', 'sh');

  test.each(both)('%s', (outcome, expected) => {
    const own = job(outcome);
    const { status, stdout, stderr } = own.run(['sh', '-e'], script);
    expect(status, stderr).toBe(expected);
    expect(stdout).toBe('');
    expect(stderr.startsWith(own.read('console'))).toBe(true);
    expect(own.read('serial.log')).toBe(own.read('console'));
    expect(stderr.includes('through letter, which is in %rax')).toBe(expected === 1);
  });

  test('a boot that ended early is not clean', () => {
    const own = job('healthy');
    writeFileSync(join(own.workspace, '..', 'console'), own.read('console').replace('all tests done\n', ''));
    expect(own.run(['sh', '-e'], script)).toMatchObject({ status: 3 });
  });
});

test.each(both)('tuxrun, %s', (outcome, expected) => {
  const own = job(outcome);
  const { status, stderr } = own.run(['sh', '-e'], snippet('tuxrun', 'sh'));
  expect(status, stderr).toBe(expected);
  expect(own.read('ktriage.xml')).toContain(`failures="${expected}"`);
});
