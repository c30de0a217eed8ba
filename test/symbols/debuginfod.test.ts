import { chmodSync, mkdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildId,
  client,
  fileOf,
  filesIn,
  missing,
  type Peer,
  peer,
  sending,
  temporaryFolder,
} from './debuginfod-peer.ts';

const other = 'ffffffffffffffffffffffffffffffffffffffff';
const own = `${buildId}/debuginfo`;
const whole = fileOf(buildId, 300_000);

/** Why nothing came; nothing must be left in the cache then. */
async function refusal(peers: readonly Peer[], settings = {}): Promise<string> {
  const { debuginfod, cache } = client(peers, settings);
  const fetched = await debuginfod.fetch(buildId);
  expect(filesIn(cache)).toEqual([]);
  return 'refused' in fetched ? fetched.refused : `a file: ${fetched.path}`;
}

describe('fetch', () => {
  test('puts a file where the client of elfutils looks for it, readable for its owner only', async () => {
    const server = await peer(sending(whole, { 'X-DEBUGINFOD-SIZE': String(whole.length) }));
    const { debuginfod, cache } = client([server]);
    expect(debuginfod.cached(buildId)).toBeUndefined();
    const path = join(cache, own);
    expect(await debuginfod.fetch(buildId.toUpperCase())).toEqual({ path });
    expect(readFileSync(path).equals(whole)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o400);
    expect(statSync(join(cache, buildId)).mode & 0o777).toBe(0o700);
    expect(filesIn(cache)).toEqual([own]);
    expect(server.asked).toEqual([`/buildid/${buildId}/debuginfo`]);
    expect(debuginfod.cached(buildId)).toBe(path);
    // Neither this client nor another one asks again.
    await debuginfod.fetch(buildId);
    await client([server], { cache }).debuginfod.fetch(buildId);
    expect(server.asked).toHaveLength(1);
  });

  test('asks below the path of a server, which may name buildid itself', async () => {
    const server = await peer(sending(whole));
    for (const path of ['/some/where/', '/some/where', '/some/where/buildid/']) {
      const at = { ...server, url: new URL(path, server.url) };
      expect(await client([at]).debuginfod.fetch(buildId)).toHaveProperty('path');
    }
    expect(new Set(server.asked)).toEqual(new Set([`/some/where/buildid/${buildId}/debuginfo`]));
  });

  test('takes gzip, whose file is as large as it says', async () => {
    const headers = { 'Content-Encoding': 'gzip', 'X-DEBUGINFOD-SIZE': String(whole.length) };
    const { debuginfod, cache } = client([await peer(sending(gzipSync(whole), headers))]);
    expect(await debuginfod.fetch(buildId)).toHaveProperty('path');
    expect(readFileSync(join(cache, own)).equals(whole)).toBe(true);
  });

  test('tells how far it is', async () => {
    const server = await peer(sending(whole));
    const seen: number[] = [];
    const ends: string[] = [];
    const { debuginfod } = client(
      [server],
      {},
      {
        onProgress: (fetching) => {
          expect(fetching).toMatchObject({ buildId, server: server.url.host, total: whole.length });
          seen.push(fetching.bytes);
        },
        watch: (id) => ({ dispose: () => ends.push(id) }),
      },
    );
    await debuginfod.fetch(buildId);
    expect(seen.at(-1)).toBe(whole.length);
    expect(ends).toEqual([buildId]);
  });

  test('asks the next server where one has nothing, or nothing of use', async () => {
    const first = await peer(missing);
    const second = await peer(sending(fileOf(other)));
    const third = await peer(sending(whole));
    const { debuginfod, cache } = client([first, second, third]);
    expect(await debuginfod.fetch(buildId)).toEqual({ path: join(cache, own) });
    expect([first, second, third].map(({ asked }) => asked.length)).toEqual([1, 1, 1]);
  });

  test('replaces a file of the cache that is not what it should be', async () => {
    const cache = temporaryFolder();
    mkdirSync(join(cache, buildId));
    writeFileSync(join(cache, own), fileOf(other));
    const { debuginfod } = client([await peer(sending(whole))], { cache });
    expect(await debuginfod.fetch(buildId)).toEqual({ path: join(cache, own) });
    expect(readFileSync(join(cache, own)).equals(whole)).toBe(true);
  });

  test('takes away what a killed process left', async () => {
    const cache = temporaryFolder();
    const left = join(cache, buildId, 'debuginfo.ktriage-1-2-3');
    mkdirSync(join(cache, buildId));
    writeFileSync(left, 'half');
    const before = Date.now() / 1000 - 7200;
    utimesSync(left, before, before);
    const { debuginfod } = client([await peer(sending(whole))], { cache });
    await debuginfod.fetch(buildId);
    expect(filesIn(cache)).toEqual([own]);
  });

  test('asks for nothing that is no build ID', async () => {
    const server = await peer(sending(whole));
    const { debuginfod, cache } = client([server]);
    const texts = fc.oneof(fc.string(), fc.constantFrom('..', '../../x', '', 'abc', 'a'.repeat(129), `${buildId}/..`));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        fc.pre(!/^[0-9a-f]{8,128}$/i.test(text));
        expect(await debuginfod.fetch(text)).toHaveProperty('refused');
        expect(debuginfod.cached(text)).toBeUndefined();
      }),
    );
    expect(server.asked).toEqual([]);
    expect(filesIn(cache)).toEqual([]);
  });
});

