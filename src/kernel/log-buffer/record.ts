/** Who printed a record: a task, or a CPU where there was none (`printk_caller_id`). */
export interface LogCaller {
  readonly kind: 'task' | 'cpu';
  readonly id: number;
}

/** A record of the printk buffer. */
export interface LogRecord {
  readonly sequence: bigint;
  /** Nanoseconds since boot, as the kernel's clock had it. */
  readonly nanoseconds: bigint;
  /** 0 to 7; `KERN_ERR` is 3. */
  readonly level: number;
  /** 0 is the kernel. */
  readonly facility: number;
  /** Where the kernel stores it: always since 5.10, before with PRINTK_CALLER only (5.1). */
  readonly caller?: LogCaller;
  /** A character per byte, without the line feed at its end; may have several lines. */
  readonly text: string;
  /**
   * `half-written`: somebody stands in the middle of writing it, its text is what is there so far. `open`: it may be
   * continued by whoever wrote it, and consoles do not have it yet. `lost`: its text was overwritten, or cannot be read.
   */
  readonly state: 'complete' | 'open' | 'half-written' | 'lost';
}

/** `caller_id`: the high bit tells CPUs from tasks. */
export function callerOf(id: number): LogCaller {
  return id >= 0x8000_0000 ? { kind: 'cpu', id: id - 0x8000_0000 } : { kind: 'task', id };
}

/** `[    4.178758] `, and `[    4.178758][   T42] ` with its caller: `info_print_prefix` of kernel/printk/printk.c. */
export function prefixOf(record: LogRecord, withCaller: boolean): string {
  const seconds = record.nanoseconds / 1_000_000_000n;
  const microseconds = (record.nanoseconds % 1_000_000_000n) / 1000n;
  const time = `[${seconds.toString().padStart(5)}.${microseconds.toString().padStart(6, '0')}]`;
  if (!withCaller || record.caller === undefined) return `${time} `;
  const caller = `${record.caller.kind === 'cpu' ? 'C' : 'T'}${record.caller.id}`;
  return `${time}[${caller.padStart(6)}] `;
}

/** The lines of a record as `dmesg` prints them, each with the prefix; a record that is lost has none. */
export function linesOf(record: LogRecord, withCaller = false): string[] {
  if (record.state === 'lost') return [];
  const prefix = prefixOf(record, withCaller);
  return record.text.split('\n').map((line) => prefix + line);
}
