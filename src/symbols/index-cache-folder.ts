import { closeSync, openSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../io/make-folder.ts';

/** What all indexes together may take; the oldest are removed beyond that. */
const largestFolder = 268_435_456;
/** Temporary files of runs that were killed are removed after so many milliseconds. */
const abandonedAfter = 3_600_000;
export const indexSuffix = '.ktindex';

/** Puts an index in its place, whole or not at all; of two that are written at once, the later one stays. */
export function writeIndex(path: string, parts: readonly Uint8Array[]): void {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 10)}.tmp`;
  try {
    makeFolder(folder);
    writeParts(temporary, parts);
    renameSync(temporary, path);
    makeRoom(folder, path);
  } catch {
    remove(temporary);
  }
}

function writeParts(path: string, parts: readonly Uint8Array[]): void {
  const descriptor = openSync(path, 'wx', 0o600);
  try {
    for (const part of parts)
      for (let done = 0; done < part.length; ) done += writeSync(descriptor, part, done, part.length - done);
  } finally {
    closeSync(descriptor);
  }
}

/** Removes a file if that can be done; another run may have been faster. */
function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It stays then.
  }
}

/** Removes the oldest indexes until the rest is small enough. */
function makeRoom(folder: string, latest: string): void {
  const files: { readonly path: string; readonly size: number; readonly changed: number }[] = [];
  let sum = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const isAbandoned = name.endsWith('.tmp') && name.includes(indexSuffix);
    if (!isAbandoned && !name.endsWith(indexSuffix)) continue;
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined || !status.isFile()) continue;
    if (isAbandoned) {
      if (Date.now() - status.mtimeMs > abandonedAfter) remove(path);
      continue;
    }
    sum += status.size;
    if (path !== latest) files.push({ path, size: status.size, changed: status.mtimeMs });
  }
  files.sort((a, b) => a.changed - b.changed);
  for (const { path, size } of files) {
    if (sum <= largestFolder) break;
    remove(path);
    sum -= size;
  }
}
