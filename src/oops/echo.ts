import type { LogLine } from '../model/log-line.ts';

/** So many of each boot's first lines are remembered, and so many in all. */
const perBoot = 600;
const inAll = 20_000;
/** So many lines of a new boot are looked at, and so many of them must have been there before. */
const lookedAt = 400;
const needed = 3;

/**
 * Tells a boot from an earlier one's messages that are printed again: by `dmesg` on a console, or by a crash
 * kernel that saves them. Their stamps are the same to the microsecond, which no second boot gets right.
 */
export class EchoDetector {
  private readonly seen = new Set<string>();
  private own: string[] = [];
  private looked = 0;
  private matches = 0;
  private comparing = false;

  /** Something looks like the beginning of a boot: its lines are held against those of earlier ones. */
  restart(): void {
    this.keepOwn();
    this.looked = 0;
    this.matches = 0;
    this.comparing = true;
  }

  /** True once, when enough lines show that the latest beginning was none. */
  isEcho(line: LogLine): boolean {
    const { seconds } = line;
    if (seconds === undefined) return false;
    // Coarse clocks (early ones, and those that tick in milliseconds) say the same in every boot.
    if (seconds === 0 || Math.round(seconds * 1e6) % 1000 === 0) return false;
    if (this.own.length < perBoot) this.own.push(key(line));
    if (!this.comparing) return false;
    if (this.seen.has(key(line))) this.matches++;
    if (this.matches >= needed) {
      this.comparing = false;
      this.own = [];
      return true;
    }
    if (++this.looked >= lookedAt) this.comparing = false;
    return false;
  }

  /** True if the line was there before, false the first time. For the few lines that say a lot by themselves. */
  isRepeated(line: LogLine): boolean {
    if (line.seconds === undefined) return false;
    const known = this.seen.has(key(line));
    if (!known && this.seen.size < inAll) this.seen.add(key(line));
    return known;
  }

  private keepOwn(): void {
    for (const one of this.own) if (this.seen.size < inAll) this.seen.add(one);
    this.own = [];
  }
}

function key(line: LogLine): string {
  return `${line.seconds} ${line.text}`;
}
