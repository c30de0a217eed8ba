import type { OwnHeader } from './own-header.ts';
import type { TitleRule } from './rule.ts';
import { hangHeaders, hangRules } from './rules-own-hang.ts';
import { hardwareHeaders, hardwareRules } from './rules-own-hardware.ts';
import { memoryHeaders, memoryRules } from './rules-own-memory.ts';
import { oopsHeaders, oopsRules } from './rules-own-oops.ts';

export type { OwnHeader } from './own-header.ts';

/** The headlines of reports that `specs/titles.md` has no headline for. */
export const ownHeaders: readonly OwnHeader[] = [...memoryHeaders, ...hangHeaders, ...hardwareHeaders, ...oopsHeaders];

/** Their titles and kinds. */
export const ownRules: readonly TitleRule[] = [...memoryRules, ...hangRules, ...hardwareRules, ...oopsRules];

const byName = new Map(ownHeaders.map((own) => [own.name, own]));

/**
 * True if a later headline in the same context takes the place of an own one: the panic that a machine check
 * or a hard lockup brings about is the report, and what was said before it explains it.
 */
export function yieldsTo(headerName: string, text: string): boolean {
  return byName.get(headerName)?.yieldsTo?.test(text) ?? false;
}

/** True if a line of an own header begins a report of its own though one of the same header has only just begun. */
export function isAnother(openHeader: string, headerName: string): boolean {
  return openHeader === headerName && byName.get(headerName)?.single === true;
}
