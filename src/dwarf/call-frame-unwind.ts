import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import type { CallFrame } from './call-frame-table.ts';
import { type ExpressionContext, evaluateNumber } from './expression-evaluate.ts';
import { known } from './expression-location.ts';

/**
 * A register of the caller, by the rules at an address of the called function; undefined where it is not known.
 * @param context the called function's registers and memory, and its call frame address.
 */
export function unwind(
  frame: CallFrame,
  register: number,
  { stackPointer, returnAddress, preserved }: DwarfRegisters,
  context: ExpressionContext,
): bigint | undefined {
  const base = context.callFrameAddress?.();
  const { addressSize } = context.encoding;
  const stored = (address: bigint): bigint | undefined =>
    context.memory?.(BigInt.asUintN(8 * addressSize, address), addressSize);
  const rule = frame.registers.get(register);
  switch (rule?.kind) {
    case undefined:
      if (register === stackPointer) {
        return base;
      }
      // Compilers say nothing of registers that a function does not touch, and of those it need not keep.
      return preserved.includes(register) ? context.register?.(register) : undefined;
    case 'undefined':
      return undefined;
    case 'same':
      return context.register?.(register);
    case 'offset': {
      const value = base === undefined ? undefined : stored(base + rule.offset);
      return register === returnAddress && frame.isSigned && value !== undefined ? unsigned(value) : value;
    }
    case 'value-offset':
      return base === undefined ? undefined : BigInt.asUintN(64, base + rule.offset);
    case 'register':
      return context.register?.(rule.register);
    case 'expression': {
      const address = base && evaluateNumber(rule.expression, context, [known(base)]).value;
      return address === undefined ? undefined : stored(address);
    }
    case 'value-expression':
      return base && evaluateNumber(rule.expression, context, [known(base)]).value;
  }
}

/** Whether nothing is known of a caller's register, whatever the called function has in its own. */
export function isLost(
  frame: CallFrame,
  register: number,
  { stackPointer, preserved }: Pick<DwarfRegisters, 'stackPointer' | 'preserved'>,
): boolean {
  const rule = frame.registers.get(register);
  return rule === undefined ? register !== stackPointer && !preserved.includes(register) : rule.kind === 'undefined';
}

/** A return address of arm64 without its signature, which is above bit 55 of the kernel's (and 47 or 51, by its size). */
function unsigned(value: bigint): bigint {
  return BigInt.asUintN(64, value | 0xff80_0000_0000_0000n);
}
