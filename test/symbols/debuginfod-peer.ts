import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { Debuginfod, type DebuginfodOptions } from '../../src/symbols/debuginfod.ts';
import type { DebuginfodSettings } from '../../src/symbols/debuginfod-settings.ts';
import { note, writeElf } from '../helpers/elf-writer.ts';

export const buildId = 'a1b2c3d4e5f60718293a4b5c6d7e8f9001020304';

/** A file that has a build ID, and so many bytes more. */
export function fileOf(id: string, more = 0): Buffer {
  return Buffer.from(
    writeElf({
      sections: [
        { name: '.note.gnu.build-id', type: 7, contents: note('GNU', 3, Buffer.from(id, 'hex')), alignment: 4 },
        { name: '.debug_info', contents: Buffer.alloc(more, 'ktriage') },
      ],
    }),
  );
}

const open: Server[] = [];
const folders: string[] = [];

afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export interface Peer {
  readonly url: URL;
  /** Paths that were asked for. */
  readonly asked: string[];
}

/** A server on loopback that does as it is told; gone after the test. */
export async function peer(answer: RequestListener, server = createServer()): Promise<Peer> {
  const asked: string[] = [];
  server.on('request', (request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  return { url: await listen(server), asked };
}

export async function listen(server: Server, scheme = 'http'): Promise<URL> {
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return new URL(`${scheme}://127.0.0.1:${address.port}/`);
}

/** A server that sends this to everybody. */
export const sending =
  (contents: Uint8Array, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(200, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': contents.length,
      ...headers,
    });
    response.end(contents);
  };

export const missing: RequestListener = (_request, response) => {
  response.writeHead(404).end('not found');
};

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-debuginfod-'));
  folders.push(folder);
  return folder;
}

/** A client of these servers with a cache of its own. */
export function client(
  peers: readonly Peer[],
  settings: Partial<DebuginfodSettings> = {},
  options: Partial<DebuginfodOptions> = {},
): { readonly debuginfod: Debuginfod; readonly cache: string } {
  const cache = settings.cache ?? temporaryFolder();
  const debuginfod = new Debuginfod({
    settings: {
      servers: peers.map(({ url }) => url),
      timeout: 20,
      maxTime: 0,
      maxSize: 10_000_000,
      headers: {},
      ...settings,
      cache,
    },
    userAgent: 'ktriage/test',
    ...options,
  });
  return { debuginfod, cache };
}

/** All files of a cache, by their paths in it. */
export function filesIn(cache: string): string[] {
  return readdirSync(cache, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(cache.length + 1))
    .sort();
}
