import type { DecodedField } from '../model/report.ts';
import { bits } from './architecture.ts';

/** A bit of a register, by its name in the manual. */
export interface BitRow {
  readonly bit: number;
  readonly name: string;
  /** What it says if it is set. */
  readonly set: string;
  /** What it says if it is clear, where that is worth a word: then it is always listed. */
  readonly clear?: string;
}

/** The bits that are set, and those that are worth a word when they are not. */
export function decodeBits(value: bigint, rows: readonly BitRow[]): DecodedField[] {
  const fields: DecodedField[] = [];
  for (const { bit, name, set, clear } of rows) {
    const isSet = bits(value, bit, bit) === 1;
    const meaning = isSet ? set : clear;
    if (meaning !== undefined) fields.push({ name, value: isSet ? '1' : '0', meaning });
  }
  return fields;
}
