import { pathParts, suffixes } from '../source/paths.ts';
import type { Git } from './git.ts';
import { factsOf } from './git-objects.ts';

/** More are not asked for. */
const mostQuestions = 2048;

/** What a repository calls a file, and the name of its contents. */
export interface RepositoryFile {
  readonly path: string;
  readonly contents: string;
}

/** Where in a repository the source is that was named. */
export interface Place {
  /** The folder of the checkout, without symbolic links. */
  readonly top: string;
  /** The folder that was named, below it: empty, or `drivers/net/`. */
  readonly prefix: string;
}

/**
 * What a file of debug information or of a log may be called in the repository, the likeliest first. Only names come
 * out: nothing of the file system is asked, and what is not in the revision does not exist.
 */
export function pathsInRepository(file: string, { top, prefix }: Place): readonly string[] {
  // Names of the kernel's tree have no others; git would want the very bytes.
  if (!/^[\x20-\x7e]+$/.test(file)) return [];
  const parts = pathParts(file);
  if (parts === undefined) return [];
  const below = file.startsWith(`${top}/`) && !file.includes('/../') ? [file.slice(top.length + 1)] : [];
  const own = pathParts(below[0] ?? '');
  const folder = `${top}/${prefix}`.replace(/\/+$/, '');
  return [
    ...new Set([
      ...(own === undefined ? [] : [own.join('/')]),
      ...suffixes(file, parts, top).flatMap((suffix) => [`${prefix}${suffix}`, suffix]),
      ...(prefix === '' ? [] : suffixes(file, parts, folder).map((suffix) => `${prefix}${suffix}`)),
    ]),
  ];
}

/** For each file what it is called in a revision, as far as it is there. */
export async function findFiles(
  git: Git,
  revision: string,
  files: readonly string[],
  place: Place,
): Promise<ReadonlyMap<string, RepositoryFile>> {
  const asked = files
    .flatMap((file) => pathsInRepository(file, place).map((path) => ({ file, path })))
    .slice(0, mostQuestions);
  const facts = await factsOf(
    git,
    asked.map(({ path }) => `${revision}:${path}`),
  );
  const found = new Map<string, RepositoryFile>();
  for (const [nth, { file, path }] of asked.entries()) {
    const fact = facts[nth];
    if (fact?.type === 'blob' && !found.has(file)) found.set(file, { path, contents: fact.name });
  }
  return found;
}
