/** A thread of a stub: for QEMU a vCPU, for the kernel's own stub a task or, with a negative id, a CPU. */
export interface ThreadId {
  /** As the stub writes it, and as it is given back. */
  readonly text: string;
  /** With the multiprocess extension. */
  readonly process?: bigint;
  readonly thread: bigint;
}

/** Threads of a stub that are listed at most: the kernel's own stub lists every task. */
export const mostThreads = 65_536;

function number(text: string): bigint | undefined {
  const match = /^(-?)([0-9a-fA-F]{1,16})$/.exec(text);
  if (match === null) return undefined;
  const value = BigInt(`0x${match[2] ?? '0'}`);
  return match[1] === '-' ? -value : BigInt.asIntN(64, value);
}

/** `1f`, `p01.02`; undefined for anything else, "any" (0) and "all" (-1) included. */
export function parseThreadId(text: string): ThreadId | undefined {
  const dot = text.startsWith('p') ? text.indexOf('.') : -1;
  const thread = number(dot < 0 ? text : text.slice(dot + 1));
  if (thread === undefined || thread === 0n || thread === -1n) return undefined;
  if (dot < 0) return { text, thread };
  const process = number(text.slice(1, dot));
  return process === undefined || process <= 0n ? undefined : { text, process, thread };
}

/** The list of an answer to `qfThreadInfo` or `qsThreadInfo`, without its `m`; undefined if it is no such list. */
export function parseThreadList(text: string): ThreadId[] | undefined {
  const threads: ThreadId[] = [];
  for (const part of text.split(',', mostThreads + 1)) {
    const id = parseThreadId(part);
    if (id === undefined) return undefined;
    threads.push(id);
  }
  return threads;
}
