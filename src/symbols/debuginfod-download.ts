import { closeSync, writeSync } from 'node:fs';
import { HttpFailure } from '../io/http-failure.ts';
import { httpGet } from '../io/http-get.ts';
import type { ProxyOf } from '../io/http-proxy.ts';
import { compressionOf, magicBytes } from '../io/magic.ts';
import type { CacheEntry, DebuginfodCache } from './debuginfod-cache.ts';
import type { DebuginfodSettings } from './debuginfod-settings.ts';

/** How far a file is. */
export interface Fetching {
  readonly buildId: string;
  /** The server's host. */
  readonly server: string;
  readonly bytes: number;
  /** Bytes of the whole file, if the server says it. */
  readonly total?: number;
}

export interface DownloadOptions {
  readonly settings: DebuginfodSettings;
  readonly userAgent: string;
  readonly proxyOf?: ProxyOf;
  readonly onProgress?: (fetching: Fetching) => void;
  readonly signal?: AbortSignal;
}

/** What a server had: a whole file, nothing (404), or something that is of no use. */
export type Download =
  | { readonly type: 'file'; readonly entry: CacheEntry }
  | { readonly type: 'missing' }
  | {
      readonly type: 'failed';
      readonly why: string /** True if it need not be asked again. */;
      readonly down: boolean;
    };

/** Milliseconds until a connection stands: a server that is down shall not cost as much as one that is busy. */
const connectTimeout = 10_000;
/** Bad credentials, too many requests, overload: the next file will fare no better. */
const unwilling: ReadonlySet<number> = new Set([401, 429, 503]);
/** elfutils: at least 100K within the timeout. */
const leastBytes = 102_400;

/**
 * Fetches the debug information of a build ID from one server into a temporary file of the cache.
 * @throws the signal's reason if it is aborted; errors of the system where the cache cannot be written.
 */
export async function download(
  server: URL,
  buildId: string,
  cache: DebuginfodCache,
  { settings, userAgent, proxyOf, onProgress, signal }: DownloadOptions,
): Promise<Download> {
  const limits = new Limits(settings);
  try {
    const answer = await httpGet(urlOf(server, buildId), {
      headers: { 'User-Agent': userAgent, ...settings.headers },
      connectTimeout,
      ...(proxyOf && { proxyOf }),
      signal: signal === undefined ? limits.signal : AbortSignal.any([signal, limits.signal]),
    });
    const { status, headers, body } = answer;
    if (status !== 200) {
      answer.discard();
      if (status === 404) return { type: 'missing' };
      return { type: 'failed', why: `it answered with status ${status}`, down: unwilling.has(status) };
    }
    const total = totalBytes(headers);
    if (total !== undefined && total > settings.maxSize) {
      answer.discard();
      return { type: 'failed', why: `the file has ${total} bytes, the limit is ${settings.maxSize}`, down: false };
    }
    const entry = await store(
      body,
      cache,
      buildId,
      (bytes) => {
        if (bytes > settings.maxSize) throw new HttpFailure('refused', `it sends more than ${settings.maxSize} bytes`);
        if (total !== undefined && bytes > total)
          throw new HttpFailure('refused', `it sends more than the ${total} bytes it said`);
        limits.note(bytes);
        onProgress?.({ buildId, server: server.host, bytes, ...(total !== undefined && { total }) });
      },
      total,
    );
    return { type: 'file', entry };
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof HttpFailure)
      return { type: 'failed', why: error.message, down: error.kind === 'unreachable' || error.kind === 'stalled' };
    throw error;
  } finally {
    limits.end();
  }
}

/** `SERVER/buildid/HEX/debuginfo`; the server may be below a path, and may have `buildid` in it already. */
function urlOf(server: URL, buildId: string): URL {
  const url = new URL(server);
  const path = url.pathname.replace(/\/{0,64}$/, '').replace(/\/buildid$/, '');
  url.pathname = `${path}/buildid/${buildId}/debuginfo`;
  return url;
}

/** `X-DEBUGINFOD-SIZE` is the file's; the other counts compressed bytes where the answer is compressed. */
function totalBytes(headers: Readonly<Record<string, string | readonly string[] | undefined>>): number | undefined {
  const compressed = headers['content-encoding'] !== undefined;
  const text = headers['x-debuginfod-size'] ?? (compressed ? undefined : headers['content-length']);
  return typeof text === 'string' && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/** True if a file begins as one of debug information does; error pages do not. */
function looksRight(start: Uint8Array): boolean {
  const isElf = start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
  return isElf || compressionOf(start) !== 'none';
}

async function store(
  body: AsyncIterable<Uint8Array>,
  cache: DebuginfodCache,
  buildId: string,
  onBytes: (bytes: number) => void,
  total: number | undefined,
): Promise<CacheEntry> {
  const entry = cache.begin(buildId);
  let bytes = 0;
  let start: Buffer = Buffer.alloc(0);
  let whole = false;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (start.length < magicBytes) {
        start = Buffer.concat([start, chunk.subarray(0, magicBytes)]);
        if (start.length >= magicBytes && !looksRight(start)) break;
      }
      onBytes(bytes);
      for (let written = 0; written < chunk.length; ) written += writeSync(entry.descriptor, chunk, written);
    }
    if (!looksRight(start)) throw new HttpFailure('refused', 'it sends no ELF file (is it a debuginfod server?)');
    if (total !== undefined && bytes !== total)
      throw new HttpFailure('broken', `the connection was cut after ${bytes} of ${total} bytes`);
    whole = true;
    return entry;
  } finally {
    closeSync(entry.descriptor);
    if (!whole) cache.discard(buildId, entry);
  }
}

/** Ends a request that is too slow, or takes too long. */
class Limits {
  readonly #controller = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  #bytes = 0;
  #before = 0;

  constructor({ timeout, maxTime }: DebuginfodSettings) {
    // More than setTimeout can take is no limit.
    const milliseconds = (seconds: number): number => (seconds * 1000 < 2 ** 31 ? seconds * 1000 : 0);
    if (milliseconds(timeout) > 0)
      this.#timers.push(
        setInterval(() => {
          if (this.#bytes - this.#before < leastBytes)
            this.#controller.abort(new HttpFailure('stalled', `it sent less than 100 KiB in ${timeout} s`));
          this.#before = this.#bytes;
        }, milliseconds(timeout)),
      );
    if (milliseconds(maxTime) > 0)
      this.#timers.push(
        setTimeout(() => {
          this.#controller.abort(new HttpFailure('broken', `it took more than ${maxTime} s`));
        }, milliseconds(maxTime)),
      );
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  note(bytes: number): void {
    this.#bytes = bytes;
  }

  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }
}
