import { bareName } from '../../model/blame.ts';
import { reportingTop } from '../../model/frame-roles.ts';
import type { CrashReport, DecodedField, FaultInfo } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { cutTo } from '../width.ts';
import { addressWords } from './address-words.ts';
import { Places } from './places.ts';
import type { Section } from './section.ts';
import { detailSentences } from './why-details.ts';
import { capitalized, hex } from './words.ts';

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

/** What the printed page-table entries come to, where a page is there and yet could not be accessed. */
function mappingSentence({ pageMapping, fault }: CrashReport): string | undefined {
  if (pageMapping === undefined || fault === undefined) return undefined;
  const { state, words } = pageMapping;
  return state === 'unmapped' || state === 'incomplete' ? undefined : `${capitalized(words)}.`;
}

/** How often a function stands in a stack that it filled by calling itself. */
const recursionCount = 3;

/** What filled the stack, where the report is about a stack that was full. */
function recursionSentence(report: CrashReport): string | undefined {
  const { kind, culprit, frames } = report;
  if (!/stack-overflow|stack-guard-page|stack-end|double-fault/.test(kind) || culprit === undefined) return undefined;
  const stack = frames.filter((frame, index) => frame.reliable && (index === 0 || index > reportingTop(report)));
  const times = stack.filter((frame) => bareName(frame.function ?? '') === bareName(culprit.function)).length;
  if (times < recursionCount) return undefined;
  return printable(
    `${culprit.function} calls itself: it stands ${times} times in the part of the stack that was printed.`,
  );
}

/** The function in which a task waits: the last one that was passed over on the way to who called it. */
function waitSentence({ details, culprit }: CrashReport): string | undefined {
  if (details?.of !== 'hung-task' || details.blockedOn !== undefined) return undefined;
  const wait = culprit?.passed.findLast(({ rule }) => rule !== 'unreliable frame' && !rule.startsWith('scheduler'));
  return wait === undefined ? undefined : printable(`It waits in ${wait.function}.`);
}

/** Another CPU can print of a running task only what its stack was when it was switched out, unless it has an NMI. */
function staleSentence({ kind, culprit, frames }: CrashReport): string | undefined {
  if (kind !== 'rcu/stall' || culprit !== undefined || frames[0]?.function !== '__switch_to') return undefined;
  return 'The stack is from when the task last slept: it does not tell what the task is doing.';
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
  const places = new Places(report);
  const quoted = (text: string): string => places.annotate(cutTo(ended(printable(text)), longestQuote));
  if (details) sentences.push(...detailSentences(details, places).map(quoted));
  sentences.push(waitSentence(report), recursionSentence(report), staleSentence(report));
  if (fault) sentences.push(addressSentence(report, fault), codeSentence(fault), mappingSentence(report));
  if (panic && report.kind.startsWith('panic/') && details?.of !== 'panic') {
    sentences.push(quoted(`The kernel said: ${panic.message}`));
  }
  const text = sentences.filter((sentence) => sentence !== undefined).join(' ');
  return text === '' ? undefined : { label: 'Why', paragraphs: [text] };
}
