import { openInput } from '../../io/input.ts';
import { KtriageError } from '../../util/errors.ts';

/**
 * A small file as text of UTF-8, unpacked.
 * @param most bytes.
 * @throws KtriageError if it cannot be read, or is bigger.
 */
export async function readWhole(path: string, most: number, signal?: AbortSignal): Promise<string> {
  return new TextDecoder('utf-8').decode(await readWholeBytes(path, most, signal));
}

/** The same, in whatever encoding; UTF-16 is UTF-8 then. */
export async function readWholeBytes(path: string, most: number, signal?: AbortSignal): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const input = await openInput(path, { signal });
  for await (const chunk of input) {
    bytes += chunk.length;
    if (bytes > most) {
      await input.close();
      throw new KtriageError(
        'KT-INPUT-TOO-BIG',
        `cannot use ${path}`,
        `it has more than ${most} bytes`,
        'name a smaller file: of a run, ktriage analyze --format json makes one',
      );
    }
    // A chunk is overwritten by the next one.
    chunks.push(Buffer.from(chunk));
  }
  const { damaged } = input.facts;
  if (damaged !== undefined)
    throw new KtriageError('KT-INPUT-UNREADABLE', `cannot read ${path}`, damaged, 'fetch or make the file again');
  return Buffer.concat(chunks);
}

/** The first bytes of a file, unpacked, a char each. */
export async function readStart(path: string, bytes: number, signal?: AbortSignal): Promise<string> {
  const input = await openInput(path, { signal });
  let start = '';
  for await (const chunk of input) {
    start += Buffer.from(chunk.subarray(0, bytes - start.length)).toString('latin1');
    if (start.length >= bytes) break;
  }
  await input.close();
  return start;
}
