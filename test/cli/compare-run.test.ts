import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/cli/engine.ts';
import { runAnalyze } from '../../src/cli/run/analyze-run.ts';
import { runCompare } from '../../src/cli/run/compare-run.ts';
import { openPolicy } from '../../src/cli/run/open-policy.ts';
import { runCall } from '../../src/cli/run-call.ts';
import type { FileResult } from '../../src/model/document.ts';
import { JsonDocumentWriter } from '../../src/report/json.ts';
import { crashReport, fileResult, inputFacts } from '../report/make.ts';
import { defaults, fakeEngine, fakeSession } from './fake.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-compare-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

function document(...files: readonly FileResult[]): string {
  const writer = new JsonDocumentWriter();
  return [...writer.begin(), ...files.flatMap((each) => [...writer.file(each)]), ...writer.end()].join('');
}

const incidents = [{ root: 0, follow: [], ending: [], boot: 0 }];
const crashed = fileResult([crashReport()], { incidents });
const other = crashReport({
  signature: 'f'.repeat(16),
  title: 'WARNING in other',
  altTitles: [],
  kind: 'warning/generic',
  severity: 'warning',
  frame: 'other',
  culprit: { function: 'other', passed: [] },
  frames: [],
});
const warned = fileResult([other], { incidents });
const foreign = fileResult([], { input: { ...inputFacts, kernelLines: false } });
const settings = { ...defaults, failOn: 'new', exitZero: false };

async function compare(old: readonly string[], run: string, more: object = {}) {
  const session = fakeSession();
  const code = await runCompare(old, run, undefined, { ...settings, ...more }, session);
  return { code, out: session.stdout.text, err: session.stderr.text };
}

