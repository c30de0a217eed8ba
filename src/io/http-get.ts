import { type IncomingHttpHeaders, type IncomingMessage, type RequestOptions, request as requestHttp } from 'node:http';
import { urlToHttpOptions } from 'node:url';
import { DamagedDataError } from './damaged.ts';
import { HttpFailure, requestFailure } from './http-failure.ts';
import { type ProxyOf, proxied } from './http-proxy.ts';

export interface HttpGetOptions {
  /** Sent to the server that is asked, and to none that it redirects to. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds in which the connection must stand, that of TLS included. */
  readonly connectTimeout: number;
  /** The proxy to go through for a URL, if there is one. */
  readonly proxyOf?: ProxyOf;
  readonly signal?: AbortSignal;
}

/** The beginning of an answer; its body is still to come. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. Throws HttpFailure where it breaks off; leaving the loop ends the connection. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Ends the connection, where the body is not wanted. */
  discard(): void;
}

const maxRedirects = 10;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Asks a server for a file. Follows redirects, but none from https to http; takes gzip.
 * @throws HttpFailure if there is no answer; the signal's reason if it is aborted.
 */
export async function httpGet(url: URL, options: HttpGetOptions): Promise<HttpAnswer> {
  let at = url;
  for (let hops = 0; hops <= maxRedirects; hops++) {
    const response = await send(at, at.origin === url.origin ? (options.headers ?? {}) : {}, options);
    const { statusCode = 0 } = response;
    const { location } = response.headers;
    if (!redirects.has(statusCode) || location === undefined) return answerOf(response, options.signal);
    response.destroy();
    at = redirected(at, location);
  }
  throw new HttpFailure('refused', `it redirects more than ${maxRedirects} times`);
}

function redirected(from: URL, location: string): URL {
  if (!URL.canParse(location, from.href)) throw new HttpFailure('refused', 'it redirects to what is no URL');
  const to = new URL(location, from);
  if (to.protocol !== 'http:' && to.protocol !== 'https:')
    throw new HttpFailure('refused', `it redirects to a URL of ${to.protocol.slice(0, 32)}`);
  if (from.protocol === 'https:' && to.protocol === 'http:')
    throw new HttpFailure('refused', 'it redirects from https to http');
  return to;
}

/** One request up to the headers of its answer. */
async function send(
  url: URL,
  headers: Readonly<Record<string, string>>,
  { connectTimeout, proxyOf, signal }: HttpGetOptions,
): Promise<IncomingMessage> {
  signal?.throwIfAborted();
  const proxy = proxyOf?.(url);
  const direct: RequestOptions = {
    ...urlToHttpOptions(url),
    headers: { 'Accept-Encoding': 'gzip', ...headers },
    // A connection of its own: one that idles may be closed by the server just when it is used again.
    agent: false,
    ...(signal && { signal }),
  };
  const request = url.protocol === 'https:' ? (await import('node:https')).request : requestHttp;
  const options = proxy === undefined ? direct : await proxied(url, proxy, direct, connectTimeout);
  return new Promise<IncomingMessage>((resolve, reject) => {
    const sent = request(options);
    const timer = setTimeout(() => {
      sent.destroy(new HttpFailure('unreachable', `no connection within ${connectTimeout / 1000} s`));
    }, connectTimeout);
    const stop = (): void => clearTimeout(timer);
    sent.once('socket', (socket) => {
      if (!socket.connecting) stop();
      socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', stop);
    });
    sent.once('response', (response) => {
      stop();
      resolve(response);
    });
    sent.on('error', (error) => {
      stop();
      reject(signal?.aborted ? signal.reason : requestFailure(error));
    });
    sent.end();
  });
}

async function answerOf(response: IncomingMessage, signal: AbortSignal | undefined): Promise<HttpAnswer> {
  const { statusCode = 0, headers } = response;
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  return {
    status: statusCode,
    headers,
    body: decoded(response, encoding, signal),
    discard: () => response.destroy(),
  };
}

async function* decoded(
  response: IncomingMessage,
  encoding: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  try {
    if (encoding === 'identity' || encoding === '') yield* chunksOf(response);
    else if (encoding === 'gzip' || encoding === 'x-gzip') {
      const { gunzip } = await import('./gunzip.ts');
      yield* gunzip(chunksOf(response));
    } else throw new HttpFailure('refused', `it compresses in a way that was not asked for (${encoding.slice(0, 32)})`);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof DamagedDataError) throw new HttpFailure('refused', `it sends damaged data (${error.message})`);
    throw requestFailure(error);
  } finally {
    response.destroy();
  }
}

async function* chunksOf(response: IncomingMessage): AsyncGenerator<Uint8Array> {
  for await (const chunk of response) if (chunk instanceof Uint8Array) yield chunk;
  // A body of known length that was cut off ends here without an error in some cases.
  if (!response.complete) throw new HttpFailure('broken', 'the connection was cut');
}
