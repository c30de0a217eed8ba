import { findOpcode } from './opcode.ts';

/** The byte that names operands in memory, and with this value in its low bits has another one behind it (SIB). */
const withSib = 4;
/** In the SIB byte: no index; a base of this number is the stack pointer, which has no other encoding. */
const noIndex = 4;
const stackPointer = 4;

/**
 * True if the operand in memory has a byte for an index, and no index: objdump prints it as %riz or %eiz. Compilers
 * use it to make NOPs longer (`lea 0x0(%esi,%eiz,1),%esi`).
 */
export function hasIdleIndex(bytes: Uint8Array, bits: 32 | 64): boolean {
  const place = findOpcode(bytes, bits);
  let { at } = place;
  const opcode = bytes[at++] ?? 0;
  // VEX, EVEX: they are in no padding.
  if (opcode === 0xc4 || opcode === 0xc5 || opcode === 0x62) return false;
  if (opcode === 0x0f) {
    const second = bytes[at++] ?? 0;
    if (second === 0x38 || second === 0x3a) at++;
  }
  const modes = bytes[at] ?? 0;
  const sib = bytes[at + 1] ?? 0;
  if (modes >> 6 === 3 || (modes & 7) !== withSib || (place.rex & 2) !== 0) return false;
  return ((sib >> 3) & 7) === noIndex && (sib & 7) !== stackPointer;
}
