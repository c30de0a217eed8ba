import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { KtriageError } from '../util/errors.ts';
import { systemCode } from './errors.ts';

/** Where results go. Writes wait for the reader; a reader that went away is no error. */
export interface Output {
  write(text: string): Promise<void>;
  /** Everything is written; waits until it is out. */
  end(): Promise<void>;
  /** True once nobody reads any more (`| head`, a pager that was left): there is no point in going on. */
  readonly closed: boolean;
}

/** Output that takes bytes too: of a log that is passed on as it came. */
export interface ByteOutput extends Output {
  write(text: string | Uint8Array): Promise<void>;
}

/** Output to a stream that stays open, as standard output does. */
export class StreamOutput implements ByteOutput {
  readonly #stream: Writable;
  #closed = false;
  #failure: unknown;

  constructor(stream: Writable) {
    this.#stream = stream;
    // EPIPE comes as an event, long after the write that caused it.
    stream.on('error', (error) => {
      this.#closed = true;
      if (systemCode(error) !== 'EPIPE') this.#failure = error;
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  async write(text: string | Uint8Array): Promise<void> {
    if (this.#closed || text.length === 0) return;
    await new Promise<void>((done) => {
      this.#stream.write(text, () => done());
    });
    if (this.#failure !== undefined) throw unwritable('standard output', this.#failure);
  }

  async end(): Promise<void> {
    if (this.#failure !== undefined) throw unwritable('standard output', this.#failure);
  }
}

/** What a user may do who named an output that takes nothing. */
const otherOutput = 'choose another place with --output FILE';

/** The error for an output that takes nothing; `hint` says what to do if it was not named by `--output`. */
export function unwritable(name: string, error: unknown, hint = otherOutput): KtriageError {
  const code = systemCode(error);
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: 'its folder does not exist',
    EACCES: 'you may not write there',
    EISDIR: 'it is a folder',
    ENOSPC: 'the disk is full',
    EROFS: 'the file system is read-only',
    ENXIO: 'nobody reads from that pipe',
    EAGAIN: 'whoever reads from that pipe takes nothing',
  };
  const why = reasons[code ?? ''] ?? (error instanceof Error ? error.message : String(error));
  return new KtriageError('KT-OUTPUT-UNWRITABLE', `cannot write to ${name}`, why, hint);
}

async function isSameFile(a: string, b: string): Promise<boolean> {
  try {
    const [first, second] = await Promise.all([stat(a, { bigint: true }), stat(b, { bigint: true })]);
    return first.isFile() && first.ino === second.ino && first.dev === second.dev;
  } catch {
    return false;
  }
}

/**
 * Output to a file of its own, or to the end of one that is there. Refuses to write over one of the inputs.
 * @param hint for errors: what to do where the file was not named by `--output`.
 */
export async function openOutputFile(
  path: string,
  inputs: readonly string[],
  isAppended = false,
  hint = otherOutput,
): Promise<ByteOutput> {
  for (const input of inputs) {
    if (await isSameFile(path, input)) {
      throw new KtriageError(
        'KT-OUTPUT-UNWRITABLE',
        `cannot write to ${path}`,
        'it is one of the inputs, and would be lost',
        hint,
      );
    }
  }
  const stream = createWriteStream(path, { flags: isAppended ? 'a' : 'w' });
  try {
    await once(stream, 'open');
  } catch (error) {
    throw unwritable(path, error, hint);
  }
  let failure: unknown;
  stream.on('error', (error) => {
    failure = error;
  });
  const check = (): void => {
    if (failure !== undefined) throw unwritable(path, failure, hint);
  };
  // The event comes later, when the file is closed.
  const finish = (error: Error | null | undefined, done: () => void): void => {
    failure ??= error ?? undefined;
    done();
  };
  return {
    closed: false,
    async write(text) {
      check();
      await new Promise<void>((done) => {
        stream.write(text, (error) => finish(error, done));
      });
      check();
    },
    async end() {
      await new Promise<void>((done) => {
        stream.end((error?: Error | null) => finish(error, done));
        stream.once('error', () => done());
      });
      check();
    },
  };
}
