import { type FSWatcher, type Stats, watch } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { KtriageError } from '../util/errors.ts';
import { streamChunks } from './byte-source.ts';
import { inputError, systemCode } from './input-error.ts';

/** What happens to a file that is followed. */
export type FollowEvent =
  /** More of it; the bytes may be overwritten when the next event is asked for. */
  | { readonly type: 'data'; readonly bytes: Uint8Array }
  /** It is not there (yet, or any more); told once until it is. */
  | { readonly type: 'waiting' }
  /** It became shorter: what follows is its new beginning. */
  | { readonly type: 'truncated' }
  /** Another file has its name: what follows is that one's beginning. The old one was read to its end. */
  | { readonly type: 'rotated' }
  /** Nothing came for a while after something had; told once until more comes. */
  | { readonly type: 'quiet' };

export interface FollowOptions {
  /** Ends following: the iteration throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** What `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream | undefined;
  /** Where a file that is there already begins to be read; 0 by default, `end` for what is new only. */
  readonly from?: 'start' | 'end' | undefined;
  /** Milliseconds without data that count as quiet; 2000 by default. */
  readonly quietMilliseconds?: number | undefined;
  /** Milliseconds between two looks at the file, or a device, where the system does not tell of changes; 250 by default. */
  readonly pollMilliseconds?: number | undefined;
}

const readBytes = 262_144;
const usualPoll = 250;
/** However often the system tells of changes, the file is looked at no more often than this. */
const restMilliseconds = 20;

/**
 * Follows a file as `tail -F` does: through truncation and rotation, and waits for one that is not there. Pipes,
 * devices and `-` are read to their end, where following ends too; a regular file is followed until the abort.
 * @throws KtriageError if it is a folder or cannot be read.
 */
export async function* followFile(path: string, options: FollowOptions = {}): AsyncGenerator<FollowEvent> {
  if (path === '-') {
    if (options.stdin === undefined)
      throw new KtriageError('KT-INPUT-MISSING', 'cannot read standard input', 'there is none', 'name a file');
    const { stdin } = options;
    yield* followStream(path, async (signal) => streamChunks(stdin, signal), options);
    return;
  }
  const facts = await statOf(path);
  if (facts?.isDirectory() === true) throw inputError(path, Object.assign(new Error('a folder'), { code: 'EISDIR' }));
  if (facts === undefined || facts.isFile()) {
    yield* followRegular(path, options);
    return;
  }
  const { pollMilliseconds = usualPoll } = options;
  const { openSpecial } = await import('./special-file.ts');
  yield* followStream(path, (signal) => openSpecial(path, { signal, pollMilliseconds }), options);
}

