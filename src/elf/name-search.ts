import type { StringTable } from './string-table.ts';
import type { SymbolEntries } from './symbol-entries.ts';

/** Values of what the first four bytes of a name are made to; most names differ from all that are wanted. */
const filterSize = 1 << 16;

/** No name is longer that is looked for (KSYM_NAME_LEN is 512), as each would be compared with every name of a table. */
export const longestName = 2048;

/** A name that is not latin1 would be cut to other letters. */
function bytesOf(name: string): Buffer | undefined {
  if (name.length > longestName) return undefined;
  const bytes = Buffer.from(`${name}\0`, 'latin1');
  const isUsable = name !== '' && !name.includes('\0') && bytes.toString('latin1') === `${name}\0`;
  return isUsable ? bytes : undefined;
}

/** Up to four bytes of a name as a number of 16 bits, the NUL among them where it is shorter. */
function beginning(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  const second = first === 0 ? 0 : (bytes[at + 1] ?? 0);
  const third = second === 0 ? 0 : (bytes[at + 2] ?? 0);
  const fourth = third === 0 ? 0 : (bytes[at + 3] ?? 0);
  return (first ^ (second << 3) ^ (third << 6) ^ (fourth << 8)) & (filterSize - 1);
}

/**
 * The symbols of each of some names, at most `limit` of a name, in the order of the table: one pass over all symbols
 * that looks at four bytes of each. An index of all names takes ten times as long.
 */
export function findNames(
  names: readonly string[],
  table: StringTable,
  indexes: Uint32Array,
  entries: SymbolEntries,
  limit: number,
): number[][] {
  const found: number[][] = names.map(() => []);
  const filter = new Uint8Array(filterSize);
  const wanted = new Map<number, { readonly name: Buffer; readonly found: number[] }[]>();
  for (const [nth, name] of names.entries()) {
    const bytes = bytesOf(name);
    if (bytes === undefined) continue;
    const key = beginning(bytes, 0);
    filter[key] = 1;
    const others = wanted.get(key) ?? [];
    others.push({ name: bytes, found: found[nth] ?? [] });
    wanted.set(key, others);
  }
  const { bytes } = table;
  const starts = entries.namesAt(indexes);
  for (let nth = 0; nth < starts.length; nth++) {
    const at = starts[nth] ?? 0;
    const key = beginning(bytes, at);
    if (filter[key] !== 1) continue;
    for (const each of wanted.get(key) ?? []) {
      const end = at + each.name.length;
      // Most differ here already; the comparison itself is a call into the runtime.
      const last = end - 2;
      if (end > bytes.length || bytes[end - 1] !== 0 || bytes[last] !== each.name[each.name.length - 2]) continue;
      if (each.found.length < limit && bytes.compare(each.name, 0, each.name.length, at, end) === 0)
        each.found.push(indexes[nth] ?? 0);
    }
  }
  return found;
}
