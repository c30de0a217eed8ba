import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ciOf, ciRoot, relativeTo, repositoryUrl } from '../../src/cli/ci.ts';
import { noReports, type ReportFlags, type ReportTarget } from '../../src/cli/report-flags.ts';
import { runAnalyze } from '../../src/cli/run/analyze-run.ts';
import { reportFlags } from '../../src/cli/run/read-report-flags.ts';
import { formats } from '../../src/cli/settings.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { crashReport, fileResult } from '../report/make.ts';
import { defaults, fakeEngine, fakeSession } from './fake.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-reports-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const crash = fileResult([crashReport()], { path: 'crash.log' });
const injecting = fileResult([crashReport({ findings: [], title: '::error::owned ##[group]x' })], {
  path: '::notice::x.log',
});
const engine = fakeEngine({
  'crash.log': crash,
  'healthy.log': fileResult([], { path: 'healthy.log' }),
  '::notice::x.log': injecting,
});
const load = async (): Promise<typeof engine> => engine;

async function analyze(
  inputs: readonly string[],
  reports: Partial<ReportFlags>,
  env: Record<string, string> = {},
  more = {},
) {
  const session = fakeSession({ env, cwd: folder });
  const code = await runAnalyze(
    inputs,
    undefined,
    { ...defaults, ...more },
    session,
    load,
    {},
    { reports: { ...noReports, ...reports } },
  );
  return { session, code };
}

const target = (format: ReportTarget['format'], name: string = format): ReportTarget => ({
  format,
  file: join(folder, name),
});
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

