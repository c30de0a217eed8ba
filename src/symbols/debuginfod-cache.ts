import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../io/make-folder.ts';

/** Seconds for which it is remembered that no server has a file, unless the file `cache_miss_s` says otherwise. */
const defaultMissSeconds = 600;
/** What a process left that was killed while it fetched, if nothing was written to it for so long. */
const abandonedMilliseconds = 3_600_000;
const maxLeft = 1000;

const temporaryPrefix = 'debuginfo.ktriage-';

/** A file that is being fetched. */
export interface CacheEntry {
  /** Where it lies until it is whole. */
  readonly temporary: string;
  readonly descriptor: number;
}

/**
 * Files by their build IDs, in the layout of elfutils' client, so that either finds what the other fetched:
 * `HEX/debuginfo`, which is empty if no server had it. Methods that write throw the system's errors.
 */
export class DebuginfodCache {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  path(buildId: string): string {
    return join(this.#root, buildId, 'debuginfo');
  }

  /** The path of a file that is there. */
  find(buildId: string): string | undefined {
    const path = this.path(buildId);
    return (statusOf(path)?.size ?? 0) > 0 ? path : undefined;
  }

  /** How many seconds ago no server had the file, if that still counts. */
  missedAgo(buildId: string): number | undefined {
    const status = statusOf(this.path(buildId));
    if (status === undefined || status.size > 0) return undefined;
    const age = (Date.now() - status.mtimeMs) / 1000;
    return age <= this.#missSeconds() ? Math.max(0, Math.floor(age)) : undefined;
  }

  /** Remembers that no server has the file, if the cache can be written. */
  noteMiss(buildId: string): void {
    const path = this.path(buildId);
    try {
      makeFolder(join(this.#root, buildId));
      if (statusOf(path)?.size === 0) rmSync(path, { force: true });
      // Not over one that another process fetched meanwhile.
      closeSync(openSync(path, 'wx', 0o644));
    } catch {
      // Then it is asked for again.
    }
  }

  begin(buildId: string): CacheEntry {
    const folder = join(this.#root, buildId);
    makeFolder(folder);
    this.#sweep(folder);
    for (let attempt = 0; ; attempt++) {
      const temporary = join(folder, `${temporaryPrefix}${process.pid}-${Date.now()}-${attempt}`);
      try {
        return { temporary, descriptor: openSync(temporary, 'wx', 0o400) };
      } catch (error) {
        if (attempt >= 8) throw error;
      }
    }
  }

  /** Puts a file in its place that is whole; its descriptor is closed already. */
  keep(buildId: string, { temporary }: CacheEntry): string {
    const path = this.path(buildId);
    renameSync(temporary, path);
    return path;
  }

  /** Takes away what is not whole; its descriptor is closed already. */
  discard(buildId: string, { temporary }: CacheEntry): void {
    rmSync(temporary, { force: true });
    try {
      rmdirSync(join(this.#root, buildId));
    } catch {
      // Something else is in the folder.
    }
  }

  #missSeconds(): number {
    try {
      const text = readFileSync(join(this.#root, 'cache_miss_s'), 'latin1').trim();
      return /^\d{1,9}$/.test(text) ? Number(text) : defaultMissSeconds;
    } catch {
      return defaultMissSeconds;
    }
  }

  #sweep(folder: string): void {
    for (const name of readdirSync(folder).slice(0, maxLeft)) {
      const path = join(folder, name);
      const status = name.startsWith(temporaryPrefix) ? statusOf(path) : undefined;
      if (status !== undefined && Date.now() - status.mtimeMs > abandonedMilliseconds) rmSync(path, { force: true });
    }
  }
}

function statusOf(path: string): Stats | undefined {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status?.isFile() ? status : undefined;
  } catch {
    // What cannot be looked at is not there for us.
    return undefined;
  }
}
