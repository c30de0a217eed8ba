import type { ValueContext } from '../values/context.ts';
import { type ShadowOf, shadowOf } from '../values/kasan.ts';
import type { Place } from './operand.ts';
import type { RegisterValues } from './register-values.ts';

/** Bits that are zero in every KASAN_SHADOW_OFFSET but those of arm64 kernels with addresses of 36 to 42 bits. */
const lowBits = (1n << 36n) - 1n;

/**
 * Whether a value is what KASAN adds to find shadow, and which sort of it: 0xdfff... with one byte for eight, 0xefff...
 * with one for sixteen (arch/x86/Kconfig, arch/arm64/Kconfig; it changed in 5.4 and 5.11 for arm64).
 */
function offsetShift(value: bigint | undefined): bigint | undefined {
  if (value === undefined || (value & lowBits) !== 0n) return undefined;
  if (value >> 48n === 0xdfffn) return 3n;
  return value >> 48n === 0xefffn ? 4n : undefined;
}

/** Checks in line look at a byte, or at two for an access of sixteen. */
const largestCheck = 2;

/**
 * The memory that an access is a check of, where it is one of KASAN's. The offset of the shadow is mostly in a register
 * of its own, or has been added before.
 */
export function checkedShadow(
  { operand, decoded }: Place,
  registers: RegisterValues,
  context: ValueContext,
): ShadowOf | undefined {
  const { address } = operand;
  if (address === undefined || operand.access !== 'read' || operand.size > largestCheck) return undefined;
  for (const name of [decoded.base, decoded.index]) {
    const offset = name === undefined ? undefined : registers.get(name);
    const shift = offsetShift(offset);
    if (offset === undefined || shift === undefined) continue;
    const guarded = BigInt.asUintN(64, (address - offset) << shift);
    return { address: guarded, granule: 1n << shift, certain: true };
  }
  const shadow = shadowOf(address, context);
  return shadow !== undefined && (shadow.certain || context.kasan !== undefined) ? shadow : undefined;
}