describe('what no server has', () => {
  test('is remembered as elfutils does it, for as long', async () => {
    const server = await peer(missing);
    const { debuginfod, cache } = client([server]);
    expect(await debuginfod.fetch(buildId)).toEqual({ refused: `${server.url.host} does not have it` });
    expect(statSync(join(cache, own)).size).toBe(0);
    const again = client([server], { cache }).debuginfod;
    expect(await again.fetch(buildId)).toEqual({ refused: expect.stringContaining('no server had it 0 s ago') });
    expect(again.cached(buildId)).toBeUndefined();
    expect(server.asked).toHaveLength(1);
    const before = Date.now() / 1000 - 601;
    utimesSync(join(cache, own), before, before);
    await client([server], { cache }).debuginfod.fetch(buildId);
    expect(server.asked).toHaveLength(2);
  });

  test('is asked for again as soon as the cache says so', async () => {
    const server = await peer(missing);
    const cache = temporaryFolder();
    writeFileSync(join(cache, 'cache_miss_s'), '0\n');
    await client([server], { cache }).debuginfod.fetch(buildId);
    await sleep(5);
    await client([server], { cache }).debuginfod.fetch(buildId);
    expect(server.asked).toHaveLength(2);
  });

  test('is not remembered where a server could not answer', async () => {
    const broken = await peer((_request, response) => response.writeHead(500).end());
    expect(await refusal([await peer(missing), broken])).toContain('it answered with status 500');
  });
});

