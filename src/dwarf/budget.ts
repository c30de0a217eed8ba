import { dwarfError } from './errors.ts';

/** All range lists of a kernel have a million entries together; each is compared with few addresses. */
const mostRangeEntries = 1 << 26;
/** Every byte of a section is needed once for all addresses of a question; some units may share a part. */
const mostReadings = 4;
const always = 1 << 24;

/**
 * What one question may cost. Each part of damaged debug information is bounded by the file's size, but a thousand
 * units may point to the same part, and a million entries to the same list: their sum is bounded here.
 */
export class Budget {
  #ranges = mostRangeEntries;
  readonly #spent = new Map<string, number>();

  /** Counts the entries of a range list, and how often they are compared. */
  spendRanges(entries: number, section: string, offset: number): void {
    this.#ranges -= entries;
    if (this.#ranges < 0) {
      throw dwarfError('TOO-LARGE', section, offset, `more than ${mostRangeEntries} ranges would have to be read`);
    }
  }

  /** Counts the bytes of a part that is read and gone through. */
  spendBytes(bytes: number, section: string, size: number, offset: number): void {
    const spent = (this.#spent.get(section) ?? 0) + bytes;
    this.#spent.set(section, spent);
    if (spent > always + size * mostReadings) {
      throw dwarfError('TOO-LARGE', section, offset, 'units that overlap would be read over and over');
    }
  }
}
