import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the project. */
export const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

function newest(folder: string): number {
  return Math.max(
    0,
    ...readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
  );
}

function isCurrent(): boolean {
  try {
    // Made last.
    return statSync(join(projectRoot, 'dist', 'program', 'code')).mtimeMs >= newest(join(projectRoot, 'src'));
  } catch {
    return false;
  }
}

/** Makes sure that `dist/` is what `src/` says: `npm test` builds before, a test that is run by itself does not. */
export function ensureBuilt(): void {
  if (isCurrent()) return;
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: projectRoot, stdio: 'pipe' });
}

/** The environment for a program under test: nothing of the user's settings, nothing of the terminal. */
export function plainEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    // Debug information that is installed on the machine must not be found.
    KTRIAGE_DEBUG_DIR: join(projectRoot, 'test', 'cases'),
    HOME: join(projectRoot, 'no-such-home'),
    TERM: 'dumb',
    LC_ALL: 'C.UTF-8',
    ...more,
  };
}