describe('what is refused', () => {
  test.each([
    ['a file of another build', sending(fileOf(other)), `it sent a file of build ID ${other}`],
    ['a file without build ID', sending(fileOf('')), 'it sent a file without build ID'],
    ['a page of HTML', sending(Buffer.from('<!DOCTYPE html><p>Please log in')), 'it sends no ELF file'],
    ['nothing', sending(Buffer.alloc(0)), 'it sends no ELF file'],
    ['a damaged ELF file', sending(whole.subarray(0, 100)), 'without build ID'],
    ['more than is allowed', sending(fileOf(buildId, 20_000_000)), 'the limit is 10000000'],
    ['fewer bytes than it says', sending(whole, { 'X-DEBUGINFOD-SIZE': '400000' }), 'cut after'],
    ['more bytes than it says', sending(whole, { 'X-DEBUGINFOD-SIZE': '4000' }), 'it sends more than the 4000 bytes'],
    ['damaged gzip', sending(whole, { 'Content-Encoding': 'gzip' }), 'damaged data'],
    ['another compression', sending(whole, { 'Content-Encoding': 'br' }), 'was not asked for (br)'],
  ])('%s', async (_what, answer, why) => {
    expect(await refusal([await peer(answer)])).toContain(why);
  });

  test('a body without end, at the limit', async () => {
    const endless = (response: ServerResponse): void => {
      while (!response.destroyed && response.write(Buffer.alloc(65_536)));
    };
    const server = await peer((_request, response) => {
      response.write(whole.subarray(0, 64));
      response.on('drain', () => endless(response));
      endless(response);
    });
    expect(await refusal([server], { maxSize: 3_000_000 })).toContain('it sends more than 3000000 bytes');
  });

  test('a bomb of gzip, at what the file should have', async () => {
    const bomb = gzipSync(Buffer.concat([whole, Buffer.alloc(50_000_000)]));
    const server = await peer(sending(bomb, { 'Content-Encoding': 'gzip' }));
    expect(await refusal([server])).toContain('it sends more than 10000000 bytes');
  });

  test('a body that is cut off', async () => {
    const server = await peer((_request, response) => {
      response.writeHead(200, { 'Content-Length': whole.length });
      response.write(whole.subarray(0, 100_000), () => response.destroy());
    });
    expect(await refusal([server])).toContain('the connection was cut');
  });

  test('a server that is too slow, and it is not asked again', async () => {
    const server = await peer((_request, response) => {
      response.writeHead(200);
      response.write(whole.subarray(0, 64));
      const timer = setInterval(() => response.write('.'), 100);
      response.on('close', () => clearInterval(timer));
    });
    const { debuginfod, cache } = client([server], { timeout: 1 });
    expect(await debuginfod.fetch(buildId)).toEqual({
      refused: expect.stringContaining('it sent less than 100 KiB in 1 s'),
    });
    expect(await debuginfod.fetch(other)).toEqual({ refused: expect.stringContaining('it sent less than') });
    expect(server.asked).toHaveLength(1);
    expect(filesIn(cache)).toEqual([]);
  });

  test('a server that never answers', async () => {
    expect(await refusal([await peer(() => {})], { timeout: 1 })).toContain('it sent less than 100 KiB in 1 s');
    expect(await refusal([await peer(() => {})], { timeout: 0, maxTime: 1 })).toContain('it took more than 1 s');
  });

  test('a server that is not there, and it is not asked again', async () => {
    const url = new URL('http://127.0.0.1:1/');
    expect(await refusal([{ url, asked: [] }])).toBe('127.0.0.1:1: no server is there (connection refused)');
  });
});

describe('the cache', () => {
  test('that cannot be written is a reason, not an exception', async () => {
    const cache = join(temporaryFolder(), 'file');
    writeFileSync(cache, '');
    const { debuginfod } = client([await peer(sending(whole))], { cache });
    expect(debuginfod.cached(buildId)).toBeUndefined();
    expect(await debuginfod.fetch(buildId)).toEqual({ refused: expect.stringContaining('cannot be written') });
  });

  test.skipIf(process.getuid?.() === 0)('that may not be read has nothing (skipped for root, who may)', async () => {
    const cache = temporaryFolder();
    mkdirSync(join(cache, buildId));
    writeFileSync(join(cache, own), whole);
    chmodSync(join(cache, buildId), 0);
    expect(client([], { cache }).debuginfod.cached(buildId)).toBeUndefined();
    chmodSync(join(cache, buildId), 0o700);
  });
});

describe('an abort', () => {
  const stuck = () =>
    peer((_request, response) => {
      response.writeHead(200, { 'Content-Length': whole.length });
      response.write(whole.subarray(0, 200_000));
    });

  test('leaves nothing behind, and throws its reason', async () => {
    const stop = new AbortController();
    const { debuginfod, cache } = client([await stuck()], {}, { onProgress: () => stop.abort(new Error('enough')) });
    await expect(debuginfod.fetch(buildId, stop.signal)).rejects.toThrow('enough');
    expect(filesIn(cache)).toEqual([]);
    await expect(debuginfod.fetch(buildId, stop.signal)).rejects.toThrow('enough');
  });

  test('of the watch does the same', async () => {
    const stop = new AbortController();
    let disposed = 0;
    const { debuginfod, cache } = client(
      [await stuck()],
      {},
      {
        onProgress: () => stop.abort(),
        watch: () => ({ signal: stop.signal, dispose: () => disposed++ }),
      },
    );
    await expect(debuginfod.fetch(buildId)).rejects.toThrow(/abort/);
    expect(disposed).toBe(1);
    expect(filesIn(cache)).toEqual([]);
  });

  test('before anything came ends the wait', async () => {
    const stop = new AbortController();
    const server = await peer(() => stop.abort(new Error('enough')));
    await expect(client([server]).debuginfod.fetch(buildId, stop.signal)).rejects.toThrow('enough');
  });
});
