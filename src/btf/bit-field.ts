/**
 * The value of a bit field, without its sign.
 * @param bytes those from the byte that the field begins in; what is missing at the end counts as 0
 * @param first bits from the start of `bytes`, 0 to 7: from the low end of the byte in little endian, else from the high one
 * @param count bits, 1 to 64
 */
export function bitFieldValue(bytes: Uint8Array, first: number, count: number, littleEndian: boolean): bigint {
  const length = Math.ceil((first + count) / 8);
  let value = 0n;
  for (let index = 0; index < length; index++) {
    const byte = bytes[littleEndian ? length - 1 - index : index] ?? 0;
    value = (value << 8n) | BigInt(byte);
  }
  const below = littleEndian ? first : length * 8 - first - count;
  return BigInt.asUintN(count, value >> BigInt(below));
}
