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

/** Pairs of letters, colons and spaces that are frequent for being a pair, in the same way. */
const pairGroups: readonly (readonly [perMille: number, pairs: string])[] = [
  [4, ': |er|ff|re|in|ed|te|e |es|or|le|st| p|d '],
  [2.5, 'at| r|t |ti| T| t|ng|is|de|s |al|on| s|ab|li|it|ri| c|g |ta| f|ac|bl|lo|r |nt'],
  [
    1.5,
    'me|en|se| i|as|CP| S| A|em|eg|ma|ot| b|io|gi| e| C|ar|ne|tr|ce|s:|us|ge|ur| P| m|an|ro|ve|l |ea|oc|et|n |la| l| d',
  ],
  [1.5, 'nd| R|co|PI|pi|ca|ou|AC|to|si|fo|m '],
  [1, 'ra|ic|y |rc|I:|pa|cp|he|ec|ll|ni|ad| I|o | h| k|mo| B|ck|ch| n|e:|id|th|ct|el|ci|no|ty|fe|sh|po|pr|ha|ev|un|pc'],
  [1, 'pe|od|om|bu|h | D|ol| M|rt|f '],
  [
    0.7,
    'ia|ie|cu|ns|ag|il|pp| u|ir| v| N|so|ke|p:|rm|hp|rn|na|ip|iz|PC|ul|im|rd|ry|cl|I |up|PU|ph|B |r:|pu|wi|ig|xf|sc',
  ],
  [0.7, 'C | w|by|MA|oo|ss|do|ze|kt|U |fa|sy|fi|ts|u:|Sl|di'],
];

const rarePerMille = 0.3;

/** Estimated share of each byte in a log. */
export function byteFrequencies(): Float64Array {
  const frequencies = new Float64Array(256).fill(rarePerMille / 1000);
  for (const [perMille, bytes] of frequencyGroups)
    for (const byte of bytes) frequencies[byte.charCodeAt(0) & 0xff] = perMille / 1000;
  return frequencies;
}

/** Estimated share of a pair of bytes, by its index; most are as frequent as their bytes make them. */
function pairFrequencies(): (pair: number) => number {
  const single = byteFrequencies();
  const frequent = new Map<number, number>();
  for (const [perMille, group] of pairGroups)
    for (const pair of group.split('|')) frequent.set((pair.charCodeAt(0) << 8) | pair.charCodeAt(1), perMille / 1000);
  return (pair) => frequent.get(pair) ?? (single[pair >> 8] ?? 0) * (single[pair & 0xff] ?? 0);
}

/** A literal, and where in it the window stands that the tables know. */
export interface WindowedLiteral {
  readonly bytes: Uint8Array;
  /** Offset of the window's last byte in the literal. */
  readonly lastOffset: number;
}

/** What the scanning loop looks things up in. The index of every table is a pair of neighbouring bytes. */
export interface ScanTables {
  /** Bytes of each literal that the tables know: `minWindow` to 6. */
  readonly windowSize: number;
  /** How far to go on if the pair ends the place looked at; 0: a window may end here. */
  readonly shift: Uint8Array;
  /** 1 for the pair that stands in a window right before its last pair. */
  readonly before: Uint8Array;
  /** Number of the pair's list in `lists`, where `shift` is 0. */
  readonly listOf: Uint16Array;
  readonly lists: readonly (readonly WindowedLiteral[])[];
}

/** Shorter literals would make all steps short; `scan-short.ts` finds them. */
export const minWindow = 4;
const maxWindow = 6;

/** Index of the pair of bytes at `offset`. */
function pairAt(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

/** A look closer at a place where a window may end costs about as much as so many steps. */
const lookCost = 20;

/**
 * Where a literal's window stands best: where its pairs are rare, or in the tables already, so that steps stay long
 * and looks closer few.
 */
function bestWindow(
  bytes: Uint8Array,
  windowSize: number,
  shift: Uint8Array,
  frequencyOf: (pair: number) => number,
): number {
  let best = 0;
  let bestCost = Number.POSITIVE_INFINITY;
  for (let start = 0; start + windowSize <= bytes.length; start++) {
    let cost = 0;
    for (let index = 0; index + 1 < windowSize; index++) {
      const pair = pairAt(bytes, start + index);
      const taken = (shift[pair] ?? 0) - (windowSize - 2 - index);
      if (taken <= 0) continue;
      cost += frequencyOf(pair) * (index === windowSize - 2 ? lookCost + taken : taken);
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
 * @param literals At least `minWindow` bytes each.
 */
export function makeScanTables(literals: readonly Uint8Array[]): ScanTables {
  const windowSize = literals.reduce((length, bytes) => Math.min(length, bytes.length), maxWindow);
  const frequencyOf = pairFrequencies();
  const shift = new Uint8Array(65_536).fill(windowSize - 1);
  const before = new Uint8Array(65_536);
  const listOf = new Uint16Array(65_536);
  const lists: WindowedLiteral[][] = [[]];
  // The short ones first: they have no choice, and the others can use the same pairs.
  for (const bytes of literals.toSorted((a, b) => a.length - b.length)) {
    const start = bestWindow(bytes, windowSize, shift, frequencyOf);
    for (let index = 0; index + 1 < windowSize; index++) {
      const pair = pairAt(bytes, start + index);
      shift[pair] = Math.min(shift[pair] ?? 0, windowSize - 2 - index);
    }
    before[pairAt(bytes, start + windowSize - 4)] = 1;
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
