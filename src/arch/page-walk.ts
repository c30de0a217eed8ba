import type { ArchitectureName, DecodedField, PageMapping, PageTableEntry } from '../model/report.ts';

/** What a walk of printed page-table entries needs to know beside them. */
export interface WalkContext {
  readonly architecture: ArchitectureName;
  /** `uname -r`: meanings of software bits and memory types changed. */
  readonly release?: string;
  /** Bytes; 4096 if not known. */
  readonly pageSize?: number;
}

/** A walk's outcome: the entries with words, and what they come to. */
export interface DecodedWalk {
  readonly entries: readonly PageTableEntry[];
  readonly mapping?: PageMapping;
}

/** Bytes as page sizes are named. */
export function sizeWords(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit += 1;
  }
  return `${size} ${units[unit] ?? 'bytes'}`;
}

/** `pgd` as `PGD`. */
export const levelName = (level: string): string => level.toUpperCase();

/** A flag that is set. */
export const set = (name: string, meaning: string): DecodedField => ({ name, value: '1', meaning });

/** An entry of a level that the machine does not have: the kernel prints the one above again, or nothing that is one. */
export const folded: readonly DecodedField[] = [{ name: 'folded', value: '1', meaning: 'this level is not used' }];

/** What rights a mapped page has, in words: `read-only and not executable, as a page of user space`. */
export function rightsWords(writable: boolean, executable: boolean, user: boolean): string {
  const rights = `${writable ? 'writable' : 'read-only'} and ${executable ? '' : 'not '}executable`;
  return user ? `${rights}, as a page of user space` : rights;
}
