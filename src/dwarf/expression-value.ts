import { type Missing, type MissingReason, missing, plus, type Quantity } from './expression-location.ts';
import { Operation } from './expression-operations.ts';

/** A base type that expressions compute with (DWARF 5, 2.5.1). */
export interface ExpressionType {
  /** Bytes. */
  readonly size: number;
  readonly kind: 'signed' | 'unsigned' | 'float';
}

/** A number on the stack; without a type it is as wide as an address, with a sign only where the standard says so. */
export interface StackValue {
  readonly quantity: Quantity;
  readonly type?: ExpressionType;
}

/** The widest type that is computed with. */
const largestSize = 16;

export function generic(quantity: Quantity): StackValue {
  return { quantity };
}

export function unknownValue(reason: MissingReason, type?: ExpressionType): StackValue {
  return { quantity: missing(reason), ...(type && { type }) };
}

function widthOf(type: ExpressionType | undefined, addressSize: number): number {
  return 8 * (type?.size ?? addressSize);
}

/** The number with the sign that its type has; one without a type counts as signed, as comparisons and division take it. */
function signedOf(value: bigint, type: ExpressionType | undefined, addressSize: number): bigint {
  return type?.kind === 'unsigned' ? value : BigInt.asIntN(widthOf(type, addressSize), value);
}

function truncated(value: bigint, type: ExpressionType | undefined, addressSize: number): Quantity {
  return { value: BigInt.asUintN(widthOf(type, addressSize), value), offset: 0n };
}

/** An operation on the number on top. */
export function unary(code: number, operand: StackValue, addressSize: number): StackValue {
  const { quantity, type } = operand;
  const { value } = quantity;
  const typed = type && { type };
  if (value === undefined) {
    return { quantity: gone(quantity.missing), ...typed };
  }
  if (type?.kind === 'float') {
    return unknownValue('type', type);
  }
  const number = signedOf(value, type, addressSize);
  switch (code) {
    case Operation.abs:
      return { quantity: truncated(number < 0n ? -number : number, type, addressSize), ...typed };
    case Operation.neg:
      return { quantity: truncated(-number, type, addressSize), ...typed };
    case Operation.not:
      return { quantity: truncated(~number, type, addressSize), ...typed };
    default:
      return unknownValue('unsupported');
  }
}

/** An operation on the two numbers on top, `right` the upper one. */
export function binary(code: number, left: StackValue, right: StackValue, addressSize: number): StackValue {
  const isShift = code === Operation.shl || code === Operation.shr || code === Operation.shra;
  const { type } = left;
  const typed = type && { type };
  if (type?.kind === 'float' || right.type?.kind === 'float') {
    return unknownValue('type', type);
  }
  // Both must be of one type (2.5.1.4), but for what a number is shifted by.
  if (!isShift && (type?.size !== right.type?.size || type?.kind !== right.type?.kind)) {
    return unknownValue('damaged', type);
  }
  const from = moved(code, left, right);
  if (from !== undefined && type === undefined && addressSize === 8) {
    return generic(from);
  }
  const a = left.quantity.value;
  const b = right.quantity.value;
  if (a === undefined || b === undefined) {
    return { quantity: gone(left.quantity.missing ?? right.quantity.missing), ...typed };
  }
  const result = compute(code, a, b, type, addressSize);
  if (result === undefined) {
    return unknownValue('arithmetic', type);
  }
  // What a comparison says is of no type.
  return typeof result === 'boolean'
    ? generic({ value: result ? 1n : 0n, offset: 0n })
    : { quantity: truncated(result, type, addressSize), ...typed };
}

/** A sum or difference of a number that counts from a base and a constant, which still counts from that base. */
function moved(code: number, { quantity: left }: StackValue, { quantity: right }: StackValue): Quantity | undefined {
  if (code === Operation.plus) {
    if (left.base !== undefined && right.base === undefined && right.value !== undefined) {
      return plus(left, right.value);
    }
    if (right.base !== undefined && left.base === undefined && left.value !== undefined) {
      return plus(right, left.value);
    }
  }
  if (code === Operation.minus && left.base !== undefined && right.base === undefined && right.value !== undefined) {
    return plus(left, -right.value);
  }
  return undefined;
}

function gone(why: Missing | undefined): Quantity {
  return { offset: 0n, missing: why ?? { reason: 'damaged' } };
}

function compute(
  code: number,
  a: bigint,
  b: bigint,
  type: ExpressionType | undefined,
  addressSize: number,
): bigint | boolean | undefined {
  const width = BigInt(widthOf(type, addressSize));
  const left = signedOf(a, type, addressSize);
  const right = signedOf(b, type, addressSize);
  switch (code) {
    case Operation.and:
      return a & b;
    case Operation.or:
      return a | b;
    case Operation.xor:
      return a ^ b;
    case Operation.plus:
      return a + b;
    case Operation.minus:
      return a - b;
    case Operation.mul:
      return a * b;
    case Operation.div:
      return right === 0n ? undefined : left / right;
    case Operation.mod:
      // Without a type the remainder is that of numbers without a sign, unlike the quotient (2.5.1.4).
      if (type === undefined) {
        return b === 0n ? undefined : a % b;
      }
      return right === 0n ? undefined : left % right;
    case Operation.shl:
      return b >= width ? 0n : a << b;
    case Operation.shr:
      return b >= width ? 0n : a >> b;
    case Operation.shra: {
      const signed = BigInt.asIntN(Number(width), a);
      return signed >> (b >= width ? width : b);
    }
    case Operation.eq:
      return left === right;
    case Operation.ne:
      return left !== right;
    case Operation.lt:
      return left < right;
    case Operation.le:
      return left <= right;
    case Operation.gt:
      return left > right;
    case Operation.ge:
      return left >= right;
    default:
      return undefined;
  }
}

/** A number as one of another type: its value stays, as far as it fits; undefined is the generic type. */
export function convert(operand: StackValue, type: ExpressionType | undefined, addressSize: number): StackValue {
  const { quantity, type: before } = operand;
  const typed = type && { type };
  if (type?.kind === 'float' || before?.kind === 'float') {
    return unknownValue('type', type);
  }
  if ((type?.size ?? 0) > largestSize) {
    return unknownValue('type', type);
  }
  const from = widthOf(before, addressSize);
  const to = widthOf(type, addressSize);
  if (to === from) {
    return { quantity, ...typed };
  }
  if (quantity.value === undefined) {
    return { quantity: gone(quantity.missing), ...typed };
  }
  // The generic type has no sign where it grows: DWARF leaves it open, and gdb takes it so.
  const value = before?.kind === 'signed' ? BigInt.asIntN(from, quantity.value) : quantity.value;
  return { quantity: truncated(value, type, addressSize), ...typed };
}

/** The bits of a number as one of another type, which must be as wide. */
export function reinterpret(operand: StackValue, type: ExpressionType | undefined, addressSize: number): StackValue {
  const isSame = widthOf(operand.type, addressSize) === widthOf(type, addressSize);
  return isSame ? { quantity: operand.quantity, ...(type && { type }) } : unknownValue('damaged', type);
}
