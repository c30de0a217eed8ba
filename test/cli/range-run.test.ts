import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runAnalyze } from '../../src/cli/run/analyze-run.ts';
import { noGit, Repository } from '../ownership/repository.ts';
import { crashReport, fileResult, frame } from '../report/make.ts';
import { defaults, fakeEngine, fakeSession } from './fake.ts';

const base = mkdtempSync(join(tmpdir(), 'ktriage-range-run-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { source: { file: 'frob.c', line: 3 } })];
const crash = fileResult([crashReport({ frames, stacks: [], registers: [] })], { path: 'crash.log' });
const engine = fakeEngine({ 'crash.log': crash });
const load = async (): Promise<typeof engine> => engine;
const range = { good: 'good', bad: 'HEAD' };

if (noGit !== undefined) console.warn(`tests of ranges are skipped: ${noGit}`);

describe('runAnalyze with a range', { timeout: 30_000 }, () => {
  test('wants a folder to look in', async () => {
    const run = runAnalyze(['crash.log'], undefined, defaults, fakeSession(), load, {}, { range });
    await expect(run).rejects.toMatchObject({ code: 'KT-USAGE', message: '--range needs --source' });
  });

  test.skipIf(noGit !== undefined)('tells suspects, as text and in JSON', async () => {
    const at = new Repository(join(base, 'checkout'));
    at.commit('frob: add it', { 'frob.c': 'int frob_read(struct frob *p)\n{\n\treturn 0;\n}\n' });
    at.git('tag', 'good');
    const bad = at.commit('frob: read it', { 'frob.c': 'int frob_read(struct frob *p)\n{\n\treturn p->size;\n}\n' });
    const flags = [load, { source: [at.path] }, { range }] as const;
    const text = fakeSession();
    expect(await runAnalyze(['crash.log'], undefined, defaults, text, ...flags)).toBe(1);
    expect(text.stdout.text).toContain(`Possibly: ${bad.slice(0, 12)} ("frob: read it")`);
    const json = fakeSession();
    await runAnalyze(['crash.log'], undefined, { ...defaults, format: 'json' }, json, ...flags);
    expect(JSON.parse(json.stdout.text).files[0].incidents[0].suspects.commits[0].commit).toBe(bad);
  });

  test.skipIf(noGit !== undefined)('tells none where nothing is wrong', async () => {
    const at = new Repository(join(base, 'healthy'));
    at.commit('a', { 'frob.c': 'a\n' });
    at.git('tag', 'good');
    at.commit('b', { 'frob.c': 'b\n' });
    const healthy = fakeEngine({ 'healthy.log': fileResult([], { path: 'healthy.log' }) });
    const session = fakeSession();
    const flags = { range };
    await runAnalyze(['healthy.log'], undefined, defaults, session, async () => healthy, { source: [at.path] }, flags);
    expect(session.stdout.text).not.toContain('Suspects');
  });
});
