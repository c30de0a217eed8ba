import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ToolProcess } from '../../../src/symbols/backends/tool-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'ktriage-tool-process-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let scripts = 0;

/** A program that is called addr2line, and does what the script says with each line. */
function tool(script: string): { path: string; dialect: 'addr2line' } {
  const path = join(folder, `${++scripts}-addr2line`);
  writeFileSync(
    path,
    `#!${process.execPath}
    require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => { ${script} });`,
  );
  chmodSync(path, 0o755);
  return { path, dialect: 'addr2line' };
}

const failed = (why: RegExp): object => ({ code: 'KT-SYMBOLIZER-FAILED', why: expect.stringMatching(why) });

describe('a tool', () => {
  test('is asked in one run for everything', async () => {
    const process = new ToolProcess(
      tool(`console.log(line + '\\nf' + process.pid + '\\na/b.c:7')`),
      'vmlinux',
      undefined,
    );
    const addresses = Array.from({ length: 1000 }, (_, nth) => BigInt(nth + 1));
    const answers = [...(await process.ask(addresses)), ...(await process.ask([5n]))];
    expect(answers).toHaveLength(1001);
    expect(new Set(answers.map(([frame]) => frame?.function)).size).toBe(1);
    expect(answers[1000]).toMatchObject([{ path: 'a/b.c', line: 7 }]);
    process.close();
  });

  test('is not asked for files over the network, nor given options by the environment', async () => {
    const script = `console.log(line + '\\n' + ['DEBUGINFOD_URLS', 'LLVM_SYMBOLIZER_OPTS'].filter((n) => process.env[n]).join() + '\\n??:0')`;
    process.env.DEBUGINFOD_URLS = 'http://127.0.0.1:1';
    const child = new ToolProcess(tool(script), 'vmlinux', undefined);
    expect(await child.ask([1n])).toEqual([[{}]]);
    delete process.env.DEBUGINFOD_URLS;
    child.close();
  });

  test('that dies, hangs or talks nonsense is an error, and is not asked again', async () => {
    const dying = new ToolProcess(tool(`console.error('out of luck'); process.exit(3)`), 'vmlinux', undefined);
    await expect(dying.ask([1n])).rejects.toMatchObject(failed(/exit code 3: out of luck/));
    await expect(dying.ask([1n])).rejects.toMatchObject(failed(/exit code 3/));
    const hanging = new ToolProcess(tool(''), 'vmlinux', undefined, { idleMilliseconds: 200 });
    await expect(hanging.ask([1n])).rejects.toMatchObject(failed(/too long/));
    const talking = new ToolProcess(
      tool(`for (;;) require('node:fs').writeSync(1, 'nonsense\\n'.repeat(1000))`),
      'vmlinux',
      undefined,
    );
    await expect(talking.ask([1n])).rejects.toMatchObject(failed(/it said: nonsense/));
    const endless = new ToolProcess(
      tool(`for (;;) require('node:fs').writeSync(1, 'x'.repeat(100000))`),
      'vmlinux',
      undefined,
    );
    await expect(endless.ask([1n])).rejects.toMatchObject(failed(/without an end/));
  });

  test('cannot be started: an error', async () => {
    const none = new ToolProcess({ path: join(folder, 'none'), dialect: 'addr2line' }, 'vmlinux', undefined);
    await expect(none.ask([1n])).rejects.toMatchObject(failed(/ENOENT/));
  });

  test('ends with the signal', async () => {
    const abort = new AbortController();
    const hanging = new ToolProcess(tool(''), 'vmlinux', undefined, { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('enough')), 100);
    await expect(hanging.ask([1n])).rejects.toThrow('enough');
  });
});
