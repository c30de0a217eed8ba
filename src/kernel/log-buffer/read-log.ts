import type { Kernel } from '../kernel.ts';
import { type LogConsole, readConsoles } from './consoles.ts';
import { readOldBuffer } from './old-buffer.ts';
import { type LogRecord, linesOf } from './record.ts';
import { readRing } from './ring.ts';

/** Records that are read if nothing else is said: of a buffer of the usual size all of them. */
const usualRecords = 16_384;

export interface LogOptions {
  /** Records at most, the newest; 16384 if missing. */
  readonly most?: number;
  /** Lines with who printed them, as kernels with PRINTK_CALLER have it. If missing, where it is known to be one. */
  readonly withCaller?: boolean;
}

/** What a kernel has in its printk buffer. */
export interface KernelLog {
  /** As `dmesg` prints them, the prefix `[    4.178758] ` before each; a character per byte. */
  readonly lines: readonly string[];
  readonly records: readonly LogRecord[];
  readonly consoles: readonly LogConsole[];
  /** The first record that no console got yet: the furthest of those that are enabled. Missing if there is none. */
  readonly consoleSeq?: bigint;
  /** Lines of records that no console got; missing if nothing tells. */
  readonly neverPrinted?: number;
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

/** Reads the printk buffer; one without records if there is none, or it makes no sense. */
export async function readLog(kernel: Kernel, options: LogOptions = {}): Promise<KernelLog> {
  const most = Math.max(1, options.most ?? usualRecords);
  const [ring, consoles] = await Promise.all([readRing(kernel, most), readConsoles(kernel)]);
  const read = ring ?? (await readOldBuffer(kernel, most));
  if (read === undefined)
    return { lines: [], records: [], consoles, problems: ['the printk buffer was not found, or makes no sense'] };
  const { records, problems } = read;
  const withCaller = options.withCaller ?? printsCaller(kernel);
  const enabled = consoles.flatMap(({ isEnabled, next }) => (isEnabled && next !== undefined ? [next] : []));
  const furthest = enabled.reduce<bigint | undefined>((a, b) => (a !== undefined && a > b ? a : b), undefined);
  const unprinted = furthest === undefined ? [] : records.filter(({ sequence }) => sequence >= furthest);
  return {
    lines: records.flatMap((record) => linesOf(record, withCaller)),
    ...{ records, consoles, problems },
    ...(furthest !== undefined && {
      consoleSeq: furthest,
      neverPrinted: unprinted.reduce((sum, record) => sum + linesOf(record).length, 0),
    }),
  };
}

/**
 * Whether the kernel was built with PRINTK_CALLER. The member is there without it since 5.10, so all that can tell then is
 * the function that prints it, where the compiler left it as one.
 */
function printsCaller(kernel: Kernel): boolean {
  if (kernel.types.member('printk_log', 'caller_id') !== undefined) return true;
  return kernel.symbols.address('print_caller') !== undefined;
}
