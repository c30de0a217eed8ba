import type { Owners, Recipient } from '../../model/owners.ts';
import type { CrashReport } from '../../model/report.ts';
import { printable } from '../escape.ts';
import type { Section } from './section.ts';

/** People who are named; there may be a dozen. */
const peopleShown = 2;

function nameOf({ name, address }: Recipient): string {
  return printable(name ?? address);
}

/** The people of a section, and its first list. */
function whoText({ recipients }: Owners): string {
  const people = recipients.filter(({ kind }) => kind === 'person');
  const [list] = recipients.filter(({ kind }) => kind === 'list');
  const shown = people.slice(0, peopleShown).map(nameOf);
  const more = people.length - shown.length;
  const names = more > 0 ? [...shown, `${more} more`] : shown;
  const last = names.length > 1 ? ` and ${names.at(-1)}` : (names[0] ?? 'nobody');
  const first = names.length > 1 ? names.slice(0, -1).join(', ') : '';
  return `${first}${last}${list === undefined ? '' : `, ${printable(list.address)}`}`;
}

/** Whose code it is, in a line; everybody is in JSON and in the mail. */
export function ownersSection({ owners }: CrashReport): Section | undefined {
  if (owners === undefined) return undefined;
  const [section] = owners.sections;
  const status = section?.status === undefined ? '' : ` (${printable(section.status)})`;
  const title = section === undefined ? '' : `${printable(section.title)}${status}: `;
  return { label: 'Owners', paragraphs: [`${title}${whoText(owners)}`] };
}
