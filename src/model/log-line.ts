import type { TextRange } from './position.ts';

/**
 * Who printed a line, as far as the log tells. `T123` and `C4` are the kernel's caller ids
 * (CONFIG_PRINTK_CALLER: task, or CPU when not in a task), `console` is a kernel line without one,
 * and the empty string a line that nothing marks as the kernel's.
 */
export type LineContext = string;

/**
 * One message line of a log, freed from what pipes put before, after and around it.
 * `text` has a char per byte (latin1); `utf8()` of src/util makes a proper string of it for output.
 */
export interface LogLine {
  /** Where the line stands in the input; a wrapped line has several physical lines. */
  readonly range: TextRange;
  /** What was printed, with its own indentation, without time stamp, caller id, level and decorations. */
  readonly text: string;
  readonly context: LineContext;
  /** Seconds since boot, where the line tells. */
  readonly seconds?: number;
  /** The printk level 0 (emergency) to 7 (debug), where the line tells. */
  readonly level?: number;
  /**
   * True if something (a stamp, a level, a `kernel:` tag) says that the kernel printed it, false if something
   * says that another program did (`sshd[812]:` in a syslog), absent if nothing tells.
   */
  readonly kernel?: boolean;
  /** True where the line is known to be printed again in full later (`** replaying previous printk message **`). */
  readonly replayed?: boolean;
  /** True for the first line after a part of the log that was skipped because nothing in it mattered. */
  readonly afterGap?: boolean;
}
