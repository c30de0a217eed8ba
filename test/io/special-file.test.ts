import { execFileSync } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FollowEvent, followFile } from '../../src/io/follow.ts';
import { openInput } from '../../src/io/input.ts';
import { openSpecial } from '../../src/io/special-file.ts';

let folder = '';
let pipe = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'ktriage-special-'));
  pipe = join(folder, 'pipe');
  if (process.platform === 'linux') execFileSync('mkfifo', [pipe]);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of chunks) text += Buffer.from(chunk).toString('latin1');
  return text;
}

const abortSoon = (): AbortSignal => AbortSignal.timeout(100);

describe.skipIf(process.platform !== 'linux')('a named pipe', () => {
  test('that nobody writes to is left when that is wanted', async () => {
    await expect(openInput(pipe, { signal: abortSoon() })).rejects.toMatchObject({ name: 'TimeoutError' });
    const following = followFile(pipe, { signal: abortSoon() });
    await expect(following.next()).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('whose writer says nothing is left when that is wanted', async () => {
    const opening = openInput(pipe, { signal: abortSoon() });
    const writer = createWriteStream(pipe);
    await expect(opening).rejects.toMatchObject({ name: 'TimeoutError' });
    writer.destroy();
  });

  test('is read to its end, whoever comes first', async () => {
    const opening = openInput(pipe);
    const writer = createWriteStream(pipe);
    writer.write('one\n'.repeat(100));
    const input = await opening;
    setTimeout(() => writer.end('two\n'.repeat(100_000)), 50);
    expect(await textOf(input)).toBe('one\n'.repeat(100) + 'two\n'.repeat(100_000));
    createWriteStream(pipe).end('three\n');
    await new Promise((done) => setTimeout(done, 50));
    expect(await textOf(await openInput(pipe))).toBe('three\n');
  });

  test('is followed to its end', async () => {
    createWriteStream(pipe).end('one\n');
    const events: FollowEvent[] = [];
    for await (const event of followFile(pipe)) events.push(event);
    expect(events.map(({ type }) => type)).toEqual(['data']);
  });
});

test.skipIf(!existsSync('/dev/null'))('a device without data is empty', async () => {
  expect(await textOf(await openInput('/dev/null'))).toBe('');
});

test('what is not there is told', async () => {
  await expect(openSpecial(join(folder, 'none'), {})).rejects.toMatchObject({ code: 'ENOENT' });
});
