/** Physical addresses of memory, as against devices. */
export interface MemoryRange {
  readonly start: bigint;
  /** The first address behind it. */
  readonly end: bigint;
}

/** What reading does not change (system/memory.c, `memory_region_type`). */
const memoryTypes: ReadonlySet<string> = new Set(['ram', 'rom', 'ramd', 'nv-ram']);

const mostLines = 100_000;
const mostRanges = 4096;

/**
 * The memory of a guest as its CPUs see it, from what the monitor prints for `info mtree -f` (since QEMU 2.8): the view
 * of the address space `memory`, neighbours joined. Undefined if there is none in it.
 */
export function parseMemoryMap(text: string): MemoryRange[] | undefined {
  const ranges: MemoryRange[] = [];
  let isSystem = false;
  for (const line of text.split('\n', mostLines)) {
    if (line.startsWith('FlatView')) {
      if (ranges.length > 0) break;
      isSystem = false;
    } else if (line.startsWith(' AS "memory"')) isSystem = true;
    if (!isSystem) continue;
    const match = /^ {2}([0-9a-f]{16})-([0-9a-f]{16}) \(prio -?\d{1,10}, ([a-z/-]{1,12})\)/.exec(line);
    if (match === null || !memoryTypes.has(match[3] ?? '')) continue;
    const start = BigInt(`0x${match[1]}`);
    const end = BigInt(`0x${match[2]}`) + 1n;
    if (end <= start || ranges.length >= mostRanges) continue;
    const last = ranges.at(-1);
    if (last !== undefined && last.end === start) ranges[ranges.length - 1] = { start: last.start, end };
    else ranges.push({ start, end });
  }
  return ranges.length === 0 ? undefined : ranges;
}

/** Whether all of a stretch is memory. */
export function isMemory(ranges: readonly MemoryRange[], start: bigint, length: number): boolean {
  return ranges.some((range) => start >= range.start && start + BigInt(length) <= range.end);
}
