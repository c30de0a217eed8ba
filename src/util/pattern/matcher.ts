import { Program } from './program.ts';
import { type Assertion, isWordByte, parsePattern } from './syntax.ts';

/** What stands behind the last byte. */
const end = 256;
const columns = 257;
/** Rows of the table are dropped when there are more: patterns can have more states than memory has room for. */
const maxRows = 2000;

const unknown = -1;
const found = -2;

/** Where a machine stands between two bytes. */
interface Row {
  /** States before assertions are looked at, in ascending order. */
  readonly states: readonly number[];
  readonly atStart: boolean;
  readonly afterWord: boolean;
}

/**
 * Looks for any of some patterns in texts, in time that grows with the text's length alone, whatever the patterns are
 * and whatever the text holds: a table from where it stands and the next byte to where it stands then, made as it is
 * needed, and no way back.
 */
export class Matcher {
  readonly #program = new Program();
  readonly #start: number;
  #rows: Row[] = [];
  #known = new Map<string, number>();
  #table = new Int32Array(0);
  #first = 0;

  /**
   * @param patterns each a char per byte.
   * @throws PatternError for one that cannot be read.
   */
  constructor(patterns: readonly string[]) {
    const starts = patterns.map((text, nth) => this.#program.pattern(parsePattern(text), nth));
    this.#start = starts.length === 0 ? -1 : starts.reduceRight((other, next) => this.#program.either(next, other));
    this.#clear();
  }

  /** True if one of the patterns is somewhere in the text, which has a char per byte. */
  test(text: string): boolean {
    return this.testBytes(Buffer.from(text, 'latin1'));
  }

  /** The same of bytes from `from` to before `to`, which are one line. */
  testBytes(bytes: Uint8Array, from = 0, to = bytes.length): boolean {
    if (this.#start === -1) return false;
    let row = this.#first;
    for (let at = from; at <= to; at += 1) {
      const byte = at < to ? (bytes[at] ?? 0) : end;
      let next = this.#table[row * columns + byte] ?? unknown;
      if (next === unknown) next = this.#step(row, byte);
      if (next === found) return true;
      row = next;
    }
    return false;
  }

  #clear(): void {
    this.#rows = [];
    this.#known = new Map();
    if (this.#table.length === 0) this.#table = new Int32Array(16 * columns);
    this.#table.fill(unknown);
    this.#first = this.#row({ states: [this.#start], atStart: true, afterWord: false });
  }

  #row(row: Row): number {
    const key = `${row.atStart ? '^' : ''}${row.afterWord ? 'w' : ''}${row.states.join(' ')}`;
    const before = this.#known.get(key);
    if (before !== undefined) return before;
    const index = this.#rows.length;
    if ((index + 1) * columns > this.#table.length) {
      const bigger = new Int32Array(this.#table.length * 2).fill(unknown);
      bigger.set(this.#table);
      this.#table = bigger;
    }
    this.#rows.push(row);
    this.#known.set(key, index);
    return index;
  }

  /** The row behind a byte, or `found`. */
  #step(from: number, byte: number): number {
    const row = this.#rows[from];
    if (row === undefined) return from;
    const after = this.#after(row, byte);
    if (after === undefined) {
      this.#table[from * columns + byte] = found;
      return found;
    }
    const full = this.#rows.length >= maxRows;
    if (full) this.#clear();
    const next = this.#row(after);
    if (!full) this.#table[from * columns + byte] = next;
    return next;
  }

  /** Undefined if a pattern ends before the byte. */
  #after({ states, atStart, afterWord }: Row, byte: number): Row | undefined {
    const beforeWord = byte !== end && isWordByte(byte);
    const holds = (assertion: Assertion): boolean => {
      switch (assertion) {
        case 'start':
          return atStart;
        case 'end':
          return byte === end;
        case 'word-boundary':
          return afterWord !== beforeWord;
        case 'no-word-boundary':
          return afterWord === beforeWord;
        case 'word-start':
          return !afterWord && beforeWord;
        case 'word-end':
          return afterWord && !beforeWord;
      }
    };
    // A pattern may begin at every byte.
    const next = new Set([this.#start]);
    const open = [...states];
    const seen = new Set<number>(open);
    const visit = (index: number): void => {
      if (seen.has(index)) return;
      seen.add(index);
      open.push(index);
    };
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      const state = this.#program.states[index];
      if (state === undefined) continue;
      if (state.type === 'match') return undefined;
      if (state.type === 'fork') {
        visit(state.next);
        visit(state.other);
      } else if (state.type === 'assert') {
        if (holds(state.assertion)) visit(state.next);
      } else if (byte !== end && state.bytes[byte] === 1) {
        next.add(state.next);
      }
    }
    return { states: [...next].sort((a, b) => a - b), atStart: false, afterWord: beforeWord };
  }
}

/** A proper string as the bytes of its UTF-8, a char each: what patterns and texts are given as. */
export function asBytes(text: string): string {
  return /[^\x00-\x7f]/.test(text) ? Buffer.from(text, 'utf8').toString('latin1') : text;
}