describe('--report', () => {
  test('writes all formats from one analysis, and standard output as ever', async () => {
    const kcidb = { origin: 'myci', testId: 'myci:t' };
    const { session, code } = await analyze(['crash.log', 'healthy.log'], {
      reports: formats.map((name) => target(name)),
      kcidb,
    });
    expect(code).toBe(1);
    expect(session.stderr.text).toBe('');
    expect(session.stdout.text).toContain('2 inputs: 1 with crashes and 1 without.');
    expect(readdirSync(folder).sort()).toEqual([...formats].sort());
    for (const name of formats) expect(read(name).length, name).toBeGreaterThan(20);
    expect(JSON.parse(read('json')).files).toHaveLength(2);
    expect(read('text')).toContain('2 inputs: 1 with crashes');
  });

  test('a file that cannot be written is told, the others are written, and the run ends with 2', async () => {
    const bad: ReportTarget = { format: 'sarif', file: join(folder, 'gone', 'out.sarif') };
    const { session, code } = await analyze(['crash.log'], { reports: [bad, target('junit')] });
    expect(code).toBe(2);
    expect(session.stderr.text).toContain('error KT-OUTPUT-UNWRITABLE');
    expect(session.stderr.text).toContain('next: choose another place with --report sarif=FILE');
    expect(read('junit')).toContain('<failure ');
    expect(session.stdout.text).toContain('1 incident');
  });

  test('an input that cannot be read does not look clean in any of them', async () => {
    const { code } = await analyze(['gone.log'], {
      reports: formats.filter((name) => name !== 'kcidb').map((name) => target(name)),
    });
    expect(code).toBe(2);
    expect(read('junit')).toContain('<error ');
    expect(read('github')).toContain('::warning file=');
    expect(read('ktap')).toContain('not ok 1 kernel-splats # ERROR no verdict');
    expect(read('lava')).toContain('RESULT=unknown');
    expect(JSON.parse(read('sarif')).runs[0].invocations[0].executionSuccessful).toBe(false);
    expect(read('markdown')).toContain('⚠️');
  });

  test('adds to the summary of a GitHub step, and writes over any other file', async () => {
    writeFileSync(join(folder, 'summary'), 'before\n');
    writeFileSync(join(folder, 'other'), 'before\n');
    const reports = [target('github-summary', 'summary'), target('markdown', 'other')];
    await analyze(['crash.log'], { reports }, { GITHUB_STEP_SUMMARY: join(folder, 'summary') });
    expect(read('summary')).toMatch(/^before\n### /);
    expect(read('other')).toMatch(/^### /);
  });

  test('never writes over an input', async () => {
    writeFileSync(join(folder, 'crash.log'), 'the log');
    const { code } = await analyze(['crash.log', join(folder, 'crash.log')], {
      reports: [target('json', 'crash.log')],
    });
    expect(code).toBe(2);
    expect(read('crash.log')).toBe('the log');
  });
});

describe('--format', () => {
  test.each(formats.filter((name) => name !== 'kcidb'))('%s', async (format) => {
    const { session, code } = await analyze(['crash.log'], {}, {}, { format });
    expect(code).toBe(1);
    expect(session.stdout.text.length).toBeGreaterThan(20);
  });
});

describe('--annotate', () => {
  const starts = {
    github: '::error ',
    azure: '##vso[',
    teamcity: '##teamcity[',
    gitlab: '\u001b[0Ksection_start',
  } as const;
  const variables = {
    github: 'GITHUB_ACTIONS',
    azure: 'TF_BUILD',
    gitlab: 'GITLAB_CI',
    teamcity: 'TEAMCITY_VERSION',
  } as const;

  test.each(Object.entries(starts))('in %s prints its commands behind the text', async (ci, start) => {
    const name = Object.entries(variables).find(([key]) => key === ci)?.[1] ?? '';
    const { session } = await analyze(['crash.log'], { isAnnotated: true }, { [name]: 'true' });
    expect(session.stdout.text.indexOf(start)).toBeGreaterThan(200);
  });

  test('never without being asked, and says so where there is no CI', async () => {
    expect((await analyze(['crash.log'], {}, { GITHUB_ACTIONS: 'true' })).session.stdout.text).not.toContain('::error');
    const { session } = await analyze(['crash.log'], { isAnnotated: true });
    expect(session.stderr.text).toContain('no CI whose commands are known');
  });

  test('keeps standard output clean for other formats', async () => {
    const { session } = await analyze(
      ['crash.log'],
      { isAnnotated: true },
      { GITHUB_ACTIONS: 'true' },
      { format: 'json' },
    );
    expect(() => JSON.parse(session.stdout.text)).not.toThrow();
    expect(session.stderr.text).toMatch(/^::error /);
  });

  test('prints nothing twice where standard output has the commands already', async () => {
    const { session } = await analyze(
      ['crash.log'],
      { isAnnotated: true },
      { GITHUB_ACTIONS: 'true' },
      { format: 'github' },
    );
    expect(session.stdout.text).toContain('::error ');
    expect(session.stderr.text).not.toContain('::error ');
  });

  test('GitHub gets the summary of the step as well', async () => {
    await analyze(
      ['crash.log'],
      { isAnnotated: true },
      { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(folder, 'summary') },
    );
    expect(read('summary')).toMatch(/^### /);
  });

  test('in a CI, text has no commands that come from a log', async () => {
    const { session } = await analyze(['::notice::x.log'], {}, { GITHUB_ACTIONS: 'true' });
    for (const line of session.stdout.text.split('\n')) {
      expect(line.trim().startsWith('::')).toBe(false);
      expect(line).not.toContain('##[');
    }
  });
});

test('standard error has no commands that come from a name', async () => {
  const { session } = await analyze(['##[error]gone.log', '::error::gone.log'], {});
  expect(session.stderr.text).toContain('# #[error]gone.log');
  expect(session.stderr.text).not.toMatch(/##\[|^\s*::/m);
});

describe('flags', () => {
  const refused = (given: Record<string, unknown>, format: (typeof formats)[number] = 'text'): string => {
    try {
      reportFlags(given, format);
    } catch (error) {
      if (error instanceof KtriageError) return `${error.code}: ${error.why}`;
    }
    return 'taken';
  };

  test('a KCIDB submission needs to know who it is of', () => {
    expect(refused({}, 'kcidb')).toContain('cannot be made up');
    expect(refused({ origin: 'myci' }, 'kcidb')).toContain('the test or build that the log is of is not known');
    expect(refused({ origin: 'My CI', testId: 'x' }, 'kcidb')).toContain('a-z');
    expect(refused({ origin: 'myci', testId: 'other:1' }, 'kcidb')).toContain('ids begin with the origin');
    expect(refused({ testId: 'myci:1' })).toContain('--origin is missing');
    expect(refused({ origin: 'myci', testId: 'myci:1' }, 'kcidb')).toBe('taken');
  });

  test('what a mail is given can stand in one', () => {
    const mail = (given: Record<string, unknown>): string => refused(given, 'mail');
    expect(reportFlags({ logUrl: 'https://x.example/l', introduced: 'v6.11..v6.12-rc1' }, 'mail').mail).toEqual({
      logUrl: 'https://x.example/l',
      introduced: 'v6.11..v6.12-rc1',
    });
    expect(mail({ link: 'https://x.example/y' })).toBe('taken');
    expect(mail({ link: 'https://x.example/y\nBcc: z' })).toContain('KT-USAGE');
    expect(mail({ configUrl: 'file:///etc/passwd' })).toContain('KT-USAGE');
    expect(mail({ introduced: 'v1 x' })).toContain('KT-USAGE');
    expect(mail({ introduced: '-x' })).toContain('KT-USAGE');
    expect(mail({ reportedBy: 'Ada' })).toContain('KT-USAGE');
    expect(mail({ reportedBy: 'Ada\nCc: x <a@example.org>' })).toContain('KT-USAGE');
    expect(mail({ reportedBy: 'Jürgen Frob <j@example.org>' })).toBe('taken');
    expect(refused({ introduced: 'v1..v2' })).toContain('none is written');
    expect(refused({ introduced: 'v1..v2', report: [target('mail')] })).toBe('taken');
  });

  test('no two outputs go to one file', () => {
    const report = [target('json', 'x'), target('sarif', 'x')];
    expect(refused({ report })).toContain('write over');
    expect(refused({ report: report.slice(1), output: join(folder, 'x') })).toContain('write over');
  });
});

describe('the CI', () => {
  test.each([
    [{ GITHUB_ACTIONS: 'true' }, 'github'],
    [{ GITLAB_CI: 'true' }, 'gitlab'],
    [{ TF_BUILD: 'True' }, 'azure'],
    [{ BUILDKITE: 'true' }, 'buildkite'],
    [{ TEAMCITY_VERSION: '2025.11' }, 'teamcity'],
    [{ TEAMCITY_VERSION: '' }, undefined],
    [{ CI: 'true' }, undefined],
    // One of them gets its commands where several say to be it: a runner of one started in a job of another.
    [
      { TEAMCITY_VERSION: '1', BUILDKITE: 'true', TF_BUILD: 'True', GITLAB_CI: 'true', GITHUB_ACTIONS: 'true' },
      'github',
    ],
  ])('is known by its variables: %j', (env, ci) => {
    expect(ciOf(env)).toBe(ci);
  });

  test('paths are told from the root of the repository', () => {
    const env = { GITHUB_WORKSPACE: '/w/repo' };
    const root = ciRoot({ env, cwd: '/w/repo/tests' });
    const relative = relativeTo(root, '/w/repo/tests');
    expect(relative('serial.log')).toBe('tests/serial.log');
    expect(relative('../linux/mm/slub.c')).toBe('linux/mm/slub.c');
    expect(relative('/elsewhere/x')).toBe('/elsewhere/x');
    expect(relative('../../x')).toBe('/w/x');
    expect(ciRoot({ env, cwd: '/elsewhere' })).toBe('/elsewhere');
  });

  test('links lead to the commit of the job', () => {
    const github = repositoryUrl({
      GITHUB_SERVER_URL: 'https://git.example',
      GITHUB_REPOSITORY: 'a/b',
      GITHUB_SHA: 'c0ffee',
    });
    expect(github?.('mm/a b#.c', 3)).toBe('https://git.example/a/b/blob/c0ffee/mm/a%20b%23.c#L3');
    const gitlab = repositoryUrl({ CI_PROJECT_URL: 'https://git.example/a/b', CI_COMMIT_SHA: 'c0ffee' });
    expect(gitlab?.('mm/a.c', 3)).toBe('https://git.example/a/b/-/blob/c0ffee/mm/a.c#L3');
    expect(
      repositoryUrl({ GITHUB_SERVER_URL: 'javascript:alert(1)', GITHUB_REPOSITORY: 'a', GITHUB_SHA: 'b' }),
    ).toBeUndefined();
  });
});
