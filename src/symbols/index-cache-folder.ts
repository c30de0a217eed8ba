import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '../io/make-folder.ts';
import { largestIndex } from './index-cache-file.ts';

/** What all indexes together may take; the oldest are removed beyond that. */
const largestFolder = 268_435_456;
/** Temporary files of runs that were killed are removed after so many milliseconds. */
const abandonedAfter = 3_600_000;
export const indexSuffix = '.ktindex';

/** The bytes of an index; undefined if there is none that can be read. */
export function readIndex(path: string): Buffer | undefined {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(path, 'r');
    const status = fstatSync(descriptor);
    if (!status.isFile() || status.size > largestIndex) return undefined;
    const bytes = Buffer.allocUnsafe(status.size);
    let done = 0;
    while (done < bytes.length) {
      const read = readSync(descriptor, bytes, done, bytes.length - done, done);
      if (read === 0) break;
      done += read;
    }
    return bytes.subarray(0, done);
  } catch {
    return undefined;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

/** Puts an index in its place, whole or not at all; of two that are written at once, the later one stays. */
export function writeIndex(path: string, bytes: Buffer): void {
  const folder = dirname(path);
  const temporary = `${path}.${process.pid}.${Math.random().toString(36).slice(2, 10)}.tmp`;
  try {
    makeFolder(folder);
    writeFileSync(temporary, bytes, { mode: 0o600, flag: 'wx' });
    renameSync(temporary, path);
    makeRoom(folder, path);
  } catch {
    remove(temporary);
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
