import { bitFieldValue } from '../btf/bit-field.ts';
import type { Btf, BtfTypeName } from '../btf/btf.ts';
import { memberPlace } from './view.ts';

/** Reads a member of a structure whose bytes these are: an integer of up to 8 bytes or a bit field, without sign. */
export type ReadField = (structure: DataView) => bigint | undefined;

const missing: ReadField = () => undefined;

/**
 * Looks up once where a member is, for arrays of structures; `View` is simpler for a single one. What the structure does
 * not have is undefined of each.
 * @param path `text_blk_lpos.begin`
 * @param bytes those of the structure, which are there
 */
export function fieldOf(types: Btf, type: BtfTypeName, path: string, bytes: number): ReadField {
  const place = memberPlace(types, type, path);
  if (place === undefined) return missing;
  const { offset, size = 0, bits } = place;
  if (bits !== undefined) {
    const first = bits.first - offset * 8;
    const length = Math.ceil((first + bits.count) / 8);
    if (offset + length > bytes) return missing;
    return ({ buffer, byteOffset }) =>
      bitFieldValue(new Uint8Array(buffer, byteOffset + offset, length), first, bits.count, true);
  }
  if (offset + size > bytes) return missing;
  switch (size) {
    case 1:
      return (structure) => BigInt(structure.getUint8(offset));
    case 2:
      return (structure) => BigInt(structure.getUint16(offset, true));
    case 4:
      return (structure) => BigInt(structure.getUint32(offset, true));
    case 8:
      return (structure) => structure.getBigUint64(offset, true);
    default:
      return missing;
  }
}
