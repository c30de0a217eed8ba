import type { CrashReport, DecodedField, FaultInfo } from '../../model/report.ts';
import { printable } from '../escape.ts';
import {
  circumstanceSentences,
  drawingParagraphs,
  evidenceSentences,
  leadingFinding,
  quotedSentence,
} from './findings.ts';
import { Places } from './places.ts';
import type { Section } from './section.ts';
import { capitalized, hex } from './words.ts';

const accessWords = { read: 'read', write: 'wrote to', execute: 'jumped to' } as const;

/** What the address means is what rules say. */
function addressSentence({ address, access }: FaultInfo): string | undefined {
  if (address === undefined) return undefined;
  return `It ${access === undefined ? 'touched' : accessWords[access]} address ${hex(address)}.`;
}

/**
 * Fields that say how the fault was delivered and not what happened: instruction length, validity of other fields,
 * the register of the access (arch/arm64/include/asm/esr.h), and what other fields say already. They stay for --all.
 */
const quietFields: ReadonlySet<string> = new Set([
  'IL',
  'ISV',
  'FnV',
  'SET',
  'SAS',
  'SSE',
  'SRT',
  'SF',
  'AR',
  'pgtable',
  'kernel',
]);

function fieldWords({ fields = [], access }: FaultInfo): string {
  // An instruction fetch is counted among reads: both words would contradict each other.
  const telling = (field: DecodedField): boolean =>
    !quietFields.has(field.name) && !(field.name === 'W' && access === 'execute');
  return fields
    .flatMap((field) => (field.meaning === undefined || !telling(field) ? [] : [field.meaning]))
    .map(printable)
    .join(', ');
}

function codeSentence(fault: FaultInfo): string | undefined {
  const words = fieldWords(fault);
  const name =
    fault.esr !== undefined
      ? `ESR ${hex(fault.esr)}`
      : fault.errorCode !== undefined
        ? `Error code ${hex(fault.errorCode)}`
        : undefined;
  if (name === undefined) return words === '' ? undefined : `The processor says: ${words}.`;
  // A code of zero of which no field is known says nothing.
  if (words === '') return (fault.esr ?? fault.errorCode) === 0n ? undefined : `${name}.`;
  return `${name}: ${words}.`;
}

/** What the printed page-table entries come to, where a page is there and yet could not be accessed. */
function mappingSentence({ pageMapping, fault }: CrashReport): string | undefined {
  if (pageMapping === undefined || fault === undefined) return undefined;
  const { state, words } = pageMapping;
  return state === 'unmapped' || state === 'incomplete' ? undefined : `${capitalized(words)}.`;
}

/** What a report without a finding says of itself. */
function plainSentences(report: CrashReport): (string | undefined)[] {
  const { fault, panic, kind } = report;
  return [
    fault && addressSentence(fault),
    panic && kind.startsWith('panic/') ? quotedSentence(`The kernel said: ${panic.message}`) : undefined,
  ];
}

/** Why it is thought so: what the best finding rests on, what the processor said, and what else matters. */
export function whySection(report: CrashReport): Section | undefined {
  const { fault } = report;
  const lead = leadingFinding(report);
  const places = new Places(report);
  const sentences = [
    ...(lead === undefined ? plainSentences(report) : evidenceSentences(report, lead)),
    fault && codeSentence(fault),
    mappingSentence(report),
    ...circumstanceSentences(report),
  ];
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  const drawing = drawingParagraphs(lead);
  if (text === '' && drawing.length === 0) return undefined;
  return { label: 'Why', paragraphs: [...(text === '' ? [] : [places.annotate(text)]), ...drawing] };
}