/** @param open gives what is read, until the signal ends it. */
async function* followStream(
  path: string,
  open: (signal: AbortSignal) => Promise<AsyncGenerator<Uint8Array>>,
  options: FollowOptions,
): AsyncGenerator<FollowEvent> {
  const quietMilliseconds = options.quietMilliseconds ?? 2000;
  const end = new AbortController();
  const signal = options.signal === undefined ? end.signal : AbortSignal.any([options.signal, end.signal]);
  let pending: Promise<IteratorResult<Uint8Array>> | undefined;
  let quiet = true;
  try {
    const chunks = await open(signal);
    pending = chunks.next();
    for (;;) {
      const next = quiet ? await pending : await orAfter(pending, quietMilliseconds);
      if (next === undefined) {
        quiet = true;
        yield { type: 'quiet' };
      } else if (next.done === true) {
        return;
      } else {
        quiet = false;
        yield { type: 'data', bytes: next.value };
        pending = chunks.next();
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw inputError(path, error);
  } finally {
    pending?.catch(() => undefined);
    end.abort();
  }
}

/** The promise's value, or undefined if it takes too long. */
async function orAfter<T>(promise: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function* followRegular(path: string, options: FollowOptions): AsyncGenerator<FollowEvent> {
  const quietMilliseconds = options.quietMilliseconds ?? 2000;
  const pollMilliseconds = options.pollMilliseconds ?? usualPoll;
  const changes = new ChangeWatcher(path, options.signal);
  const followed = new FollowedFile(path);
  let fromEnd = options.from === 'end';
  let waiting = false;
  let lastData: number | undefined;
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      if (!followed.isOpen) {
        if (await followed.open(fromEnd)) waiting = false;
        else if (!waiting) {
          waiting = true;
          yield { type: 'waiting' };
        }
        // A file that comes later is new as a whole.
        fromEnd = false;
      }
      for (let bytes = await followed.read(); bytes !== undefined; bytes = await followed.read()) {
        lastData = Date.now();
        yield { type: 'data', bytes };
        options.signal?.throwIfAborted();
      }
      const change = await followed.change();
      if (change === 'more') continue;
      if (change !== undefined) {
        yield { type: change };
        continue;
      }
      const silence = lastData === undefined ? 0 : Date.now() - lastData;
      if (lastData !== undefined && silence >= quietMilliseconds) {
        lastData = undefined;
        yield { type: 'quiet' };
        continue;
      }
      const untilQuiet = lastData === undefined ? pollMilliseconds : quietMilliseconds - silence;
      await changes.wait(Math.max(1, Math.min(pollMilliseconds, untilQuiet)));
    }
  } catch (error) {
    options.signal?.throwIfAborted();
    throw inputError(path, error);
  } finally {
    changes.close();
    await followed.close();
  }
}

/** The file that has the name, or had it when it was opened. */
class FollowedFile {
  readonly #path: string;
  readonly #buffer = Buffer.allocUnsafeSlow(readBytes);
  #file: FileHandle | undefined;
  #position = 0;
  /** True once its name was seen to belong to another file: it is read to its end before that one is. */
  #replaced = false;

  constructor(path: string) {
    this.#path = path;
  }

  get isOpen(): boolean {
    return this.#file !== undefined;
  }

  /** False if it is not there. */
  async open(fromEnd: boolean): Promise<boolean> {
    try {
      this.#file = await open(this.#path, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    this.#position = fromEnd ? (await this.#file.stat()).size : 0;
    this.#replaced = false;
    return true;
  }

  /** The next bytes, or undefined if there are none at the moment. */
  async read(): Promise<Uint8Array | undefined> {
    if (this.#file === undefined) return undefined;
    const { bytesRead } = await this.#file.read(this.#buffer, 0, readBytes, this.#position);
    if (bytesRead === 0) return undefined;
    this.#position += bytesRead;
    return this.#buffer.subarray(0, bytesRead);
  }

  /** What became of the file since its end was reached. `more`: read on, it was written to until the last moment. */
  async change(): Promise<'truncated' | 'rotated' | 'more' | undefined> {
    if (this.#file === undefined) return undefined;
    const own = await this.#file.stat();
    if (own.size < this.#position) {
      this.#position = 0;
      return 'truncated';
    }
    if (own.size > this.#position) return 'more';
    const named = await statOf(this.#path);
    // Without its name it may still be written to, by who has it open.
    if (named === undefined || (named.ino === own.ino && named.dev === own.dev)) return undefined;
    if (!this.#replaced) {
      // Its writer may have written between the last read and the renaming.
      this.#replaced = true;
      return 'more';
    }
    await this.close();
    return 'rotated';
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw inputError(path, error);
  }
}

/** Waits for something to happen to a file: by the system's word where there is one, else by the clock. */
class ChangeWatcher {
  readonly #signal: AbortSignal | undefined;
  #watcher: FSWatcher | undefined;
  #changed = false;
  #wake: (() => void) | undefined;

  constructor(path: string, signal: AbortSignal | undefined) {
    this.#signal = signal;
    const name = basename(path);
    try {
      // The folder is watched, not the file: it tells of renaming and of a new file too.
      this.#watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
        if (changed === null || changed === name) this.#notice();
      });
      // Network file systems and full watch tables are no reason to give up: the clock is enough.
      this.#watcher.on('error', () => this.close());
    } catch {
      this.#watcher = undefined;
    }
  }

  async wait(milliseconds: number): Promise<void> {
    if (!this.#changed) await this.#sleep(milliseconds, true);
    if (this.#changed) await this.#sleep(Math.min(restMilliseconds, milliseconds), false);
    this.#changed = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
  }

  #notice(): void {
    this.#changed = true;
    this.#wake?.();
  }

  #sleep(milliseconds: number, wakeable: boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#signal?.removeEventListener('abort', done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#signal?.addEventListener('abort', done, { once: true });
      if (this.#signal?.aborted === true) done();
      else if (wakeable) this.#wake = done;
    });
  }
}
