import type { CrashReport, DecodedField, FaultInfo } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { addressWords } from './address-words.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { detailParagraphs } from './why-details.ts';
import { hex } from './words.ts';

const accessWords = { read: 'read', write: 'wrote', execute: 'jumped to' } as const;

function addressSentence(report: CrashReport, fault: FaultInfo): string | undefined {
  if (fault.address === undefined) return undefined;
  const verb = fault.access === undefined ? 'touched' : accessWords[fault.access];
  const words = addressWords(fault.address, report.architecture);
  return `It ${verb} address ${hex(fault.address)}${words === undefined ? '' : `, ${words}`}.`;
}

function fieldWords(fields: readonly DecodedField[]): string {
  return fields
    .flatMap((field) => (field.meaning === undefined ? [] : [field.meaning]))
    .map(printable)
    .join(', ');
}

function codeSentence(fault: FaultInfo): string | undefined {
  const words = fieldWords(fault.fields ?? []);
  const name =
    fault.esr !== undefined
      ? `ESR ${hex(fault.esr)}`
      : fault.errorCode !== undefined
        ? `Error code ${hex(fault.errorCode)}`
        : undefined;
  if (name === undefined) return words === '' ? undefined : `The processor says: ${words}.`;
  return words === '' ? `${name}.` : `${name}: ${words}.`;
}

/** Why it is thought so: what the processor and the checking code in the kernel said. */
export function whySection(report: CrashReport): Section | undefined {
  const paragraphs: Paragraph[] = [...detailParagraphs(report)];
  const { fault } = report;
  if (fault) {
    const sentences = [addressSentence(report, fault), codeSentence(fault)].filter(
      (sentence) => sentence !== undefined,
    );
    if (sentences.length > 0) paragraphs.push(sentences.join(' '));
  }
  if (report.panic && report.kind.startsWith('panic/')) {
    paragraphs.push(`The kernel said: ${printable(report.panic.message)}`);
  }
  return paragraphs.length === 0 ? undefined : { label: 'Why', paragraphs };
}
