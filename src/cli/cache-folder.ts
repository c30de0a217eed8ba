import { isAbsolute, join, resolve } from 'node:path';
import { runAfterwards } from '../util/afterwards.ts';
import type { Session } from './session.ts';

/**
 * Where indexes of kernels are kept: `KTRIAGE_CACHE`, else below `XDG_CACHE_HOME` or `~/.cache`; nothing of
 * it for `--no-cache` and `KTRIAGE_CACHE=off`. Relative paths in `XDG_CACHE_HOME` do not count (XDG Base Directory
 * Specification 0.8).
 */
export function cacheOption(flags: { readonly noCache?: boolean }, session: Session): { readonly cache?: string } {
  const { KTRIAGE_CACHE: named = '', XDG_CACHE_HOME: caches = '' } = session.env;
  if (flags.noCache === true || named === 'off') return {};
  // Indexes are made when the process has nothing else to do.
  session.afterwards = runAfterwards;
  if (named !== '') return { cache: resolve(session.cwd, named) };
  return { cache: join(isAbsolute(caches) ? caches : join(session.home, '.cache'), 'ktriage') };
}
