import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { connectSocket, endpointText, parseEndpoint } from '../../src/io/socket.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-socket-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function listen(at: { path: string } | { port: number; host: string }): Promise<Server> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.end('hello'));
    server.listen(at, () => resolve(server));
  });
}

describe('endpoints', () => {
  test.each([
    [':1234', { kind: 'tcp', host: '127.0.0.1', port: 1234 }],
    ['1234', { kind: 'tcp', host: '127.0.0.1', port: 1234 }],
    ['localhost:1', { kind: 'tcp', host: 'localhost', port: 1 }],
    ['tcp:10.0.0.1:65535', { kind: 'tcp', host: '10.0.0.1', port: 65_535 }],
    ['[::1]:1234', { kind: 'tcp', host: '::1', port: 1234 }],
    ['/run/gdb.sock', { kind: 'unix', path: '/run/gdb.sock' }],
    ['./1234', { kind: 'unix', path: './1234' }],
    ['unix:gdb.sock', { kind: 'unix', path: 'gdb.sock' }],
  ])('%s', (text, endpoint) => {
    expect(parseEndpoint(text)).toEqual(endpoint);
    expect(parseEndpoint(endpointText(parseEndpoint(text) ?? { kind: 'unix', path: '' }))).toEqual(endpoint);
  });

  test.each([
    '',
    ':',
    ':0',
    ':65536',
    'host',
    'host:',
    '::1:1234',
    'a b:1',
    '[::1]',
    'unix:',
    'tcp:/run/x',
    '1e3',
    '-1',
  ])('%j is none', (text) => {
    expect(parseEndpoint(text)).toBeUndefined();
  });
});

describe('connecting', () => {
  test('by TCP and by path', async () => {
    const path = join(folder, 'server');
    const servers = [await listen({ path }), await listen({ port: 0, host: '127.0.0.1' })];
    const address = servers[1]?.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const endpoint of [{ kind: 'unix', path } as const, { kind: 'tcp', host: '127.0.0.1', port } as const]) {
      const socket = await connectSocket(endpoint);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('hello');
    }
    for (const server of servers) server.close();
  });

  test.each([
    ['a path that is not there', join(folder, 'gone'), 'there is no such socket'],
    ['a path that is too long', join(folder, 'x'.repeat(200)), 'the path of a socket has 107 bytes at most'],
    ['a file', join(folder, 'file'), 'nobody listens there'],
    ['a folder', folder, 'nobody listens there'],
  ])('to %s', async (_, path, why) => {
    writeFileSync(join(folder, 'file'), '');
    await expect(connectSocket({ kind: 'unix', path })).rejects.toMatchObject({ code: 'KT-SOCKET-UNREACHABLE', why });
  });

  test('to a port that nobody listens at', async () => {
    const server = await listen({ port: 0, host: '127.0.0.1' });
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await new Promise((resolve) => server.close(resolve));
    await expect(connectSocket({ kind: 'tcp', host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'KT-SOCKET-UNREACHABLE',
      why: 'nobody listens there',
    });
  });

  test('is given up at a signal', async () => {
    const abort = new AbortController();
    abort.abort(new Error('stop it'));
    await expect(connectSocket({ kind: 'unix', path: '/x' }, { signal: abort.signal })).rejects.toThrow('stop it');
  });
});
