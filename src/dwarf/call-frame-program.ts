import { ByteReader } from './byte-reader.ts';

/** How a register of the caller is found (DWARF 5, 6.4.1). */
export type RegisterRule =
  | { readonly kind: 'undefined' }
  | { readonly kind: 'same' }
  /** In memory, as far from the call frame address. */
  | { readonly kind: 'offset'; readonly offset: bigint }
  /** The call frame address with this added. */
  | { readonly kind: 'value-offset'; readonly offset: bigint }
  | { readonly kind: 'register'; readonly register: number }
  /** In memory at the address that it gives. */
  | { readonly kind: 'expression'; readonly expression: Uint8Array }
  | { readonly kind: 'value-expression'; readonly expression: Uint8Array };

/** How the call frame address is found. */
export type FrameRule =
  | { readonly kind: 'register'; readonly register: number; readonly offset: bigint }
  | { readonly kind: 'expression'; readonly expression: Uint8Array };

/** The rules of one place in a function. */
export interface FrameRow {
  readonly frame: FrameRule | undefined;
  readonly registers: ReadonlyMap<number, RegisterRule>;
  /** The return address is signed (arm64's pointer authentication). */
  readonly isSigned: boolean;
}

/** What the instructions of a frame are written in. */
export interface FrameFormat {
  readonly littleEndian: boolean;
  readonly addressSize: number;
  readonly codeAlignment: bigint;
  readonly dataAlignment: bigint;
  readonly isArm64: boolean;
}

/** Instructions that need no more than the two high bits (7.24). */
const highBits = { advanceLoc: 0x40, offset: 0x80, restore: 0xc0 } as const;

const Instruction = {
  nop: 0x00,
  setLoc: 0x01,
  advanceLoc1: 0x02,
  advanceLoc2: 0x03,
  advanceLoc4: 0x04,
  offsetExtended: 0x05,
  restoreExtended: 0x06,
  undefined: 0x07,
  sameValue: 0x08,
  register: 0x09,
  rememberState: 0x0a,
  restoreState: 0x0b,
  defCfa: 0x0c,
  defCfaRegister: 0x0d,
  defCfaOffset: 0x0e,
  defCfaExpression: 0x0f,
  expression: 0x10,
  offsetExtendedSf: 0x11,
  defCfaSf: 0x12,
  defCfaOffsetSf: 0x13,
  valOffset: 0x14,
  valOffsetSf: 0x15,
  valExpression: 0x16,
  /** Of arm64: the return address is signed from here on, or no longer (aadwarf64, 4.4.1); of SPARC something else. */
  arm64NegateRaState: 0x2d,
  gnuArgsSize: 0x2e,
  gnuNegativeOffsetExtended: 0x2f,
} as const;

const mostInstructions = 1 << 16;
const mostRemembered = 256;
/** Columns of the table; no machine has more registers. */
const largestRegister = 1 << 16;

interface State {
  frame: FrameRule | undefined;
  registers: Map<number, RegisterRule>;
  isSigned: boolean;
}

/**
 * The rules at an address; undefined where an instruction is not known or makes no sense, as nothing behind it holds.
 * @param initial what stands for all functions of the unit.
 * @param start where the function begins.
 */
export function frameRow(
  initial: Uint8Array,
  program: Uint8Array,
  format: FrameFormat,
  start: bigint,
  address: bigint,
): FrameRow | undefined {
  const state: State = { frame: undefined, registers: new Map(), isSigned: false };
  // The initial ones hold everywhere.
  if (!run(initial, format, state, undefined, start, start)) {
    return undefined;
  }
  const first = new Map(state.registers);
  return run(program, format, state, first, start, address) ? state : undefined;
}

