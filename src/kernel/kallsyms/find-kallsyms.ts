import { findPlaces, type SymbolPlaces } from './addresses.ts';
import { findNames, type NameTable } from './names.ts';
import { findTokens } from './tokens.ts';

/** The symbols that a kernel knows of itself. */
export interface Kallsyms extends Omit<NameTable, 'start'> {
  readonly places: Uint32Array;
  readonly at: SymbolPlaces;
}

/** What looks like tokens and is none. */
const mostTried = 16;

/**
 * Finds the symbol tables of a kernel (CONFIG_KALLSYMS) in memory of its image, by the pattern of its tables alone.
 * @param bytes from a multiple of 4096 on; no more than some 100 MiB.
 */
export function findKallsyms(bytes: Uint8Array): Kallsyms | undefined {
  let left = mostTried;
  for (const tables of findTokens(bytes)) {
    if (--left < 0) return undefined;
    const names = findNames(bytes, tables);
    const at = names && findPlaces(bytes, names, tables);
    if (names !== undefined && at !== undefined) {
      const { count, text, places, types } = names;
      return { count, text, places, types, at };
    }
  }
  return undefined;
}

/** Where each of some symbols is in the tables; the first of its name. */
export function indexesOf({ count, text, places }: Kallsyms, names: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  const buffer = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  for (const name of names) {
    // Each name ends with NUL, and has the letter of its type before it, which follows another NUL or nothing.
    const wanted = Buffer.from(`${name}\0`, 'latin1');
    for (let at = buffer.indexOf(wanted); at !== -1; at = buffer.indexOf(wanted, at + 1)) {
      const index = lowerBound(places, count, at);
      if (places[index] !== at) continue;
      found.set(name, index);
      break;
    }
  }
  return found;
}

/** All names. */
export function namesOf({ count, text, places }: Kallsyms): string[] {
  const all = Buffer.from(text.buffer, text.byteOffset, text.byteLength).toString('latin1');
  return Array.from({ length: count }, (_, index) => {
    const from = places[index] ?? 0;
    return all.slice(from, all.indexOf('\0', from));
  });
}

function lowerBound(places: Uint32Array, count: number, wanted: number): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((places[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
