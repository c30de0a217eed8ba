import { once } from 'node:events';
import { DamagedDataError } from './damaged.ts';

/** Compressed bytes handed over at a time: even at gzip's best ratio (1032 to 1) they become no more than 4 MiB, and what a damaged slice held is little. */
const sliceBytes = 4096;

/**
 * Decodes gzip with one or several members.
 * @throws DamagedDataError where the data is damaged or ends early, after all before that was delivered.
 */
export async function* gunzip(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { createGunzip } = await import('node:zlib');
  const inflater = createGunzip({ chunkSize: 131_072 });
  let output: Buffer[] = [];
  let failure: Error | undefined;
  // In flowing mode everything decoded so far is handed out before an error is; iterating would lose it.
  inflater.on('data', (chunk: Buffer) => output.push(chunk));
  inflater.on('error', (error) => {
    failure = error;
  });
  const closed = once(inflater, 'close').catch(() => undefined);
  const take = (): Buffer[] => {
    const taken = output;
    output = [];
    return taken;
  };
  try {
    for await (const chunk of source) {
      for (let at = 0; at < chunk.length && !inflater.destroyed; at += sliceBytes) {
        const slice = chunk.subarray(at, at + sliceBytes);
        await Promise.race([new Promise<void>((resolve) => inflater.write(slice, () => resolve())), closed]);
        yield* take();
      }
      if (inflater.destroyed) break;
    }
    if (!inflater.destroyed) {
      inflater.end();
      await closed;
    }
    yield* take();
    if (failure !== undefined) throw new DamagedDataError(`gzip: ${failure.message}`);
  } finally {
    inflater.destroy();
  }
}
