import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { flagInputs, ownInputs, variableOf } from '../src/cli/action/inputs.ts';
import { buildProgram } from '../src/cli/program.ts';
import { fakeSession } from './cli/fake.ts';
import { ensureBuilt, plainEnvironment, projectRoot } from './helpers/built.ts';
import { copyFresh, isClone } from './helpers/fresh-copy.ts';
import { action, readOutputs, runAction } from './helpers/github-runner.ts';

// A folder with a name that no shell may take apart.
const folder = mkdtempSync(join(tmpdir(), 'ktriage-action-'));
const workspace = join(folder, `it's a "work" $(touch owned) space`);
// Whole checkouts with their packages are in it.
afterAll(() => rmSync(folder, { recursive: true, force: true }), 120_000);

beforeAll(() => {
  ensureBuilt();
  const samples = join(projectRoot, 'samples');
  mkdirSync(workspace);
  for (const name of ['ktsample-null-x86-64.log', 'ktsample-warn-x86-64.log', 'healthy-boot.log'])
    cpSync(join(samples, name), join(workspace, name));
  cpSync(join(samples, 'modules'), join(workspace, 'modules'), { recursive: true });
  cpSync(join(samples, 'ktsample'), join(workspace, 'src'), { recursive: true });
}, 120_000);

const crashLog = 'ktsample-null-x86-64.log';
const sample = (name: string): string => readFileSync(join(projectRoot, 'samples', name), 'utf8');

describe('action.yml', () => {
  const { inputs, runs } = action;

  test('is a composite action whose scripts have no word of an input in them', () => {
    expect(runs.using).toBe('composite');
    for (const step of runs.steps) {
      expect(step.shell).toBe('bash');
      // What stands in braces is put into the text before a shell reads it.
      expect(step.run, step.name).not.toContain('${{');
    }
    expect(runs.steps.map(({ run }) => run).join('')).not.toMatch(/\beval\b|\$INPUT_/);
  });

  test('hands each input to the step in a variable of its own', () => {
    const handed = runs.steps.find(({ id }) => id === 'run')?.env ?? {};
    const names = [...Object.keys(flagInputs), ...Object.keys(ownInputs)];
    expect(handed).toEqual(Object.fromEntries(names.map((name) => [variableOf(name), `\${{ inputs.${name} }}`])));
    expect(Object.keys(inputs).sort()).toEqual([...names, 'working-directory'].sort());
    expect(
      Object.entries(inputs)
        .filter(([, { required }]) => required)
        .map(([name]) => name),
    ).toEqual(['logs']);
  });

  /** Flags of analyze that are no inputs, and why. */
  const leftOut: Readonly<Record<string, string>> = {
    output: 'report does it',
    color: 'the runner has no terminal',
    'no-pager': 'the runner has no terminal',
    'exit-zero': 'the action does it itself, to know what came of the run all the same',
  };

  test('has the flags of analyze as inputs, each as the flag is', () => {
    const analyze = buildProgram(fakeSession()).commands.find((command) => command.name() === 'analyze');
    const flags = new Map(analyze?.options.map((option) => [option.long?.slice(2) ?? '', option]));
    for (const [name, form] of Object.entries(flagInputs)) {
      const option = flags.get(name);
      expect(option, `--${name}`).toBeDefined();
      expect(option?.required ?? false, `--${name} takes a value`).toBe(form !== 'switch');
      expect(option?.description.includes('can be repeated') ?? false, `--${name} can be repeated`).toBe(
        form === 'list',
      );
    }
    expect([...flags.keys()].filter((name) => flagInputs[name] === undefined).sort()).toEqual(
      Object.keys(leftOut).sort(),
    );
  });
});

