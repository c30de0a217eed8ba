import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { noReports, type ReportFlags, type ReportTarget } from '../../src/cli/report-flags.ts';
import type { LiveFlags } from '../../src/cli/run/live-flags.ts';
import { checkFlags, sortWords } from '../../src/cli/run/live-flags.ts';
import { type LiveParts, loadLiveParts } from '../../src/cli/run/live-parts.ts';
import { runLive } from '../../src/cli/run/live-run.ts';
import type { Attachment, AttachOptions } from '../../src/live/attach.ts';
import type { SurveyOptions } from '../../src/live/live.ts';
import type { Target } from '../../src/live/targets/target.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { SnapshotMachine } from '../../src/machine/snapshot/snapshot-machine.ts';
import type { LiveDocument, LiveOutcome } from '../../src/model/live.ts';
import { runFormatNames } from '../../src/model/output-formats.ts';
import { logOfLines, silentHang } from '../analyze/hang/make.ts';
import { fullDocument } from '../report/live-document.ts';
import { defaults, fakeSession } from './fake.ts';

const plain: LiveFlags = { isHeld: false, isLeftRunning: false, isWaiting: false, goesOn: false, breaks: [] };

const to = (...reports: readonly ReportTarget[]): ReportFlags => ({ ...noReports, reports });

function machineOf(): Machine {
  return new SnapshotMachine({
    name: 'made up',
    architecture: 'x86_64',
    cpus: [
      { id: 0, thread: '1' },
      { id: 1, thread: '2' },
    ],
    wasRunning: true,
    stoppedMilliseconds: 12,
    canReadPhysical: true,
    memory: undefined,
    registers: new Map([[0, { rip: 1n }]]),
    info: new Map(),
    pages: new Map(),
  });
}

/** The real parts, but for the machine and what is found in it. */
async function fakeParts(
  outcome: LiveOutcome = 'broken',
  survey?: (machine: Machine, options: SurveyOptions) => Promise<LiveDocument>,
) {
  const seen: { target?: Target; options?: AttachOptions; closed: number } = { closed: 0 };
  const real = await loadLiveParts();
  const parts: LiveParts = {
    ...real,
    async attach(target, options): Promise<Attachment> {
      seen.target = target;
      seen.options = options;
      const close = async (): Promise<void> => void seen.closed++;
      return { machine: machineOf(), notes: ['a note'], close, abandon: () => undefined };
    },
    survey:
      survey ??
      (async (machine, options) => {
        await machine.registers(0);
        await options.letGo();
        return { ...fullDocument, outcome, target: options.target };
      }),
  };
  return { parts, seen };
}

