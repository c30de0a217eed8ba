import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadEngine } from '../../src/cli/engine.ts';
import { exitCodes } from '../../src/cli/exit-codes.ts';
import { runAnalyze } from '../../src/cli/run/analyze-run.ts';
import { debuginfodOptions } from '../../src/cli/run/debuginfod-options.ts';
import { symbolFlags } from '../../src/cli/symbol-flags.ts';
import { buildId, fileOf, filesIn, missing, peer, temporaryFolder } from '../symbols/debuginfod-peer.ts';
import { defaults, type FakeSession, fakeSession } from './fake.ts';

const log = [
  'BUG: kernel NULL pointer dereference, address: 0000000000000010',
  '#PF: supervisor write access in kernel mode',
  'Oops: 0002 [#1] PREEMPT SMP NOPTI',
  `CPU: 0 PID: 7 Comm: test Not tainted 6.9.0-made #7 ${buildId}`,
  'RIP: 0010:some_function+0x8/0x20',
  'RSP: 0018:ffffc90000000000 EFLAGS: 00010246',
  'Call Trace:',
  ' <TASK>',
  ' some_caller+0x18/0x30',
  ' </TASK>',
  '---[ end trace 0000000000000000 ]---',
  '',
].join('\n');

async function analyze(session: FakeSession, url: URL): Promise<number> {
  const path = join(temporaryFolder(), 'log');
  writeFileSync(path, log);
  return runAnalyze([path], undefined, defaults, session, loadEngine, symbolFlags({ debuginfodUrl: [url.href] }, {}));
}

describe('--debuginfod', () => {
  test('asks servers of the environment, --debuginfod-url those that it names', () => {
    expect(symbolFlags({}, {}).debuginfodServers).toBeUndefined();
    expect(symbolFlags({ debuginfod: true }, {}).debuginfodServers).toEqual([]);
    expect(symbolFlags({ debuginfodUrl: ['http://a.example'] }, {}).debuginfodServers).toEqual(['http://a.example']);
  });

  test('without a server is an error, and without the flag nothing is looked at but where the cache is', async () => {
    const env = { DEBUGINFOD_URLS: '', DEBUGINFOD_TIMEOUT: 'wrong' };
    await expect(debuginfodOptions({ debuginfodServers: [] }, fakeSession({ env }))).rejects.toMatchObject({
      code: 'KT-DEBUGINFOD-SERVER',
    });
    expect(await debuginfodOptions({}, fakeSession({ env, home: '/home' }))).toEqual({
      debuginfodCache: '/home/.cache/debuginfod_client',
    });
  });

  test('says why a server gave nothing', async () => {
    const session = fakeSession({ env: { DEBUGINFOD_CACHE_PATH: temporaryFolder() } });
    const { url } = await peer(missing);
    expect(await analyze(session, url)).toBe(exitCodes.found);
    expect(session.stdout.text.replace(/\s+/g, ' ')).toContain(`debuginfod: ${url.host} does not have it`);
  });

  test('ends at Ctrl-C: what was found is printed, half a file is not kept', async () => {
    const cache = temporaryFolder();
    const session = fakeSession({ env: { DEBUGINFOD_CACHE_PATH: cache } });
    session.stderr.isTTY = true;
    const whole = fileOf(buildId, 500_000);
    const { url } = await peer((_request, response) => {
      response.writeHead(200, { 'Content-Length': whole.length });
      response.write(whole.subarray(0, 300_000));
      // Progress on a terminal begins after a second.
      setTimeout(() => process.emit('SIGINT'), 2000);
    });
    expect(await analyze(session, url)).toBe(exitCodes.interrupted);
    expect(session.stderr.text).toContain(`Fetching debug information ${buildId.slice(0, 12)} from ${url.host}: `);
    expect(session.stderr.text.endsWith('\r\x1b[K')).toBe(true);
    expect(session.stdout.text).toContain('some_function');
    expect(filesIn(cache)).toEqual([]);
    expect(process.listenerCount('SIGINT')).toBe(0);
  });
});
