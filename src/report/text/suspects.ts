import type { Suspect, Suspects } from '../../model/suspects.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { count, grouped } from './words.ts';

/** As text, the strongest of them. */
const mostShown = 3;
const longestSubject = 120;

/** `1a2b3c4d5e6f ("subject")`, as the kernel's people name a commit. */
export function commitName({ commit, subject }: Suspect): string {
  const shown = subject.length > longestSubject ? `${subject.slice(0, longestSubject - 1)}…` : subject;
  return `${commit.slice(0, 12)} ("${printable(shown)}")`;
}

/** What a suspect touched, and when it was written. */
export function suspectWords({ author, date, reasons }: Suspect, most: number): string {
  const words = reasons.slice(0, most).map((reason) => reason.words);
  return `${printable(date.slice(0, 10))} by ${printable(author)}: ${printable(words.join('; '))}`;
}

/** How many commits were found among how many; that it proves nothing. */
export function suspectsHeading({ range, commitCount, commits, omitted }: Suspects): string {
  const found = commits.length + omitted;
  const among =
    commitCount === undefined ? printable(range) : `the ${count(commitCount, 'commit')} of ${printable(range)}`;
  if (found === 0) return `None of ${among} is known to touch what is on the stack.`;
  return `A suggestion, not proof: ${grouped(found)} of ${among} touched something of it.`;
}

/** What was not looked at, and what does not fit. */
export function suspectNotes({ complete, notes }: Suspects): string[] {
  return notes.map((note) => `${complete ? 'Note' : 'Not complete'}: ${printable(note)}.`);
}

/** The commits that may have done it; undefined where nobody asked. */
export function suspectsSection(suspects: Suspects | undefined, all: boolean): Section | undefined {
  if (suspects === undefined) return undefined;
  const shown = all ? suspects.commits : suspects.commits.slice(0, mostShown);
  const more = suspects.commits.length + suspects.omitted - shown.length;
  const paragraphs: Paragraph[] = [
    suspectsHeading(suspects),
    ...shown.map(
      (suspect): Paragraph => [
        { text: suspect.strength === 'weak' ? 'Less likely:' : 'Possibly:', tone: 'quiet' },
        ` ${commitName(suspect)}, ${suspectWords(suspect, all ? 8 : 1)}`,
      ],
    ),
    ...(more > 0 ? [`And ${count(more, 'weaker one')}${all ? '' : ' (--all)'}.`] : []),
    ...suspectNotes(suspects),
  ];
  return { label: 'Suspects', paragraphs, hanging: '  ' };
}
