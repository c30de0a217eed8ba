import { type FileHandle, open, opendir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { KtriageError } from '../util/errors.ts';
import { inputError, systemCode } from './input-error.ts';
import { looksBinary } from './magic.ts';

/** Bytes of a file that are looked at to tell whether it may be a log. */
const sniffBytes = 4096;
/** Deeper folders are left out: a tree of links or mounts must not keep us forever. */
const maxDepth = 32;
/** More files than that in one folder argument are a mistake, such as `/`. */
const maxFiles = 100_000;

/** Characters by which an argument that is no file may be a pattern. */
const patternCharacters = /[*?[\]{}!()+@]/;

/**
 * The inputs that arguments stand for, in their order: a file is itself (even with `*` in its name), a folder all
 * that may be logs in it (sorted, with its subfolders), `-` standard input, anything else a pattern. An input that
 * several arguments stand for comes once.
 * @throws KtriageError for a file that does not exist, a pattern that matches nothing, a folder without any log.
 */
export async function expandInputs(args: readonly string[], signal?: AbortSignal): Promise<string[]> {
  const inputs = new Set<string>();
  for (const argument of args) {
    signal?.throwIfAborted();
    for (const path of await expandOne(argument, signal)) inputs.add(path);
  }
  return [...inputs];
}

async function expandOne(argument: string, signal: AbortSignal | undefined): Promise<readonly string[]> {
  if (argument === '-') return ['-'];
  try {
    const facts = await stat(argument);
    if (!facts.isDirectory()) return [argument];
  } catch (error) {
    if (systemCode(error) === 'ENOENT' && patternCharacters.test(argument)) return matches(argument);
    throw inputError(argument, error);
  }
  const found: string[] = [];
  await collect(argument, 0, found, signal);
  if (found.length === 0)
    throw new KtriageError(
      'KT-INPUT-EMPTY-FOLDER',
      `no log in ${argument}`,
      'the folder holds no file that looks like a log',
      'name the file that is meant: a named file is read whatever it looks like',
    );
  return found;
}

async function matches(pattern: string): Promise<string[]> {
  const { default: fastGlob } = await import('fast-glob');
  const found = await fastGlob(pattern, {
    onlyFiles: false,
    suppressErrors: true,
    // A link that leads back to its own folder would be followed in circles.
    followSymbolicLinks: false,
    deep: maxDepth,
  });
  const files: string[] = [];
  for (const path of found.sort(byName)) {
    const facts = await stat(path).catch(() => undefined);
    if (facts !== undefined && !facts.isDirectory()) files.push(path);
  }
  if (files.length === 0)
    throw new KtriageError(
      'KT-INPUT-MISSING',
      `no file matches ${pattern}`,
      'there is no file of that name, and as a pattern it matches none',
      'check the path; ** matches any number of folders',
    );
  return files;
}

function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Adds the files of a folder, then those of its subfolders; links to folders are not followed. */
async function collect(folder: string, depth: number, found: string[], signal: AbortSignal | undefined): Promise<void> {
  const files: string[] = [];
  const folders: string[] = [];
  try {
    for await (const entry of await opendir(folder)) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(path)))) files.push(path);
      if (files.length + folders.length > maxFiles) throw tooMany(folder);
    }
  } catch (error) {
    // What may not be read within a folder is passed over; the folder that was named is an error.
    if (depth > 0 && !(error instanceof KtriageError)) return;
    throw inputError(folder, error);
  }
  for (const path of files.sort(byName)) {
    signal?.throwIfAborted();
    if (await mayBeLog(path)) found.push(path);
    if (found.length > maxFiles) throw tooMany(folder);
  }
  if (depth >= maxDepth) return;
  for (const path of folders.sort(byName)) await collect(path, depth + 1, found, signal);
}

function tooMany(folder: string): KtriageError {
  return new KtriageError(
    'KT-INPUT-TOO-MANY',
    `too many files in ${folder}`,
    `there are more than ${maxFiles}`,
    'name a smaller folder, or a pattern',
  );
}

async function isFile(path: string): Promise<boolean> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true;
}

/** False for what is surely no log: empty files, programs, pictures, archives, other binary data. */
async function mayBeLog(path: string): Promise<boolean> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const start = Buffer.alloc(sniffBytes);
    const { bytesRead } = await file.read(start, 0, sniffBytes, 0);
    return bytesRead > 0 && !looksBinary(start.subarray(0, bytesRead));
  } catch {
    // Cannot be read, and nobody named it.
    return false;
  } finally {
    await file?.close();
  }
}
