import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, request } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { HttpFailure, requestFailure } from '../../src/io/http-failure.ts';
import { type HttpGetOptions, httpGet } from '../../src/io/http-get.ts';
import { proxyFromEnvironment } from '../../src/io/http-proxy.ts';
import { listen, peer, temporaryFolder } from '../symbols/debuginfod-peer.ts';

const plain: HttpGetOptions = { connectTimeout: 5000 };

async function text(url: URL, options: Partial<HttpGetOptions> = {}): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of (await httpGet(url, { ...plain, ...options })).body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe('redirects', () => {
  test('are followed, and headers of the user go to no other server', async () => {
    const seen: IncomingHttpHeaders[] = [];
    const last = await peer((request, response) => {
      seen.push(request.headers);
      response.end('here');
    });
    const middle = await peer((request, response) => {
      seen.push(request.headers);
      if (request.url === '/first') response.writeHead(302, { Location: '/second' }).end();
      else response.writeHead(307, { Location: last.url.href }).end();
    });
    expect(await text(new URL('/first', middle.url), { headers: { 'X-Token': 'secret' } })).toBe('here');
    expect(seen.map((headers) => headers['x-token'])).toEqual(['secret', 'secret', undefined]);
  });

  test.each([
    ['a circle', '/again', 'it redirects more than 10 times'],
    ['no URL', 'http://[', 'it redirects to what is no URL'],
    ['another scheme', 'file:///etc/passwd', 'it redirects to a URL of file:'],
  ])('to %s end', async (_what, location, why) => {
    const { url, asked } = await peer((_request, response) => response.writeHead(302, { Location: location }).end());
    await expect(text(url)).rejects.toThrow(why);
    expect(asked.length).toBeLessThan(12);
  });
});

describe('failures', () => {
  test('have words', async () => {
    const server = await peer((_request, response) => response.socket?.destroy());
    await expect(text(server.url)).rejects.toThrow('the connection was cut');
    const odd = await peer((_request, response) => response.socket?.end('220 mail.example.org ESMTP\r\n'));
    await expect(text(odd.url)).rejects.toThrow('its answer is not HTTP');
    const long = await peer((_request, response) => {
      response.socket?.end(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\n\r\n`);
    });
    await expect(text(long.url)).rejects.toThrow('the headers of its answer are too long');
    await expect(text(new URL('http://127.0.0.1:1/'))).rejects.toThrow('no server is there');
  });

  test('of unknown kinds keep their message, not too much of it', () => {
    expect(requestFailure(new Error('x'.repeat(1000))).message).toHaveLength(200);
    expect(requestFailure(new AggregateError([Object.assign(new Error(''), { code: 'EHOSTUNREACH' })])).message).toBe(
      'the host cannot be reached',
    );
    expect(requestFailure('odd')).toBeInstanceOf(HttpFailure);
  });

  test('of TLS name the certificate', async () => {
    // A server that speaks no TLS at all.
    const { url } = await peer((_request, response) => response.end());
    await expect(text(new URL(url.href.replace('http:', 'https:')))).rejects.toThrow(HttpFailure);
  });
});

const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe.skipIf(!hasOpenssl)('https (skipped without openssl, which makes the certificate)', () => {
  async function tlsServer(): Promise<URL> {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const args = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', cert, '-days', '1'];
    execFileSync('openssl', [...args, '-subj', '/CN=example.org'], { stdio: 'pipe' });
    const server = createTlsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_request, response) => {
      response.end('secret');
    });
    return listen(server, 'https');
  }

  test('refuses certificates that nobody vouches for', async () => {
    await expect(text(await tlsServer())).rejects.toThrow('its certificate is signed by itself');
  });

  test('goes through a tunnel of a proxy', async () => {
    const url = await tlsServer();
    const targets: string[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      targets.push(request.url ?? '');
      const to = connect(Number(url.port), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        to.pipe(socket).pipe(to);
      });
      to.on('error', () => socket.destroy());
      socket.on('error', () => to.destroy());
    });
    const at = await listen(proxy);
    // That the certificate is refused shows that TLS went through: there is no such host.
    const target = new URL('https://host.invalid:8002/');
    await expect(text(target, { proxyOf: () => at })).rejects.toThrow('its certificate is signed by itself');
    expect(targets).toEqual(['host.invalid:8002']);
  });
});

describe('proxies', () => {
  test('get the whole URL, and credentials that are theirs', async () => {
    const { url } = await peer((_request, response) => response.end('through'));
    const proxy = await peer((asked, response) => {
      expect(asked.headers.host).toBe(url.host);
      expect(asked.headers['proxy-authorization']).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
      request(asked.url ?? '', (answer) => answer.pipe(response)).end();
    });
    const at = new URL(proxy.url);
    at.username = 'me';
    at.password = 'p@ss';
    expect(await text(new URL('/some/path', url), { proxyOf: () => at })).toBe('through');
    expect(proxy.asked).toEqual([new URL('/some/path', url).href]);
  });

  test('that refuse, or are of a kind that is not known, are named', async () => {
    const { url } = await peer((_request, response) => response.writeHead(403).end());
    const target = new URL('https://example.org/');
    await expect(text(target, { proxyOf: () => url })).rejects.toThrow(/its proxy answered 403|connection was cut/);
    await expect(text(target, { proxyOf: () => new URL('socks5://127.0.0.1:1') })).rejects.toThrow('of socks5:');
  });

  test.each([
    [{}, 'http://a.example/', undefined],
    [{ http_proxy: 'http://p:3128' }, 'http://a.example/', 'http://p:3128/'],
    [{ http_proxy: 'p:3128' }, 'http://a.example/', 'http://p:3128/'],
    [{ http_proxy: 'http://p:3128' }, 'https://a.example/', undefined],
    [{ HTTPS_PROXY: 'http://p:3128' }, 'https://a.example/', 'http://p:3128/'],
    [{ all_proxy: 'http://p:3128' }, 'https://a.example/', 'http://p:3128/'],
    [{ all_proxy: 'http://p:3128', no_proxy: 'example' }, 'https://a.example/', undefined],
    [{ all_proxy: 'http://p:3128', no_proxy: 'localhost, .example' }, 'https://a.example/', undefined],
    [{ all_proxy: 'http://p:3128', no_proxy: 'b.example' }, 'https://a.example/', 'http://p:3128/'],
    [{ all_proxy: 'http://p:3128', no_proxy: '::1' }, 'http://[::1]:8002/', undefined],
    [{ all_proxy: 'http://p:3128', no_proxy: '*' }, 'https://a.example/', undefined],
    [{ all_proxy: 'http://[' }, 'https://a.example/', undefined],
  ])('%j for %s', (env, url, expected) => {
    expect(proxyFromEnvironment(env)(new URL(url))?.href).toBe(expected);
  });
});
