import { createConnection, type Socket } from 'node:net';
import { KtriageError } from '../util/errors.ts';

/** Where a stream socket is listened on. */
export type Endpoint =
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** How a socket is connected. */
export interface ConnectOptions {
  /** Milliseconds in which the connection must stand; 5000 by default. */
  readonly timeoutMilliseconds?: number | undefined;
  /** Gives up connecting; a connection that stands is no longer its business. */
  readonly signal?: AbortSignal | undefined;
}

/** Bytes of a path that fit into `struct sockaddr_un`, less its NUL (unix(7)). */
const longestPath = 107;

/**
 * An endpoint as people write it: `HOST:PORT`, `:PORT` and `PORT` (of this machine), `[::1]:PORT`, and with a slash in
 * it or `unix:` before it the path of a socket; `tcp:` may stand before the others. Undefined if it is none of these.
 */
export function parseEndpoint(text: string): Endpoint | undefined {
  if (text.startsWith('unix:')) return text.length > 5 ? { kind: 'unix', path: text.slice(5) } : undefined;
  const address = text.startsWith('tcp:') ? text.slice(4) : text;
  if (address.includes('/')) return address === text ? { kind: 'unix', path: text } : undefined;
  const colon = address.lastIndexOf(':');
  const digits = address.slice(colon + 1);
  if (!/^\d{1,5}$/.test(digits)) return undefined;
  const port = Number(digits);
  if (port < 1 || port > 65_535) return undefined;
  const host = address.slice(0, Math.max(colon, 0));
  const bracketed = /^\[([0-9A-Fa-f:.%\w]+)\]$/.exec(host)?.[1];
  // An IPv6 address needs its brackets: else its last part would be taken for the port.
  if (bracketed === undefined && /[:[\]\s]/.test(host)) return undefined;
  return { kind: 'tcp', host: bracketed ?? (host === '' ? '127.0.0.1' : host), port };
}

/** An endpoint in the form that `parseEndpoint` takes. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return endpoint.path.includes('/') ? endpoint.path : `unix:${endpoint.path}`;
  return `${endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host}:${endpoint.port}`;
}

interface Refusal {
  readonly why: string;
  readonly hint: string;
}

/** What the errors of the system mean to somebody who wants to talk to a server. */
const refusals: Readonly<Record<string, Refusal>> = {
  ECONNREFUSED: { why: 'nobody listens there', hint: 'check the address, and that the server runs' },
  ENOENT: { why: 'there is no such socket', hint: 'check the path' },
  ENOTSOCK: { why: 'it is no socket', hint: 'check the path' },
  EACCES: { why: 'permission was denied', hint: 'run as a user that may write to the socket' },
  ENOTFOUND: { why: 'there is no host of that name', hint: 'check the name' },
  EAI_AGAIN: { why: 'the name of the host could not be looked up', hint: 'check the name, and the network' },
  EHOSTUNREACH: { why: 'there is no way to the host', hint: 'check the address, and the network' },
  ENETUNREACH: { why: 'there is no way to the host', hint: 'check the address, and the network' },
  ECONNRESET: { why: 'the other side closed it', hint: 'check what listens there' },
};

function unreachable(endpoint: Endpoint, why: string, hint: string): KtriageError {
  return new KtriageError('KT-SOCKET-UNREACHABLE', `cannot connect to ${endpointText(endpoint)}`, why, hint);
}

function connectError(endpoint: Endpoint, error: Error): KtriageError {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const refusal = refusals[code];
  if (refusal !== undefined) return unreachable(endpoint, refusal.why, refusal.hint);
  return unreachable(endpoint, error.message || code, 'check the address');
}

/**
 * Connects to a server. What is written is sent at once (`TCP_NODELAY`): QEMU's stub takes 44 ms for every command
 * otherwise, as Nagle's algorithm waits for the acknowledgement that the other side delays.
 * @throws KtriageError KT-SOCKET-UNREACHABLE; the signal's reason if it is aborted.
 */
export function connectSocket(endpoint: Endpoint, options: ConnectOptions = {}): Promise<Socket> {
  const { signal, timeoutMilliseconds = 5000 } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    if (endpoint.kind === 'unix' && Buffer.byteLength(endpoint.path) > longestPath) {
      const hint = 'change to its folder and give the path from there, or make a shorter link to it';
      reject(unreachable(endpoint, `the path of a socket has ${longestPath} bytes at most`, hint));
      return;
    }
    const socket =
      endpoint.kind === 'unix'
        ? createConnection({ path: endpoint.path })
        : createConnection({ host: endpoint.host, port: endpoint.port, noDelay: true });
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.removeListener('error', failed);
      socket.removeListener('connect', connected);
    };
    const fail = (reason: unknown): void => {
      done();
      // A late error of a socket that nobody waits for any more.
      socket.on('error', () => undefined);
      socket.destroy();
      reject(reason);
    };
    const connected = (): void => {
      done();
      resolve(socket);
    };
    const failed = (error: Error): void => fail(connectError(endpoint, error));
    const abort = (): void => fail(signal?.reason);
    const timer = setTimeout(() => {
      fail(unreachable(endpoint, `no connection within ${timeoutMilliseconds / 1000} s`, 'check the address'));
    }, timeoutMilliseconds);
    signal?.addEventListener('abort', abort);
    socket.on('error', failed);
    socket.on('connect', connected);
  });
}
