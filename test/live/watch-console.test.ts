import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { quietConsole } from '../../src/live/watch-console.ts';

let folder: string;
let server: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-console-'));
});
afterEach(() => {
  server?.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

describe('quietConsole', () => {
  test('waits while a file grows', async () => {
    const path = join(folder, 'console.log');
    writeFileSync(path, 'old\n');
    let lines = 0;
    const timer = setInterval(() => {
      if (lines++ < 4) appendFileSync(path, `line ${lines}\n`);
    }, 150);
    const begun = performance.now();
    expect(await quietConsole(path, 500, never)).toBe('quiet');
    clearInterval(timer);
    expect(lines).toBeGreaterThanOrEqual(4);
    expect(performance.now() - begun).toBeGreaterThan(800);
  });

  test('takes a file that is not there for quiet', async () => {
    expect(await quietConsole(join(folder, 'none.log'), 100, never)).toBe('quiet');
  });

  test('hears the end of a socket', async () => {
    const path = join(folder, 'socket');
    server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('one');
      setTimeout(() => socket.end(), 100);
    }).listen(path);
    await new Promise((resolve) => server?.once('listening', resolve));
    expect(await quietConsole(path, 10_000, never)).toBe('ended');
  });

  test('notices a socket that is quiet', async () => {
    const path = join(folder, 'socket');
    server = createServer((socket) => socket.on('error', () => undefined).write('one')).listen(path);
    await new Promise((resolve) => server?.once('listening', resolve));
    expect(await quietConsole(path, 200, never)).toBe('quiet');
  });

  test('heeds an abort', async () => {
    const abort = new AbortController();
    const waiting = quietConsole(join(folder, 'console.log'), 60_000, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await expect(waiting).rejects.toThrow('enough');
  });
});
