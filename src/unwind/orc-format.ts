import type { Kernel } from '../kernel/kernel.ts';

/** What an entry counts from: ORC_REG_* of arch/x86/include/asm/orc_types.h. */
export type OrcBase =
  | 'undefined'
  | 'previous-sp'
  | 'ax'
  | 'dx'
  | 'di'
  | 'bp'
  | 'sp'
  | 'r10'
  | 'r13'
  | 'bp-indirect'
  | 'sp-indirect';

/** Their numbers since 4.14. */
const oldBases: readonly OrcBase[] = [
  ...(['undefined', 'previous-sp', 'dx', 'di', 'bp', 'sp', 'r10', 'r13', 'bp-indirect', 'sp-indirect'] as const),
];
/** Their numbers in 7.2, since objtool unwinds more architectures than one. */
const newBases: readonly OrcBase[] = [
  ...(['undefined', 'ax', 'dx', 'sp', 'bp', 'di', 'r10', 'r13', 'previous-sp', 'sp-indirect', 'bp-indirect'] as const),
];

/** What a place has below it. `undefined` is code that cannot be unwound; `end` the outermost of a stack. */
export type OrcType = 'undefined' | 'end' | 'call' | 'registers' | 'partial-registers';

/** How to unwind from one place (struct orc_entry). */
export interface OrcEntry {
  readonly spOffset: number;
  readonly bpOffset: number;
  readonly spBase: OrcBase;
  readonly bpBase: OrcBase;
  readonly type: OrcType;
  /** The place that is found is one where code was interrupted, and not one that a call returns to. */
  readonly isSignal: boolean;
}

/** Bits of the third 16-bit word of an entry. */
interface Bits {
  readonly first: number;
  readonly count: number;
}

/** How entries are written. */
export interface OrcFormat {
  /** Bytes of an entry. */
  readonly size: number;
  readonly type: Bits;
  readonly signal?: Bits;
  readonly end?: Bits;
  /** Types count from UNDEFINED and END_OF_STACK on (6.4 and later, fb799447ae29), and not from CALL. */
  readonly isNew: boolean;
  readonly bases: readonly OrcBase[];
}

const newTypes: readonly OrcType[] = ['undefined', 'end', 'call', 'registers', 'partial-registers'];
const oldTypes: readonly OrcType[] = ['call', 'registers', 'partial-registers'];

/** Of kernels without a layout of it, by their version: `end` came with 4.18 (d31a580266ee), `signal` with 6.3 (ffb1b4a41016). */
const known: readonly (Omit<OrcFormat, 'bases'> & { readonly since: number })[] = [
  { since: 604, size: 6, type: { first: 8, count: 3 }, signal: { first: 11, count: 1 }, isNew: true },
  {
    since: 603,
    size: 6,
    type: { first: 8, count: 2 },
    signal: { first: 10, count: 1 },
    end: { first: 11, count: 1 },
    isNew: false,
  },
  { since: 418, size: 6, type: { first: 8, count: 2 }, end: { first: 10, count: 1 }, isNew: false },
  { since: 0, size: 6, type: { first: 8, count: 2 }, isNew: false },
];

/** Major and minor version of a release as one number: 604 of `6.4.0-rc1`; undefined of what is none. */
export function versionNumber(release: string | undefined): number | undefined {
  const [, major, minor] = /^(\d{1,3})\.(\d{1,2})(?!\d)/.exec(release ?? '') ?? [];
  return major === undefined || minor === undefined ? undefined : Number(major) * 100 + Number(minor);
}

/** How a kernel writes its entries: as its types say, else as its version did. */
export function orcFormat(
  types: Pick<Kernel['types'], 'member' | 'sizeof'> | undefined,
  release: string | undefined,
): OrcFormat {
  const bits = (name: string): Bits | undefined => {
    const found = types?.member('struct orc_entry', name)?.bits;
    // Bits count from the start of the entry, whose first 32 are the two offsets.
    return found && { first: found.first - 32, count: found.count };
  };
  const size = types?.sizeof('struct orc_entry');
  const type = bits('type');
  if (size !== undefined && size >= 6 && size <= 64 && type !== undefined && type.first >= 0 && type.first < 16) {
    const signal = bits('signal');
    const end = bits('end');
    return {
      size,
      type,
      ...(signal && { signal }),
      ...(end && { end }),
      isNew: signal !== undefined && !end,
      bases: oldBases,
    };
  }
  const version = versionNumber(release) ?? Number.MAX_SAFE_INTEGER;
  const found = known.find(({ since }) => version >= since);
  return { ...(found ?? { size: 6, type: { first: 8, count: 2 }, isNew: false }), bases: oldBases };
}

/** Entries that are looked at to find out how they number registers, and how far ahead one way is then. */
export const mostLooked = 4096;
const clearlyAhead = 64;

/**
 * The format with the numbers that a kernel's entries themselves use, as no type tells: at the start of a function only
 * the return address is on the stack, so most entries of calls with 8 bytes count from the stack pointer.
 */
export function withBases(format: OrcFormat, table: DataView): OrcFormat {
  let votes = 0;
  const count = Math.min(mostLooked, Math.floor(table.byteLength / format.size));
  for (let nth = 0; nth < count && Math.abs(votes) < clearlyAhead; nth++) {
    const entry = decodeOrc(table, nth * format.size, format);
    if (entry?.type !== 'call' || entry.spOffset !== 8) continue;
    const number = table.getUint16(nth * format.size + 4, true) & 15;
    if (number === newBases.indexOf('sp')) votes++;
    else if (number === oldBases.indexOf('sp')) votes--;
  }
  return { ...format, bases: votes > 0 ? newBases : oldBases };
}

const take = (word: number, { first, count }: Bits): number => (word >>> first) & ((1 << count) - 1);

/** The entry at an offset of a table; undefined where the table ends before. */
export function decodeOrc(table: DataView, offset: number, format: OrcFormat): OrcEntry | undefined {
  if (offset < 0 || offset + 6 > table.byteLength) return undefined;
  const word = table.getUint16(offset + 4, true);
  const spBase = format.bases[word & 15] ?? 'undefined';
  const number = take(word, format.type);
  const isEnd = format.end !== undefined && take(word, format.end) !== 0;
  let type = (format.isNew ? newTypes : oldTypes)[number] ?? 'undefined';
  if (!format.isNew && spBase === 'undefined') {
    // Before there was an `end` all code without a stack counted as an end (unwind_next_frame() of 4.14).
    type = isEnd || format.end === undefined ? 'end' : 'undefined';
  } else if (isEnd) {
    type = 'end';
  }
  return {
    spOffset: table.getInt16(offset, true),
    bpOffset: table.getInt16(offset + 2, true),
    spBase,
    bpBase: format.bases[(word >>> 4) & 15] ?? 'undefined',
    type,
    // Until 6.3 the unwinder itself took all registers that were saved for those of interrupted code.
    isSignal:
      type === 'registers' ||
      type === 'partial-registers' ||
      (format.signal !== undefined && take(word, format.signal) !== 0),
  };
}
