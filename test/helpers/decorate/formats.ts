import { callerFormats } from './formats-callers.ts';
import { ciFormats } from './formats-ci.ts';
import { journalFormats } from './formats-journal.ts';
import { mailFormats } from './formats-mail.ts';
import { pasteFormats } from './formats-paste.ts';
import { prefixFormats } from './formats-prefixes.ts';
import { stringFormats } from './formats-strings.ts';
import { systemFormats } from './formats-system.ts';
import type { Message } from './message.ts';

/** One way in which a log may be delivered. */
export interface Format {
  readonly name: string;
  /** The log's bytes, a char each. */
  make(messages: readonly Message[]): string;
  /**
   * What remains: `all` of it, all but the `callers`, or only the `text` (no stamps: nothing says that
   * the kernel printed it).
   */
  readonly keeps: 'all' | 'callers-lost' | 'text';
  /** Names that the decoder is to tell. */
  readonly told?: readonly string[];
}

/** All of them. */
export const formats: readonly Format[] = [
  ...systemFormats,
  ...journalFormats,
  ...ciFormats,
  ...callerFormats,
  ...pasteFormats,
  ...mailFormats,
  ...prefixFormats,
  ...stringFormats,
];
