import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type LineProcess, runProcess, startProcess } from '../../src/io/process.ts';

describe('runProcess', () => {
  test('collects output and exit code, without a shell', async () => {
    const script =
      'process.stdin.on("data", (d) => process.stdout.write(d)); process.on("exit", () => { process.exitCode = 3; })';
    const result = await runProcess(process.execPath, ['-e', script], { input: '$HOME; a\n' });
    expect(result).toMatchObject({ exitCode: 3, stdout: '$HOME; a\n', stderr: '' });
    expect(result.failure).toBeUndefined();
  });

  test('a program that is not there is a result', async () => {
    const result = await runProcess('ktriage-no-such-program', []);
    expect(result.failure).toBe('ENOENT');
    expect(result.exitCode).toBeUndefined();
  });

  test('ends what takes too long', async () => {
    const result = await runProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      timeoutMilliseconds: 200,
    });
    expect(result.failure).toBe('timeout');
  });

  test('ends with the signal', async () => {
    const signal = AbortSignal.timeout(200);
    const result = await runProcess(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { signal });
    expect(result.failure).toBe('aborted');
  });

  // A child of node's that has its output open and does not end.
  const leaves =
    'const { pid } = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"],' +
    ' { stdio: ["ignore", "inherit", "inherit"] }); process.stdout.write(pid + "\\n");';

  test('does not wait for what a process has left behind', async () => {
    const result = await runProcess(process.execPath, [
      '-e',
      `${leaves} process.exitCode = 3; setTimeout(process.exit, 200)`,
    ]);
    expect(result).toMatchObject({ exitCode: 3 });
    process.kill(Number(result.stdout), 'SIGKILL');
  });

  test.skipIf(process.platform === 'win32')('ends what a process of its own group has started', async () => {
    const options = { timeoutMilliseconds: 1000, isDetached: true };
    const result = await runProcess(process.execPath, ['-e', `${leaves} process.on('SIGTERM', () => {})`], options);
    expect(result).toMatchObject({ failure: 'timeout', signal: 'SIGKILL' });
    const isGone = (): boolean => {
      try {
        return readFileSync(`/proc/${result.stdout.trim()}/stat`, 'latin1').includes(') Z ');
      } catch {
        return true;
      }
    };
    await expect.poll(isGone).toBe(true);
  });
});

describe('startProcess', () => {
  /** Answers each line with the line between brackets; `long` and `end` do what they say. */
  const answering = `
    const { createInterface } = require('node:readline');
    createInterface({ input: process.stdin }).on('line', (line) => {
      if (line === 'long') process.stdout.write('x'.repeat(3_000_000));
      else if (line === 'end') { console.error('had enough'); process.exit(4); }
      else process.stdout.write('[' + line + ']\\n');
    });`;
  const start = (options = {}): Promise<LineProcess> => startProcess(process.execPath, ['-e', answering], options);

  test('asks and answers, many at once', async () => {
    const child = await start();
    void child.write('a\nb\n');
    expect([await child.line(), await child.line()]).toEqual([{ text: '[a]' }, { text: '[b]' }]);
    const many = Array.from({ length: 20_000 }, (_, nth) => `line ${nth}`);
    void child.write(many.map((line) => `${line}\n`).join(''));
    for (const line of many) expect(await child.line()).toEqual({ text: `[${line}]` });
    child.kill();
    expect(await child.line()).toEqual({ failure: 'ended' });
  });

  test('says how it ended', async () => {
    const child = await start();
    await child.write('end\n');
    expect(await child.line()).toEqual({ failure: 'ended' });
    expect(await child.ending()).toBe('exit code 4: had enough');
    // Nobody is there any more; that is no error.
    await child.write('a\n');
    child.kill();
  });

  test('what is not there ends at once', async () => {
    const child = await startProcess('ktriage-no-such-program', []);
    await child.write('a\n');
    expect(await child.line()).toEqual({ failure: 'ended' });
    expect(await child.ending()).toBe('ENOENT');
    child.kill();
  });

  test('waits only so long, and takes only so much', async () => {
    const child = await start({ idleMilliseconds: 100 });
    expect(await child.line()).toEqual({ failure: 'idle' });
    child.kill();
    const talker = await start();
    void talker.write('long\n');
    expect(await talker.line()).toEqual({ failure: 'line too long' });
    talker.kill();
  });

  test('ends with the signal', async () => {
    const abort = new AbortController();
    const child = await start({ signal: abort.signal });
    setTimeout(() => abort.abort(), 50);
    expect(await child.line()).toEqual({ failure: 'aborted' });
    child.kill();
  });
});
