import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parseRange } from '../../src/cli/range-flag.ts';
import type { CrashReport, Frame } from '../../src/model/report.ts';
import type { Suspects } from '../../src/model/suspects.ts';
import { type RangeOptions, RangeSearch } from '../../src/ownership/range.ts';
import { KtriageError } from '../../src/util/errors.ts';
import { crashReport, fileResult, frame } from '../report/make.ts';
import { noGit, Repository } from './repository.ts';

const base = mkdtempSync(join(tmpdir(), 'ktriage-range-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** `frob_read` breaks in line 6, is called by `frob_write`; `frob_help` is of the same file. */
const frob = ({ read = 'p->size', write = 'frob_read(p)', help = '0' } = {}): string => `// frob
#include "frob.h"

static int frob_read(struct frob *p)
{
	return ${read};
}

int frob_write(struct frob *p)
{
	return ${write};
}

int frob_help(void)
{
	return ${help};
}
`;
const core = (call: string): string => `int core_write(struct frob *p)\n{\n\t${call};\n\treturn 1;\n}\n`;

const readFile = 'drivers/frob/frob.c';
const frames = (file = readFile, line = 6): readonly Frame[] => [
  frame('frob_read+0xe/0x19', 104, { source: { file, line } }),
  frame('frob_write+0x18/0x2f', 105, { source: { file, line: 11 } }),
  frame('core_write+0x18/0x2f', 106, { source: { file: file.replace('drivers/frob/frob.c', 'fs/core.c'), line: 3 } }),
  frame('do_syscall_64+0x5d/0xb0', 107, { source: { file: 'arch/x86/entry/common.c', line: 1 } }),
];
const report = (of: readonly Frame[] = frames(), more: Partial<CrashReport> = {}): CrashReport =>
  crashReport({
    frames: of,
    stacks: [],
    registers: [],
    culprit: { function: 'frob_read', passed: [] },
    ...more,
  });

async function search(path: string, range: string, more: Partial<RangeOptions> = {}): Promise<RangeSearch> {
  const names = parseRange(range);
  if (names === undefined) throw new Error(`no range: ${range}`);
  return RangeSearch.open({ folders: [path], range: names, ...more });
}

async function suspects(
  path: string,
  range: string,
  of = report(),
  more: Partial<RangeOptions> = {},
): Promise<Suspects> {
  return (await search(path, range, more)).suspectsOf(of);
}

async function failure(path: string, range: string, more: Partial<RangeOptions> = {}): Promise<KtriageError> {
  try {
    await search(path, range, more);
  } catch (error) {
    if (error instanceof KtriageError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

/** A repository with a commit for each reason, and some that have nothing to do with it. */
function make(name: string): { readonly at: Repository; readonly commits: Readonly<Record<string, string>> } {
  const at = new Repository(join(base, name));
  const first = { [readFile]: frob(), 'fs/core.c': core('frob_write(p)'), 'arch/x86/entry/common.c': 'int x;\n' };
  const good = at.commit('all of it', { ...first, 'drivers/frob/other.c': 'int a;\n', 'drivers/frob/deep/x.c': 'x\n' });
  at.git('tag', 'good');
  const folder = at.commit('frob: other', { 'drivers/frob/other.c': 'int b;\n' });
  const caller = at.commit('core: call it twice', { 'fs/core.c': core('frob_write(p) + frob_write(p)') });
  const line = at.commit('frob: read the size', { [readFile]: frob({ read: 'p->size + 1' }) });
  const file = at.commit('frob: help', { [readFile]: frob({ read: 'p->size + 1', help: '1' }) });
  const nothing = at.commit('docs', { README: 'x', 'drivers/frob/deep/x.c': 'y\n' });
  const entry = at.commit('x86: entry', { 'arch/x86/entry/common.c': 'int y;\n' });
  return { at, commits: { good, folder, caller, line, file, nothing, entry } };
}

let made: ReturnType<typeof make> | undefined;
/** One for all tests that leave it as it is: git takes its time to make one. */
function shared(): ReturnType<typeof make> {
  made ??= make('shared');
  return made;
}

if (noGit !== undefined) console.warn(`tests of ranges are skipped: ${noGit}`);

describe.skipIf(noGit !== undefined)('RangeSearch', { timeout: 30_000 }, () => {
  test('ranks commits by what they touched: line, function, file, folder', async () => {
    const { at, commits } = shared();
    const found = await suspects(at.path, 'good..main');
    const short = found.commits.map(({ commit, strength, reasons }) => [
      commit,
      strength,
      reasons[0]?.what,
      reasons[0]?.role,
    ]);
    expect(short).toEqual([
      [commits.line, 'strong', 'line', 'culprit'],
      [commits.caller, 'medium', 'function', 'caller'],
      [commits.file, 'medium', 'file', 'culprit'],
      [commits.folder, 'weak', 'folder', 'culprit'],
    ]);
    expect(found).toMatchObject({ range: 'good..main', good: commits.good, commitCount: 6, complete: true, notes: [] });
    expect(found.commits[0]).toMatchObject({
      subject: 'frob: read the size',
      author: 'Ann Author',
      date: '2026-01-05T10:00:00+00:00',
      reasons: [{ file: readFile, function: 'frob_read', line: 6 }],
    });
  });

  test('puts them into the incidents of a result', async () => {
    const { at, commits } = shared();
    const result = await (await search(at.path, 'good..main')).withSuspects(fileResult([report()]));
    expect(result.incidents[0]?.suspects?.commits[0]?.commit).toBe(commits.line);
  });

  test('knows files by the paths of other build folders, and of a folder that was named in the checkout', async () => {
    const { at, commits } = shared();
    for (const file of [
      `/build/linux-6.1/${readFile}`,
      `./${readFile}`,
      `${at.path}/${readFile}`,
      `../../x/${readFile}`,
    ])
      expect((await suspects(at.path, 'good..main', report(frames(file)))).commits[0]?.commit, file).toBe(commits.line);
    const inFolder = await suspects(join(at.path, 'drivers'), 'good..main', report(frames('frob/frob.c')));
    expect(inFolder.commits[0]?.commit).toBe(commits.line);
  });

  test('leaves the tree for nothing, and takes no name for an option', async () => {
    const { at } = make('hostile-names');
    writeFileSync(join(base, 'secret.c'), 'int secret;\n');
    symlinkSync(join(base, 'secret.c'), join(at.path, 'drivers/frob/link.c'));
    at.commit('link', {});
    for (const file of [
      '../secret.c',
      '/etc/passwd',
      '--output=x',
      ':(glob)**',
      '-S',
      'a\nHEAD:README',
      '\0',
      '..',
      '',
      'drivers/frob/link.c',
    ])
      expect(
        (await suspects(at.path, 'good..main', report(frames(file).slice(0, 1)))).commits,
        JSON.stringify(file),
      ).toEqual(file === 'drivers/frob/link.c' ? expect.any(Array) : []);
    expect(existsSync(join(at.path, 'x'))).toBe(false);
  });

  test('takes names of files literally that have the signs of patterns', async () => {
    const at = new Repository(join(base, 'literal'));
    const name = 'drivers/frob/[ab]*.c';
    at.commit('a', { [name]: frob(), 'drivers/frob/a.c': 'x\n' });
    const good = at.git('rev-parse', 'HEAD');
    const bad = at.commit('b', { [name]: frob({ read: '1' }) });
    const found = await suspects(at.path, `${good}..`, report(frames(name)));
    expect(found.commits.map(({ commit }) => commit)).toEqual([bad]);
  });

  test('hands on subjects as they are, whatever they hold', async () => {
    const at = new Repository(join(base, 'subjects'));
    at.commit('a', { [readFile]: frob() });
    at.git('tag', 'good');
    const subjects = [
      ':100644 100644 x y M',
      '\x1b[31mred',
      '--output=/x',
      `${'b'.repeat(40)}`,
      '\u202eright',
      '::error::no',
    ];
    for (const [nth, subject] of subjects.entries())
      at.commit(subject, { [readFile]: frob({ help: String(nth + 5) }) });
    const found = await suspects(at.path, 'good..main');
    expect(found.commits.map(({ subject }) => subject).sort()).toEqual([...subjects].sort());
  });

  test('runs nothing that the configuration or attributes of a checkout name', async () => {
    const { at, commits } = make('config');
    const ran = join(base, 'ran');
    const program = join(base, 'program.sh');
    const ignored = join(base, 'ignored');
    writeFileSync(ignored, `${commits.line}\n`);
    writeFileSync(program, `#!/bin/sh\necho ran >> '${ran}'\ncat "$1" 2>/dev/null\n`);
    chmodSync(program, 0o755);
    for (const key of [
      'core.fsmonitor',
      'core.pager',
      'pager.log',
      'diff.external',
      'gpg.program',
      'diff.evil.command',
      'diff.evil.textconv',
    ])
      at.git('config', key, program);
    for (const key of ['filter.evil.clean', 'filter.evil.smudge', 'core.sshCommand', 'core.editor', 'alias.log'])
      at.git('config', key, key === 'alias.log' ? `!${program}` : program);
    for (const [key, value] of [
      ['log.showSignature', 'true'],
      ['log.follow', 'true'],
      ['diff.relative', 'true'],
      ['diff.renames', 'copies'],
      ['color.ui', 'always'],
      ['format.pretty', 'oneline'],
      ['log.date', 'relative'],
      ['blame.ignoreRevsFile', ignored],
      ['diff.orderFile', '/nonexistent'],
    ] as const)
      at.git('config', key, value);
    mkdirSync(join(at.path, '.git/info'), { recursive: true });
    writeFileSync(join(at.path, '.git/info/attributes'), '*.c diff=evil filter=evil\n');
    const found = await suspects(at.path, 'good..main');
    expect(found.commits[0]?.commit).toBe(commits.line);
    expect(found.commits[0]?.reasons[0]?.what).toBe('line');
    expect(existsSync(ran)).toBe(false);
  });

  test('fetches nothing that is missing, whatever transport a checkout names', async () => {
    const { at, commits } = make('promised');
    const ran = join(base, 'fetched');
    at.git('config', 'core.repositoryFormatVersion', '1');
    at.git('config', 'extensions.partialClone', 'evil');
    at.git('config', 'remote.evil.promisor', 'true');
    at.git('config', 'remote.evil.url', `ext::sh -c touch% ${ran}`);
    at.git('config', 'protocol.ext.allow', 'always');
    const blob = at.git('rev-parse', `${commits.line}:${readFile}`);
    rmSync(join(at.path, '.git/objects', blob.slice(0, 2), blob.slice(2)));
    const found = await suspects(at.path, 'good..main');
    expect(existsSync(ran)).toBe(false);
    expect(found.complete).toBe(false);
    expect(found.commits.map(({ commit }) => commit)).toContain(commits.line);
    // It would have been: the test is worth something.
    spawnSync('git', ['-C', at.path, 'cat-file', '-p', blob], { env: { ...process.env, GIT_NO_LAZY_FETCH: '0' } });
    expect(existsSync(ran)).toBe(true);
  });

  test('follows a file that was moved, and does not suspect the move', async () => {
    const at = new Repository(join(base, 'moved'));
    at.commit('a', { 'old/frob.c': frob() });
    at.git('tag', 'good');
    const line = at.commit('read', { 'old/frob.c': frob({ read: 'p->size + 1' }) });
    mkdirSync(join(at.path, 'drivers/frob'), { recursive: true });
    at.git('mv', 'old/frob.c', readFile);
    const move = at.commit('move', {});
    const found = await suspects(at.path, 'good..main', report(frames().slice(0, 1)));
    expect(found.commits.map(({ commit, reasons }) => [commit, reasons[0]?.what])).toEqual([
      [line, 'line'],
      [move, 'file'],
    ]);
  });

  test('does not tell merges, but what they merged', async () => {
    const at = new Repository(join(base, 'merges'));
    at.commit('a', { [readFile]: frob(), 'fs/core.c': core('x') });
    at.git('tag', 'good');
    at.git('checkout', '-q', '-b', 'side');
    const side = at.commit('side', { [readFile]: frob({ read: '2' }) });
    at.git('checkout', '-q', 'main');
    const own = at.commit('own', { 'fs/core.c': core('y') });
    at.git('merge', '-q', '--no-ff', '-m', 'merge', 'side');
    expect((await suspects(at.path, 'good..main')).commits.map(({ commit }) => commit)).toEqual([side, own]);
  });

  test('says that a line does not fit, and does not blame it', async () => {
    const { at, commits } = shared();
    const outside = await suspects(at.path, 'good..main', report(frames(readFile, 16)));
    expect(outside.notes).toEqual([
      `line 16 of ${readFile} does not fit main: it is not in frob_read; the kernel was built from another state`,
    ]);
    expect(outside.commits[0]?.commit).toBe(commits.line);
    expect(outside.commits[0]?.reasons[0]?.what).toBe('function');
    const beyond = await suspects(at.path, 'good..main', report(frames(readFile, 1000)));
    expect(beyond.notes[0]).toContain('the file has 17 lines');
  });

  test('passes over changes of white space and of what stands behind a function', async () => {
    const at = new Repository(join(base, 'blank'));
    at.commit('a', { [readFile]: frob() });
    at.git('tag', 'good');
    at.commit('b', { [readFile]: frob().replace('\treturn p->size;', '        return  p->size;') });
    at.commit('c', { [readFile]: frob().replace('int frob_write', '/* about frob_write } */\nint frob_write') });
    const found = await suspects(at.path, 'good..main', report(frames().slice(0, 1)));
    expect(found.commits.map(({ reasons }) => reasons.map(({ what }) => what))).toEqual([['file'], ['file']]);
  });

  test('takes the file that the log blames where no frame has a line, and says where there is none at all', async () => {
    const { at, commits } = shared();
    const bare = frames().map(({ source: _, ...rest }) => rest);
    const found = await suspects(at.path, 'good..main', report(bare, { guiltyFile: readFile }));
    expect(found.commits[0]).toMatchObject({ commit: commits.line, reasons: [{ what: 'function' }] });
    const none = await suspects(at.path, 'good..main', report(bare));
    expect(none).toMatchObject({ complete: false, commits: [], notes: ['no frame has a source line (--vmlinux)'] });
  });

  test('looks at the stack where memory was freed', async () => {
    const { at, commits } = shared();
    const freed = frame('frob_help+0x1/0x2', 120, { source: { file: readFile, line: 16 } });
    const kfree = frame('kfree+0x1/0x2', 119, { source: { file: 'mm/slub.c', line: 1 } });
    const found = await suspects(
      at.path,
      'good..main',
      report(frames(), {
        stacks: [{ role: 'freed', label: 'Freed by task 1:', frames: [kfree, freed], range: freed.range }],
      }),
    );
    const help = found.commits.find(({ commit }) => commit === commits.file);
    expect(help?.reasons[0]).toMatchObject({ what: 'function', role: 'other-stack', function: 'frob_help' });
  });

  test('tells what it has when git is too slow', async () => {
    const { at } = shared();
    const slow = join(base, 'slow-git');
    writeFileSync(slow, '#!/bin/sh\nfor word; do case $word in log|blame) exec sleep 30;; esac; done\nexec git "$@"\n');
    chmodSync(slow, 0o755);
    const began = performance.now();
    const found = await suspects(at.path, 'good..main', report(), { program: slow, timeLimitMilliseconds: 1000 });
    expect(performance.now() - began).toBeLessThan(8000);
    expect(found.complete).toBe(false);
    expect(found.notes[0]).toBe('the 1 seconds for git were not enough: not all commits were looked at');
  });

  test('ends when it is aborted', async () => {
    const { at } = shared();
    const controller = new AbortController();
    const open = await search(at.path, 'good..main', { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(open.suspectsOf(report())).rejects.toThrow('enough');
  });

  describe('refuses', () => {
    test('what is no checkout, no folder, and a machine without git', async () => {
      const plain = join(base, 'plain');
      mkdirSync(plain, { recursive: true });
      expect(await failure(plain, 'a..b')).toMatchObject({ code: 'KT-RANGE-CHECKOUT' });
      expect(await failure(join(base, 'none'), 'a..b')).toMatchObject({ why: 'there is no such folder' });
      expect(await failure(plain, 'a..b', { program: join(base, 'no-such-git') })).toMatchObject({
        code: 'KT-RANGE-GIT',
        why: 'there is no git in PATH',
      });
    });

    test('revisions that are not there, and ends in the wrong order', async () => {
      const { at, commits } = make('order');
      expect(await failure(at.path, 'v9..main')).toMatchObject({
        code: 'KT-RANGE-REVISION',
        message: 'cannot find the commit v9',
      });
      expect(await failure(at.path, 'good..HEAD:README')).toMatchObject({ code: 'KT-RANGE-REVISION' });
      expect(await failure(at.path, 'main..good')).toMatchObject({
        code: 'KT-RANGE-ORDER',
        hint: 'the good one comes first: --range good..main',
      });
      expect(await failure(at.path, 'main..main')).toMatchObject({ why: 'both are the same commit' });
      at.git('checkout', '-q', '-b', 'side', commits.folder ?? '');
      at.commit('side', { x: 'x' });
      expect(await failure(at.path, 'side..main')).toMatchObject({ why: 'side is no ancestor of main' });
    });

    test('a shallow clone that lacks the good commit', async () => {
      const { at, commits } = shared();
      const shallow = join(base, 'shallow');
      at.git('clone', '-q', '--depth', '2', `file://${at.path}`, shallow);
      const error = await failure(shallow, `${commits.good}..main`);
      expect(error.code).toBe('KT-RANGE-REVISION');
      expect(error.why).toContain('shallow clone');
      expect(error.hint).toContain('git fetch --unshallow');
    });

    test('nothing, if one of several folders is a checkout that has it', async () => {
      const { at, commits } = shared();
      const plain = join(base, 'plain-too');
      mkdirSync(plain, { recursive: true });
      const found = await suspects(plain, 'good..main', report(), { folders: [plain, at.path] });
      expect(found.commits[0]?.commit).toBe(commits.line);
    });
  });
});
