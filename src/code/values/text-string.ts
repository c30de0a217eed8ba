import type { ArchitectureName } from '../../model/report.ts';

const bigEndian: ReadonlySet<ArchitectureName> = new Set(['s390x']);

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte <= 0x7e;
/** What names, paths and messages are made of. */
const isUsual = (byte: number): boolean => /[\w ./:%,=\-\n]/.test(String.fromCharCode(byte));

/** Text that was read as a number. */
export interface TextString {
  /** In quotes, as C would have it. */
  readonly quoted: string;
  /** Eight characters are no chance; few may be. */
  readonly certain: boolean;
}

/**
 * ASCII text in a word, in the order of memory. A text that ends in the word has zeros behind it.
 * Fewer than six characters may be anything, and are none.
 */
export function textString(value: bigint, bits: 32 | 64, architecture: ArchitectureName): TextString | undefined {
  if (bits === 32 && value >> 24n === 0n) return undefined;
  const bytes: number[] = [];
  for (let shift = 0; shift < bits; shift += 8) bytes.push(Number((value >> BigInt(shift)) & 0xffn));
  if (bigEndian.has(architecture)) bytes.reverse();
  const end = bytes.indexOf(0);
  const length = end < 0 ? bytes.length : end;
  if (length < (bits === 32 ? 4 : 6) || bytes.slice(length).some((byte) => byte !== 0)) return undefined;
  const text = bytes.slice(0, length);
  if (!text.every((byte) => isPrintable(byte) || byte === 0x0a || byte === 0x09)) return undefined;
  const usual = text.filter(isUsual).length;
  if (usual < length - 1) return undefined;
  // 0x00007f.., 0x000055.. and 0x000056..: where Linux puts libraries and programs, of which `U` and `V` are bytes too.
  if (length === 6 && (text[5] === 0x55 || text[5] === 0x56)) return undefined;
  const quoted = text
    .map((byte) => (byte === 0x0a ? '\\n' : byte === 0x09 ? '\\t' : String.fromCharCode(byte).replace(/["\\]/, '\\$&')))
    .join('');
  return { quoted: `"${quoted}"`, certain: bits === 64 && length >= 7 };
}
