import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Input, openInput, type SourceFacts } from '../../src/io/input.ts';
import { KtriageError } from '../../src/util/errors.ts';

/** What the two constants below hold. */
const text = Array.from(
  { length: 5000 },
  (_, index) => `[    0.00${index % 7}000] usb 1-${index % 4}: new high-speed USB device\n`,
).join('');
/** `xz -6` of it. */
const xz = Buffer.from(
  '/Td6WFoAAATm1rRGAgAhARYAAAB0L+Wj49CPANddAC2IMEYC4aB2XuIuFw5AH3/cMKhWHWpJpb7zP4FkBmE/vxO8peS7EaPoLfp6diTdfcU6gzmROlo' +
    'BciTXu3Fdyjo43mr6LSdeTG23VIy8GiY5R3ze6wnAzjeJPx+9wpVQ8xWxxi3kr0miRjdVE7t7PdmkOIqeaxuQB+u/RJnrwG1ytH/Ayb/slxPHMj' +
    'zQADJ/TAkyyoAC1IXLyLg0b3hTCOYUh9c+Y5TMyr/WBNpemHQUSuJ2vZWRq0w49kB+bxjRxxV3Sy7Q3RRTYnasWeTlWwUI+W7QxeAAAACgPRztx' +
    'RCWIQAB8wGQoQ8A5lxRj7HEZ/sCAAAAAARZWg==',
  'base64',
);
/** `zstd -19 --check` of it. */
const zstd = Buffer.from(
  'KLUv/QRonAMAwgQQEZB9AAh8AMTsb33QIg7XVzAD6JhCxqNjChmPjilkPDpvSiFkDCBh1TK6WsyjlBcHOiv1La2nD8Mfzu5evLt7CyKoMezt+mfgNYY' +
    '1ETQEDgEk/P+iEer7b4X6e9WybErabGnJpHGZeLo6pUO3DhUAVFUAAAABAI3Qm/y5BgILJTju',
  'base64',
);

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ktriage-input-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function contents(input: Input): Promise<Buffer> {
  const chunks: Buffer[] = [];
  // Copies: the next chunk may stand where the last one stood.
  for await (const chunk of input) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

async function readFile(data: Uint8Array): Promise<{ readonly data: Buffer; readonly facts: SourceFacts }> {
  const path = join(folder, 'input');
  await writeFile(path, data);
  const input = await openInput(path);
  return { data: await contents(input), facts: input.facts };
}

async function readStream(
  chunks: readonly Uint8Array[],
): Promise<{ readonly data: Buffer; readonly facts: SourceFacts }> {
  const input = await openInput('-', { stdin: Readable.from(chunks, { objectMode: true }) });
  return { data: await contents(input), facts: input.facts };
}

/** The data in pieces of one byte and more. */
function inPieces(data: Buffer, bytes: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < data.length; at += bytes) pieces.push(data.subarray(at, at + bytes));
  return pieces;
}

