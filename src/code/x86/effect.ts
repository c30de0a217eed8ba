import type { Instruction } from 'iced-x86';
import type { DecodedInstruction, DecodedMemory } from '../instruction.ts';
import type { Iced } from './iced.ts';
import type { RegisterNames } from './registers.ts';

type Effect = NonNullable<DecodedInstruction['effect']>;

/** What an instruction does with values, with the memory that its effect speaks of. */
export interface EffectAndMemory {
  readonly effect?: Effect;
  /** The address that `effect` of kind `address` gives, where the instruction has no operand in memory for it. */
  readonly memory?: DecodedMemory;
}

const none: EffectAndMemory = {};

/** The value that an instruction moves, for the few that only move one. */
export function effectOf(iced: Iced, names: RegisterNames, instruction: Instruction): EffectAndMemory {
  const { Mnemonic, OpKind, RegisterExt } = iced;
  if (instruction.opCount === 0 || instruction.opKind(0) !== OpKind.Register) return none;
  const target = instruction.opRegister(0);
  const to = names.full(target);
  // Writes to the lower 32 bits clear the upper ones; those to fewer bits leave the rest as it is.
  const size = RegisterExt.size(target);
  if (to === undefined || !RegisterExt.isGPR(target) || size < 4) return none;
  const isFull = size * 8 === names.bits;
  switch (instruction.mnemonic) {
    case Mnemonic.Mov:
    case Mnemonic.Movzx:
    case Mnemonic.Movsx:
    case Mnemonic.Movsxd:
      return moved(iced, names, instruction, to);
    case Mnemonic.Lea:
      return isFull && instruction.segmentPrefix === iced.Register.None ? { effect: { kind: 'address', to } } : none;
    case Mnemonic.Pop:
      return { effect: { kind: 'load', to } };
    case Mnemonic.Xor:
    case Mnemonic.Sub:
      if (instruction.opKind(1) === OpKind.Register && instruction.opRegister(1) === target)
        return { effect: { kind: 'constant', to, value: 0n } };
      return instruction.mnemonic === Mnemonic.Sub && isFull ? added(instruction, to, -1n) : none;
    case Mnemonic.Add:
      return isFull ? added(instruction, to, 1n) : none;
    case Mnemonic.Inc:
    case Mnemonic.Dec:
      return isFull ? addressEffect(to, instruction.mnemonic === Mnemonic.Inc ? 1n : -1n) : none;
    default:
      return none;
  }

  function added(from: Instruction, register: string, sign: bigint): EffectAndMemory {
    if (!isImmediate(iced, from, 1)) return none;
    return addressEffect(register, sign * BigInt.asIntN(names.bits, from.immediate(1)));
  }
}

function addressEffect(to: string, displacement: bigint): EffectAndMemory {
  return { effect: { kind: 'address', to }, memory: { access: 'none', size: 0, base: to, scale: 1, displacement } };
}

function moved(iced: Iced, names: RegisterNames, instruction: Instruction, to: string): EffectAndMemory {
  const { Mnemonic, OpKind, RegisterExt } = iced;
  const signed = instruction.mnemonic === Mnemonic.Movsx || instruction.mnemonic === Mnemonic.Movsxd;
  if (instruction.opKind(1) === OpKind.Memory) return { effect: { kind: 'load', to, ...(signed && { signed: true }) } };
  if (isImmediate(iced, instruction, 1)) {
    const bits = RegisterExt.size(instruction.opRegister(0)) * 8;
    return { effect: { kind: 'constant', to, value: BigInt.asUintN(bits, instruction.immediate(1)) } };
  }
  if (instruction.opKind(1) !== OpKind.Register) return none;
  const source = instruction.opRegister(1);
  const from = names.full(source);
  // Control and segment registers hold no values that are followed.
  if (from === undefined || !RegisterExt.isGPR(source)) return none;
  // %ah and the like are no low bits.
  const { Register } = iced;
  if (source >= Register.AH && source <= Register.BH) return none;
  const bits = RegisterExt.size(source) * 8;
  return {
    effect: { kind: 'move', to, from, ...(bits < names.bits && { bits }), ...(signed && { signed: true }) },
  };
}

function isImmediate(iced: Iced, instruction: Instruction, operand: number): boolean {
  const { OpKind } = iced;
  const kind = instruction.opKind(operand);
  return kind >= OpKind.Immediate8 && kind <= OpKind.Immediate32to64;
}
