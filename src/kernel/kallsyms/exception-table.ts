/** Kernels have thousands of entries; few distances in a row look like some by chance. */
const leastEntries = 256;

/** Entries of more than 8 bytes have a type behind the distances (EX_TYPE_*, of which there are some twenty). */
const typesEnd = 64;

/**
 * The table of instructions that may fault (`__start___ex_table`), by how it looks: distances to instructions in code,
 * in their order, each with that to its fixup.
 * @param size bytes of an entry: 8, or 12.
 * @param image offsets: constants are from `codeEnd` to `initStart`, and code is before and up to `initEnd` behind them.
 */
export function findExceptionTable(
  bytes: Uint8Array,
  size: number,
  image: { readonly codeEnd: number; readonly initStart: number; readonly initEnd: number },
): { readonly start: number; readonly end: number } | undefined {
  if (size < 8 || size % 4 !== 0 || size > 64) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { codeEnd, initStart, initEnd } = image;
  const isCode = (at: number): boolean => (at >= 0 && at < codeEnd) || (at >= initStart && at < initEnd);
  const end = Math.min(bytes.length, initStart);
  let best = { start: 0, end: 0 };
  const first = Math.ceil(codeEnd / 4) * 4;
  for (let phase = first; phase < first + size; phase += 4) {
    let start = phase;
    let last = -1;
    for (let at = phase; at + size <= end; at += size) {
      const instruction = at + view.getInt32(at, true);
      const isEntry =
        isCode(instruction) &&
        isCode(at + 4 + view.getInt32(at + 4, true)) &&
        (size === 8 || view.getUint16(at + 8, true) < typesEnd);
      if (!isEntry || instruction < last) start = isEntry ? at : at + size;
      last = isEntry ? instruction : -1;
      if (at + size - start > best.end - best.start) best = { start, end: at + size };
    }
  }
  return best.end - best.start >= leastEntries * size ? best : undefined;
}
