import { spawnSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** A pipe of the kernel's. */
export interface OutputPipe {
  readonly reader: Readable;
  /** What the command is given; `closeWriter` when it has it. */
  readonly writer: number;
  closeWriter(): void;
}

/**
 * Makes pipes for the output of a command. What Node calls a pipe is a socket, which cannot be opened by its name: in the
 * command `echo > /dev/stderr` would fail (ENXIO), and so would virtme-ng, which hands /proc/self/fd/1 to QEMU. Node has
 * no call for a pipe, so it is a named one without its name.
 * @returns undefined where that cannot be had.
 */
export function openPipes(count: number): readonly OutputPipe[] | undefined {
  const pipes: OutputPipe[] = [];
  let folder: string | undefined;
  try {
    folder = mkdtempSync(join(tmpdir(), 'ktriage-'));
    const paths = Array.from({ length: count }, (_, i) => join(folder ?? '', `${i}`));
    const { status } = spawnSync('mkfifo', ['-m', '600', ...paths], { stdio: 'ignore', timeout: 5000 });
    if (status !== 0) return undefined;
    for (const path of paths) pipes.push(openPipe(path));
    return pipes;
  } catch {
    for (const { reader, closeWriter } of pipes) {
      closeWriter();
      reader.destroy();
    }
    return undefined;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
}

function openPipe(path: string): OutputPipe {
  // The reader first, without waiting for a writer; the writer waits for nobody then, and blocks when the pipe is full, as
  // programs expect of theirs.
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  let writer: number;
  let reader: Socket;
  try {
    writer = openSync(path, constants.O_WRONLY);
    reader = new Socket({ fd: readEnd, readable: true, writable: false });
  } catch (error) {
    closeSync(readEnd);
    throw error;
  }
  return { reader, writer, closeWriter: () => closeSync(writer) };
}
