import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { RunFormatName } from '../../src/model/output-formats.ts';
import { type LiveRun, runLive } from '../guest/run-live.ts';
import { projectRoot } from '../helpers/built.ts';
import { guestModules } from './guest-files.ts';

/** What CIs are given of a saved guest that hangs without a word; see the README of the snapshots. */
const snapshots = join(projectRoot, 'test', 'kernels', 'snapshots');
const folder = join(snapshots, 'formats');
const snapshot = '6.1-amd64-silent-irq.snap';
const update = process.env.KTRIAGE_UPDATE === '1';

const files: Partial<Readonly<Record<RunFormatName, string>>> = {
  gcc: 'hang.gcc',
  github: 'hang.github',
  markdown: 'hang.md',
  sarif: 'hang.sarif',
  gitlab: 'hang.gitlab.json',
  junit: 'hang.xml',
  rdjson: 'hang.rdjson',
  kcidb: 'hang.kcidb.json',
  ktap: 'hang.ktap',
  squad: 'hang.squad.json',
  lava: 'hang.lava',
  jenkins: 'hang.jenkins.json',
  decode: 'hang.decode',
  html: 'hang.html',
  mail: 'hang.eml',
};

const kernel = inject('kernels').find(({ name }) => name === '6.1-amd64');
const modules = kernel && guestModules(kernel.release);
const why =
  kernel === undefined
    ? 'the kernel is not there'
    : modules === undefined || !existsSync(modules)
      ? 'no kthang.ko'
      : '';
if (why !== '') process.stderr.write(`test:kernels: formats of live: SKIPPED, ${why}\n`);

describe.skipIf(why !== '')(`a saved guest in the formats of CIs${why === '' ? '' : ` (SKIPPED, ${why})`}`, () => {
  // No path of this machine is in what is printed.
  const cwd = mkdtempSync(join(tmpdir(), 'ktriage-formats-'));
  let run: LiveRun | undefined;
  beforeAll(async () => {
    const links = {
      vmlinux: kernel?.vmlinux ?? '',
      modules: modules ?? '',
      kthang: join(projectRoot, 'test', 'guest', 'kthang'),
      'guest.snap': join(snapshots, snapshot),
    };
    for (const [name, target] of Object.entries(links)) symlinkSync(target, join(cwd, name));
    mkdirSync(join(cwd, 'out'));
    const outputs = Object.entries(files).flatMap(([format, file]) => ['--report', `${format}=out/${file}`]);
    const places = ['--vmlinux', 'vmlinux', '--modules', 'modules', '--source', 'kthang'];
    const identity = ['--origin', 'myci', '--test-id', 'myci:1'];
    run = await runLive(['--from', 'guest.snap', ...places, ...outputs, ...identity], cwd);
  }, 120_000);
  afterAll(() => rmSync(cwd, { recursive: true, force: true }));

  test('fails the job', () => {
    expect([run?.stderr, run?.status]).toEqual(['', 1]);
  });

  test.each(Object.entries(files))('%s', (_format, file) => {
    const said = readFileSync(join(cwd, 'out', file), 'utf8');
    if (update) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, file), said);
    } else expect(said).toBe(readFileSync(join(folder, file), 'utf8'));
  });
});
