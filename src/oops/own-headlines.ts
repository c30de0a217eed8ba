import type { LogLine } from '../model/log-line.ts';
import { ownHeaders } from './titles/rules-own.ts';

/** The header of a line that begins a report of a kind that `specs/titles.md` does not know. */
export function ownHeadlineOf(line: LogLine): string | undefined {
  if (line.kernel === false) return undefined;
  return ownHeaders.find((h) => !h.notice && h.matches(line.text))?.name;
}
