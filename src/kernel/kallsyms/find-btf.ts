/** Where BTF is. */
export interface BtfRange {
  readonly at: number;
  readonly bytes: number;
}

/** `struct btf_header`: magic 0xeb9f, version 1, no flags. */
const head = Buffer.from([0x9f, 0xeb, 1, 0]);
/** The header has 24 bytes, and 32 since 7.1. */
const headers: ReadonlySet<number> = new Set([24, 32]);
/** BTF of a kernel has megabytes: less is something else. */
const leastBytes = 0x1_0000;
const mostTried = 4096;

/** The BTF of the kernel (CONFIG_DEBUG_INFO_BTF) in bytes of its image: the largest there is. */
export function findBtf(bytes: Uint8Array): BtfRange | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let best: BtfRange | undefined;
  let left = mostTried;
  for (let at = buffer.indexOf(head); at !== -1 && left-- > 0; at = buffer.indexOf(head, at + 1)) {
    if (at + 24 > buffer.length) break;
    const header = buffer.readUInt32LE(at + 4);
    if (!headers.has(header)) continue;
    const types = { at: buffer.readUInt32LE(at + 8), bytes: buffer.readUInt32LE(at + 12) };
    const strings = { at: buffer.readUInt32LE(at + 16), bytes: buffer.readUInt32LE(at + 20) };
    const size = header + Math.max(types.at + types.bytes, strings.at + strings.bytes);
    if (types.at !== 0 || size < leastBytes || at + size > buffer.length) continue;
    // Strings begin with an empty one and end with NUL.
    const first = at + header + strings.at;
    if (buffer[first] !== 0 || buffer[first + strings.bytes - 1] !== 0) continue;
    if (best === undefined || size > best.bytes) best = { at, bytes: size };
  }
  return best;
}
