import type { KernelArchitecture } from '../kernel.ts';

/** Targets of one module that are told. */
const mostTargets = 65_536;
const mask = (1n << 64n) - 1n;

/**
 * Where code may call or jump to outside of itself. It is not decoded: of x86, whose instructions may begin anywhere, some
 * are none, which the names of what is there tell.
 */
export function callTargets(architecture: KernelArchitecture, code: Uint8Array, start: bigint): ReadonlySet<bigint> {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const end = start + BigInt(code.length);
  const found = new Set<bigint>();
  const add = (target: bigint): void => {
    const address = target & mask;
    if ((address < start || address >= end) && found.size < mostTargets) found.add(address);
  };
  if (architecture === 'arm64') {
    for (let at = 0; at + 4 <= code.length; at += 4) {
      const word = view.getUint32(at, true);
      // B and BL: 26 bits of a distance in words.
      if ((word & 0x7c00_0000) === 0x1400_0000) add(start + BigInt(at + (((word << 6) >> 6) << 2)));
    }
    return found;
  }
  for (let at = 0; at + 5 <= code.length; at++) {
    const byte = code[at];
    // CALL and JMP with 32 bits.
    if (byte === 0xe8 || byte === 0xe9) add(start + BigInt(at + 5 + view.getInt32(at + 1, true)));
  }
  return found;
}

/** The distance of ADRP, in bytes of which 4096 are a page: 2 bits at 29, 19 at 5. */
const pagesOf = (word: number): bigint =>
  BigInt.asIntN(33, BigInt(((word >>> 5) & 0x7ffff) * 4 + ((word >>> 29) & 3)) << 12n);

/**
 * Where a veneer leads that module loaders put between a call and what is too far away (`struct plt_entry` of
 * arch/arm64/include/asm/module.h): `adrp x16, page; add x16, x16, #offset; br x16`, perhaps behind a `bti`.
 */
export function veneerTarget(code: Uint8Array, offset: number, address: bigint): bigint | undefined {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  for (const at of [offset, offset + 4]) {
    if (at < 0 || at + 12 > code.length) return undefined;
    const [adrp, add, branch] = [view.getUint32(at, true), view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
    if ((adrp & 0x9f00_001f) >>> 0 !== 0x9000_0010 || branch !== 0xd61f_0200) continue;
    if ((add & 0xffc0_03ff) >>> 0 !== 0x9100_0210) continue;
    const from = (address + BigInt(at - offset)) & ~0xfffn;
    return (from + pagesOf(adrp) + BigInt((add >>> 10) & 0xfff)) & mask;
  }
  return undefined;
}
