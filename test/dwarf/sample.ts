import { Attribute, Form, Tag } from '../../src/dwarf/constants.ts';
import { type LineStep, writeLines } from '../helpers/dwarf-lines.ts';
import type { WrittenAttribute, WrittenEntry } from '../helpers/dwarf-writer.ts';

/** Where the code of the samples begins: as a kernel's, below zero for whom addresses have a sign. */
export const start = -0x7f000000;

export const name = (text: string): WrittenAttribute => [Attribute.name, Form.strp, text];
export const code = (low: number, size: number): WrittenAttribute[] => [
  [Attribute.lowPc, Form.addr, low],
  [Attribute.highPc, Form.data4, size],
];

/** A function that was compiled at an address. */
export function subprogram(
  title: string,
  low: number,
  size: number,
  children?: readonly WrittenEntry[],
  more: readonly WrittenAttribute[] = [],
): WrittenEntry {
  return {
    tag: Tag.subprogram,
    label: title,
    attributes: [name(title), ...code(low, size), ...more],
    ...(children && { children }),
  };
}

/** A function that is only inlined elsewhere. */
export const abstract = (title: string): WrittenEntry => ({
  tag: Tag.subprogram,
  label: title,
  attributes: [name(title)],
});

/** A call of an abstract function that was inlined. */
export function inlined(
  origin: string,
  where: readonly WrittenAttribute[],
  [file, line, column]: readonly [file: number, line: number, column: number],
  children?: readonly WrittenEntry[],
): WrittenEntry {
  return {
    tag: Tag.inlinedSubroutine,
    attributes: [
      [Attribute.abstractOrigin, Form.ref4, origin],
      ...where,
      [Attribute.callFile, Form.data1, file],
      [Attribute.callLine, Form.data2, line],
      [Attribute.callColumn, Form.data1, column],
    ],
    ...(children && { children }),
  };
}

/** The first entry of a unit. */
export function compileUnit(children: readonly WrittenEntry[], more: readonly WrittenAttribute[] = []): WrittenEntry {
  return {
    tag: Tag.compileUnit,
    attributes: [
      name('kernel/sample.c'),
      [Attribute.compDir, Form.strp, '/build/linux'],
      [Attribute.stmtList, Form.secOffset, 0],
      ...more,
    ],
    children,
  };
}

export const files: readonly (readonly [string, number])[] = [
  ['kernel/sample.c', 0],
  ['kernel/sample.c', 0],
  ['sample.h', 1],
];

export const directories = ['/build/linux', 'include/linux'];

/** A line program of the sample's files; each row has its own line. */
export function sampleLines(low: number, rows: number, step: number): number[] {
  const steps: LineStep[] = [['address', low]];
  for (let row = 0; row < rows; row++) steps.push(['special', row === 0 ? 0 : step, 1]);
  return writeLines({ directories, files, steps: [...steps, ['advance', step], ['end']] });
}
