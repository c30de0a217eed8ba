import type { RegisterMeaning } from '../../model/explanation.ts';
import type { CodeDump, CrashReport, DecodedField, RegisterSet } from '../../model/report.ts';
import { printable } from '../escape.ts';
import { disassemblySections, registerWords, variablesSection } from './machine.ts';
import { placedFrame } from './position.ts';
import type { Section } from './section.ts';
import type { Paragraph } from './spans.ts';
import { capitalized, hex } from './words.ts';

/** Fields in a row: `WP (the kernel respects read-only pages), FSC = 0x06 (level 2 translation fault)`. */
export function fieldList(fields: readonly DecodedField[]): string {
  return fields
    .map(({ name, value, meaning }) => {
      const shown = value === '1' && meaning !== undefined ? name : `${name} = ${value}`;
      return meaning === undefined ? shown : `${shown} (${meaning})`;
    })
    .join(', ');
}

function tableParagraphs({ pageTable = [], pageMapping }: CrashReport): string[] {
  const paragraphs = pageMapping === undefined ? [] : [printable(`${capitalized(pageMapping.words)}.`)];
  for (const { level, value, fields } of pageTable) {
    paragraphs.push(printable(`${level} ${hex(value)}${fields === undefined ? '' : `: ${fieldList(fields)}`}`));
  }
  return paragraphs;
}

function registerSection(set: RegisterSet, meanings: readonly RegisterMeaning[]): Section {
  const paragraphs: Paragraph[] = [];
  if (set.ip) paragraphs.push(['instruction pointer ', ...placedFrame(set.ip, 'full')]);
  if (set.lr) paragraphs.push(['link register ', ...placedFrame(set.lr, 'full')]);
  const words = set.words ?? {};
  const values = Object.entries(set.values).map(([name, value]) => ({
    text: `${printable(name).padEnd(6)} ${value.toString(16).padStart(16, '0')}`,
    whole: true,
  }));
  if (values.length > 0) paragraphs.push(values.flatMap((value) => [value, '  ']));
  paragraphs.push(...meanings.map(registerWords));
  for (const [name, meaning] of Object.entries(words)) paragraphs.push(printable(`${name} says ${meaning}`));
  for (const [name, fields] of Object.entries(set.decoded ?? {})) {
    if (fields.length > 0) paragraphs.push(printable(`${name}: ${fieldList(fields)}`));
  }
  if (set.cpu !== undefined) paragraphs.unshift(`of CPU ${set.cpu}`);
  return { label: set.mode === 'user' ? 'User' : 'Regs', paragraphs };
}

function codeSection(code: CodeDump): Section {
  const units = code.units.map((unit, index) => (index === code.marked ? `<${unit}>` : unit)).join(' ');
  return { label: code.mode === 'user' ? 'Usercode' : 'Code', paragraphs: [printable(units)] };
}

/** What the default screen has no room for. */
export function everythingSections(report: CrashReport): Section[] {
  const sections: Section[] = [];
  const passed = report.culprit?.passed ?? [];
  if (passed.length > 0) {
    const paragraphs = passed.map((frame) => printable(`${frame.function}: ${frame.rule}`));
    sections.push({ label: 'Passed', paragraphs });
  }
  if (report.altTitles.length > 0) sections.push({ label: 'Or', paragraphs: report.altTitles.map(printable) });
  if (report.fault?.fields && report.fault.fields.length > 0) {
    const paragraphs = report.fault.fields.map((field) =>
      field.name === 'kernel'
        ? printable(`the kernel says: ${field.value}`)
        : printable(`${field.name} = ${field.value}${field.meaning === undefined ? '' : ` (${field.meaning})`}`),
    );
    sections.push({ label: 'Fault', paragraphs });
  }
  // What the explanation says is said of the first.
  for (const [nth, set] of (report.registers ?? []).entries())
    sections.push(registerSection(set, nth === 0 ? (report.explanation?.values ?? []) : []));
  const variables = variablesSection(report);
  if (variables !== undefined) sections.push(variables);
  if (report.pageTable && report.pageTable.length > 0) {
    sections.push({ label: 'Tables', paragraphs: tableParagraphs(report) });
  }
  for (const code of report.code ?? []) sections.push(codeSection(code));
  sections.push(...disassemblySections(report));
  if (report.modules && report.modules.length > 0) {
    sections.push({ label: 'Modules', paragraphs: [printable(report.modules.join(' '))] });
  }
  return sections;
}
