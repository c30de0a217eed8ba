/**
 * Addresses in this room and in `dwarf/` are numbers: those of 64-bit files read as *signed* 64-bit integers, which a
 * double holds exactly from -2^53 to 2^53. Kernel addresses are within -2^47 (or -2^56 with five levels of page
 * tables, for addresses that images are never linked at), user addresses below 2^47. Those of 32-bit files are
 * unsigned. At every boundary to other rooms addresses are `bigint`, which these functions make.
 */

/** 2^32. */
export const wordRange = 0x1_0000_0000;

/** An address as a number, from its halves. */
export function signedAddress(high: number, low: number): number {
  return (high | 0) * wordRange + (low >>> 0);
}

/** An address of a 64-bit file as everybody else has it: 0 to 2^64 - 1. Those of 32-bit files stay as they are. */
export function toBigAddress(address: number): bigint {
  return Number.isInteger(address) ? BigInt.asUintN(64, BigInt(address)) : 0n;
}

/** The number for an address; not exact beyond what the above says. */
export function fromBigAddress(address: bigint, is64 = true): number {
  return is64 ? Number(BigInt.asIntN(64, address)) : Number(BigInt.asUintN(32, address));
}

/** An address as text, for messages. */
export function addressText(address: number): string {
  return `0x${toBigAddress(address).toString(16)}`;
}
