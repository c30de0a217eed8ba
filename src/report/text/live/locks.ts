import type { LiveLock, LockParty } from '../../../model/live.ts';
import { printable } from '../../escape.ts';
import { sourceText } from '../frame-words.ts';
import type { Section } from '../section.ts';
import type { Paragraph } from '../spans.ts';
import { lockName, partyName } from './words.ts';

function partyText(party: LockParty): string {
  const at = party.source === undefined ? '' : ` at ${sourceText(party.source)}`;
  const where = party.function === undefined ? at : ` in ${party.function}${at}`;
  const how = party.how === undefined ? '' : ` (by ${party.how})`;
  return printable(`${partyName(party)}${where}${how}`);
}

/** Parties of a lock that are shown without `all`. */
const partiesShown = 3;

function parties(what: string, list: readonly LockParty[], all: boolean): Paragraph[] {
  const shown = all ? list : list.slice(0, partiesShown);
  const more = list.length > shown.length ? [`… ${list.length - shown.length} more`] : [];
  return [...shown.map((each) => `${what} ${partyText(each)}`), ...more].map(
    (text): Paragraph => [{ text: '  ', whole: true }, text],
  );
}

/** Who waits for what, and who holds it. */
export function locksSection(locks: readonly LiveLock[], all: boolean): Section | undefined {
  const told = locks.filter(({ waiters, holders }) => all || waiters.length > 0 || holders.length > 0);
  const paragraphs = told.flatMap((lock): Paragraph[] => [
    [
      { text: lockName(lock), tone: 'strong' },
      printable(lock.value === undefined || !all ? '' : ` (${lock.value})`),
      lock.holders.length === 0 ? ', holder not known' : '',
    ],
    ...parties('held by', lock.holders, all),
    ...parties('wanted by', lock.waiters, all),
  ]);
  return paragraphs.length === 0 ? undefined : { label: 'Locks', paragraphs };
}
