import { type RequestOptions, request } from 'node:http';
import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { HttpFailure, requestFailure } from './http-failure.ts';

/** The proxy to go through for a URL, if there is one. */
export type ProxyOf = (url: URL) => URL | undefined;

/** The proxies that the environment names, by the rules of curl: `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy`. */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): ProxyOf {
  const variable = (name: string): string => env[name] ?? env[name.toUpperCase()] ?? '';
  const without = variable('no_proxy')
    .toLowerCase()
    .split(/[\s,]/)
    .map((host) => host.replace(/^\*?\./, ''))
    .filter((host) => host !== '');
  return (url) => {
    const host = unbracketed(url.hostname.toLowerCase());
    const exempt = without.some(
      (each) => each === '*' || each === host || each === url.host || host.endsWith(`.${each}`),
    );
    if (exempt) return undefined;
    const named = variable(`${url.protocol.slice(0, -1)}_proxy`) || variable('all_proxy');
    if (named === '') return undefined;
    const text = named.includes('://') ? named : `http://${named}`;
    return URL.canParse(text) ? new URL(text) : undefined;
  };
}

function authorization({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '') return {};
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/**
 * A request as it goes through a proxy: for the whole URL where it is http, through a tunnel where it is https.
 * @param timeout milliseconds in which the tunnel must stand.
 * @throws HttpFailure if there is no tunnel; the signal's reason if it is aborted.
 */
export async function proxied(url: URL, proxy: URL, direct: RequestOptions, timeout: number): Promise<RequestOptions> {
  if (proxy.protocol !== 'http:')
    throw new HttpFailure('unreachable', `its proxy is of ${proxy.protocol} and only those of http: are known`);
  const at = { hostname: unbracketed(proxy.hostname), port: proxy.port === '' ? 80 : Number(proxy.port) };
  if (url.protocol === 'http:') {
    const path = `${url.origin}${url.pathname}${url.search}`;
    return { ...direct, ...at, path, headers: { ...direct.headers, ...authorization(proxy), Host: url.host } };
  }
  const { connect } = await import('node:tls');
  const socket = await tunnel(
    url,
    { ...at, ...(direct.signal && { signal: direct.signal }) },
    authorization(proxy),
    timeout,
  );
  const host = unbracketed(url.hostname);
  const createConnection = (): Duplex => {
    // TLS takes names of hosts only, no addresses.
    const secure = connect({ socket, host, ...(isIP(host) === 0 && { servername: host }) });
    // Closing the one leaves the other open, which would keep the process alive.
    secure.once('close', () => socket.destroy());
    return secure;
  };
  // With an agent, even a false one, the connection would be its own.
  return { ...direct, agent: undefined, createConnection };
}

const unbracketed = (host: string): string => host.replace(/^\[|\]$/g, '');

function tunnel(
  { hostname, port }: URL,
  proxy: RequestOptions,
  headers: Readonly<Record<string, string>>,
  timeout: number,
): Promise<Duplex> {
  const target = `${hostname}:${port === '' ? 443 : port}`;
  return new Promise((resolve, reject) => {
    const sent = request({
      ...proxy,
      method: 'CONNECT',
      path: target,
      headers: { ...headers, Host: target },
      agent: false,
    });
    const timer = setTimeout(() => {
      sent.destroy(new HttpFailure('unreachable', `no connection through the proxy within ${timeout / 1000} s`));
    }, timeout);
    sent.on('connect', ({ statusCode = 0 }, socket) => {
      clearTimeout(timer);
      if (statusCode === 200) {
        // What uses the connection tells of its errors; without a listener here they would end the process.
        socket.on('error', () => {});
        resolve(socket);
        return;
      }
      socket.destroy();
      reject(new HttpFailure('unreachable', `its proxy answered ${statusCode}`));
    });
    sent.on('response', ({ statusCode = 0 }) => {
      sent.destroy();
      reject(new HttpFailure('unreachable', `its proxy answered ${statusCode}`));
    });
    sent.on('error', (error) => {
      clearTimeout(timer);
      reject(proxy.signal?.aborted ? proxy.signal.reason : requestFailure(error));
    });
    sent.end();
  });
}
