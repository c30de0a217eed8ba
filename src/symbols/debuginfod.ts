import type { ProxyOf } from '../io/http-proxy.ts';
import { KtriageError } from '../util/errors.ts';
import { DebuginfodCache } from './debuginfod-cache.ts';
import type { Fetching } from './debuginfod-download.ts';
import type { DebuginfodSettings } from './debuginfod-settings.ts';

export interface DebuginfodOptions {
  readonly settings: DebuginfodSettings;
  /** What servers are told about who asks. */
  readonly userAgent: string;
  readonly proxyOf?: ProxyOf;
  /** Called with every piece that comes. */
  readonly onProgress?: (fetching: Fetching) => void;
  /** Called when servers are about to be asked for a file; what it returns is disposed of when that is over. */
  readonly watch?: (buildId: string) => FetchWatch;
}

/** What lasts as long as servers are asked for one file. */
export interface FetchWatch {
  /** Ends the fetching. */
  readonly signal?: AbortSignal;
  dispose(): void;
}

/** The path of a file, or why there is none, in words. */
export type Fetched = { readonly path: string } | { readonly refused: string };

const plainBuildId = /^[0-9a-f]{8,128}$/;

/** Build IDs come from logs, and files of kernels are large: one run shall not fill a disk because a log says so. */
const maxRequests = 256;

/**
 * Debug information by build ID from debuginfod servers: see debuginfod(8). Files lie in the cache of elfutils' client.
 * Servers are asked in their order; one that cannot be reached is not asked again.
 */
export class Debuginfod {
  readonly #options: DebuginfodOptions;
  readonly #cache: DebuginfodCache;
  readonly #known = new Map<string, Promise<Fetched>>();
  /** Servers that are not asked again, and why. */
  readonly #down = new Map<URL, string>();
  #requests = 0;

  constructor(options: DebuginfodOptions) {
    this.#options = options;
    this.#cache = new DebuginfodCache(options.settings.cache);
  }

  /** A file that was fetched before, by whomever. */
  cached(buildId: string): string | undefined {
    const id = buildId.toLowerCase();
    return plainBuildId.test(id) ? this.#cache.find(id) : undefined;
  }

  /**
   * The file of that build ID, from the cache or a server; only one that has the build ID is kept.
   * @throws the signal's reason if it is aborted.
   */
  async fetch(buildId: string, signal?: AbortSignal): Promise<Fetched> {
    signal?.throwIfAborted();
    const id = buildId.toLowerCase();
    if (!plainBuildId.test(id)) return { refused: `${buildId.slice(0, 160)} is no build ID` };
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const fetched = this.#fetch(id, signal);
    this.#known.set(id, fetched);
    try {
      return await fetched;
    } catch (error) {
      // It was aborted, which says nothing of the next time.
      this.#known.delete(id);
      throw error;
    }
  }

  async #fetch(id: string, signal: AbortSignal | undefined): Promise<Fetched> {
    const cached = this.#cache.find(id);
    if (cached !== undefined && (await buildIdOf(cached, signal)) === id) return { path: cached };
    const ago = this.#cache.missedAgo(id);
    if (ago !== undefined)
      return { refused: `no server had it ${ago} s ago, which ${this.#cache.path(id)} remembers for some minutes` };
    if (this.#requests >= maxRequests)
      return { refused: `${maxRequests} files were asked for in this run, no more are` };
    this.#requests += 1;
    const watch = this.#options.watch?.(id);
    const signals = [signal, watch?.signal].filter((each) => each !== undefined);
    const either = signals.length === 0 ? undefined : AbortSignal.any(signals);
    try {
      return await this.#askAll(id, either);
    } catch (error) {
      if (either?.aborted || !(error instanceof Error) || !('syscall' in error)) throw error;
      return { refused: `the cache ${this.#options.settings.cache} cannot be written: ${error.message}` };
    } finally {
      watch?.dispose();
    }
  }

  async #askAll(id: string, signal: AbortSignal | undefined): Promise<Fetched> {
    const reasons: string[] = [];
    let everyOneMissed = true;
    for (const server of this.#options.settings.servers) {
      const asked = await this.#ask(server, id, signal);
      if (asked === 'missing') reasons.push(`${server.host} does not have it`);
      else if ('path' in asked) return asked;
      else {
        everyOneMissed = false;
        reasons.push(`${server.host}: ${asked.refused}`);
      }
    }
    if (everyOneMissed) this.#cache.noteMiss(id);
    return { refused: reasons.join('; ') };
  }

  async #ask(server: URL, id: string, signal: AbortSignal | undefined): Promise<Fetched | 'missing'> {
    const down = this.#down.get(server);
    if (down !== undefined) return { refused: down };
    const { settings, userAgent, proxyOf, onProgress } = this.#options;
    const { download } = await import('./debuginfod-download.ts');
    const got = await download(server, id, this.#cache, {
      settings,
      userAgent,
      ...(proxyOf && { proxyOf }),
      ...(onProgress && { onProgress }),
      ...(signal && { signal }),
    });
    switch (got.type) {
      case 'missing':
        return 'missing';
      case 'failed':
        if (got.down) this.#down.set(server, got.why);
        return { refused: got.why };
      case 'file': {
        let kept = false;
        try {
          const own = await buildIdOf(got.entry.temporary, signal);
          if (own !== id)
            return { refused: `it sent a file ${own === undefined ? 'without build ID' : `of build ID ${own}`}` };
          const path = this.#cache.keep(id, got.entry);
          kept = true;
          return { path };
        } finally {
          if (!kept) this.#cache.discard(id, got.entry);
        }
      }
    }
  }
}

/** The build ID of a file; undefined also if it is damaged. */
async function buildIdOf(path: string, signal: AbortSignal | undefined): Promise<string | undefined> {
  const { openElf } = await import('../elf/open-elf.ts');
  try {
    const elf = await openElf(path, signal);
    try {
      return elf.buildId;
    } finally {
      elf.close();
    }
  } catch (error) {
    if (error instanceof KtriageError) return undefined;
    throw error;
  }
}
