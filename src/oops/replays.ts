/** What is kept to know a message again. */
const maxKnown = 4000;

/**
 * Knows messages that a log has twice because they were printed twice: after a panic the whole buffer goes to the
 * console again if panic_print has bit 5 (PANIC_PRINT_ALL_PRINTK_MSG in kernel/panic.c, since 5.17) or
 * panic_console_replay is set, and a console log may have dmesg's output appended. Stamps of microseconds tell: no
 * kernel says the same twice in one.
 */
export class Replays {
  private readonly known = new Set<string>();

  /** True if the same was there before. Never for messages without a stamp, or with one that is too coarse. */
  isReplay(boot: number, seconds: number | undefined, message: string): boolean {
    if (seconds === undefined || Number.isInteger(seconds)) return false;
    const key = `${boot} ${seconds} ${message}`;
    if (this.known.has(key)) return true;
    if (this.known.size < maxKnown) this.known.add(key);
    return false;
  }
}
