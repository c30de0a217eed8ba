/** A symbol that modules can use (EXPORT_SYMBOL), by where it is from the first byte that was searched on. */
export interface ExportedSymbol {
  readonly name: string;
  readonly place: number;
}

/**
 * `struct kernel_symbol` (include/linux/export-internal.h): distances, from where each is, to the symbol, its name and its
 * namespace (CONFIG_HAVE_ARCH_PREL32_RELOCATIONS: x86 and arm64 since 4.19; with namespaces since 5.4).
 */
const entryBytes = 12;
const nameAt = 4;
const mostEntries = 131_072;
const longestName = 512;
/** Places where the text of a name is: it may be elsewhere as well, as in the strings of BTF, or end a longer one. */
const mostTexts = 16;
/** Entries that follow each other are a table. */
const leastEntries = 64;

/**
 * All symbols that are exported, by the table that one of them is in.
 * @param name of a symbol that every kernel exports.
 */
export function findExports(bytes: Uint8Array, name: string): ExportedSymbol[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const entry of entriesOf(bytes, view, textsOf(bytes, name))) {
    let first = entry;
    for (let left = mostEntries; left > 0 && entryAt(bytes, view, first - entryBytes) !== undefined; left--)
      first -= entryBytes;
    const symbols: ExportedSymbol[] = [];
    for (let at = first; symbols.length < mostEntries; at += entryBytes) {
      const symbol = entryAt(bytes, view, at);
      if (symbol === undefined) break;
      symbols.push(symbol);
    }
    if (symbols.length >= leastEntries) return symbols;
  }
  return [];
}

function textsOf(bytes: Uint8Array, name: string): number[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const wanted = Buffer.from(`${name}\0`, 'latin1');
  const found: number[] = [];
  for (let at = buffer.indexOf(wanted); at !== -1 && found.length < mostTexts; at = buffer.indexOf(wanted, at + 1))
    found.push(at);
  return found;
}

/** Where entries would be whose names are at some places. */
function* entriesOf(bytes: Uint8Array, view: DataView, texts: readonly number[]): Iterable<number> {
  if (texts.length === 0) return;
  const wanted = new Set(texts);
  const lowest = Math.min(...texts);
  const highest = Math.max(...texts);
  for (let at = nameAt; at + entryBytes <= bytes.length; at += 4) {
    const target = at + view.getInt32(at, true);
    if (target >= lowest && target <= highest && wanted.has(target)) yield at - nameAt;
  }
}

function entryAt(bytes: Uint8Array, view: DataView, at: number): ExportedSymbol | undefined {
  if (at < 0 || at + entryBytes > bytes.length) return undefined;
  const text = at + nameAt + view.getInt32(at + nameAt, true);
  if (text < 0 || text >= bytes.length) return undefined;
  const length = bytes.subarray(text, text + longestName).indexOf(0);
  if (length <= 0) return undefined;
  const name = Buffer.from(bytes.subarray(text, text + length)).toString('latin1');
  return /^[\w.$]+$/.test(name) ? { name, place: at + view.getInt32(at, true) } : undefined;
}