describe('openInput', () => {
  test('reads a file in windows', async () => {
    const data = Buffer.alloc(3_000_001);
    for (let index = 0; index < data.length; index++) data[index] = (index * 7919) >> 3;
    const read = await readFile(data);
    expect(read.data.equals(data)).toBe(true);
    expect(read.facts).toEqual({ size: data.length, compression: 'none', encoding: 'bytes' });
  });

  test('reads what is shorter than any magic bytes', async () => {
    expect((await readFile(Buffer.from(''))).data.toString()).toBe('');
    expect((await readFile(Buffer.from('ab'))).data.toString()).toBe('ab');
    expect((await readStream([Buffer.from('a'), Buffer.from('b')])).data.toString()).toBe('ab');
    expect((await readFile(Buffer.from([0x1f, 0x8b, 0x08]))).facts.damaged).toContain('gzip');
  });

  test.each([
    ['gzip', gzipSync(text)],
    ['gzip', Buffer.concat([gzipSync(text.slice(0, 1000)), gzipSync(text.slice(1000))])],
    ['xz', xz],
    ['zstd', zstd],
  ])('decodes %s, from files and from pipes', async (compression, data) => {
    const read = await readFile(data);
    expect(read.data.toString()).toBe(text);
    expect(read.facts).toEqual({ size: data.length, compression, encoding: 'bytes' });
    const piped = await readStream(inPieces(data, 7));
    expect(piped.data.toString()).toBe(text);
    expect(piped.facts).toEqual({ compression, encoding: 'bytes' });
  });

  test.each([
    ['xz', xz],
    ['zstd', zstd],
  ])('decodes %s data that was joined', async (_, data) => {
    expect((await readFile(Buffer.concat([data, data]))).data.toString()).toBe(text + text);
  });

  test('passes over skippable zstd frames, and decodes blocks of all types', async () => {
    const skippable = Buffer.concat([Buffer.from([0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')]);
    // Descriptor 0, window 1 KiB; a raw block of 3 bytes, then a last one of 5 times `x`.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0, 3 << 3, 0, 0, 0x41, 0x42, 0x0a, (5 << 3) | 3, 0, 0, 0x78]);
    const read = await readFile(Buffer.concat([skippable, frame, skippable, frame]));
    expect(read.data.toString()).toBe('AB\nxxxxxAB\nxxxxx');
    expect(read.facts).toMatchObject({ compression: 'zstd' });
    expect(read.facts.damaged).toBeUndefined();
  });

  test.each([
    ['a window of terabytes', [0x28, 0xb5, 0x2f, 0xfd, 0, 0xff, 0x19, 0, 0, 0x78], 'window'],
    ['a segment of terabytes', [0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 1, 0, 0, 0x19, 0, 0, 0x78], 'window'],
    ['a dictionary', [0x28, 0xb5, 0x2f, 0xfd, 0x01, 0, 7, 0x19, 0, 0, 0x78], 'dictionary'],
    ['a block that is too large', [0x28, 0xb5, 0x2f, 0xfd, 0, 0, 0xff, 0xff, 0xff, 0x78], 'too large'],
    ['a header only', [0x28, 0xb5, 0x2f, 0xfd, 0, 0], 'ends early'],
  ])('refuses zstd with %s', async (_, bytes, damaged) => {
    const read = await readFile(Buffer.from(bytes));
    expect(read.facts.damaged).toContain(damaged);
    expect(read.data.length).toBe(0);
  });

  test('delivers what could be decoded, and tells of damage', async () => {
    const noise = Buffer.from(
      Array.from({ length: 400_000 }, (_, index) => 32 + ((index * index * 31 + index * 7) % 90)),
    );
    const compressed = gzipSync(noise);
    const cut = await readFile(compressed.subarray(0, compressed.length >> 1));
    expect(cut.facts.damaged).toContain('gzip');
    expect(cut.data.length).toBeGreaterThan(50_000);
    expect(noise.subarray(0, cut.data.length).equals(cut.data)).toBe(true);
    const trailed = await readFile(Buffer.concat([gzipSync(text), Buffer.from('no gzip')]));
    expect(trailed.facts.damaged).toContain('gzip');
    for (const data of [xz, zstd]) {
      const early = await readFile(data.subarray(0, data.length - 30));
      expect(early.facts.damaged).toContain('ends early');
      expect(text.startsWith(early.data.toString())).toBe(true);
      const garbage = await readFile(Buffer.concat([data, Buffer.from('garbage!')]));
      expect(garbage.data.toString()).toBe(text);
      expect(garbage.facts.damaged).toContain('other data follows');
    }
  });

  test('never throws for damaged data', async () => {
    const whole = fc.constantFrom(gzipSync(text), xz, zstd);
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(whole, damage, fc.nat(2000), async (data, changes, cut) => {
        const bytes = Buffer.from(data.subarray(0, Math.max(6, data.length - (cut % data.length))));
        for (const [at, value] of changes) bytes[6 + (at % bytes.length)] = value;
        const read = await readStream([bytes]);
        expect(read.data.length).toBeLessThan(30_000_000);
      }),
      { numRuns: 200 },
    );
  });

  test('an xz input that is given up does not block the next one', async () => {
    const given = await openInput('-', { stdin: Readable.from([xz]) });
    for await (const chunk of given) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    await (await openInput('-', { stdin: Readable.from([xz]) })).close();
    expect((await readFile(xz)).data.toString()).toBe(text);
  });

  test('a bomb does not grow the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(200_000_000), { level: 9 });
    const path = join(folder, 'bomb.gz');
    await writeFile(path, bomb);
    const before = process.memoryUsage().rss;
    let bytes = 0;
    let most = 0;
    for await (const chunk of await openInput(path)) {
      bytes += chunk.length;
      most = Math.max(most, process.memoryUsage().rss - before);
    }
    expect(bytes).toBe(200_000_000);
    expect(most).toBeLessThan(120_000_000);
  });

  test('makes UTF-8 of UTF-16', async () => {
    const line = 'BUG: \u00fcber \ud83d\ude00 \u4e2d\n';
    const little = Buffer.from(`\ufeff${line}`, 'utf16le');
    const big = Buffer.from(little).swap16();
    const wanted = `\ufeff${line}`;
    for (const size of [1, 2, 3, 5, 64]) {
      const fromLittle = await readStream(inPieces(little, size));
      expect(fromLittle.data.toString()).toBe(wanted);
      expect(fromLittle.facts.encoding).toBe('utf-16le');
      const fromBig = await readStream(inPieces(big, size));
      expect(fromBig.data.toString()).toBe(wanted);
      expect(fromBig.facts.encoding).toBe('utf-16be');
    }
    expect((await readStream([little.subarray(0, 17)])).data.toString()).toBe('\ufeffBUG: \u00fcb\ufffd');
    expect((await readFile(gzipSync(little))).data.toString()).toBe(wanted);
    expect((await readFile(Buffer.from('\ufeffx'))).facts.encoding).toBe('utf-8');
  });

  test.each([
    ['missing', 'KT-INPUT-MISSING'],
    ['', 'KT-INPUT-DIRECTORY'],
    ['input/inside', 'KT-INPUT-MISSING'],
  ])('says what is wrong with %j', async (name, code) => {
    await writeFile(join(folder, 'input'), 'x');
    const failure = await openInput(join(folder, name)).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(KtriageError);
    expect(failure).toMatchObject({ code, outcome: 'usage' });
  });

  test('an error of the stream is one of the input, an abort is the abort', async () => {
    const broken = new PassThrough();
    broken.write(Buffer.alloc(100, 'x'));
    const input = await openInput('-', { stdin: broken });
    broken.destroy(Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' }));
    await expect(contents(input)).rejects.toMatchObject({ code: 'KT-INPUT-UNREADABLE' });

    const abort = new AbortController();
    const silent = new PassThrough();
    silent.write(Buffer.alloc(100, 'x'));
    const waiting = contents(await openInput('-', { stdin: silent, signal: abort.signal }));
    setTimeout(() => abort.abort(new Error('enough')), 10);
    await expect(waiting).rejects.toThrow('enough');
  });

  test('without standard input there is none to read', async () => {
    await expect(openInput('-')).rejects.toMatchObject({ code: 'KT-INPUT-MISSING' });
  });
});
