import type { CrashReport, DecodedField, FaultInfo } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { cutTo } from '../width.ts';
import { addressWords } from './address-words.ts';
import type { Section } from './section.ts';
import { detailSentences } from './why-details.ts';
import { hex } from './words.ts';

const accessWords = { read: 'read', write: 'wrote to', execute: 'jumped to' } as const;

function addressSentence(report: CrashReport, fault: FaultInfo): string | undefined {
  if (fault.address === undefined) return undefined;
  const verb = fault.access === undefined ? 'touched' : accessWords[fault.access];
  const words = addressWords(fault.address, report.architecture);
  return `It ${verb} address ${hex(fault.address)}${words === undefined ? '' : `, ${words}`}.`;
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

/** A text of the log that is quoted: long ones are cut, as no line of a screen should be without end. */
const longestQuote = 400;

/** With a full stop where a quote of the log brought none. */
function ended(sentence: string): string {
  return /[.!?:…]\s*$/.test(sentence) ? sentence : `${sentence}.`;
}

/** Why it is thought so: what the processor and the checking code in the kernel said. */
export function whySection(report: CrashReport): Section | undefined {
  const { fault, details, panic } = report;
  const sentences: (string | undefined)[] = [];
  if (details) sentences.push(...detailSentences(details).map((text) => cutTo(ended(printable(text)), longestQuote)));
  if (fault) sentences.push(addressSentence(report, fault), codeSentence(fault));
  if (panic && report.kind.startsWith('panic/') && details?.of !== 'panic') {
    sentences.push(cutTo(ended(`The kernel said: ${printable(panic.message)}`), longestQuote));
  }
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return text === '' ? undefined : { label: 'Why', paragraphs: [text] };
}
