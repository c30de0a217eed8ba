import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/** So many folders above one are made as well. */
const mostMissing = 16;

/**
 * Makes a folder, and those it is in, for nobody but the user. Not with Node's own `recursive`, which tries without end
 * (Node 20) where a folder is there and another cannot be made in it, as in /proc.
 * @throws the system's error if it cannot be made.
 */
export function makeFolder(path: string, levels = mostMissing): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') return;
    if (code !== 'ENOENT' || levels === 0) throw error;
    makeFolder(dirname(path), levels - 1);
    mkdirSync(path, { mode: 0o700 });
  }
}
