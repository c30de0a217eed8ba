import { signedAddress } from '../../elf/address.ts';
import type { NameTable } from './names.ts';
import type { TokenTables } from './tokens.ts';

/**
 * Where symbols are: at virtual addresses as they are now, or at distances from the first byte that was searched, of
 * which the kernel makes addresses by where the table itself is (7.x). Numbers, as `elf/address.ts` has them.
 */
export interface SymbolPlaces {
  readonly kind: 'virtual' | 'relative';
  readonly values: Float64Array;
}

const pageBytes = 4096;
/** The image's mapping: all that is above the user's half. What is lower is no address of a kernel. */
const lowestKernel = -(2 ** 56);
/** An image, with all that is in it. */
const mostImageBytes = 2 ** 30;
/** Per-CPU variables of x86-64 before 6.15 are at addresses from 0 on. */
const mostPerCpu = 2 ** 24;

type Decode = (index: number) => number;

/**
 * Finds the addresses that belong to names. There are three ways to tell them:
 * - `kallsyms_offsets` and `kallsyms_relative_base` (4.6 on; before the names, since 6.4 behind the tokens), where
 *   CONFIG_KALLSYMS_ABSOLUTE_PERCPU (x86-64 up to 6.14) has what is not negative be an address and what is be relative;
 * - `kallsyms_addresses` (of kernels without CONFIG_KALLSYMS_BASE_RELATIVE);
 * - offsets from where each of them is, without a base (7.x).
 * Right is what has the symbols in the order of their addresses, as scripts/kallsyms.c sorts them.
 */
export function findPlaces(bytes: Uint8Array, names: NameTable, tables: TokenTables): SymbolPlaces | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { count } = names;
  const starts = behind(tables.end).filter((start) => start + 4 * count <= bytes.length);
  for (const start of starts) {
    const found = withBase(view, start, count, wordAt(view, aligned(start + 4 * count, 8)));
    if (found !== undefined) return found;
  }
  for (const end of before(names.start)) {
    const start = aligned(end - 8 - 4 * count - 4, 8);
    const based = start < 0 ? undefined : withBase(view, start, count, wordAt(view, end - 8));
    const found = based ?? absolute(view, end - 8 * count, count);
    if (found !== undefined) return found;
  }
  // Last, as there is nothing to be checked but the order.
  for (const start of starts) {
    const found = relative(view, start, count);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Tables begin at the next multiple of 4 (7.x) or 8. */
const behind = (end: number): readonly number[] => [...new Set([aligned(end, 4), aligned(end, 8)])];
const before = (start: number): readonly number[] => [...new Set([start - (start % 8), start - (start % 4)])];
const aligned = (at: number, to: number): number => Math.ceil(at / to) * to;

function wordAt(view: DataView, at: number): number | undefined {
  if (at < 0 || at + 8 > view.byteLength) return undefined;
  return signedAddress(view.getUint32(at + 4, true), view.getUint32(at, true));
}

function withBase(view: DataView, start: number, count: number, base: number | undefined): SymbolPlaces | undefined {
  if (base === undefined || base >= 0 || base < lowestKernel || base % pageBytes !== 0) return undefined;
  const unsigned: Decode = (index) => base + view.getUint32(start + 4 * index, true);
  // kallsyms_sym_address() in kernel/kallsyms.c
  const signed: Decode = (index) => {
    const offset = view.getInt32(start + 4 * index, true);
    return offset >= 0 ? offset : base - 1 - offset;
  };
  return inOrder('virtual', count, unsigned) ?? inOrder('virtual', count, signed);
}

function absolute(view: DataView, start: number, count: number): SymbolPlaces | undefined {
  if (start < 0) return undefined;
  return inOrder('virtual', count, (index) =>
    signedAddress(view.getUint32(start + 8 * index + 4, true), view.getUint32(start + 8 * index, true)),
  );
}

function relative(view: DataView, start: number, count: number): SymbolPlaces | undefined {
  const found = inOrder('relative', count, (index) => start + 4 * index + view.getInt32(start + 4 * index, true));
  if (found === undefined) return undefined;
  const { values } = found;
  const [first = 0, last = 0] = [values[0], values.at(-1)];
  // Code is before the tables and data is behind them; words that are all the same would be in order too.
  const isAround = first <= start && last >= start && start - first < mostImageBytes && last - start < mostImageBytes;
  const isPlain = values.every((value, index) => index === 0 || value - (values[index - 1] ?? 0) === 4);
  return isAround && !isPlain ? found : undefined;
}

/** All of them, if their order is right: those of per-CPU variables, if there are such, and then those of the image. */
function inOrder(kind: SymbolPlaces['kind'], count: number, decode: Decode): SymbolPlaces | undefined {
  const values = new Float64Array(count);
  let first: number | undefined;
  let last = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const value = decode(index);
    values[index] = value;
    if (kind === 'virtual' && value >= 0) {
      // They come first, or (as signed numbers have it) before the others in no way at all.
      if (value > mostPerCpu || first !== undefined) return undefined;
      continue;
    }
    if (value < last || (kind === 'virtual' && value < lowestKernel)) return undefined;
    first ??= value;
    last = value;
  }
  return first !== undefined && last > first && last - first < mostImageBytes ? { kind, values } : undefined;
}
