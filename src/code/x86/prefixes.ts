import type { Formatter, Instruction } from 'iced-x86';
import type { Iced } from './iced.ts';

/** What objdump calls prefixes that stand alone. */
const names: Readonly<Record<number, string>> = {
  38: 'es', // 0x26
  46: 'cs', // 0x2e
  54: 'ss', // 0x36
  62: 'ds', // 0x3e
  100: 'fs', // 0x64
  101: 'gs', // 0x65
  102: 'data16', // 0x66
  103: 'addr32', // 0x67
  240: 'lock', // 0xf0
  242: 'repnz', // 0xf2
  243: 'repz', // 0xf3
};

/** The name of a byte that is a prefix, as objdump prints one that belongs to no instruction; undefined for others. */
export function prefixName(byte: number, bits: 32 | 64): string | undefined {
  if (bits === 64 && (byte & 0xf0) === 0x40) return rexName(byte);
  if (byte === 0x67 && bits === 32) return 'addr16';
  return names[byte];
}

function rexName(byte: number): string {
  const letters = ['W', 'R', 'X', 'B'].filter((_, nth) => (byte & (8 >> nth)) !== 0).join('');
  return letters === '' ? 'rex' : `rex.${letters}`;
}

/**
 * The prefixes that are printed before the mnemonic: those that mean something of their own (`lock`, `rep`), and those
 * that mean nothing where they stand, as in padding. Whether one means something is found out by leaving it out.
 */
export function prefixWords(
  iced: Iced,
  formatter: Formatter,
  instruction: Instruction,
  bytes: Uint8Array,
  bits: 32 | 64,
): string[] {
  const own = formatter.formatMnemonicOptions(instruction, iced.FormatMnemonicOptions.NoMnemonic);
  let count = 0;
  while (count < bytes.length && names[bytes[count] ?? 0] !== undefined) count++;
  const isRex = bits === 64 && ((bytes[count] ?? 0) & 0xf0) === 0x40 && count < bytes.length;
  const ownWords = own === '' ? [] : own.split(' ').map((word) => spelled[word] ?? word);
  if (count === 0 && !isRex) return ownWords;
  const told = new Set(ownWords);
  const wanted = meaning(formatter, instruction);
  const words: string[] = [];
  let rest = bytes;
  let address = instruction.ip;
  let at = 0;
  for (let nth = 0; nth < count; nth++) {
    const byte = rest[at] ?? 0;
    const word = ownWord(byte, told);
    if (word !== undefined) {
      words.push(instruction.mnemonic === iced.Mnemonic.Ret && word === 'rep' ? 'repz' : word);
      told.delete(word);
      at++;
      continue;
    }
    const without = new Uint8Array(rest.length - 1);
    without.set(rest.subarray(0, at));
    without.set(rest.subarray(at + 1), at);
    if (meansTheSame(iced, formatter, without, address + 1n, bits, wanted)) {
      words.push(prefixName(byte, bits) ?? '');
      rest = without;
      address += 1n;
    } else at++;
  }
  if (isRex && hasIdleBit(iced, formatter, rest, at, address, bits, wanted)) words.push(rexName(rest[at] ?? 0));
  return words;
}

/** What iced calls otherwise. */
const spelled: Readonly<Record<string, string>> = { repe: 'repz', repne: 'repnz' };

/** The word that iced has for a prefix byte here. */
function ownWord(byte: number, told: ReadonlySet<string>): string | undefined {
  switch (byte) {
    case 0xf0:
      return told.has('lock') ? 'lock' : undefined;
    case 0xf3:
      return ['rep', 'repz', 'xrelease'].find((word) => told.has(word));
    case 0xf2:
      return ['repnz', 'bnd', 'xacquire'].find((word) => told.has(word));
    case 0x3e:
      return told.has('notrack') ? 'notrack' : undefined;
    default:
      return undefined;
  }
}

function meaning(formatter: Formatter, instruction: Instruction): string {
  return `${instruction.code} ${formatter.format(instruction)}`;
}

function meansTheSame(
  iced: Iced,
  formatter: Formatter,
  bytes: Uint8Array,
  address: bigint,
  bits: 32 | 64,
  wanted: string,
): boolean {
  const decoder = new iced.Decoder(bits, bytes, iced.DecoderOptions.None);
  decoder.ip = address;
  const instruction = decoder.decode();
  const same = instruction.length === bytes.length && meaning(formatter, instruction) === wanted;
  instruction.free();
  decoder.free();
  return same;
}

/** True if a REX prefix has a bit that means nothing, or has none and means nothing itself. */
function hasIdleBit(
  iced: Iced,
  formatter: Formatter,
  bytes: Uint8Array,
  at: number,
  address: bigint,
  bits: 32 | 64,
  wanted: string,
): boolean {
  const rex = bytes[at] ?? 0;
  if (rex === 0x40) {
    const without = new Uint8Array(bytes.length - 1);
    without.set(bytes.subarray(0, at));
    without.set(bytes.subarray(at + 1), at);
    return meansTheSame(iced, formatter, without, address + 1n, bits, wanted);
  }
  return [8, 4, 2, 1].some((bit) => {
    if ((rex & bit) === 0) return false;
    const other = Uint8Array.from(bytes);
    other[at] = rex & ~bit;
    return meansTheSame(iced, formatter, other, address, bits, wanted);
  });
}
