import type { Disassembly } from '../../../model/explanation.ts';
import type { CrashReport, RegisterSet } from '../../../model/report.ts';
import { fieldList } from '../../text/everything.ts';
import { variableLines } from '../../text/machine.ts';
import { folded, html } from './parts.ts';

const mostSets = 8;
const mostInstructions = 200;

function registers(set: RegisterSet, report: CrashReport, isFirst: boolean): string {
  const meanings = new Map(
    (isFirst ? (report.explanation?.values ?? []) : []).map((value) => [value.register, value.words]),
  );
  const rows = Object.entries(set.values).map(([name, value]) => {
    const words = meanings.get(name);
    const meaning = words === undefined ? '' : ` <span class="quiet">${html(words)}</span>`;
    return `<div><dt>${html(name)}</dt><dd><code>${value.toString(16).padStart(16, '0')}</code>${meaning}</dd></div>\n`;
  });
  if (rows.length === 0) return '';
  const decoded = Object.entries(set.decoded ?? {})
    .filter(([, fields]) => fields.length > 0)
    .map(([name, fields]) => `<p>${html(name)}: ${html(fieldList(fields))}</p>\n`);
  const title = `Registers${set.mode === 'user' ? ' of user space' : ''}${set.cpu === undefined ? '' : ` of CPU ${set.cpu}`}`;
  return folded(title, `<dl class="registers">\n${rows.join('')}</dl>\n${decoded.join('')}`);
}

function disassembly({ lines, skippedBytes }: Disassembly): string {
  if (lines.length === 0) return '';
  const marked = Math.max(
    lines.findIndex((line) => line.marked === true),
    0,
  );
  const from = Math.max(marked - mostInstructions / 2, 0);
  const rows = lines.slice(from, from + mostInstructions).map(({ offset, bytes, text, marked: isHere }) => {
    const row = `${isHere ? '>' : ' '} ${(offset < 0 ? `-0x${(-offset).toString(16)}` : `+0x${offset.toString(16)}`).padStart(7)}  ${bytes.padEnd(20)}  ${text}`;
    return isHere ? `<span class="here">${html(row)}</span>` : html(row);
  });
  const skipped = skippedBytes > 0 ? `<p class="quiet">${skippedBytes} bytes before it begin no instruction</p>\n` : '';
  return folded('Disassembly', `<pre>${rows.join('\n')}</pre>\n${skipped}`, true);
}

/** What the processor held: its code, its registers, page tables. */
export function machineState(report: CrashReport): string {
  const code = (report.explanation?.disassembly ?? []).slice(0, mostSets).map(disassembly);
  const sets = (report.registers ?? []).slice(0, mostSets).map((set, index) => registers(set, report, index === 0));
  const table = (report.pageTable ?? [])
    .slice(0, 16)
    .map(
      ({ level, value, fields }) =>
        `${level} ${value.toString(16)}${fields === undefined ? '' : `: ${fieldList(fields)}`}`,
    );
  const tables = table.length === 0 ? '' : folded('Page tables', `<pre>${table.map(html).join('\n')}</pre>\n`);
  const held = variableLines(report).map(({ text, isOf }) => html(isOf ? `  ${text}` : text));
  const variables = held.length === 0 ? '' : folded('Variables', `<pre>${held.join('\n')}</pre>\n`);
  return [...code, ...sets, variables, tables].join('');
}
