import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { analyzeFile } from '../../src/analyze/analyze.ts';
import { openSources } from '../../src/analyze/sources.ts';
import { debuginfodOptions } from '../../src/cli/run/debuginfod-options.ts';
import { openElf } from '../../src/elf/open-elf.ts';
import type { SymbolsUsed } from '../../src/model/symbols.ts';
import { fakeSession } from '../cli/fake.ts';
import { client, filesIn, temporaryFolder } from './debuginfod-peer.ts';
import { hasCompiler, makeKernel } from './own-kernel.ts';

const hasServer = spawnSync('debuginfod', ['--version']).status === 0;
const hasClient = spawnSync('debuginfod-find', ['--version']).status === 0;
const unknown = '0123456789abcdef0123456789abcdef01234567';

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe.skipIf(!hasServer || !hasCompiler)('a real server (skipped without debuginfod or gcc)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ktriage-debuginfod-real-'));
  let server: ChildProcess | undefined;
  let vmlinux = '';
  let buildId = '';
  let log = '';
  const peers = [{ url: new URL('http://127.0.0.1/'), asked: [] }];

  beforeAll(async () => {
    const kernel = makeKernel(join(folder, 'kernel'));
    vmlinux = kernel.vmlinux;
    const elf = await openElf(vmlinux);
    buildId = elf.buildId ?? '';
    elf.close();
    const { size } = kernel.symbol('outer');
    log = [
      'BUG: kernel NULL pointer dereference, address: 0000000000000010',
      '#PF: supervisor write access in kernel mode',
      'Oops: 0002 [#1] PREEMPT SMP NOPTI',
      `CPU: 0 PID: 7 Comm: test Not tainted 6.9.0-made #7 ${buildId}`,
      `RIP: 0010:outer+0x8/0x${size.toString(16)}`,
      'RSP: 0018:ffffc90000000000 EFLAGS: 00010246',
      'Call Trace:',
      ' <TASK>',
      ` caller+0x${kernel.afterCall('caller').toString(16)}/0x${kernel.symbol('caller').size.toString(16)}`,
      ' </TASK>',
      '---[ end trace 0000000000000000 ]---',
      '',
    ].join('\n');
    const port = await freePort();
    const args = ['-F', '-p', String(port), '-d', join(folder, 'index.sqlite'), '-c', '1', join(folder, 'kernel')];
    server = spawn('debuginfod', args, { stdio: 'ignore', cwd: folder });
    const url = new URL(`http://127.0.0.1:${port}/`);
    peers[0] = { url, asked: [] };
    for (let tries = 0; tries < 100; tries++) {
      const answer = await fetch(new URL(`/buildid/${buildId}/debuginfo`, url)).catch(() => undefined);
      if (answer?.status === 200) return;
      await sleep(100);
    }
    throw new Error('debuginfod did not come up');
  }, 30_000);

  afterAll(() => {
    server?.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  test('gives the file that it has, and 404 for others', async () => {
    const { debuginfod, cache } = client(peers);
    expect(await debuginfod.fetch(buildId)).toEqual({ path: join(cache, buildId, 'debuginfo') });
    expect(readFileSync(join(cache, buildId, 'debuginfo')).equals(readFileSync(vmlinux))).toBe(true);
    expect(await debuginfod.fetch(unknown)).toEqual({ refused: expect.stringContaining('does not have it') });
    expect(filesIn(cache)).toEqual([`${unknown}/debuginfo`, `${buildId}/debuginfo`].sort());
  });

  test.skipIf(!hasClient)('and elfutils share the cache, both ways (skipped without debuginfod-find)', async () => {
    const cache = temporaryFolder();
    const find = (id: string, urls: string): string =>
      spawnSync('debuginfod-find', ['debuginfo', id], {
        encoding: 'utf8',
        env: { ...process.env, DEBUGINFOD_URLS: urls, DEBUGINFOD_CACHE_PATH: cache },
      }).stdout.trim();
    const path = join(cache, buildId, 'debuginfo');
    const nowhere = [{ url: new URL('http://127.0.0.1:1/'), asked: [] }];
    await client(peers, { cache }).debuginfod.fetch(buildId);
    expect(find(buildId, 'http://127.0.0.1:1/')).toBe(path);
    rmSync(path);
    expect(find(buildId, peers[0]?.url.href ?? '')).toBe(path);
    expect(await client(nowhere, { cache }).debuginfod.fetch(buildId)).toEqual({ path });
    find(unknown, peers[0]?.url.href ?? '');
    expect(await client(nowhere, { cache }).debuginfod.fetch(unknown)).toEqual({
      refused: expect.stringContaining('no server had it'),
    });
  });

  test('gives the vmlinux of a log by the build ID of its Comm: line', async () => {
    const path = join(folder, 'log');
    writeFileSync(path, log);
    const cache = temporaryFolder();
    const url = peers[0]?.url.href ?? '';
    const analyze = async (flags: { debuginfodServers?: readonly string[] }): Promise<SymbolsUsed | undefined> => {
      const session = fakeSession({ env: { DEBUGINFOD_CACHE_PATH: cache, DEBUGINFOD_URLS: url }, home: folder });
      const sources = await openSources(await debuginfodOptions(flags, session));
      try {
        return (await analyzeFile(path, { sources })).reports[0]?.symbols;
      } finally {
        sources.close();
      }
    };
    // Without the flag nothing is asked, whatever the environment says.
    expect((await analyze({}))?.vmlinux).toBeUndefined();
    expect(filesIn(cache)).toEqual([]);
    const used = await analyze({ debuginfodServers: [] });
    expect(used?.vmlinux).toMatchObject({ path: join(cache, buildId, 'debuginfo'), match: 'certain' });
    // From then on it is found without the flag.
    expect((await analyze({}))?.vmlinux?.match).toBe('certain');
  });
});
