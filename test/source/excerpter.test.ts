import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import type { SourceExcerpt } from '../../src/model/excerpt.ts';
import type { Boot } from '../../src/model/incident.ts';
import type { CrashReport, SourceLocation } from '../../src/model/report.ts';
import { Excerpter, type ExcerptOptions } from '../../src/source/excerpter.ts';
import { crashReport, frame } from '../report/make.ts';

const base = mkdtempSync(join(tmpdir(), 'ktriage-excerpt-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const source = `// frob
static int level;

static int frob_level(void)
{
\treturn level;
}

int frob_read(int *at)
{
\t/* where it breaks */
\t*at = frob_level();
\treturn 0;
}
`;
const lineOf = (text: string): number => source.slice(0, source.indexOf(text)).split('\n').length;

/** Long before and long after anything here was written. */
const past = new Date('2001-01-01');
const release = '6.1.7';
const boots: readonly Boot[] = [
  {
    firstLine: 1,
    lastLine: 9,
    reason: 'log-start',
    release,
    banner: `Linux version ${release} (a@b) (gcc) #1 SMP Thu Jan  1 00:00:00 UTC 2015`,
  },
];

function report(at: SourceLocation, more: Partial<CrashReport> = {}): CrashReport {
  const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { source: at })];
  return crashReport({ frames, stacks: [], registers: [], kernel: { release }, ...more });
}

async function excerptOf(
  at: SourceLocation,
  options: ExcerptOptions,
  more: Partial<CrashReport> = {},
): Promise<SourceExcerpt | undefined> {
  const [done] = await new Excerpter(options).excerpt([report(at, more)], boots);
  return done?.frames[0]?.source?.excerpt;
}

let folder = '';
let made = 0;
beforeEach(() => {
  made += 1;
  folder = join(base, String(made));
  mkdirSync(folder);
  writeFileSync(join(folder, 'frob.c'), source);
});

describe('Excerpter', () => {
  const line = lineOf('*at =');

  test('shows the line and three around it', async () => {
    expect(await excerptOf({ file: '/b/frob.c', line, column: 2 }, { folders: [folder] })).toEqual({
      path: join(folder, 'frob.c'),
      firstLine: line - 3,
      lines: [
        'int frob_read(int *at)',
        '{',
        '        /* where it breaks */',
        '        *at = frob_level();',
        '        return 0;',
        '}',
      ],
      column: 9,
      state: 'unverified',
      note: 'the line is in the right function',
    });
  });

  test('the first lines and the last', async () => {
    expect(await excerptOf({ file: 'frob.c', line: 2 }, { folders: [folder] })).toMatchObject({ firstLine: 1 });
    expect(await excerptOf({ file: 'frob.c', line: 14 }, { folders: [folder] })).toMatchObject({ firstLine: 11 });
  });

  test('every function of the chain, and every frame only with all', async () => {
    const inlined = [{ function: 'frob_level', source: { file: 'frob.c', line: 6 } }];
    const frames = [
      frame('frob_read+0xe/0x19 [frob]', 104, { source: { file: 'frob.c', line }, inlined }),
      frame('frob_other+0xe/0x19 [frob]', 105, { source: { file: 'frob.c', line } }),
      frame('? frob_stale+0xe/0x19 [frob]', 106, { source: { file: 'frob.c', line } }),
    ];
    const shown = async (all: boolean): Promise<(boolean | undefined)[]> => {
      const [done] = await new Excerpter({ folders: [folder], all }).excerpt(
        [report({ file: '', line }, { frames })],
        [],
      );
      expect(done?.frames[0]?.inlined?.[0]?.source?.excerpt?.firstLine).toBe(3);
      return (done?.frames ?? []).map((each) => each.source?.excerpt !== undefined);
    };
    expect(await shown(false)).toEqual([true, false, false]);
    expect(await shown(true)).toEqual([true, true, false]);
  });

  test('the same frame elsewhere in the report has it too', async () => {
    const one = frame('frob_read+0xe/0x19 [frob]', 104, { source: { file: 'frob.c', line } });
    const stack = { role: 'trap', label: 'Call Trace:', frames: [one], range: one.range } as const;
    const given = report({ file: '', line }, { frames: [one], stacks: [stack] });
    const [done] = await new Excerpter({ folders: [folder] }).excerpt([given], []);
    expect(done?.stacks[0]?.frames[0]).toBe(done?.frames[0]);
  });

  test('what is missing is said to be, and why', async () => {
    expect(await excerptOf({ file: 'gone.c', line }, { folders: [folder] })).toEqual({
      firstLine: line,
      lines: [],
      state: 'missing',
      note: 'it is not in the folders given',
    });
    writeFileSync(join(folder, 'binary.c'), 'a\0b');
    expect(await excerptOf({ file: 'binary.c', line: 1 }, { folders: [folder] })).toMatchObject({
      path: join(folder, 'binary.c'),
      state: 'missing',
      note: 'it is a binary file',
    });
  });

  test('a line that is not there', async () => {
    expect(await excerptOf({ file: 'frob.c', line: 99 }, { folders: [folder] })).toEqual({
      path: join(folder, 'frob.c'),
      firstLine: 99,
      lines: [],
      state: 'changed',
      note: 'it has 14 lines, and none of number 99',
    });
  });

  test.each([
    ['frob_level', 'changed', 'line 12 is not in frob_level, which is elsewhere'],
    ['frob_read.cold', 'unverified', 'the line is in the right function'],
    ['unknown_here', 'unverified', 'nothing says of which state it is'],
  ])('a frame of %s is held against its function', async (name, state, note) => {
    const frames = [frame(`${name}+0x1/0x2 [frob]`, 104, { source: { file: 'frob.c', line } })];
    expect(await excerptOf({ file: '', line }, { folders: [folder] }, { frames })).toMatchObject({ state, note });
  });

  test('a checksum of debug information decides', async () => {
    const md5 = createHash('md5').update(source).digest('hex');
    const at = { file: 'frob.c', line, md5 };
    expect(await excerptOf(at, { folders: [folder] })).toMatchObject({ state: 'same' });
    expect(await excerptOf({ ...at, md5: 'f'.repeat(32) }, { folders: [folder] })).toMatchObject({ state: 'changed' });
  });

  test("a module's source is held against the module's file", async () => {
    const path = join(folder, 'frob.ko');
    writeFileSync(path, '');
    const more = { symbols: { modules: [{ path, module: 'frob', match: 'likely', reasons: [] }] } } as const;
    utimesSync(join(folder, 'frob.c'), past, past);
    expect(await excerptOf({ file: '/b/frob.c', line }, { folders: [folder] }, more)).toMatchObject({
      state: 'likely',
      note: 'it is older than the module, the line is in the right function',
    });
    utimesSync(path, past, past);
    utimesSync(join(folder, 'frob.c'), new Date(), new Date());
    expect(await excerptOf({ file: '/b/frob.c', line }, { folders: [folder] }, more)).toMatchObject({
      state: 'unverified',
      note: 'it was written after the module was built, though the line is in the right function',
    });
  });

  test("a kernel's tree is held against its release", async () => {
    mkdirSync(join(folder, 'fs'));
    writeFileSync(join(folder, 'fs/frob.c'), source);
    const frames = [frame('frob_read+0xe/0x19', 104, { source: { file: 'fs/frob.c', line } })];
    const of = async (makefile: string): Promise<string | undefined> => {
      writeFileSync(join(folder, 'Makefile'), makefile);
      return (await excerptOf({ file: '', line }, { folders: [folder] }, { frames }))?.note;
    };
    expect(await of('VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n')).toBe(
      'the source is of the same release (6.1.7), the line is in the right function',
    );
    expect(await of('VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 8\n')).toBe('it is of 6.1.8, the kernel of 6.1.7');
    expect(await of('all:\n')).toBe(
      'it was written after the kernel was built, though the line is in the right function',
    );
  });

  test('an aborted signal ends it', async () => {
    const options = { folders: [folder], signal: AbortSignal.abort(new Error('enough')) };
    await expect(excerptOf({ file: 'frob.c', line }, options)).rejects.toThrow('enough');
  });
});

