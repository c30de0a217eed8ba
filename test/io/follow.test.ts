import { appendFile, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FollowOptions, followFile } from '../../src/io/follow.ts';

let folder = '';
let path = '';
let abort = new AbortController();
let open: AsyncGenerator[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ktriage-follow-'));
  path = join(folder, 'console.log');
  abort = new AbortController();
});

afterEach(async () => {
  abort.abort();
  await Promise.all(open.map((events) => events.return(undefined)));
  open = [];
  await rm(folder, { recursive: true, force: true });
});

/** Follows, with data as text; `until` waits for an event. */
function follow(what: string, options: FollowOptions = {}) {
  const events = followFile(what, { signal: abort.signal, quietMilliseconds: 150, pollMilliseconds: 20, ...options });
  open.push(events);
  const seen: string[] = [];
  return {
    seen,
    async until(wanted: string): Promise<void> {
      for (;;) {
        const next = await events.next();
        if (next.done === true) {
          seen.push('done');
          return;
        }
        const event = next.value.type === 'data' ? Buffer.from(next.value.bytes).toString() : next.value.type;
        seen.push(event);
        if (event === wanted) return;
      }
    },
  };
}

describe('followFile', () => {
  test('tells what is there, what comes, and that nothing comes', async () => {
    await writeFile(path, 'one\n');
    const { until, seen } = follow(path);
    await until('quiet');
    await appendFile(path, 'two\n');
    await until('two\n');
    await until('quiet');
    expect(seen).toEqual(['one\n', 'quiet', 'two\n', 'quiet']);
  });

  test('waits for a file that is not there', async () => {
    const { until, seen } = follow(path);
    await until('waiting');
    await writeFile(path, 'late\n');
    await until('late\n');
    expect(seen).toEqual(['waiting', 'late\n']);
  });

  test('begins at the end if told to', async () => {
    await writeFile(path, 'old\n');
    const { until, seen } = follow(path, { from: 'end' });
    setTimeout(() => void appendFile(path, 'new\n'), 60);
    await until('new\n');
    expect(seen).toEqual(['new\n']);
  });

  test('survives truncation', async () => {
    await writeFile(path, 'a long beginning\n');
    const { until, seen } = follow(path);
    await until('a long beginning\n');
    await truncate(path, 0);
    await until('truncated');
    await appendFile(path, 'again\n');
    await until('again\n');
    expect(seen.slice(-2)).toEqual(['truncated', 'again\n']);
  });

  test('survives rotation, and reads the old file to its end first', async () => {
    await writeFile(path, 'old\n');
    const { until, seen } = follow(path);
    await until('old\n');
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, 'last words\n');
    await until('last words\n');
    await writeFile(path, 'new\n');
    await until('new\n');
    expect(seen.filter((event) => event !== 'quiet')).toEqual(['old\n', 'last words\n', 'rotated', 'new\n']);
  });

  test('follows a pipe to its end', async () => {
    const pipe = new PassThrough();
    const { until, seen } = follow('-', { stdin: pipe });
    pipe.write('one\n');
    await until('quiet');
    pipe.end('two\n');
    await until('done');
    expect(seen).toEqual(['one\n', 'quiet', 'two\n', 'done']);
  });

  test('an abort ends it', async () => {
    await writeFile(path, 'x');
    const events = followFile(path, { signal: abort.signal });
    await events.next();
    setTimeout(() => abort.abort(new Error('enough')), 20);
    await expect(events.next()).rejects.toThrow('enough');
    const silent = followFile('-', { signal: AbortSignal.timeout(20), stdin: new PassThrough() });
    await expect(silent.next()).rejects.toThrow();
  });

  test('a folder cannot be followed', async () => {
    await expect(followFile(folder).next()).rejects.toMatchObject({ code: 'KT-INPUT-DIRECTORY' });
  });
});
