import type { DecodedField } from '../../../model/report.ts';
import { printable } from '../../escape.ts';
import { fieldList } from '../everything.ts';
import type { Paragraph } from '../spans.ts';

/** Registers in columns, and those that have fields in words. */
export function registerParagraphs(
  values: Readonly<Record<string, bigint>>,
  decoded: Readonly<Record<string, readonly DecodedField[]>> = {},
): Paragraph[] {
  const names = Object.keys(values);
  const widest = Math.min(Math.max(6, ...names.map((name) => name.length)), 16);
  const cells = Object.entries(values).map(([name, value]) => ({
    text: `${printable(name).padEnd(widest)} ${value.toString(16).padStart(16, '0')}`,
    whole: true,
  }));
  const words = Object.entries(decoded).filter(([, fields]) => fields.length > 0);
  return [
    ...(cells.length === 0 ? ['none could be read'] : [cells.flatMap((cell) => [cell, '  '])]),
    ...words.map(([name, fields]) => printable(`${name}: ${fieldList(fields)}`)),
  ];
}