const hasGit = spawnSync('git', ['--version']).status === 0;
if (!hasGit) console.warn('git is not installed: what it says of the state of source is not tested');

describe.skipIf(!hasGit)('source in git', () => {
  const line = lineOf('*at =');
  const frames = [frame('frob_read+0xe/0x19', 104, { source: { file: 'fs/frob.c', line } })];
  const git = (...args: string[]): string => {
    const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'commit.gpgsign=false', '-c', 'tag.gpgsign=false'];
    const { stdout, stderr, status } = spawnSync('git', [...who, '-C', folder, ...args], { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    return stdout.trim();
  };

  beforeEach(() => {
    mkdirSync(join(folder, 'fs'));
    writeFileSync(join(folder, 'fs/frob.c'), source);
    writeFileSync(join(folder, 'Makefile'), 'VERSION = 6\nPATCHLEVEL = 1\nSUBLEVEL = 7\n');
    git('init', '-q');
    git('add', '.');
    git('commit', '-q', '-m', 'one');
  });

  const noted = async (kernel: string): Promise<string> => {
    const excerpt = await excerptOf({ file: '', line }, { folders: [folder] }, { frames, kernel: { release: kernel } });
    return `${excerpt?.state}: ${excerpt?.note}`;
  };

  test('the tag of the release', async () => {
    git('tag', 'v6.1.7');
    expect(await noted('6.1.7')).toBe('same: it is the file of v6.1.7, which the kernel was built from');
    expect(await noted('6.1.7-12.distro')).toBe('likely: it is the file of v6.1.7, the line is in the right function');
    writeFileSync(join(folder, 'fs/frob.c'), `${source}\n`);
    expect(await noted('6.1.7')).toBe('changed: it is not the file of v6.1.7, which the kernel was built from');
  });

  test('the commit in the release, whatever is checked out', async () => {
    const commit = git('rev-parse', '--short=12', 'HEAD');
    writeFileSync(join(folder, 'fs/frob.c'), `${source}\n`);
    git('commit', '-qam', 'two');
    const kernel = `6.1.7-00003-g${commit}`;
    expect(await noted(kernel)).toBe(`changed: it is not the file of ${commit}, which the kernel was built from`);
    git('checkout', '-q', commit);
    expect(await noted(kernel)).toBe(`same: it is the file of ${commit}, which the kernel was built from`);
    expect(await noted(`${kernel}-dirty`)).toBe(
      `likely: it is the file of ${commit}, the line is in the right function`,
    );
  });

  test('changes that are not committed, where the revision is not known', async () => {
    writeFileSync(join(folder, 'fs/frob.c'), `${source}\n`);
    expect(await noted('6.1.7')).toMatch(/^unverified: it has changes that are not committed/);
  });

  test('nothing that the repository names is run', async () => {
    const mark = join(folder, 'ran');
    git('config', 'core.fsmonitor', `touch ${mark}`);
    git('config', 'filter.evil.clean', `touch ${mark}`);
    writeFileSync(join(folder, '.gitattributes'), '*.c filter=evil\n');
    await noted('6.1.7');
    expect(spawnSync('ls', [mark]).status).not.toBe(0);
  });
});
