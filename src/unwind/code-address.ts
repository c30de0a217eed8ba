import type { Kernel } from '../kernel/kernel.ts';

/** Bits that all addresses of code have set, by kernel. */
const known = new WeakMap<Kernel, bigint>();

/**
 * An address of arm64 code without its pointer authentication code, which is in the bits that kernel addresses have set.
 * Any other address stays as it is.
 */
export function codeAddress(kernel: Kernel, address: bigint): bigint {
  if (((address >> 55n) & 1n) === 0n) return address;
  let high = known.get(kernel);
  if (high === undefined) {
    high = highBits(usualBits(kernel));
    known.set(kernel, high);
  }
  return BigInt.asUintN(64, address | high);
}

/** Says how many bits a kernel's virtual addresses have (64 - T1SZ), where a CPU's TCR_EL1 tells. */
export function rememberControl(kernel: Kernel, control: bigint): void {
  known.set(kernel, highBits(64 - Number((control >> 16n) & 63n)));
}

/** Of 48 and 52 bits code is in the upper half of 48 bits, so it has one bit more. */
function highBits(addressBits: number): bigint {
  return BigInt.asUintN(64, -1n << BigInt(Math.min(Math.max(addressBits, 36), 48) - 1));
}

/** By where the kernel lies (KIMAGE_VADDR of arch/arm64/include/asm/memory.h): the smaller sizes have more bits set. */
function usualBits({ place, symbols }: Kernel): number {
  const text = symbols.address('_text') ?? BigInt.asUintN(64, place.slide);
  let ones = 0;
  while (ones < 64 && ((text >> BigInt(63 - ones)) & 1n) === 1n) ones++;
  return ones >= 26 ? 39 : ones >= 23 ? 42 : 48;
}
