import type { RegisterLayout, StubRegister } from './register-layout.ts';

/** Values by the stub's names; those that it does not have now are missing. */
export type StubValues = Map<string, bigint>;

/** A number in hex digits, the lowest byte first; undefined where the stub has none (`xx`) or it is no number. */
export function littleEndian(hex: string): bigint | undefined {
  if (hex.length === 0 || hex.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(hex)) return undefined;
  return BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`);
}

/** The registers of a `g` packet, those that are wide left out. */
export function decodeRegisters(packet: string, layout: RegisterLayout): StubValues {
  const values: StubValues = new Map();
  for (const { name, offset, bits, isWide } of layout.registers) {
    if ((offset + bits / 8) * 2 > packet.length) break;
    if (isWide) continue;
    const value = littleEndian(packet.slice(offset * 2, (offset + bits / 8) * 2));
    if (value !== undefined) values.set(name, value);
  }
  return values;
}

/** Registers that a `g` packet of so many bytes does not reach, and that must be asked for one by one. */
export function beyondPacket(layout: RegisterLayout, bytes: number): StubRegister[] {
  return layout.registers.filter((register) => !register.isWide && register.offset + register.bits / 8 > bytes);
}
