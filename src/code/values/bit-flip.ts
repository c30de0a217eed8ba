import { type ValueContext, wordBits } from './context.ts';
import type { Layout } from './regions.ts';

/** A value that is another one but for a bit. */
export interface BitFlip {
  readonly bit: number;
  /** What it was. */
  readonly address: bigint;
  /** In words: what makes one think so. */
  readonly near: string;
}

/** How near another register's value must be for both to be of one thing: a slab page or two. */
const near = 1n << 16n;

const distance = (a: bigint, b: bigint): bigint => (a > b ? a - b : b - a);

/**
 * Whether a value that is no valid address becomes one by flipping a single bit: near to a pointer in another register,
 * or the only way to make the bits that must be alike so. A guess in either case.
 */
export function bitFlip(value: bigint, context: ValueContext, layout: Layout): BitFlip | undefined {
  const bits = wordBits(context.architecture);
  if (bits === 32 || layout.half(value) !== 'non-canonical') return undefined;
  const candidates: { bit: number; address: bigint }[] = [];
  for (let bit = 0; bit < bits; bit++) {
    const address = value ^ (1n << BigInt(bit));
    if (layout.half(address) === 'kernel') candidates.push({ bit, address });
  }
  for (const { bit, address } of candidates) {
    const other = context.neighbours?.find(
      (n) => n !== value && layout.half(n) === 'kernel' && distance(n, address) < near,
    );
    if (other !== undefined) return { bit, address, near: `near 0x${other.toString(16)}` };
  }
  // One wrong bit among the many that are alike in every kernel address; the rest must look like an address too.
  const [only] = candidates;
  if (candidates.length !== 1 || only === undefined || only.bit < 47) return undefined;
  const at = layout.regions.find(({ from, to }) => only.address >= from && only.address <= to);
  return at === undefined || at.class === 'kernel-pointer' ? undefined : { ...only, near: at.words };
}

/** A power of two that no small number is: NULL with a bit set that should not be. */
export function singleBit(value: bigint): number | undefined {
  if (value < 1n << 32n || (value & (value - 1n)) !== 0n) return undefined;
  return value.toString(2).length - 1;
}