describe('a step of a workflow', () => {
  test('annotates the source line, writes the summary and reports, and fails for the crash', () => {
    const result = runAction(
      {
        logs: `${crashLog}\nktsample-warn-x86-64.log\n`,
        modules: 'modules\n',
        source: 'src',
        report: 'sarif=out file.sarif\njunit=out.xml\n',
      },
      workspace,
    );
    expect(result.status).toBe(1);
    expect(result.stderr).toBe('');
    expect(result.stdout).toContain('letter_postage() (inlined into ktsample_postage()');
    const [error, warning] = result.commands;
    expect(error).toMatchObject({ name: 'error', properties: { file: 'src/faults.c', line: '39' } });
    expect(warning?.name).toBe('warning');
    expect(result.commands).toHaveLength(2);
    expect(existsSync(join(workspace, error?.properties.file ?? ''))).toBe(true);
    expect(result.summary).toContain('ktsample_postage');
    expect(result.outputs).toMatchObject({
      verdict: 'crash',
      'exit-code': '1',
      crashes: '2',
      fatal: '0',
      errors: '1',
      warnings: '1',
      new: '2',
      known: '0',
      denied: '0',
      signatures: 'a8bb12f883e75bbc e7a8456dcb7ee417',
      files: [join(workspace, 'out file.sarif'), join(workspace, 'out.xml')].join('\n'),
    });
    expect(JSON.parse(readFileSync(result.outputs.json ?? '', 'utf8')).files).toHaveLength(2);
    expect(JSON.parse(readFileSync(join(workspace, 'out file.sarif'), 'utf8')).version).toBe('2.1.0');
    expect(readFileSync(join(workspace, 'out.xml'), 'utf8')).toContain('<failure ');
  });

  test('passes a healthy boot', () => {
    const result = runAction({ logs: 'healthy-boot.log' }, workspace);
    expect(result).toMatchObject({
      status: 0,
      commands: [],
      outputs: { verdict: 'clean', crashes: '0', signatures: '' },
    });
    expect(result.summary).not.toBe('');
  });

  test('is never clean for a log that nobody can vouch for', () => {
    writeFileSync(join(workspace, 'empty.log'), '');
    const result = runAction({ logs: 'empty.log' }, workspace);
    expect(result).toMatchObject({ status: 3, outputs: { verdict: 'unvouched', 'exit-code': '3' } });
    expect(result.commands).toMatchObject([{ name: 'warning' }]);
    const cut = runAction({ logs: 'healthy-boot.log', 'expect-end': '^all tests done$' }, workspace);
    expect(cut).toMatchObject({ status: 3, outputs: { verdict: 'unvouched', crashes: '0' } });
  });

  test('passes whatever is found with exit-zero, and says what it was', () => {
    const result = runAction({ logs: crashLog, 'exit-zero': 'true' }, workspace);
    expect(result).toMatchObject({ status: 0, outputs: { verdict: 'crash', 'exit-code': '1', crashes: '1' } });
    expect(result.commands).toMatchObject([{ name: 'error' }]);
  });

  test('passes what a baseline or a list of known issues has, and counts it', () => {
    const same = runAction({ logs: crashLog, baseline: crashLog, 'fail-on': 'new' }, workspace);
    expect(same).toMatchObject({ status: 0, outputs: { verdict: 'clean', crashes: '1', new: '0', known: '0' } });
    writeFileSync(join(workspace, 'allow list'), '# ours\nNULL pointer dereference\n');
    const known = runAction({ logs: `${crashLog}\nktsample-warn-x86-64.log`, 'known-issues': 'allow list' }, workspace);
    expect(known).toMatchObject({ status: 1, outputs: { crashes: '2', new: '1', known: '1' } });
  });

  test('counts lines that must not be there', () => {
    writeFileSync(join(workspace, 'deny'), 'Linux version\n');
    const result = runAction({ logs: 'healthy-boot.log', deny: 'deny' }, workspace);
    expect(result).toMatchObject({ status: 1, outputs: { verdict: 'crash', crashes: '0', denied: '1' } });
  });

  test('leaves annotations and summary out where they are not wanted', () => {
    const neither = runAction({ logs: crashLog, annotate: 'false', summary: 'false' }, workspace);
    expect(neither).toMatchObject({ status: 1, commands: [], summary: '' });
    const summary = runAction({ logs: crashLog, annotate: 'false' }, workspace);
    expect(summary.commands).toEqual([]);
    expect(summary.summary).toContain('ktsample_postage');
    const annotations = runAction({ logs: crashLog, summary: 'false' }, workspace);
    expect(annotations.summary).toBe('');
    expect(annotations.commands).toHaveLength(1);
  });

  test('works in another folder of the job', () => {
    const sub = join(workspace, 'a b');
    mkdirSync(sub, { recursive: true });
    cpSync(join(workspace, crashLog), join(sub, 'serial.log'));
    const result = runAction({ logs: 'serial.log', 'working-directory': 'a b', report: 'gcc=x.txt' }, workspace);
    expect(result.commands).toMatchObject([{ properties: { file: 'a b/serial.log', line: '45' } }]);
    expect(result.outputs.files).toBe(join(sub, 'x.txt'));
  });
});

