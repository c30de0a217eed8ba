/** Prefixes that may stand before an opcode, but for REX. */
const prefixes: ReadonlySet<number> = new Set([0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3]);

/** Where an instruction's opcode is, behind its prefixes, and the REX prefix before it (0: there is none). */
export interface OpcodePlace {
  /** Offset in the bytes, which may be their end. */
  readonly at: number;
  readonly rex: number;
}

/** Finds the opcode of an instruction. VEX and EVEX count as opcodes: 0xc4, 0xc5 and 0x62. */
export function findOpcode(bytes: Uint8Array, bits: 32 | 64): OpcodePlace {
  let at = 0;
  while (prefixes.has(bytes[at] ?? 0)) at++;
  const first = bytes[at] ?? 0;
  const isRex = bits === 64 && (first & 0xf0) === 0x40;
  return isRex ? { at: at + 1, rex: first } : { at, rex: 0 };
}
