import type { CodeDump } from '../model/report.ts';

/** The code of a dump as it lay in memory. */
export interface CodeBytes {
  readonly bytes: Uint8Array;
  /** Where the marked instruction begins in them; undefined if none is marked. */
  readonly marked?: number;
}

/**
 * The bytes of a dump in the order of memory; undefined where there are none to be had. Words are those of
 * instructions, which arm64 has little-endian whatever data is; other architectures' words are not taken.
 */
export function codeBytes({ units, unitSize, marked }: CodeDump): CodeBytes | undefined {
  if (unitSize !== 1 && unitSize !== 4) return undefined;
  const bytes: number[] = [];
  for (const unit of units) {
    // What comes after a damaged unit is at no known place.
    if (unit.length !== unitSize * 2 || !/^[0-9a-f]+$/i.test(unit)) break;
    for (let at = unit.length - 2; at >= 0; at -= 2) bytes.push(Number.parseInt(unit.slice(at, at + 2), 16));
  }
  if (bytes.length === 0) return undefined;
  const start = marked === undefined ? undefined : marked * unitSize;
  return { bytes: Uint8Array.from(bytes), ...(start !== undefined && start < bytes.length && { marked: start }) };
}

/** Bytes as logs print them. */
export function hexBytes(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** A word of code as logs and disassemblies print it: from its bytes in the order of memory. */
export function hexWord(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0'))
    .reverse()
    .join('');
}