describe('a job that is cancelled', () => {
  const hasPipes = spawnSync('mkfifo', [join(folder, 'probe')]).status === 0;

  test.skipIf(!hasPipes)('hands on what was found until then', { timeout: 60_000 }, async () => {
    const temp = join(folder, 'cancelled');
    mkdirSync(temp);
    const pipe = join(temp, 'console');
    spawnSync('mkfifo', [pipe]);
    // Open for both, so that nobody waits for the other end, and it has none.
    const end = openSync(pipe, 'r+');
    writeSync(end, sample(crashLog));
    const step = action.runs.steps.find(({ id }) => id === 'run');
    const output = join(temp, 'output');
    const variables = { GITHUB_ACTION_PATH: projectRoot, GITHUB_OUTPUT: output, RUNNER_TEMP: temp, INPUT_LOGS: pipe };
    const env = { ...plainEnvironment(), GITHUB_ACTIONS: 'true', ...variables };
    const child = spawn('bash', ['-e', '-c', step?.run ?? ''], { env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const isReading = (): boolean => readdirSync(temp).some((name) => existsSync(join(temp, name, 'report.json')));
    for (let waited = 0; !isReading() && waited < 30_000; waited += 50) await delay(50);
    await delay(500);
    // The console goes on: what waits for a pipe that says nothing cannot be woken.
    const more = setInterval(() => writeSync(end, '[  999.000000] and on\n'), 50);
    // The runner signals the shell alone.
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
    clearInterval(more);
    closeSync(end);
    expect(readOutputs(readFileSync(output, 'utf8'))).toMatchObject({ verdict: 'interrupted', 'exit-code': '130' });
  });
});

describe('hostile inputs', () => {
  const names = [
    "it's.log",
    'a b.log',
    '$(touch owned).log',
    '`touch owned`.log',
    '"; touch owned; ".log',
    '--exit-zero',
    '-',
    '::error::x.log',
    '##[error]x.log',
  ];

  test('whatever a log is called, it is read as a log', () => {
    for (const name of names) writeFileSync(join(workspace, name), sample(crashLog));
    const result = runAction({ logs: names.join('\n') }, workspace);
    expect(result.status).toBe(1);
    expect(result.commands).toMatchObject([{ name: 'error', properties: { line: '45' } }]);
    expect(result.stdout + result.stderr).not.toMatch(/##\[error/);
    const { files } = JSON.parse(readFileSync(result.outputs.json ?? '', 'utf8'));
    expect(files.map(({ path }: { path: string }) => path)).toEqual(names.map((name) => (name === '-' ? './-' : name)));
    for (const name of names) rmSync(join(workspace, name));
  });

  test('a name with a line feed in it is one name', () => {
    const result = runAction({ logs: crashLog, vmlinux: 'a\n::error::b' }, workspace);
    expect(result.commands.filter(({ message }) => message === 'b')).toEqual([]);
    expect(existsSync(join(workspace, 'owned'))).toBe(false);
  });

  test('what is no log is told, with no command of its own', () => {
    const result = runAction({ logs: '::error::gone\n##[error]gone' }, workspace);
    expect(result).toMatchObject({ status: 2, outputs: { verdict: 'error', crashes: '', new: '', json: '' } });
    expect(result.stdout + result.stderr).not.toMatch(/##\[error/);
    expect(result.commands.filter(({ message }) => message === 'gone')).toEqual([]);
  });

  test.each([
    [{ logs: ' \n' }, 'the input logs names no log'],
    [{ logs: crashLog, annotate: 'perhaps\n::error::owned' }, 'the input annotate is neither true nor false'],
  ])('%j is a mistake of the workflow', (inputs, words) => {
    const result = runAction(inputs, workspace);
    expect(result).toMatchObject({ status: 2, outputs: { verdict: 'error', 'exit-code': '2', crashes: '' } });
    expect(result.stderr).toContain('error KT-USAGE');
    expect(result.commands).toHaveLength(1);
    expect(result.commands[0]?.message).toContain(words);
  });

  test.each([{ 'fail-on': 'everything' }, { report: 'nothing' }, { kaslr: 'x\ny' }, { limit: '-1' }])(
    '%j is refused by the program, and annotated',
    (inputs) => {
      const result = runAction({ logs: crashLog, ...inputs }, workspace);
      expect(result).toMatchObject({ status: 2, outputs: { verdict: 'error', crashes: '' } });
      expect(result.stderr).toContain('error KT-USAGE');
      expect(result.commands).toMatchObject([{ name: 'error', properties: { title: 'ktriage' } }]);
    },
  );

  test('a report of an earlier step is none of a step that wrote none', () => {
    writeFileSync(join(workspace, 'earlier.xml'), '');
    const result = runAction({ logs: crashLog, report: 'junit=earlier.xml', limit: '-1' }, workspace);
    expect(result).toMatchObject({ status: 2, outputs: { files: '' } });
    rmSync(join(workspace, 'earlier.xml'));
  });

  test.each(['RUNNER_TEMP', 'GITHUB_OUTPUT'])(
    '%s that leads nowhere is told, and nobody takes it for a crash',
    (name) => {
      const step = [join(projectRoot, 'dist', 'cli', 'action', 'main.js')];
      const env = plainEnvironment({
        KTRIAGE_CACHE: 'off',
        INPUT_LOGS: crashLog,
        RUNNER_TEMP: folder,
        [name]: '/nonexistent/x',
      });
      const { status, stderr } = spawnSync(process.execPath, step, { cwd: workspace, env, encoding: 'utf8' });
      expect([status, stderr]).toEqual([
        2,
        expect.stringContaining(`KT-OUTPUT-UNWRITABLE: cannot write to /nonexistent/x`),
      ]);
      expect(stderr).not.toContain('    at ');
    },
  );

  test('nothing of all that was run', () => {
    for (const path of [workspace, folder, projectRoot]) expect(existsSync(join(path, 'owned'))).toBe(false);
  });
});

describe('the build', () => {
  test('says what is missing where Node is too old', () => {
    const bin = join(folder, 'old');
    mkdirSync(bin);
    writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    const result = runAction({ logs: crashLog }, workspace, { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(result).toMatchObject({ status: 2, outputs: { verdict: '' } });
    expect(result.commands[0]?.message).toContain('Node 20.19');
  });

  // Needs git, and npm's registry or its cache.
  test.skipIf(!isClone)('happens in the checkout of the action, once', { timeout: 300_000 }, () => {
    const actionPath = join(folder, `an 'action'`);
    copyFresh(actionPath);
    // A job that is told so would be without what builds.
    const env = {
      HOME: process.env.HOME ?? '',
      NODE_ENV: 'production',
      npm_config_prefer_offline: 'true',
    };
    const first = runAction({ logs: crashLog }, workspace, { actionPath, env });
    expect(first, first.stdout + first.stderr).toMatchObject({
      status: 1,
      outputs: { verdict: 'crash', crashes: '1' },
    });
    expect(first.commands.map(({ name }) => name)).toEqual(['group', 'endgroup', 'error']);
    const second = runAction({ logs: crashLog }, workspace, { actionPath, env });
    expect(second.commands.map(({ name }) => name)).toEqual(['error']);
  });
});
