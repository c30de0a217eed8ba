import { humanCommand, type Monitor } from './monitor.ts';

/** Bytes of one command. */
const mostBytes = 4096;

/**
 * Reads memory through the monitor's `xp` (physical) or `x` (as a CPU sees it): 4 KiB in 0.6 ms.
 * @returns undefined if a part of it is not there.
 */
export async function examine(
  monitor: Monitor,
  command: 'x' | 'xp',
  address: bigint,
  length: number,
  cpu?: number,
): Promise<Buffer | undefined> {
  // Whole words are printed.
  const first = address & ~7n;
  const skipped = Number(address - first);
  const words = Math.ceil((skipped + length) / 8);
  const pieces: Buffer[] = [];
  for (let at = 0; at < words; at += mostBytes / 8) {
    const count = Math.min(words - at, mostBytes / 8);
    const from = first + BigInt(at) * 8n;
    const line = `${command} /${count}xg 0x${from.toString(16)}`;
    const piece = parseWords(await humanCommand(monitor, line, cpu), from, count);
    if (piece === undefined) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).subarray(skipped, skipped + length);
}

/**
 * Lines as `0000000001000000: 0x4801403f51258d48 0x...`, little endian. Undefined if it is not so many words from there
 * on: QEMU prints `Cannot access memory` in the place of what it cannot read.
 */
export function parseWords(text: string, address: bigint, count: number): Buffer | undefined {
  const bytes = Buffer.alloc(count * 8);
  let at = 0;
  for (const line of text.split('\n', count + 1)) {
    const match = /^([0-9a-f]{1,16}):((?: 0x[0-9a-f]{16}){1,8})\s*$/.exec(line);
    if (match === null) {
      if (line.trim() === '') continue;
      return undefined;
    }
    if (BigInt(`0x${match[1]}`) !== address + BigInt(at)) return undefined;
    for (const word of (match[2] ?? '').trim().split(' ')) {
      if (at >= bytes.length) return undefined;
      bytes.writeBigUInt64LE(BigInt(word), at);
      at += 8;
    }
  }
  return at === bytes.length ? bytes : undefined;
}