describe('ktriage compare', () => {
  const old = file('old.json', document(crashed));

  test('documents', async () => {
    expect(await compare([old], file('same.json', document(crashed)))).toMatchObject({ code: 0, err: '' });
    const { code, out } = await compare([old], file('new.json', document(warned)));
    expect(code).toBe(1);
    expect(out).toContain('1 new and 1 gone');
    expect((await compare([old], join(folder, 'new.json'), { failOn: 'error' })).code).toBe(0);
    expect((await compare([old], join(folder, 'new.json'), { exitZero: true })).code).toBe(0);
    expect(JSON.parse((await compare([old], join(folder, 'new.json'), { format: 'json' })).out).counts).toEqual({
      new: 1,
      changed: 0,
      same: 0,
      gone: 1,
    });
  });

  test('a folder is as many runs as it has, in the order of their names', async () => {
    file('runs/run-10.json', document(warned));
    file('runs/run-9.json', document(crashed));
    file('runs/notes.txt', 'nothing of a kernel\n');
    file('runs/cut.json', document(crashed).slice(0, 400));
    const { code, out, err } = await compare([join(folder, 'runs')], file('run-11.json', document(crashed, warned)));
    expect(code).toBe(0);
    expect(out).toContain('against 2 earlier runs: 2 the same.');
    expect(err).toContain('runs/cut.json');
    expect(err).not.toContain('notes.txt');
  });

  test('what cannot be compared with is refused', async () => {
    const code = 'KT-BASELINE';
    for (const content of [
      document(crashed).slice(0, 400),
      '{"schema":"ktriage/live/v1"}',
      'no log\n',
      '{"schema":"ktriage/report/v1"}',
    ])
      await expect(compare([file('bad.json', content)], old)).rejects.toMatchObject({ code });
    await expect(compare([join(folder, 'gone')], old)).rejects.toMatchObject({ code: 'KT-INPUT-MISSING' });
  });

  test('what is empty is called so, and what one run has read is not there for the other', async () => {
    const empty = file('empty.log', '');
    await expect(compare([empty], old)).rejects.toMatchObject({ code: 'KT-BASELINE', why: 'it is empty' });
    expect((await compare([old], empty)).out).toContain('empty.log is empty');
    const session = fakeSession();
    expect(await runCall(['compare', '-', '-'], session)).toBe(2);
    expect(session.stderr.text).toContain('error KT-USAGE: standard input is named twice');
  });

  test('a new run that nobody can vouch for', async () => {
    const empty = file('empty.json', document(foreign));
    expect(await compare([old], empty)).toMatchObject({ code: 3 });
    expect((await compare([old], empty)).out).toContain('may lack crashes');
    expect((await compare([old], file('text.log', 'no log\n'))).code).toBe(3);
    // A first baseline is of no input; a run that is has nothing to say.
    const none = file('none.json', document());
    expect(await compare([old], none)).toMatchObject({ code: 3 });
    expect((await compare([old], none)).out).toContain('is of no input');
    expect((await compare([none], old)).code).toBe(1);
    const broken = file('broken.json', '{"schema":"ktriage/report/v1","files":[[]]}');
    expect(await compare([old], broken)).toMatchObject({ code: 3 });
  });

  test('in a CI, nothing of a document is a command', async () => {
    const hostile = fileResult([crashReport({ title: '##[add-mask]x', altTitles: [] })], {
      path: '::error::x',
      incidents,
    });
    const session = fakeSession({ env: { GITHUB_ACTIONS: 'true' } });
    await runCompare([file('hostile.json', document(hostile))], old, undefined, settings, session);
    expect(session.stdout.text).toContain('add-mask');
    expect(session.stdout.text).not.toMatch(/##\[|^\s*::/m);
  });

  test('kinds that do not exist are told before anything is read', async () => {
    await expect(compare([old], old, { failOn: 'oops/nil' })).rejects.toMatchObject({ code: 'KT-USAGE' });
  });
});

describe('analyze with what is known', () => {
  const baseline = file('baseline.json', document(crashed));
  const analyze = async (result: FileResult, policy: object, more: object = {}) => {
    const session = fakeSession();
    const engine = fakeEngine({ 'boot.log': result }, (options) => options.onBytes?.(Buffer.from('x\ndone\n')));
    const expandInputs: typeof engine.expandInputs = async (args) => args;
    const code = await runAnalyze(
      ['boot.log'],
      undefined,
      { ...settings, ...more },
      session,
      async () => ({ ...engine, expandInputs }),
      {},
      { policy },
    );
    return { code, out: session.stdout.text, err: session.stderr.text };
  };

  test('what an earlier run had is known, what it had not is new', async () => {
    expect(await analyze(crashed, { baseline: [baseline] })).toMatchObject({ code: 0, err: '' });
    const fresh = await analyze(warned, { baseline: [baseline] });
    expect(fresh.code).toBe(1);
    expect(fresh.out).toContain('New: not in the earlier run.');
    expect(fresh.err).toContain('1 crash of 1 earlier run is not here: BUG: unable');
  });

  test('without a baseline all is new, and that is told', async () => {
    const { code, err } = await analyze(crashed, {});
    expect(code).toBe(1);
    expect(err).toContain('there is no --baseline');
  });

  test('known issues, forbidden lines, the end mark', async () => {
    const known = file('known.json', '{"issues":[{"culprit":"frob_read","reason":"r","expires":"never"}]}');
    expect((await analyze(crashed, { knownIssues: [known] }, { failOn: 'warning' })).code).toBe(0);
    expect((await analyze(crashed, { expectEnd: '^done$' }, { failOn: 'none' })).code).toBe(0);
    expect((await analyze(crashed, { expectEnd: '^over$' }, { failOn: 'none' })).code).toBe(3);
    expect((await analyze(fileResult([]), { deny: [file('deny', 'd.ne')] })).code).toBe(1);
    await expect(analyze(crashed, { deny: [file('empty', '# nothing\n')] })).rejects.toMatchObject({
      code: 'KT-PATTERN',
    });
  });

  test('--tests without the output that it is for is refused', async () => {
    await expect(analyze(crashed, { tests: known() })).rejects.toMatchObject({ code: 'KT-USAGE' });
    expect((await analyze(crashed, { tests: known() }, { format: 'junit' })).out).toContain('<testcase name="t"/>');
    const bad = file('bad.xml', '<html/>');
    await expect(analyze(crashed, { tests: bad }, { format: 'junit' })).rejects.toMatchObject({ code: 'KT-TESTS' });
  });

  const known = (): string => file('tests.xml', '<testsuites><testsuite><testcase name="t"/></testsuite></testsuites>');
});

test('what became of known issues is told', async () => {
  const path = file(
    'many.json',
    JSON.stringify({
      issues: [
        { culprit: 'a', reason: 'r', expires: '2026-01-01' },
        { culprit: 'b', reason: 'r', expires: 'never' },
        { culprit: 'frob_read', reason: 'r', expires: '2026-11-20' },
      ],
    }),
  );
  const session = fakeSession();
  const engine = await loadEngine();
  const now = new Date('2026-11-20T23:59:00Z');
  const open = await openPolicy({ knownIssues: [path] }, engine, session, { verbose: false, now });
  open?.policy.file(crashed);
  open?.tell();
  expect(session.stderr.text.replaceAll(path, 'many.json')).toBe(
    'note: many.json, entry 1 (culprit a) expired after 2026-01-01: nothing fits it\n' +
      'note: known issues that fit nothing here (1 of 3): many.json, entry 2 (culprit b)\n',
  );
});