async function run(words: readonly string[], more: Partial<LiveFlags> = {}, outcome?: LiveOutcome, settings = {}) {
  const { parts, seen } = await fakeParts(outcome);
  const session = fakeSession();
  const load = async (): Promise<LiveParts> => parts;
  const code = await runLive(words, { ...plain, ...more }, { ...defaults, ...settings }, session, {}, load);
  return { code, session, seen };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-live-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('sortWords', () => {
  test.each([
    [[], { target: ':1234', isNamed: false, args: [] }],
    [[':5'], { target: ':5', isNamed: true, args: [] }],
    [['tasks'], { target: ':1234', args: [] }],
    [['tasks', 'vng'], { target: 'vng', args: [] }],
    [['qmp:/q', 'tasks'], { target: 'qmp:/q', args: [] }],
    [['read', 'init_task', '64', ':5'], { target: ':5', args: ['init_task', '64'] }],
    [['read', 'init_task', '64'], { target: ':1234', args: ['init_task', '64'] }],
    [['read', 'init_task', ':5'], { target: ':5', args: ['init_task'] }],
    [['1234', 'cpu', '0'], { target: '1234', args: ['0'] }],
    [['cpu', '0', '1234'], { target: '1234', args: ['0'] }],
  ])('finds the target in %j', (words, sorted) => {
    expect(sortWords(words)).toMatchObject(sorted);
  });

  test.each([
    [['task'], /did you mean ktriage live tasks\?/],
    [[':1', ':2'], /see ktriage live --help/],
    [['cpu'], /see ktriage live --help/],
    [['tasks', ':1', ':2'], /see ktriage live --help/],
  ])('refuses %j', (words, hint) => {
    expect(() => sortWords(words)).toThrow(
      expect.objectContaining({ code: 'KT-USAGE', hint: expect.stringMatching(hint) }),
    );
  });
});

describe('checkFlags', () => {
  test.each<[string, Partial<LiveFlags>, string[]]>([
    ['--from beside a target', { from: 'a' }, [':1']],
    ['--from --wait', { from: 'a', isWaiting: true }, []],
    ['--from --hold', { from: 'a', isHeld: true }, []],
    ['--report of a view', { reports: to({ format: 'json', file: 'a' }) }, ['tasks']],
    ['--annotate of a view', { reports: { ...noReports, isAnnotated: true } }, ['tasks']],
    ['--known-issues of a view', { policy: { knownIssues: ['a'] } }, ['tasks']],
    ['--range of a view', { range: { good: 'a', bad: 'b' } }, ['tasks']],
    ['--format sarif of a view', { format: 'sarif' }, ['tasks']],
    ['--continue alone', { goesOn: true }, []],
    ['--wait for a view', { isWaiting: true }, ['tasks']],
    ['--wait --no-stop', { isWaiting: true, isLeftRunning: true }, []],
    ['--timeout alone', { timeoutSeconds: 1 }, []],
    ['--watch-console alone', { watchConsole: 'a' }, []],
    ['--watch-console --wait', { watchConsole: 'a', timeoutSeconds: 1, isWaiting: true }, []],
  ])('refuses %s', (_what, flags, words) => {
    expect(() => checkFlags({ ...plain, ...flags }, sortWords(words))).toThrow(
      expect.objectContaining({ code: 'KT-USAGE' }),
    );
  });
});

describe('runLive', () => {
  test.each<[LiveOutcome, object, number]>([
    ['broken', {}, 1],
    ['healthy', {}, 0],
    ['unclear', {}, 3],
    ['broken', { exitZero: true }, 0],
    ['broken', { failOn: 'none' }, 0],
  ])('ends of what is %s, %j, with %i', async (outcome, settings, expected) => {
    const { code, seen } = await run([], {}, outcome, settings);
    expect(code).toBe(expected);
    expect(seen.closed).toBeGreaterThan(0);
  });

  test('hands on where the machine is, and tells notes', async () => {
    const { seen, session } = await run(['qmp:/q'], { isHeld: true, qmp: '/m' });
    expect(seen.target).toEqual({ kind: 'qmp', endpoint: { kind: 'unix', path: '/q' } });
    expect(seen.options).toMatchObject({ isHeld: true, qmp: { kind: 'unix', path: '/m' } });
    expect(session.stderr.text).toBe('note: a note\n');
    expect(session.stdout.text).toMatch(/^broken: /);
    expect(session.stdout.text).toMatch(/It stood still for 12 ms, and is left stopped\.\n$/);
  });

  test('prints JSON, and lines of it', async () => {
    const json = await run([], {}, 'broken', { format: 'json' });
    expect(JSON.parse(json.session.stdout.text)).toMatchObject({
      schema: 'ktriage/live/v1',
      target: ':1234',
      stoppedMs: 12,
      isLeftRunning: true,
    });
    const lines = await run([], {}, 'broken', { format: 'jsonl' });
    expect(lines.session.stdout.text.trim().split('\n')).toHaveLength(1);
  });

  test('writes files beside what it prints, all before the machine is stopped', async () => {
    const reports = to(
      { format: 'json', file: join(folder, 'live.json') },
      { format: 'text', file: join(folder, 'live.txt') },
    );
    const { session, code } = await run([], { reports });
    expect(code).toBe(1);
    expect(JSON.parse(readFileSync(join(folder, 'live.json'), 'utf8')).schema).toBe('ktriage/live/v1');
    expect(readFileSync(join(folder, 'live.txt'), 'utf8')).toBe(session.stdout.text);
    await expect(run([], { reports: to({ format: 'json', file: join(folder, 'gone', 'x') }) })).rejects.toMatchObject({
      code: 'KT-OUTPUT-UNWRITABLE',
      hint: 'choose another place with --report json=FILE',
    });
  });

  describe('as reports', () => {
    /** `ktriage live` on a made-up guest that hangs without a word. */
    async function runOn(document: LiveDocument, more: Partial<LiveFlags>, settings = {}, env = {}) {
      const { parts } = await fakeParts('broken', async (_machine, options) => {
        await options.letGo();
        return { ...document, target: options.target };
      });
      const session = fakeSession({ env });
      const load = async (): Promise<LiveParts> => parts;
      const code = await runLive([':7'], { ...plain, ...more }, { ...defaults, ...settings }, session, {}, load);
      return { code, stdout: session.stdout.text, stderr: session.stderr.text };
    }
    const title = 'BUG: unable to handle kernel NULL pointer dereference in frob_poll';

    test('takes every format of analyze, on standard output and in files', async () => {
      const kcidb = { origin: 'myci', testId: 'myci:1' };
      for (const format of runFormatNames) {
        const file = join(folder, `live.${format}`);
        const reports = { ...to({ format, file }), kcidb };
        const { code, stdout, stderr } = await runOn(silentHang(), { reports }, { format });
        expect([code, stderr], format).toEqual([1, 'note: a note\n']);
        expect(stdout.length, format).toBeGreaterThan(100);
        expect(readFileSync(file, 'utf8'), format).toBe(stdout);
      }
    });

    test('shows the log of the guest in the page', async () => {
      const { stdout } = await runOn(silentHang(), {}, { format: 'html' });
      expect(stdout).toContain('<h2>the guest :7</h2>');
      expect(stdout).toContain('frob: loaded');
      expect(stdout).toContain('ktriage live: CPU 1 deadlocked on itself');
    });

    test('says of a guest that nothing is wrong with, and of one that cannot be told', async () => {
      const healthy = await runOn({ ...silentHang(), outcome: 'healthy' }, {}, { format: 'junit' });
      expect(healthy.code).toBe(0);
      expect(healthy.stdout).toContain('<testcase classname="kernel" name="splats" time="0"/>');
      const unclear = await runOn({ ...silentHang(), outcome: 'unclear' }, {}, { format: 'junit' });
      expect(unclear.code).toBe(3);
      expect(unclear.stdout).toContain('<error type="ktriage/no-verdict" message="no verdict: CPU 1 deadlocked');
    });

    test.each<[string, number]>([
      ['fatal', 1],
      ['new', 1],
      ['none', 0],
      ['oops/null-deref', 1],
      ['oops/*', 1],
      ['hang/*', 0],
    ])('fails on %s with %i', async (failOn, expected) => {
      expect((await runOn(silentHang(), {}, { failOn })).code).toBe(expected);
    });

    test('refuses a kind that there is not', async () => {
      await expect(runOn(silentHang(), {}, { failOn: 'hang/deadlok' })).rejects.toMatchObject({ code: 'KT-USAGE' });
    });

    test('counts the reports of the log as analyze does', async () => {
      const log = logOfLines(
        '[    1.000000] ------------[ cut here ]------------',
        '[    1.000000] WARNING: CPU: 0 PID: 1 at drivers/frob.c:12 frob_init+0x20/0x80 [frob]',
        '[    1.000001] RIP: 0010:frob_init+0x20/0x80 [frob]',
        '[    1.000002] Call Trace:',
        '[    1.000003]  do_one_initcall+0x20/0x80',
        '[    1.000004]  do_init_module+0x20/0x80',
        '[    1.000005] ---[ end trace 0000000000000000 ]---',
      );
      const document: LiveDocument = { ...silentHang(), outcome: 'healthy', log };
      expect(await runOn(document, {})).toMatchObject({
        code: 1,
        stderr: expect.stringContaining('its log has reports'),
      });
      expect((await runOn(document, {}, { failOn: 'error' })).code).toBe(0);
      const junit = await runOn(document, {}, { format: 'junit' });
      expect(junit.code).toBe(1);
      expect(junit.stdout).toContain('WARNING in frob_init');
    });

    test('is no failure where it is known', async () => {
      const known = join(folder, 'known');
      const issue = { title: 'dereference in frob_poll', reason: 'on its way', expires: '2199-01-01' };
      writeFileSync(known, JSON.stringify({ schema: 'ktriage/known-issues/v1', issues: [issue] }));
      const { code, stdout } = await runOn(silentHang(), { policy: { knownIssues: [known] } }, { format: 'github' });
      expect(code).toBe(0);
      expect(stdout).toMatch(/^::notice .*on its way/);
    });

    test('is held against earlier runs', async () => {
      const log = join(folder, 'old.log');
      writeFileSync(log, '[    0.000000] Linux version 6.1.0 (a@b) (gcc 12) #1 SMP\n[    1.000000] frob: loaded\n');
      const { code, stdout } = await runOn(
        silentHang(),
        { policy: { baseline: [log] } },
        { format: 'gcc', failOn: 'new' },
      );
      expect(code).toBe(1);
      expect(stdout).toContain(title);
    });

    test('is annotated in a CI, and what is read has no commands', async () => {
      const reports = { ...noReports, isAnnotated: true };
      const { stdout } = await runOn(silentHang(), { reports }, {}, { GITHUB_ACTIONS: 'true' });
      expect(stdout).toContain('\n::error file=drivers/frob.c,line=41,');
      expect(stdout).toMatch(/^broken: /);
    });
  });

  test('shows one thing', async () => {
    // The environment may have a format that no view has.
    expect((await run(['dmesg'], {}, 'broken', { format: 'sarif' })).session.stdout.text).toMatch(
      /^\[ {4}1\.000000\] one\n/,
    );
    expect((await run(['dmesg'])).session.stdout.text).toBe('[    1.000000] one\n[    2.000000] two\n');
    const { session, code } = await run(['cpu', '1', ':7'], {}, 'broken', { format: 'json' });
    expect(code).toBe(0);
    expect(JSON.parse(session.stdout.text)).toMatchObject({ id: 1, comm: 'frobd' });
    await expect(run(['cpu', '9'])).rejects.toMatchObject({ code: 'KT-LIVE-CPU', why: 'the machine has CPUs 0, 1' });
    await expect(run(['cpu', 'x'])).rejects.toMatchObject({ code: 'KT-USAGE' });
    await expect(run(['read', '0x20', '0'])).rejects.toMatchObject({ code: 'KT-USAGE' });
  });

  test('saves what was read, and reads it again', async () => {
    const path = join(folder, 'a.snap');
    await run([], { save: path });
    expect(readFileSync(path).length).toBeGreaterThan(0);
    const { parts } = await fakeParts('broken', async (machine, options) => {
      expect(await machine.registers(0)).toEqual({ rip: 1n });
      await options.letGo();
      return { ...fullDocument, target: options.target };
    });
    const session = fakeSession();
    const code = await runLive(
      [],
      { ...plain, from: path },
      { ...defaults, format: 'json' },
      session,
      {},
      async () => parts,
    );
    expect(code).toBe(1);
    const document = JSON.parse(session.stdout.text);
    expect(document.target).toBe(path);
    expect(document.stoppedMs).toBe(12);
  });

  test('lets go of the machine when the survey fails', async () => {
    const { parts, seen } = await fakeParts('broken', async () => {
      throw new Error('lost');
    });
    await expect(runLive([], plain, defaults, fakeSession(), {}, async () => parts)).rejects.toThrow('lost');
    expect(seen.closed).toBe(1);
  });

  test('looks when the console is quiet', async () => {
    const { code } = await run([], { watchConsole: join(folder, 'console'), timeoutSeconds: 0.05 });
    expect(code).toBe(1);
  });

  test('attaches again where one look cannot tell, and counts all that it stood still', async () => {
    const look = async (more: Partial<LiveFlags>) => {
      let canAgain: boolean | undefined;
      const { parts, seen } = await fakeParts('broken', async (_machine, options) => {
        await options.letGo();
        canAgain = options.lookAgain !== undefined;
        await options.lookAgain?.(async (again) => expect(again.cpus).toHaveLength(2));
        return { ...fullDocument, target: options.target };
      });
      const session = fakeSession();
      const settings = { ...defaults, format: 'json' as const };
      await runLive([':1'], { ...plain, ...more }, settings, session, {}, async () => parts);
      return { canAgain, closed: seen.closed, stoppedMs: JSON.parse(session.stdout.text).stoppedMs };
    };
    expect(await look({})).toEqual({ canAgain: true, closed: 3, stoppedMs: 24 });
    expect(await look({ isHeld: true })).toMatchObject({ canAgain: false, stoppedMs: 12 });
    expect(await look({ isLeftRunning: true })).toMatchObject({ canAgain: false, stoppedMs: 12 });
  });

  test('needs a gdbstub to wait', async () => {
    await expect(run([], { isWaiting: true })).rejects.toMatchObject({ code: 'KT-USAGE' });
  });
});
