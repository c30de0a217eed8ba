import type { LogLine } from '../../model/log-line.ts';
import type { TextRange } from '../../model/position.ts';

/** Who printed a line, as far as the pipe tells. */
export type Origin = 'unknown' | 'kernel' | 'other';

/** A piece of a netconsole message: `ncfrag=OFFSET/TOTAL`. */
export interface Fragment {
  readonly sequence: string;
  readonly offset: number;
  readonly total: number;
}

/**
 * A line on its way through the decoder: layers take their part off the beginning of `text`
 * and note what it said. One class and not a union, because every line of a log becomes one.
 */
export class Item {
  text: string;
  range: TextRange;
  seconds: number | undefined = undefined;
  level: number | undefined = undefined;
  caller: string | undefined = undefined;
  origin: Origin = 'unknown';
  /** Nothing more is to be taken off. */
  done = false;
  /** A printk stamp was found: this is what the kernel put on its console. */
  stamped = false;
  /** The stamp stood behind a prompt: layers before that went with it, and regions of them go on. */
  prompted = false;
  /** A date was taken off last: a host and a program's name may follow. */
  dated = false;
  /** Dated by what may be dmesg itself or a terminal program: the kernel's if no printk stamp is behind any of these. */
  soft = '';
  /** Bytes taken off the front so far. */
  taken = 0;
  /** The rest of this line comes with the next item of the same stream. */
  partial = false;
  /** This is the rest of the item before. */
  append = false;
  /** Several writers share a log: partial lines are joined within one. */
  stream = '';
  /** Length behind host and date, as it stands there and with escapes undone: full netconsole packets are told by it. */
  body: readonly number[] = [];
  fragment: Fragment | undefined = undefined;
  /** The line belongs to the format and is no message. */
  dropped = false;
  /** Names of the layers that were taken off, outermost first, joined by blanks. */
  layers = '';

  constructor(text: string, range: TextRange) {
    this.text = text;
    this.range = range;
  }

  /** Takes `length` bytes off the front. */
  take(length: number, layer: string): void {
    this.text = this.text.slice(length);
    this.taken += length;
    this.note(layer);
  }

  /** Replaces what is left by what a layer made of it. */
  replace(text: string, layer: string): void {
    this.text = text;
    this.taken += 1;
    this.note(layer);
  }

  /** Another item with the same facts: a line of a message that has several, or a trial. */
  copy(text: string): Item {
    return Object.assign(new Item(text, this.range), { ...this, text });
  }

  private note(layer: string): void {
    this.layers = this.layers === '' ? layer : `${this.layers} ${layer}`;
  }
}

/** The message that an item has become. */
export function toLogLine(item: Item): LogLine {
  const kernel = item.origin === 'kernel';
  const context = kernel ? (item.caller ?? 'console') : '';
  const { range, text } = item;
  if (kernel) {
    if (item.level === undefined) {
      return item.seconds === undefined
        ? { range, text, context, kernel }
        : { range, text, context, kernel, seconds: item.seconds };
    }
    return item.seconds === undefined
      ? { range, text, context, kernel, level: item.level }
      : { range, text, context, kernel, seconds: item.seconds, level: item.level };
  }
  return item.origin === 'other' ? { range, text, context, kernel: false } : { range, text, context };
}
