/**
 * How often bytes occur in kernel logs, in thousandths, most frequent group first; a byte of no group is rare. Only
 * an estimate (boot and service messages of x86-64 and arm64 machines): it decides how fast the scanner is, never
 * what it finds.
 */
const frequencyGroups: readonly (readonly [perMille: number, bytes: string])[] = [
  [170, ' '],
  [100, '0'],
  [48, 'e'],
  [28, 'itar'],
  [24, 's1on'],
  [20, '.fcl:'],
  [17, '[]d2'],
  [13, 'p34685'],
  [11, 'mu97b'],
  [9, 'gx_h'],
  [6, 'PCISyA'],
  [4, '-kvMR,/BT'],
  [2, '()DEU+FKNOw'],
  [1, "=LXz'GHq"],
];

const rarePerMille = 0.3;

function byteFrequencies(): Float64Array {
  const frequencies = new Float64Array(256).fill(rarePerMille / 1000);
  for (const [perMille, bytes] of frequencyGroups)
    for (const byte of bytes) frequencies[byte.charCodeAt(0) & 0xff] = perMille / 1000;
  return frequencies;
}

/** A literal, and where in it the window stands that the tables know. */
export interface WindowedLiteral {
  readonly bytes: Uint8Array;
  /** Offset of the window's last byte in the literal. */
  readonly lastOffset: number;
}

/** What the scanning loop looks things up in. The index of every table is a pair of neighbouring bytes. */
export interface ScanTables {
  /** Bytes of each literal that the tables know; 2 to 6. */
  readonly windowSize: number;
  /** How far to go on if the pair ends the place looked at; 0: a window may end here. */
  readonly shift: Uint8Array;
  /** 1 if a window begins (for windows of 4 and more) with the pair that stands two bytes before its last pair. */
  readonly before: Uint8Array;
  /** Number of the pair's list in `lists`, where `shift` is 0. */
  readonly listOf: Uint16Array;
  readonly lists: readonly (readonly WindowedLiteral[])[];
}

const maxWindow = 6;

/** Index of the pair of bytes at `offset`. */
function pairAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** Where the window stands best: a rare last pair saves looking closer, rare other pairs keep the steps long. */
function bestWindow(bytes: Uint8Array, windowSize: number, frequencies: Float64Array): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let start = 0; start + windowSize <= bytes.length; start++) {
    let cost = 0;
    for (let index = 0; index + 1 < windowSize; index++) {
      const first = frequencies[bytes[start + index] ?? 0] ?? 0;
      const second = frequencies[bytes[start + index + 1] ?? 0] ?? 0;
      // A look closer costs about as much as 30 steps; a pair's shift takes away its distance to the longest one.
      const weight = index === windowSize - 2 ? 30 : index + 1;
      cost += weight * first * second;
    }
    if (cost < bestCost) {
      bestCost = cost;
      best = start;
    }
  }
  return best;
}

/**
 * Tables after Wu and Manber ("A fast algorithm for multi-pattern searching", 1994), with blocks of two bytes, and
 * with each literal's window where it is rarest instead of at its start.
 */
export function makeScanTables(literals: readonly string[]): ScanTables {
  const all = [...new Set(literals)].map((literal) => Buffer.from(literal, 'latin1'));
  const shortest = all.reduce((length, bytes) => Math.min(length, bytes.length), maxWindow);
  if (shortest < 2) throw new RangeError('a literal to scan for needs two bytes at least');
  const windowSize = shortest;
  const frequencies = byteFrequencies();
  const shift = new Uint8Array(65_536).fill(windowSize - 1);
  // In windows of 2 and 3 bytes no whole pair stands before the last one: everything may be there.
  const before = new Uint8Array(65_536).fill(windowSize < 4 ? 1 : 0);
  const listOf = new Uint16Array(65_536);
  const lists: WindowedLiteral[][] = [[]];
  for (const bytes of all) {
    const start = bestWindow(bytes, windowSize, frequencies);
    for (let index = 0; index + 1 < windowSize; index++) {
      const pair = pairAt(bytes, start + index);
      shift[pair] = Math.min(shift[pair] ?? 0, windowSize - 2 - index);
    }
    if (windowSize >= 4) before[pairAt(bytes, start + windowSize - 4)] = 1;
    const last = pairAt(bytes, start + windowSize - 2);
    let number = listOf[last] ?? 0;
    if (number === 0) {
      number = lists.push([]) - 1;
      listOf[last] = number;
    }
    lists[number]?.push({ bytes, lastOffset: start + windowSize - 1 });
  }
  return { windowSize, shift, before, listOf, lists };
}
