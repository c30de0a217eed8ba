import { describe, expect, test } from 'vitest';
import { runProcess } from '../../src/io/process.ts';

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
});
