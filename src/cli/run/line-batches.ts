import type { Readable } from 'node:stream';

/** Lines of standard input that are looked up together: all addresses of a part of the kernel cost as much as one. */
const batch = 16_384;
/** Milliseconds without more input after which what has come is answered: somebody may be waiting at the other end. */
const patience = 20;
/** No symbol is as long as that; the rest of such a line is nothing to be kept. */
const maxLine = 4096;

/** The lines of an input, as many at a time as came at once. Whoever wants no more of them closes it. */
export async function* batchesOf(input: Readable): AsyncGenerator<string[]> {
  const chunks: AsyncIterator<unknown> = input[Symbol.asyncIterator]();
  let rest = '';
  let lines: string[] = [];
  const read = (): Promise<IteratorResult<unknown>> => {
    const chunk = chunks.next();
    // It may fail while nobody waits for it; whoever does hears of it all the same.
    chunk.catch(() => {});
    return chunk;
  };
  try {
    let next = read();
    for (;;) {
      if (lines.length >= batch || (lines.length > 0 && !(await isSoon(next)))) {
        yield lines;
        lines = [];
      }
      const { value, done } = await next;
      if (done === true) break;
      next = read();
      const text = value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : String(value);
      const pieces = `${rest}${text}`.split('\n');
      rest = (pieces.pop() ?? '').slice(0, maxLine);
      for (const piece of pieces) if (piece.trim() !== '') lines.push(piece.trim());
    }
    if (rest.trim() !== '') lines.push(rest.trim());
    if (lines.length > 0) yield lines;
  } finally {
    input.destroy();
  }
}

/** Whether something is there before patience ends. */
async function isSoon(promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, patience, false);
  });
  try {
    return await Promise.race([promise.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
