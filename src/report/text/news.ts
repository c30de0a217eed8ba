import type { CrashChange, CrashHistory, KnownIssue } from '../../model/comparison.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { count } from './words.ts';

const changeWords: Readonly<Record<CrashChange['what'], string>> = {
  title: 'title',
  kind: 'kind',
  severity: 'severity',
  signature: 'signature',
  culprit: 'culprit',
};

/** What was otherwise before, in words. */
export function changesInWords(changes: readonly CrashChange[]): string {
  return changes.map(({ what, from }) => `${changeWords[what]} was ${printable(from)}`).join('; ');
}

/** In which runs a crash was: `in 2 of 5 earlier runs, last in run-4.json`. */
export function seenInWords({ seen }: Pick<CrashHistory, 'seen'>): string {
  const last = seen.last === undefined ? '' : `, ${seen.of > 1 ? 'last in ' : ''}${printable(seen.last)}`;
  return seen.of === 1 ? `in the earlier run${last}` : `in ${seen.runs} of ${count(seen.of, 'earlier run')}${last}`;
}

/** How it stands against earlier runs. */
function historyParagraph(history: CrashHistory): Paragraph {
  const changes = history.changes === undefined ? '' : `: ${changesInWords(history.changes)}`;
  const follows = history.follows === true ? ' It follows from what is known, and counts as known.' : '';
  if (history.status === 'new') {
    const { of } = history.seen;
    const words = ` in ${of === 1 ? 'the earlier run' : `any of ${count(of, 'earlier run')}`}.${follows}`;
    return [{ text: 'New:', tone: 'warning' }, ` not${words}`];
  }
  if (history.matchedBy === 'similarity') {
    const much = Math.round((history.similarity ?? 0) * 100);
    return `Perhaps known: ${much} % like what was ${seenInWords(history)}${changes}.${follows}`;
  }
  return `Known: ${seenInWords(history)}${changes}.`;
}

/** Why it does not count. */
function issueParagraph({ reason, link, expires, entry }: KnownIssue): Paragraph {
  const until = expires === undefined ? '' : `, until ${expires}`;
  const more = link === undefined ? '' : ` See ${printable(link)}`;
  return `A known issue, which does not count: ${printable(reason)} (${printable(entry)}${until}).${more}`;
}

/** Whether it is news; undefined where nobody asked. */
export function newsSection({ history, knownIssue }: CrashReport): Section | undefined {
  const paragraphs: Paragraph[] = [];
  if (knownIssue !== undefined) paragraphs.push(issueParagraph(knownIssue));
  if (history !== undefined) paragraphs.push(historyParagraph(history));
  return paragraphs.length === 0 ? undefined : { label: 'News', paragraphs };
}