/** Goes through instructions up to those behind an address; false where it cannot. */
function run(
  bytes: Uint8Array,
  format: FrameFormat,
  state: State,
  initial: ReadonlyMap<number, RegisterRule> | undefined,
  start: bigint,
  address: bigint,
): boolean {
  const { codeAlignment, dataAlignment, littleEndian, addressSize, isArm64 } = format;
  const reader = new ByteReader(bytes, littleEndian);
  const remembered: State[] = [];
  let location = start;
  let isWhole = true;
  /** A number that has to be there. */
  const need = (value: bigint | number | undefined): bigint => {
    isWhole &&= value !== undefined;
    return BigInt(value ?? 0n);
  };
  const register = (): number => {
    const number = need(reader.uleb());
    isWhole &&= number <= largestRegister;
    return Number(number);
  };
  const block = (): Uint8Array => {
    const found = reader.block(reader.uleb());
    isWhole &&= found !== undefined;
    return found ?? new Uint8Array(0);
  };
  const restore = (number: number): void => {
    const rule = initial?.get(number);
    if (rule === undefined) state.registers.delete(number);
    else state.registers.set(number, rule);
  };
  const reframe = (change: { register?: number; offset?: bigint }): void => {
    isWhole &&= state.frame?.kind === 'register';
    if (state.frame?.kind === 'register') state.frame = { ...state.frame, ...change };
  };
  for (let count = 0; !reader.atEnd && isWhole; count++) {
    const code = reader.u8() ?? 0;
    if (count > mostInstructions) {
      return false;
    }
    let advance: bigint | undefined;
    const low = code & 0x3f;
    switch (code & 0xc0) {
      case highBits.advanceLoc:
        advance = BigInt(low) * codeAlignment;
        break;
      case highBits.offset:
        state.registers.set(low, { kind: 'offset', offset: need(reader.uleb()) * dataAlignment });
        break;
      case highBits.restore:
        restore(low);
        break;
      default:
        switch (code) {
          case Instruction.nop:
            break;
          case Instruction.setLoc: {
            const to = BigInt.asIntN(64, need(reader.unsigned(addressSize)));
            advance = to - location;
            break;
          }
          case Instruction.advanceLoc1:
            advance = need(reader.unsigned(1)) * codeAlignment;
            break;
          case Instruction.advanceLoc2:
            advance = need(reader.unsigned(2)) * codeAlignment;
            break;
          case Instruction.advanceLoc4:
            advance = need(reader.unsigned(4)) * codeAlignment;
            break;
          case Instruction.offsetExtended:
            state.registers.set(register(), { kind: 'offset', offset: need(reader.uleb()) * dataAlignment });
            break;
          case Instruction.offsetExtendedSf:
            state.registers.set(register(), { kind: 'offset', offset: need(reader.sleb()) * dataAlignment });
            break;
          case Instruction.gnuNegativeOffsetExtended:
            state.registers.set(register(), { kind: 'offset', offset: -need(reader.uleb()) * dataAlignment });
            break;
          case Instruction.valOffset:
            state.registers.set(register(), { kind: 'value-offset', offset: need(reader.uleb()) * dataAlignment });
            break;
          case Instruction.valOffsetSf:
            state.registers.set(register(), { kind: 'value-offset', offset: need(reader.sleb()) * dataAlignment });
            break;
          case Instruction.restoreExtended:
            restore(register());
            break;
          case Instruction.undefined:
            state.registers.set(register(), { kind: 'undefined' });
            break;
          case Instruction.sameValue:
            state.registers.set(register(), { kind: 'same' });
            break;
          case Instruction.register:
            state.registers.set(register(), { kind: 'register', register: register() });
            break;
          case Instruction.expression:
            state.registers.set(register(), { kind: 'expression', expression: block() });
            break;
          case Instruction.valExpression:
            state.registers.set(register(), { kind: 'value-expression', expression: block() });
            break;
          case Instruction.rememberState:
            if (remembered.length >= mostRemembered) return false;
            remembered.push({ ...state, registers: new Map(state.registers) });
            break;
          case Instruction.restoreState: {
            const before = remembered.pop();
            if (before === undefined) return false;
            Object.assign(state, before);
            break;
          }
          case Instruction.defCfa:
            state.frame = { kind: 'register', register: register(), offset: need(reader.uleb()) };
            break;
          case Instruction.defCfaSf:
            state.frame = { kind: 'register', register: register(), offset: need(reader.sleb()) * dataAlignment };
            break;
          case Instruction.defCfaRegister:
            reframe({ register: register() });
            break;
          case Instruction.defCfaOffset:
            reframe({ offset: need(reader.uleb()) });
            break;
          case Instruction.defCfaOffsetSf:
            reframe({ offset: need(reader.sleb()) * dataAlignment });
            break;
          case Instruction.defCfaExpression:
            state.frame = { kind: 'expression', expression: block() };
            break;
          case Instruction.arm64NegateRaState:
            if (!isArm64) return false;
            state.isSigned = !state.isSigned;
            break;
          case Instruction.gnuArgsSize:
            need(reader.uleb());
            break;
          default:
            return false;
        }
    }
    if (advance !== undefined) {
      location += advance;
      if (location > address) {
        return isWhole;
      }
    }
  }
  return isWhole;
}
