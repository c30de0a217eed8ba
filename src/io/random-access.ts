import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { KtriageError } from '../util/errors.ts';

/**
 * Bytes that can be read at any place, synchronously. Reading is positional, so that any number of readers may share
 * one; nothing is held but what is asked for.
 */
export interface RandomAccess {
  /** Bytes that there are. */
  readonly size: number;
  /** Fills `into` with the bytes from `offset`; returns how many, fewer than asked for at the end only. */
  readInto(into: Uint8Array, offset: number): number;
  close(): void;
}

/** Bytes that one system call is asked for: Linux reads 2 GiB less a page at most, Node takes 2 GiB less one. */
const readAtMost = 1_073_741_824;

interface Refusal {
  readonly code: string;
  readonly why: string;
  readonly hint: string;
}

/** What the errors of the system mean to somebody who wants a file of debug information read. */
const refusals: Readonly<Record<string, Refusal>> = {
  ENOENT: { code: 'KT-FILE-MISSING', why: 'there is no such file', hint: 'check the path' },
  ENOTDIR: { code: 'KT-FILE-MISSING', why: 'a part of the path is no folder', hint: 'check the path' },
  EISDIR: { code: 'KT-FILE-IRREGULAR', why: 'it is a folder', hint: 'name the file in it that is meant' },
  EACCES: { code: 'KT-FILE-UNREADABLE', why: 'permission was denied', hint: 'run as a user that may read it' },
  ELOOP: {
    code: 'KT-FILE-UNREADABLE',
    why: 'its symbolic links lead in a circle',
    hint: 'name the file that the link should point to',
  },
  EMFILE: { code: 'KT-FILE-UNREADABLE', why: 'too many files are open', hint: 'raise the limit (ulimit -n)' },
};

function fileError(path: string, error: unknown): KtriageError {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const refusal = refusals[code];
  const what = `cannot read ${path}`;
  if (refusal !== undefined) return new KtriageError(refusal.code, what, refusal.why, refusal.hint);
  const why = error instanceof Error ? error.message : String(error);
  return new KtriageError('KT-FILE-UNREADABLE', what, why, 'check the file and the disk that it is on');
}

/**
 * Opens a file to be read at any place; over 2 GiB as well.
 * @throws KtriageError KT-FILE-MISSING, KT-FILE-UNREADABLE, KT-FILE-IRREGULAR (a folder, pipe or device, whose size is
 * not known); reading throws KT-FILE-UNREADABLE.
 */
export function openRandomAccess(path: string): RandomAccess {
  let descriptor: number | undefined;
  try {
    // Or a pipe would wait for who writes to it, in a call that nothing interrupts.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const status = fstatSync(descriptor);
    if (status.isFile()) return new FileAccess(path, descriptor, status.size);
    // Linux opens a folder for reading, and refuses to read it.
    if (status.isDirectory()) throw Object.assign(new Error('it is a folder'), { code: 'EISDIR' });
  } catch (error) {
    if (descriptor !== undefined) closeSync(descriptor);
    throw fileError(path, error);
  }
  closeSync(descriptor);
  throw new KtriageError(
    'KT-FILE-IRREGULAR',
    `cannot read ${path}`,
    'it is no regular file, and must be read at many places',
    'copy it to a file first',
  );
}

/** A file that is open already, of that size; closing it closes the descriptor. */
export function openedAccess(name: string, descriptor: number, size: number): RandomAccess {
  return new FileAccess(name, descriptor, size);
}

class FileAccess implements RandomAccess {
  readonly size: number;
  readonly #path: string;
  #descriptor: number | undefined;

  constructor(path: string, descriptor: number, size: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    this.size = size;
  }

  readInto(into: Uint8Array, offset: number): number {
    if (this.#descriptor === undefined) throw fileError(this.#path, new Error('it was closed already'));
    if (!Number.isSafeInteger(offset) || offset < 0) return 0;
    const wanted = Math.min(into.length, this.size - offset);
    let done = 0;
    try {
      while (done < wanted) {
        const length = Math.min(wanted - done, readAtMost);
        const read = readSync(this.#descriptor, into, done, length, offset + done);
        // The file became shorter since it was opened.
        if (read === 0) break;
        done += read;
      }
    } catch (error) {
      throw fileError(this.#path, error);
    }
    return done;
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** Bytes in memory as a file: what was decompressed, and what tests make. The bytes are not copied. */
export function memoryAccess(bytes: Uint8Array): RandomAccess {
  return {
    size: bytes.length,
    readInto(into: Uint8Array, offset: number): number {
      if (!Number.isSafeInteger(offset) || offset < 0 || offset >= bytes.length) return 0;
      const part = bytes.subarray(offset, offset + into.length);
      into.set(part);
      return part.length;
    },
    close(): void {},
  };
}
