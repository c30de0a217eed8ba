import type { ExpressionContext } from './expression-evaluate.ts';
import type { Location, Missing } from './expression-location.ts';

/** The value of a variable, or why it has none. */
export type ValueResult =
  /** Unsigned, as wide as was asked for. */
  | { readonly kind: 'known'; readonly value: bigint; readonly isAssumed?: true }
  | { readonly kind: 'optimized-out' }
  | { readonly kind: 'unknown'; readonly missing: Missing };

/** The widest that is given as one number. */
const widest = 8;
const deepestPiece = 8;

const unknown = (reason: Missing['reason']): ValueResult => ({ kind: 'unknown', missing: { reason } });

/**
 * What is in a place.
 * @param offset bytes from the start of the variable.
 * @param size bytes, 1 to 8: other sizes are unknown, for the reason `type`.
 */
export function readLocation(
  location: Location,
  offset: number,
  size: number,
  context: ExpressionContext,
  depth = 0,
): ValueResult {
  if (!(Number.isInteger(size) && size >= 1 && size <= widest && offset >= 0) || depth > deepestPiece) {
    return unknown('type');
  }
  switch (location.kind) {
    case 'register': {
      const value = context.register?.(location.register);
      return value === undefined
        ? { kind: 'unknown', missing: { reason: 'register', register: location.register } }
        : part(value, offset, size);
    }
    case 'memory': {
      const { value, missing, isAssumed } = location.address;
      if (value === undefined) {
        return { kind: 'unknown', missing: missing ?? { reason: 'damaged' } };
      }
      const read = readMemory(value + BigInt(offset), size, context);
      return read === undefined ? unknown('memory') : { kind: 'known', value: read, ...(isAssumed && { isAssumed }) };
    }
    case 'value': {
      const { value, missing, isAssumed } = location.content;
      if (value === undefined) {
        return { kind: 'unknown', missing: missing ?? { reason: 'damaged' } };
      }
      const known = part(value, offset, size);
      return known.kind === 'known' && isAssumed ? { ...known, isAssumed } : known;
    }
    case 'bytes': {
      const { bytes } = location;
      if (offset + size > bytes.length) {
        return unknown('damaged');
      }
      const taken = bytes.slice(offset, offset + size);
      const ordered = context.encoding.littleEndian ? taken.reverse() : taken;
      return { kind: 'known', value: BigInt(`0x${Buffer.from(ordered).toString('hex')}`) };
    }
    case 'pieces':
      return readPieces(location, offset, size, context, depth);
    case 'implicit-pointer':
    case 'optimized-out':
      return { kind: 'optimized-out' };
    case 'unknown':
      return { kind: 'unknown', missing: location.missing };
  }
}

/** Bytes of a number that is in a register, which in memory would lie low end first, or last. */
function part(value: bigint, offset: number, size: number): ValueResult {
  // Compilers put parts of what is wider into pieces; what is left of a register lies at its low end.
  return { kind: 'known', value: BigInt.asUintN(8 * size, BigInt.asUintN(64, value) >> BigInt(8 * offset)) };
}

function readMemory(address: bigint, size: number, context: ExpressionContext): bigint | undefined {
  const at = BigInt.asUintN(64, address);
  if (size === 1 || size === 2 || size === 4 || size === 8) {
    return context.memory?.(at, size);
  }
  // Odd sizes byte by byte.
  let value = 0n;
  for (let each = 0; each < size; each++) {
    const byte = context.memory?.(at + BigInt(each), 1);
    if (byte === undefined) {
      return undefined;
    }
    value |= byte << BigInt(8 * (context.encoding.littleEndian ? each : size - 1 - each));
  }
  return value;
}

/** Puts a number together from the pieces that its bits are in. */
function readPieces(
  { pieces }: Extract<Location, { kind: 'pieces' }>,
  offset: number,
  size: number,
  context: ExpressionContext,
  depth: number,
): ValueResult {
  const first = 8 * offset;
  const last = first + 8 * size;
  let start = 0;
  let value = 0n;
  let isAssumed = false;
  for (const { bits, skip, location } of pieces) {
    const from = Math.max(first, start);
    const to = Math.min(last, start + bits);
    if (from < to) {
      const inside = from - start + skip;
      const bytes = Math.ceil(((inside % 8) + to - from) / 8);
      if (bytes > widest || !context.encoding.littleEndian) {
        return unknown('type');
      }
      const read = readLocation(location, Math.floor(inside / 8), bytes, context, depth + 1);
      if (read.kind !== 'known') {
        return read;
      }
      isAssumed ||= read.isAssumed === true;
      value |= BigInt.asUintN(to - from, read.value >> BigInt(inside % 8)) << BigInt(from - first);
    }
    start += bits;
  }
  if (start < last) {
    return { kind: 'optimized-out' };
  }
  return { kind: 'known', value, ...(isAssumed && { isAssumed: true }) };
}
