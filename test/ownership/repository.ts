import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Why tests with repositories are skipped; undefined if there is a git. */
export const noGit: string | undefined =
  spawnSync('git', ['--version']).status === 0 ? undefined : 'there is no git in PATH';

/** A small git repository that a test makes. */
export class Repository {
  readonly path: string;
  #day = 1;

  constructor(path: string) {
    this.path = path;
    mkdirSync(path, { recursive: true });
    this.git('init', '-q', '-b', 'main', '.');
  }

  git(...args: string[]): string {
    const { status, stdout, stderr } = spawnSync('git', args, {
      cwd: this.path,
      encoding: 'utf8',
      env: {
        PATH: process.env.PATH,
        HOME: this.path,
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_AUTHOR_NAME: 'Ann Author',
        GIT_AUTHOR_EMAIL: 'ann@example.org',
        GIT_COMMITTER_NAME: 'Carl',
        GIT_COMMITTER_EMAIL: 'carl@example.org',
        GIT_AUTHOR_DATE: `2026-01-${String(this.#day).padStart(2, '0')}T10:00:00+0000`,
        GIT_COMMITTER_DATE: `2026-01-${String(this.#day).padStart(2, '0')}T10:00:00+0000`,
      },
    });
    if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  }

  /** Writes files, commits them a day later, and returns the commit's name. */
  commit(subject: string, files: Readonly<Record<string, string>>): string {
    this.#day += 1;
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.path, name)), { recursive: true });
      writeFileSync(join(this.path, name), text);
    }
    this.git('add', '-A');
    this.git('-c', 'commit.gpgsign=false', 'commit', '-q', '--allow-empty', '-m', subject);
    return this.git('rev-parse', 'HEAD');
  }
}
