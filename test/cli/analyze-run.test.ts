import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runAnalyze } from '../../src/cli/run/analyze-run.ts';
import { runList } from '../../src/cli/run/list-run.ts';
import { crashReport, fileResult, inputFacts } from '../report/make.ts';
import { defaults, fakeEngine, fakeSession } from './fake.ts';

const crash = fileResult([crashReport()], { path: 'crash.log' });
const healthy = fileResult([], { path: 'healthy.log' });
const engine = fakeEngine({ 'crash.log': crash, 'healthy.log': healthy, '-': { ...crash, path: '-' } });
const load = async (): Promise<typeof engine> => engine;

describe('runAnalyze', () => {
  test('prints every input, tells what cannot be read, and ends with 2', async () => {
    const session = fakeSession();
    const code = await runAnalyze(['crash.log', 'gone.log', 'healthy.log'], undefined, defaults, session, load);
    expect(code).toBe(2);
    expect(session.stdout.text).toContain('A NULL pointer was dereferenced');
    expect(session.stdout.text).toContain('No crash in healthy.log');
    expect(session.stdout.text).toContain('2 inputs: 1 with crashes and 1 without.');
    expect(session.stderr.text).toBe(
      'error KT-INPUT-MISSING: cannot read gone.log\n  why: there is no such file\n  next: check the name\n',
    );
  });

  test('an input named twice is read once', async () => {
    const session = fakeSession();
    await runAnalyze(['crash.log', 'crash.log'], undefined, { ...defaults, format: 'json' }, session, load);
    expect(JSON.parse(session.stdout.text).files).toHaveLength(1);
  });

  test('reads standard input if nothing is named', async () => {
    const session = fakeSession();
    expect(await runAnalyze([], undefined, defaults, session, load)).toBe(1);
    expect(session.stdout.text).toContain('standard input: 1 incident');
  });

  test('jsonl has a line per report and nothing else', async () => {
    const session = fakeSession();
    await runAnalyze(['healthy.log', 'crash.log'], undefined, { ...defaults, format: 'jsonl' }, session, load);
    expect(session.stdout.text.trim().split('\n')).toHaveLength(1);
    expect(JSON.parse(session.stdout.text)).toMatchObject({ path: 'crash.log', kind: 'oops/null-deref' });
  });

  test('json stays a document when nothing could be read', async () => {
    const session = fakeSession();
    expect(await runAnalyze(['gone.log'], undefined, { ...defaults, format: 'json' }, session, load)).toBe(2);
    expect(JSON.parse(session.stdout.text)).toEqual({ schema: 'ktriage/report/v1', files: [] });
  });

  test('an interrupted run prints what was found so far and ends with 130', async () => {
    const session = fakeSession();
    const slow = {
      ...engine,
      async analyzeFile(_path: string, options: Parameters<typeof engine.analyzeFile>[1]): Promise<never> {
        options.onPartial?.(await engine.analyzeFile('crash.log', options));
        process.emit('SIGINT');
        throw options.signal?.reason;
      },
    };
    expect(await runAnalyze(['crash.log', 'healthy.log'], undefined, defaults, session, async () => slow)).toBe(130);
    expect(session.stdout.text).toContain('A NULL pointer was dereferenced');
    expect(session.stdout.text).not.toContain('healthy.log');
    expect(session.stderr.text).toBe('');
    expect(process.listenerCount('SIGINT')).toBe(0);
  });

  test('a mistake of ours is told as one and does not stop the rest', async () => {
    const session = fakeSession();
    const broken = {
      ...engine,
      analyzeFile: async (path: string): Promise<typeof healthy> => {
        if (path === 'crash.log') throw new TypeError('x is not a function');
        return healthy;
      },
    };
    expect(await runAnalyze(['crash.log', 'healthy.log'], undefined, defaults, session, async () => broken)).toBe(2);
    expect(session.stderr.text).toContain('error KT-INTERNAL: x is not a function');
    expect(session.stdout.text).toContain('No crash in healthy.log');
  });
});

describe('--output', () => {
  test('writes a file, without colours unless they are asked for', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ktriage-output-'));
    try {
      const file = join(folder, 'out.txt');
      const session = fakeSession({ env: {} });
      session.stdout.isTTY = true;
      expect(await runAnalyze(['crash.log'], file, defaults, session, load)).toBe(1);
      expect(session.stdout.text).toBe('');
      expect(readFileSync(file, 'utf8')).toMatch(/^crash\.log: 1 incident/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('never writes over an input, nor into nowhere', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ktriage-output-'));
    try {
      const file = join(folder, 'in.log');
      writeFileSync(file, 'precious');
      const unwritable = expect.objectContaining({ code: 'KT-OUTPUT-UNWRITABLE' });
      await expect(runAnalyze([file], file, defaults, fakeSession(), load)).rejects.toEqual(unwritable);
      expect(readFileSync(file, 'utf8')).toBe('precious');
      const nowhere = join(folder, 'none', 'out');
      await expect(runAnalyze(['crash.log'], nowhere, defaults, fakeSession(), load)).rejects.toEqual(unwritable);
      await expect(runAnalyze(['crash.log'], folder, defaults, fakeSession(), load)).rejects.toEqual(unwritable);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('runList', () => {
  const other = crashReport({
    signature: 'aaaaaaaaaaaaaaaa',
    title: 'WARNING in other',
    severity: 'warning',
    kind: 'warning/generic',
  });
  const files = {
    a: fileResult([crashReport({ repeats: 2 }), other], { path: 'a' }),
    b: fileResult([crashReport(), crashReport()], {
      path: 'b',
      incidents: [{ root: 0, follow: [{ report: 1, why: 'repeat' }], ending: [], boot: 0 }],
    }),
    none: fileResult([], { path: 'none', input: { ...inputFacts, kernelLines: false } }),
  };
  const listing = async (): Promise<ReturnType<typeof fakeEngine>> => fakeEngine(files);

  test('has a row per signature, worst first', async () => {
    const session = fakeSession();
    expect(await runList(['a', 'b'], undefined, defaults, session, listing)).toBe(1);
    expect(session.stdout.text).toBe(
      [
        'COUNT  SEVERITY  CRASH',
        '    5  error     BUG: unable to handle kernel NULL pointer dereference in',
        '                 frob_read',
        '                 oops/null-deref 0123456789abcdef, first a:100, 2 inputs',
        '    1  warning   WARNING in other',
        '                 warning/generic aaaaaaaaaaaaaaaa, first a:100',
        '',
      ].join('\n'),
    );
  });

  test('as JSON', async () => {
    const session = fakeSession();
    await runList(['a', 'b'], undefined, { ...defaults, format: 'json' }, session, listing);
    expect(JSON.parse(session.stdout.text)).toMatchObject([
      { signature: '0123456789abcdef', count: 5, files: 2, firstPath: 'a', firstLine: 100 },
      { signature: 'aaaaaaaaaaaaaaaa', count: 1, files: 1 },
    ]);
  });

  test('nothing found, and an input that no kernel wrote', async () => {
    const session = fakeSession();
    expect(await runList(['none'], undefined, defaults, session, listing)).toBe(3);
    expect(session.stdout.text).toBe('No crash found.\n');
    expect(session.stderr.text).toContain('nothing in none was printed by a kernel');
  });
});
