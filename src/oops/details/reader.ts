import { utf8 } from '../../util/text.ts';
import type { RawReport } from '../raw-report.ts';

/** Lines of a report in which details are looked for; what a kind has of its own stands near the top. */
const maxLines = 3000;
/** Longer lines have no details: a regular expression need not see them. */
const maxLength = 2000;

/** The texts of a report, for extractors: bounded, and safe to ask for any line. */
export class ReportReader {
  readonly headline: string;
  readonly lines: readonly string[];
  /** What the same context said before the headline, nearest last. */
  readonly before: readonly string[];

  constructor(raw: RawReport) {
    const cut = (text: string): string => (text.length > maxLength ? text.slice(0, maxLength) : text);
    this.headline = cut(raw.headline.text);
    this.lines = raw.lines.slice(0, maxLines).map((line) => cut(line.text));
    this.before = raw.before.map((line) => cut(line.text));
  }

  /** The first line that matches, from line `from` on. */
  first(pattern: RegExp, from = 0, to = this.lines.length): RegExpExecArray | undefined {
    for (let i = from; i < to && i < this.lines.length; i++) {
      const match = pattern.exec(this.lines[i] ?? '');
      if (match !== null) return match;
    }
    return undefined;
  }

  /** The index of the first line that matches, -1 if none does. */
  indexOf(pattern: RegExp, from = 0): number {
    for (let i = from; i < this.lines.length; i++) if (pattern.test(this.lines[i] ?? '')) return i;
    return -1;
  }

  /** All matches, at most `limit`. */
  all(pattern: RegExp, limit = 64): RegExpExecArray[] {
    const found: RegExpExecArray[] = [];
    for (const line of this.lines) {
      const match = pattern.exec(line);
      if (match !== null) found.push(match);
      if (found.length >= limit) break;
    }
    return found;
  }

  /** The nearest line before the headline that matches, within `reach` lines. */
  nearestBefore(pattern: RegExp, reach = 12): RegExpExecArray | undefined {
    for (let i = this.before.length - 1; i >= 0 && i >= this.before.length - reach; i--) {
      const match = pattern.exec(this.before[i] ?? '');
      if (match !== null) return match;
    }
    return undefined;
  }
}

/** `{ key: value }`, or nothing if the value is not known: absent members are left out. */
export function known<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V };
export function known(key: string, value: unknown): Record<string, unknown> {
  return value === undefined ? {} : { [key]: value };
}

/** A decimal number as printed. */
export function decimal(text: string | undefined): number | undefined {
  if (text === undefined || !/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A small hexadecimal number as printed, with or without 0x. */
export function hexadecimal(text: string | undefined): number | undefined {
  const match = /^(?:0x)?([0-9a-fA-F]{1,12})$/.exec(text ?? '');
  return match?.[1] === undefined ? undefined : Number.parseInt(match[1], 16);
}

/** An address or 64-bit value in hexadecimal; `(null)` is 0. */
export function address(text: string | undefined): bigint | undefined {
  if (text === undefined) return undefined;
  if (text === '(null)' || text === 'null') return 0n;
  const match = /^(?:0x)?([0-9a-fA-F]{1,16})$/.exec(text);
  return match?.[1] === undefined ? undefined : BigInt(`0x${match[1]}`);
}

/** A text of the log as a proper string; undefined for an empty one. */
export function word(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : utf8(trimmed);
}
