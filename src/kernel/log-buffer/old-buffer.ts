import type { Kernel } from '../kernel.ts';
import { readView, View } from '../view.ts';
import { readWindow, type Window } from '../window.ts';
import { callerOf, type LogRecord } from './record.ts';
import type { RingRead } from './ring.ts';

const mostBytes = 67_108_864;

/**
 * The buffer before 5.10: records one after the other in `log_buf`, from `log_first_idx` to `log_next_idx`, each a `struct
 * printk_log` with its text behind it; one of length 0 leads to the start. Undefined if the kernel has none.
 * @param most records that are kept, the newest
 */
export async function readOldBuffer(kernel: Kernel, most: number): Promise<RingRead | undefined> {
  const { types, memory } = kernel;
  const type = types.struct('printk_log') === undefined ? 'log' : 'printk_log';
  const headBytes = types.sizeof(`struct ${type}`);
  const [buffer, size, first, sequence, next] = await Promise.all([
    variable(kernel, 'log_buf', 8),
    variable(kernel, 'log_buf_len', 4),
    variable(kernel, 'log_first_idx', 4),
    variable(kernel, 'log_first_seq', 8),
    variable(kernel, 'log_next_seq', 8),
  ]);
  if (headBytes === undefined || buffer === undefined || size === undefined || first === undefined) return undefined;
  if (next === undefined || sequence === undefined || size === 0n || size > BigInt(mostBytes)) return undefined;
  const bytes = Number(size);
  const window = await readWindow(memory, buffer, bytes);
  const records: LogRecord[] = [];
  const problems: string[] = [];
  let at = Number(first);
  const count = Math.min(Number(next - sequence), Math.ceil(bytes / headBytes));
  for (let wraps = 0; records.length < count; ) {
    const head = window.slice(at, headBytes);
    const view = head === undefined ? undefined : new View(types, `struct ${type}`, buffer + BigInt(at), head);
    const length = view?.number('len');
    if (length === 0 && wraps === 0) {
      wraps++;
      at = 0;
    } else if (view === undefined || length === undefined || length < headBytes) {
      problems.push('the printk buffer ends where a record makes no sense');
      break;
    } else {
      records.push(recordOf(view, window, at + headBytes, sequence + BigInt(records.length)));
      at += length;
    }
  }
  const kept = records.slice(-most);
  const last = await readContinued(kernel, sequence + BigInt(records.length));
  return { records: last === undefined ? kept : [...kept, last], problems };
}

function recordOf(view: View, window: Window, textAt: number, sequence: bigint): LogRecord {
  const text = window.slice(textAt, view.number('text_len') ?? 0);
  const caller = view.number('caller_id');
  return {
    sequence,
    nanoseconds: view.big('ts_nsec') ?? 0n,
    level: view.number('level') ?? 0,
    facility: view.number('facility') ?? 0,
    ...(caller !== undefined && { caller: callerOf(caller) }),
    text: text === undefined ? '' : Buffer.from(text).toString('latin1'),
    state: text === undefined ? 'lost' : 'complete',
  };
}

/** The line that is still to be continued, which is in no record yet: `struct cont`, since 3.6. */
async function readContinued(kernel: Kernel, sequence: bigint): Promise<LogRecord | undefined> {
  const address = kernel.symbols.address('cont');
  const view = address === undefined ? undefined : await readView(kernel, 'struct cont', address);
  const length = view?.number('len');
  const text = view?.bytes('buf');
  if (view === undefined || length === undefined || length === 0 || text === undefined || length > text.length)
    return undefined;
  return {
    ...{ sequence, nanoseconds: view.big('ts_nsec') ?? 0n, level: view.number('level') ?? 0 },
    facility: view.number('facility') ?? 0,
    ...{ text: Buffer.from(text.subarray(0, length)).toString('latin1'), state: 'open' },
  };
}

async function variable(kernel: Kernel, symbol: string, bytes: 4 | 8): Promise<bigint | undefined> {
  const address = kernel.symbols.address(symbol);
  if (address === undefined) return undefined;
  if (bytes === 8) return kernel.memory.u64(address);
  const value = await kernel.memory.u32(address);
  return value === undefined ? undefined : BigInt(value);
}
