import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './built.ts';

/** True if the project is in version control, without which nobody knows what a clone has. */
export const isClone = spawnSync('git', ['rev-parse', '--git-dir'], { cwd: projectRoot }).status === 0;

/** Fills a folder with what is in version control or will be, as a fresh clone has it. */
export function copyFresh(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const names = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: projectRoot,
    encoding: 'utf8',
  });
  for (const name of names.split('\0').filter(Boolean)) {
    try {
      cpSync(join(projectRoot, name), join(folder, name));
    } catch {
      // Removed, and not yet from version control.
    }
  }
}
