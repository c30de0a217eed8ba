import { type ExpressionEncoding, type ExpressionOperation, readOperation, registerOf } from './expression.ts';
import {
  based,
  known,
  type Location,
  type MissingReason,
  missing,
  type Piece,
  plus,
  type Quantity,
} from './expression-location.ts';
import { Operation } from './expression-operations.ts';
import {
  binary,
  convert,
  type ExpressionType,
  generic,
  reinterpret,
  type StackValue,
  unary,
  unknownValue,
} from './expression-value.ts';

/** No compiler writes a tenth; what loops is stopped. */
const mostSteps = 10_000;
const mostValues = 1024;
const deepestCall = 16;
const mostPieces = 1024;
/** Bits of a piece: more than any variable has. */
const largestPiece = 1 << 30;

/** What expressions ask of the machine and of the debug information. What is absent or undefined is not known. */
export interface ExpressionContext {
  readonly encoding: ExpressionEncoding;
  /** A register by its DWARF number. */
  register?(register: number): bigint | undefined;
  /** A number of 1 to 8 bytes in memory. */
  memory?(address: bigint, size: number): bigint | undefined;
  /** The call frame address of the frame. */
  callFrameAddress?(): bigint | undefined;
  /** What `DW_AT_frame_base` of the function says. */
  frameBase?(): Quantity;
  /** What an expression gave when the function was entered. */
  entryValue?(expression: Uint8Array): Quantity;
  /** Where an address of the file is in the running kernel. */
  runtimeAddress?(address: bigint): bigint | undefined;
  /** The address or constant with an index of `.debug_addr`. */
  indexed?(index: number): bigint | undefined;
  /** The base type whose entry is at an offset of the unit. */
  baseType?(offset: number): ExpressionType | undefined;
  /** The expression of another entry: at an offset of the unit, or with `global` of `.debug_info`. */
  expressionOf?(offset: number, global: boolean): Uint8Array | undefined;
  /** What the caller passed for a parameter, whose entry is at an offset of the unit. */
  parameter?(offset: number): Quantity;
  /** The value of the variable whose entry is at an offset of `.debug_info`. */
  variable?(entry: number): Quantity;
  /** The object that an expression of a type is about. */
  objectAddress?(): bigint | undefined;
}

/**
 * What an expression says. Pure: all it knows it asks the context for. Never throws: what cannot be told is `unknown`,
 * or a quantity without a value.
 * @param initial numbers that are on the stack first.
 */
export function evaluate(
  expression: Uint8Array,
  context: ExpressionContext,
  initial: readonly Quantity[] = [],
): Location {
  return new Evaluation(context, initial).run(expression);
}

/** The number that an expression gives: of a location in memory its address, of one in a register what is in it. */
export function evaluateNumber(
  expression: Uint8Array,
  context: ExpressionContext,
  initial: readonly Quantity[] = [],
): Quantity {
  const location = evaluate(expression, context, initial);
  switch (location.kind) {
    case 'memory':
      return location.address;
    case 'value':
      return location.content;
    case 'register':
      return registerValue(context, location.register, 0n);
    case 'unknown':
      return { offset: 0n, missing: location.missing };
    case 'bytes':
    case 'implicit-pointer':
    case 'pieces':
    case 'optimized-out':
      return missing('unsupported');
  }
}

function registerValue(context: ExpressionContext, register: number, offset: bigint): Quantity {
  return based({ kind: 'register', register }, context.register?.(register), offset, 'register');
}

/** An expression that makes no sense, or asks for what is not known: there is no place to tell. */
class Stop {
  readonly location: Location;

  constructor(reason: MissingReason) {
    this.location = { kind: 'unknown', missing: { reason } };
  }
}

class Evaluation {
  readonly #context: ExpressionContext;
  readonly #stack: StackValue[];
  readonly #pieces: Piece[] = [];
  /** A place that was named, and not taken by a piece yet. */
  #place: Location | undefined;
  #steps = 0;
  /** Something that went into it is assumed. */
  #isAssumed = false;

  constructor(context: ExpressionContext, initial: readonly Quantity[]) {
    this.#context = context;
    this.#stack = initial.map(generic);
  }

