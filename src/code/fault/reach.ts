import type { DecodedInstruction } from '../instruction.ts';
import type { Place } from './operand.ts';
import type { RegisterValues } from './register-values.ts';

/** Bytes from `from` on, and up to but without `to`. */
interface Extent {
  readonly from: bigint;
  readonly to: bigint;
}

/** More bytes than one instruction copies: counts above are no counts. */
const mostCopied = 1n << 40n;

/** Blocks of cache maintenance and of `dc zva` are at most 2 KiB; 64 bytes nearly everywhere. */
const cacheBlock = 64n;

/** EFLAGS.DF: string instructions go down. */
const directionFlag = 0x400n;

/** Images of processor state, whose size depends on what is in them; with AMX more than 11 KiB. */
const stateSizes: readonly (readonly [RegExp, bigint])[] = [
  [/^x(?:save|rstor)/, 0x4000n],
  [/^fx(?:save|rstor)/, 512n],
];

/** What x86 string instructions and arm64's cpy and set still have to do; their registers move on with them. */
function repeated(address: bigint, size: bigint, registers: RegisterValues): Extent {
  const count = registers.get(registers.bits === 64 ? 'rcx' : 'ecx') ?? 1n;
  const bytes = count * size;
  if (bytes <= 0n || bytes > mostCopied) return { from: address, to: address + size };
  const flags = registers.get('eflags') ?? 0n;
  if ((flags & directionFlag) !== 0n) return { from: address - bytes + size, to: address + size };
  return { from: address, to: address + bytes };
}

function copied(address: bigint, instruction: DecodedInstruction, registers: RegisterValues): Extent {
  // The count is the last register: positive as it begins, negative and counted from the end once it is under way.
  const name = instruction.writes.at(-1);
  const count = BigInt.asIntN(64, (name === undefined ? undefined : registers.get(name)) ?? 0n);
  if (count < 0n && -count <= mostCopied) return { from: address + count, to: address };
  return { from: address, to: address + (count > 0n && count <= mostCopied ? count : 1n) };
}

/** The bytes that an operand stands for; undefined where its address is not known. */
export function extentOf(
  { operand, decoded }: Place,
  instruction: DecodedInstruction,
  registers: RegisterValues,
): Extent | undefined {
  const { address } = operand;
  if (address === undefined) return undefined;
  const size = BigInt(operand.size);
  const isMoving = decoded.update === 'after';
  if (isMoving && size === 0n && /^(?:cpyf?|setg?)[pme]/.test(instruction.mnemonic))
    return copied(address, instruction, registers);
  if (isMoving && /^rep/.test(instruction.text)) {
    return repeated(address, size === 0n ? 1n : size, registers);
  }
  if (instruction.mnemonic === 'dc' || instruction.mnemonic === 'ic') {
    const from = address - (address % cacheBlock);
    return { from, to: from + cacheBlock };
  }
  const state = stateSizes.find(([pattern]) => pattern.test(instruction.mnemonic))?.[1];
  return { from: address, to: address + (state ?? (size === 0n ? 1n : size)) };
}

/** arm64 translates without the top byte where it holds tags; the kernel prints addresses with it or without. */
const withoutTag = (address: bigint): bigint => BigInt.asUintN(56, address);

/** How an operand meets the address that faulted. */
export type Meeting = 'equal' | 'tagged' | 'within' | 'none' | 'unknown';

/** Compares an operand with the address that faulted. */
export function meet(
  place: Place,
  fault: bigint,
  instruction: DecodedInstruction,
  registers: RegisterValues,
  hasTags: boolean,
): Meeting {
  const extent = extentOf(place, instruction, registers);
  const { address } = place.operand;
  if (extent === undefined || address === undefined) return 'unknown';
  if (address === fault) return 'equal';
  if (fault >= extent.from && fault < extent.to) return 'within';
  if (!hasTags) return 'none';
  const [bare, start] = [withoutTag(fault), withoutTag(address)];
  if (bare === start) return 'tagged';
  return bare > start && bare < start + (extent.to - address) ? 'within' : 'none';
}
