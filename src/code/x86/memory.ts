import type { Instruction, InstructionInfo, UsedMemory } from 'iced-x86';
import type { Access } from '../../model/explanation.ts';
import type { DecodedMemory } from '../instruction.ts';
import type { Iced } from './iced.ts';
import type { RegisterNames } from './registers.ts';

/** How iced says what is done with a place. */
export function accessOf(iced: Iced, access: number): Access {
  const { OpAccess } = iced;
  switch (access) {
    case OpAccess.Read:
    case OpAccess.CondRead:
      return 'read';
    case OpAccess.Write:
    case OpAccess.CondWrite:
      return 'write';
    case OpAccess.ReadWrite:
    case OpAccess.ReadCondWrite:
      return 'read-write';
    default:
      return 'none';
  }
}

/** Registers and displacement of a place, by iced's numbers. */
interface Place {
  readonly access: Access;
  readonly base: number;
  readonly index: number;
  readonly scale: number;
  /** With rip as the base: the address itself. */
  readonly displacement: bigint;
  readonly segment: number;
  readonly size: number;
}

/** The places in memory that an instruction names, then those that it uses without naming them (the stack). */
export function memoryOf(
  iced: Iced,
  names: RegisterNames,
  instruction: Instruction,
  info: InstructionInfo,
): DecodedMemory[] {
  const places: Place[] = [];
  for (let nth = 0; nth < instruction.opCount; nth++) {
    if (instruction.opKind(nth) !== iced.OpKind.Memory) continue;
    places.push(namedPlace(iced, instruction, accessOf(iced, info.opAccess(nth))));
  }
  const used: readonly UsedMemory[] = info.usedMemory();
  for (const each of used) {
    const place = usedPlace(iced, instruction, each);
    each.free();
    // The one that the instruction names comes again here.
    if (!places.some((known) => isSame(iced, known, place))) places.push(place);
  }
  // What a string instruction copies is read first.
  if (instruction.isStringInstruction) places.sort((a, b) => Number(b.access === 'read') - Number(a.access === 'read'));
  return places.map((place) => decoded(iced, names, instruction, place));
}

function namedPlace(iced: Iced, instruction: Instruction, access: Access): Place {
  return {
    access,
    base: instruction.memoryBase,
    index: instruction.memoryIndex,
    scale: instruction.memoryIndexScale,
    displacement: instruction.memoryDisplacement,
    segment: instruction.memorySegment,
    size: access === 'none' ? 0 : iced.MemorySizeExt.size(instruction.memorySize),
  };
}

function usedPlace(iced: Iced, instruction: Instruction, used: UsedMemory): Place {
  const { base, index, scale, displacement, segment, memorySize } = used;
  // With `rep` in front how much is used depends on a register; it goes by pieces of this size.
  const size = iced.MemorySizeExt.size(instruction.isStringInstruction ? instruction.memorySize : memorySize);
  return { access: accessOf(iced, used.access), base, index, scale, displacement, segment, size };
}

/** iced resolves what is relative to the instruction pointer where it tells what is used. */
function isSame(iced: Iced, named: Place, used: Place): boolean {
  const isRelative = named.base === iced.Register.RIP || named.base === iced.Register.EIP;
  return (
    (isRelative || named.base === used.base) &&
    named.index === used.index &&
    (named.index === iced.Register.None || named.scale === used.scale) &&
    BigInt.asUintN(64, named.displacement) === BigInt.asUintN(64, used.displacement)
  );
}

function decoded(iced: Iced, names: RegisterNames, instruction: Instruction, place: Place): DecodedMemory {
  const { Register } = iced;
  const base = names.full(place.base);
  const index = names.full(place.index);
  const isRelative = place.base === Register.RIP || place.base === Register.EIP;
  const displacement = isRelative ? place.displacement - instruction.nextIP : place.displacement;
  const segment = place.segment === Register.FS ? 'fs' : place.segment === Register.GS ? 'gs' : undefined;
  const update = updateOf(iced, instruction, place);
  return {
    access: place.access,
    size: place.size,
    ...(base !== undefined && { base }),
    ...(index !== undefined && { index }),
    scale: index === undefined ? 1 : place.scale,
    displacement: BigInt.asIntN(names.bits, displacement),
    ...(segment !== undefined && { segment }),
    ...(update !== undefined && { update }),
  };
}

/** What moves on as it is used: the stack pointer, and the pointers of string instructions. */
function updateOf(iced: Iced, instruction: Instruction, { base }: Place): DecodedMemory['update'] {
  const { Register } = iced;
  if (instruction.isStringInstruction) return 'after';
  if (base !== Register.RSP && base !== Register.ESP) return undefined;
  if (!instruction.isStackInstruction) return undefined;
  for (let nth = 0; nth < instruction.opCount; nth++)
    if (instruction.opKind(nth) === iced.OpKind.Memory && instruction.memoryBase === base) return undefined;
  return instruction.stackPointerIncrement < 0 ? 'before' : 'after';
}