  run(expression: Uint8Array): Location {
    if (expression.length === 0) {
      return { kind: 'optimized-out', why: 'empty' };
    }
    try {
      this.#run(expression, 0);
      return this.#finish();
    } catch (stop) {
      if (stop instanceof Stop) {
        return stop.location;
      }
      throw stop;
    }
  }

  #finish(): Location {
    if (this.#pieces.length > 0) {
      return { kind: 'pieces', pieces: this.#pieces };
    }
    return this.#place ?? this.#memory();
  }

  #memory(): Location {
    return { kind: 'memory', address: this.#marked(this.#pop().quantity) };
  }

  #marked(quantity: Quantity): Quantity {
    return this.#isAssumed ? { ...quantity, isAssumed: true } : quantity;
  }

  #run(expression: Uint8Array, depth: number): void {
    if (depth > deepestCall) {
      throw new Stop('damaged');
    }
    let position = 0;
    while (position < expression.length) {
      if (++this.#steps > mostSteps) {
        throw new Stop('damaged');
      }
      const operation = readOperation(expression, position, this.#context.encoding);
      if (operation === undefined) {
        throw new Stop('unsupported');
      }
      const jump = this.#step(operation, depth);
      position = operation.end + jump;
      if (position < 0 || position > expression.length) {
        throw new Stop('damaged');
      }
    }
  }

  /** Does one operation; returns how far to jump behind it. */
  #step(operation: ExpressionOperation, depth: number): number {
    const { code, operands } = operation;
    const context = this.#context;
    const first = operands[0] ?? 0n;
    const second = operands[1] ?? 0n;
    if (code >= Operation.lit0 && code <= Operation.lit31) {
      this.#push(known(BigInt(code - Operation.lit0)));
      return 0;
    }
    if (code >= Operation.reg0 && code <= Operation.reg31) {
      this.#settle({ kind: 'register', register: registerOf(code) });
      return 0;
    }
    if (code >= Operation.breg0 && code <= Operation.breg31) {
      this.#push(registerValue(context, registerOf(code), first));
      return 0;
    }
    switch (code) {
      case Operation.addr:
        this.#push(this.#fileAddress(first));
        return 0;
      case Operation.addrx:
      case Operation.gnuAddrIndex: {
        const address = context.indexed?.(Number(first));
        this.#push(address === undefined ? missing('damaged') : this.#fileAddress(address));
        return 0;
      }
      case Operation.constx:
      case Operation.gnuConstIndex: {
        const constant = context.indexed?.(Number(first));
        this.#push(constant === undefined ? missing('damaged') : known(constant));
        return 0;
      }
      case Operation.const1u:
      case Operation.const1s:
      case Operation.const2u:
      case Operation.const2s:
      case Operation.const4u:
      case Operation.const4s:
      case Operation.const8u:
      case Operation.const8s:
      case Operation.constu:
      case Operation.consts:
        this.#push(known(BigInt.asUintN(64, first)));
        return 0;
      case Operation.constType:
      case Operation.gnuConstType:
        this.#constant(Number(first), operation.block);
        return 0;
      case Operation.dup:
        this.#stackUp(this.#at(0));
        return 0;
      case Operation.drop:
        this.#pop();
        return 0;
      case Operation.over:
        this.#stackUp(this.#at(1));
        return 0;
      case Operation.pick:
        this.#stackUp(this.#at(Number(first)));
        return 0;
      case Operation.swap:
        this.#turn(2);
        return 0;
      case Operation.rot:
        this.#turn(3);
        return 0;
      case Operation.abs:
      case Operation.neg:
      case Operation.not:
        this.#stackUp(unary(code, this.#pop(), this.#addressSize));
        return 0;
      case Operation.and:
      case Operation.div:
      case Operation.minus:
      case Operation.mod:
      case Operation.mul:
      case Operation.or:
      case Operation.plus:
      case Operation.shl:
      case Operation.shr:
      case Operation.shra:
      case Operation.xor:
      case Operation.eq:
      case Operation.ge:
      case Operation.gt:
      case Operation.le:
      case Operation.lt:
      case Operation.ne: {
        const right = this.#pop();
        this.#stackUp(binary(code, this.#pop(), right, this.#addressSize));
        return 0;
      }
      case Operation.plusUconst: {
        const { type, quantity } = this.#pop();
        const sum = type === undefined ? generic(plus(quantity, first)) : undefined;
        this.#stackUp(
          sum ??
            binary(
              Operation.plus,
              { quantity, ...(type && { type }) },
              { quantity: known(first), ...(type && { type }) },
              this.#addressSize,
            ),
        );
        return 0;
      }
      case Operation.skip:
        return Number(first);
      case Operation.bra: {
        const { value, missing: why } = this.#pop().quantity;
        if (value === undefined) {
          throw new Stop(why?.reason ?? 'damaged');
        }
        return value === 0n ? 0 : Number(first);
      }
      case Operation.deref:
        this.#dereference(this.#addressSize);
        return 0;
      case Operation.derefSize:
        this.#dereference(Number(first));
        return 0;
      case Operation.derefType:
      case Operation.gnuDerefType:
        this.#dereference(Number(first), this.#typeOf(second));
        return 0;
      case Operation.regx:
        this.#settle({ kind: 'register', register: Number(first) });
        return 0;
      case Operation.bregx:
        this.#push(registerValue(context, Number(first), second));
        return 0;
      case Operation.regvalType:
      case Operation.gnuRegvalType: {
        const value = generic(registerValue(context, Number(first), 0n));
        this.#stackUp(convert(value, this.#typeOf(second), this.#addressSize));
        return 0;
      }
      case Operation.fbreg:
        this.#push(plus(context.frameBase?.() ?? missing('frame-base'), first));
        return 0;
      case Operation.callFrameCfa:
        this.#push(based({ kind: 'call-frame' }, context.callFrameAddress?.(), 0n, 'frame-base'));
        return 0;
      case Operation.convert:
      case Operation.gnuConvert:
        this.#stackUp(convert(this.#pop(), first === 0n ? undefined : this.#typeOf(first), this.#addressSize));
        return 0;
      case Operation.reinterpret:
      case Operation.gnuReinterpret:
        this.#stackUp(reinterpret(this.#pop(), first === 0n ? undefined : this.#typeOf(first), this.#addressSize));
        return 0;
      case Operation.entryValue:
      case Operation.gnuEntryValue:
        this.#push(context.entryValue?.(operation.block ?? new Uint8Array(0)) ?? this.#entryRegister(operation.block));
        return 0;
      case Operation.gnuParameterRef:
        this.#push(context.parameter?.(Number(first)) ?? missing('caller'));
        return 0;
      case Operation.gnuVariableValue:
        this.#push(context.variable?.(Number(first)) ?? missing('unsupported'));
        return 0;
      case Operation.stackValue:
        this.#settle({ kind: 'value', content: this.#marked(this.#pop().quantity) });
        return 0;
      case Operation.implicitValue:
        this.#settle({ kind: 'bytes', bytes: operation.block ?? new Uint8Array(0) });
        return 0;
      case Operation.implicitPointer:
      case Operation.gnuImplicitPointer:
        this.#settle({ kind: 'implicit-pointer', entry: Number(first), offset: second });
        return 0;
      case Operation.piece:
        this.#piece(8n * first, 0n);
        return 0;
      case Operation.bitPiece:
        this.#piece(first, second);
        return 0;
      case Operation.call2:
      case Operation.call4:
      case Operation.callRef: {
        const called = context.expressionOf?.(Number(first), code === Operation.callRef);
        // An entry without a location adds nothing (2.5.1.5).
        if (called !== undefined) {
          this.#run(called, depth + 1);
        }
        return 0;
      }
      case Operation.pushObjectAddress: {
        const address = context.objectAddress?.();
        this.#push(address === undefined ? missing('object') : known(address));
        return 0;
      }
      case Operation.formTlsAddress:
      case Operation.gnuPushTlsAddress:
        this.#pop();
        this.#push(missing('thread'));
        return 0;
      case Operation.xderef:
      case Operation.xderefSize:
      case Operation.xderefType:
        // Other address spaces: none of the machines that run Linux has them.
        this.#pop();
        this.#pop();
        this.#push(missing('unsupported'));
        return 0;
      case Operation.nop:
      // The variable may not be initialized yet: what is in its place is its value all the same.
      case Operation.gnuUninit:
        return 0;
      default:
        throw new Stop('unsupported');
    }
  }

  get #addressSize(): number {
    return this.#context.encoding.addressSize;
  }

  #push(quantity: Quantity): void {
    this.#isAssumed ||= quantity.isAssumed === true;
    this.#stackUp(generic(this.#addressSize === 8 ? quantity : narrowed(quantity)));
  }

  #stackUp(value: StackValue): void {
    // What follows a place belongs to a piece, which begins a new one.
    if (this.#place !== undefined || this.#stack.length >= mostValues) {
      throw new Stop('damaged');
    }
    this.#stack.push(value);
  }

  #pop(): StackValue {
    const value = this.#stack.pop();
    if (value === undefined) {
      throw new Stop('damaged');
    }
    return value;
  }

  /** The number below `depth` others. */
  #at(depth: number): StackValue {
    const value = this.#stack[this.#stack.length - 1 - depth];
    if (value === undefined) {
      throw new Stop('damaged');
    }
    return value;
  }

  /** Moves the number on top below others, of `count` in all. */
  #turn(count: number): void {
    const top = this.#pop();
    if (this.#stack.length < count - 1) {
      throw new Stop('damaged');
    }
    this.#stack.splice(this.#stack.length - (count - 1), 0, top);
  }

  #settle(place: Location): void {
    if (this.#place !== undefined) {
      throw new Stop('damaged');
    }
    this.#place = place;
  }

  #piece(bits: bigint, skip: bigint): void {
    if (bits > largestPiece || skip > largestPiece || this.#pieces.length >= mostPieces) {
      throw new Stop('damaged');
    }
    const isEmpty = this.#place === undefined && this.#stack.length === 0;
    const location: Location = isEmpty ? { kind: 'optimized-out', why: 'empty' } : (this.#place ?? this.#memory());
    this.#place = undefined;
    this.#pieces.push({ bits: Number(bits), skip: Number(skip), location });
  }

  #fileAddress(address: bigint): Quantity {
    const value = this.#context.runtimeAddress?.(address);
    const offset = BigInt.asIntN(64, address);
    return value === undefined
      ? { base: { kind: 'file' }, offset, missing: { reason: 'address' } }
      : { value, base: { kind: 'file' }, offset };
  }

  /** What a register was on entry, if nobody knows more: its name at least. */
  #entryRegister(expression: Uint8Array | undefined): Quantity {
    const register = entryRegisterOf(expression, this.#context.encoding);
    return register === undefined
      ? missing('caller')
      : based({ kind: 'entry-register', register }, undefined, 0n, 'caller');
  }

  #typeOf(offset: bigint): ExpressionType {
    const type = this.#context.baseType?.(Number(offset));
    if (type === undefined) {
      throw new Stop('type');
    }
    return type;
  }

  #constant(typeOffset: number, block: Uint8Array | undefined): void {
    const type = this.#typeOf(BigInt(typeOffset));
    if (block === undefined || block.length !== type.size || type.size > 16) {
      this.#stackUp(unknownValue('type', type));
      return;
    }
    const bytes = this.#context.encoding.littleEndian ? Uint8Array.from(block).reverse() : block;
    const value = BigInt(`0x0${Buffer.from(bytes).toString('hex')}`);
    this.#stackUp({ quantity: known(value), type });
  }

  #dereference(size: number, type?: ExpressionType): void {
    const { value, missing: why } = this.#pop().quantity;
    const typed = type && { type };
    if (size < 1 || size > 8) {
      throw new Stop('unsupported');
    }
    if (value === undefined) {
      this.#stackUp({ quantity: { offset: 0n, missing: why ?? { reason: 'damaged' } }, ...typed });
      return;
    }
    const read = this.#context.memory?.(value, size);
    this.#stackUp({ quantity: read === undefined ? missing('memory') : known(read), ...typed });
  }
}

/** Numbers of machines with 32 bits. */
function narrowed(quantity: Quantity): Quantity {
  return quantity.value === undefined ? quantity : { ...quantity, value: BigInt.asUintN(32, quantity.value) };
}

/** The register that an expression of an entry value consists of; undefined where it is something else. */
export function entryRegisterOf(expression: Uint8Array | undefined, encoding: ExpressionEncoding): number | undefined {
  const operation = expression && readOperation(expression, 0, encoding);
  if (operation === undefined || operation.end !== expression?.length) {
    return undefined;
  }
  const { code, operands } = operation;
  if (code >= Operation.reg0 && code <= Operation.reg31) {
    return registerOf(code);
  }
  return code === Operation.regx ? Number(operands[0] ?? 0n) : undefined;
}
