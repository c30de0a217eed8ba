import { isClone } from './calling-convention.ts';
import { followBack, type Step } from './follow.ts';
import { isRelative } from './follow-operands.ts';
import type { FunctionText } from './function-text.ts';
import type { DecodedMemory } from './instruction.ts';
import {
  type AddressExpression,
  addressOfMember,
  addressOfTyped,
  type Expression,
  isTypedPointer,
  memberAt,
} from './names-expression.ts';
import { globalType } from './names-globals.ts';
import type { VariablesInCode } from './names-variables.ts';

/** A part of memory that an instruction names. */
export interface NamedPlace {
  readonly memory: DecodedMemory;
  /** Bytes from the operand's beginning; of pairs. */
  readonly offset: number;
  readonly size: number;
}

/** Values that were loaded through values that were loaded. */
const deepest = 4;

/** Before the first of a function's own instructions come those that ftrace and signed return addresses need. */
const firstInstructions = [0, 4];

/** Names in the source for the registers and operands of one function. */
export class CodeNames {
  readonly #text: FunctionText;
  readonly variables: VariablesInCode;
  /** Of the file, as the debug information has them. */
  readonly #addressOf: (nth: number) => number;

  constructor(text: FunctionText, variables: VariablesInCode, addressOf: (nth: number) => number) {
    this.#text = text;
    this.variables = variables;
    this.#addressOf = addressOf;
  }

  /** What an operand of an instruction is in the source; undefined if the debug information does not tell. */
  operand(nth: number, { memory, offset, size }: NamedPlace, depth = 0): Expression | undefined {
    const { base, index, segment, displacement } = memory;
    if (segment !== undefined || base === undefined || isRelative(base)) return this.#global(nth, size);
    const at = displacement + BigInt(offset);
    const named: Expression[] = [];
    for (const address of this.#candidates(base, nth, depth)) {
      const place = { ...address, offset: address.offset + at };
      const found = index === undefined ? memberAt(place, size) : elementAt(place, memory, size);
      if (found === undefined) continue;
      if (found.certain) return found;
      named.push(found);
    }
    return named[0];
  }

  /** What a register that an instruction reads is in the source. */
  register(nth: number, register: string, value?: bigint, depth = 0): Expression | undefined {
    const [first] = this.#candidates(register, nth, depth, value).filter(
      ({ isPointer, offset }) => isPointer && offset === 0n,
    );
    return first?.expression;
  }

  /**
   * What the pointer in a register is in the source: `done`, `&port->lock`. The parameters of helpers, which are named
   * after nothing in particular, come last. `isType`: of what it points to; what begins with such a member is taken down
   * to that.
   */
  pointer(nth: number, register: string, isType?: (typeName: string) => boolean): string | undefined {
    const here = this.variables.addressedBy(register, this.#addressOf(nth));
    const isOwn = ({ expression }: AddressExpression): boolean => !this.variables.isHelper(expression.function);
    const first = (found: readonly AddressExpression[], text: (address: AddressExpression) => string | undefined) =>
      found.filter(({ expression }) => expression.certain).flatMap((address) => text(address) ?? [])[0];
    // To follow the value back takes longer than to ask what is there.
    const own = here.filter(isOwn);
    const atOnce = first(own, isType === undefined ? addressOfMember : (address) => addressOfTyped(address, isType));
    if (atOnce !== undefined) return atOnce;
    const found = [...own, ...this.#byOrigin(register, nth, 0, undefined), ...here];
    const typed = isType && first(found, (address) => addressOfTyped(address, isType));
    return typed ?? first(found, addressOfMember);
  }

  /** What address a step computed, as `&x->wait`. */
  computed(step: Extract<Step, { readonly kind: 'address' }>): string | undefined {
    const { base, index, displacement } = step.memory;
    if (base === undefined || index !== undefined || isRelative(base)) return undefined;
    const [address] = this.#candidates(base, step.nth, 1);
    if (address?.expression.certain !== true) return undefined;
    return addressOfMember({ ...address, offset: address.offset + displacement });
  }

  /** The parameter that the function was given in a register. */
  parameter(register: string, index: number): Expression | undefined {
    const addresses = firstInstructions.map((nth) => this.#addressOf(nth));
    return this.variables.parameter(addresses, register, isClone(this.#text.name ?? '') ? undefined : index);
  }

  /** Where a register's value came from, by the code. */
  steps(nth: number, register: string, value?: bigint): readonly Step[] {
    const options = { from: nth, register, ...(value !== undefined && { value }) };
    return followBack(this.#text.code, options, this.#text.calls);
  }

  /** Expressions for what a register holds at an instruction: pointers to what is known first. */
  #candidates(register: string, nth: number, depth: number, value?: bigint): AddressExpression[] {
    const here = this.variables.addressedBy(register, this.#addressOf(nth));
    const typed = here.filter(({ expression, isPointer }) => !isPointer || isTypedPointer(expression));
    if (typed.length > 0 || depth >= deepest) return typed.length > 0 ? typed : here;
    return [...this.#byOrigin(register, nth, depth, value), ...here];
  }

  /** By where the value came from: variables are often in a register only up to where they are used last. */
  #byOrigin(register: string, nth: number, depth: number, value: bigint | undefined): AddressExpression[] {
    let offset = 0n;
    for (const step of this.steps(nth, register, value)) {
      const found = this.#byStep(step, depth);
      if (found.length > 0)
        return found.map((each) => ({
          ...each,
          offset: each.offset + offset,
          expression: { ...each.expression, certain: each.expression.certain && step.certain },
        }));
      // How far an index reaches is not known.
      if (step.kind === 'address' && step.memory.index !== undefined) return [];
      if (step.kind === 'address') offset += step.memory.displacement;
      else if (step.kind !== 'copy' && step.kind !== 'spill') return [];
      else if (step.kind === 'copy' && step.bits !== undefined && step.bits < 32) return [];
    }
    return [];
  }

  #byStep(step: Step, depth: number): AddressExpression[] {
    switch (step.kind) {
      case 'load': {
        const { memory, offset, size, nth } = step;
        return asPointer(this.operand(nth, { memory, offset, size }, depth + 1));
      }
      case 'copy': {
        // The second part of an address of arm64 may be nothing to add.
        const constant = this.#globalAddress(step.nth);
        return constant.length > 0 ? constant : this.variables.addressedBy(step.from, this.#addressOf(step.nth));
      }
      case 'argument':
        return asPointer(this.parameter(step.register, step.index));
      case 'call':
        return asPointer(this.#result(step.nth));
      case 'address': {
        const { base, index } = step.memory;
        if (index !== undefined) return [];
        if (base === undefined || isRelative(base)) return this.#globalAddress(step.nth);
        const relocated = this.#globalAddress(step.nth);
        if (relocated.length > 0) return [];
        return this.variables.addressedBy(base, this.#addressOf(step.nth)).map((each) => ({
          ...each,
          offset: each.offset + step.memory.displacement,
        }));
      }
      case 'constant':
        return this.#globalAddress(step.nth);
      case 'spill':
      case 'arithmetic':
      case 'unknown':
        return [];
    }
  }

  /** What a call returned, as an expression. */
  #result(nth: number): Expression | undefined {
    const placed = this.#text.code.instructions[nth];
    const called = placed?.instruction.flow === 'call' ? this.#text.references?.of(placed) : undefined;
    if (called === undefined || called.offset !== 0) return undefined;
    return this.#named(nth, called.name, 'function', `${called.name}()`);
  }

  /** A variable outside of functions at a constant address. */
  #global(nth: number, size: number): Expression | undefined {
    const [address] = this.#globalAddress(nth);
    return address && memberAt(address, size);
  }

  #globalAddress(nth: number): AddressExpression[] {
    const placed = this.#text.code.instructions[nth];
    const reference = placed && this.#text.references?.of(placed);
    if (reference === undefined || reference.isCode) return [];
    const expression = this.#named(nth, reference.name, 'variable', reference.name);
    return expression === undefined ? [] : [{ expression, isPointer: false, offset: BigInt(reference.offset) }];
  }

  #named(nth: number, name: string, kind: 'variable' | 'function', text: string): Expression | undefined {
    const address = this.#addressOf(nth);
    const found = this.variables.unitAt(address);
    const type = found && this.variables.reader.guard(() => globalType(found.unit, found.tools, name, kind));
    if (found === undefined || type === undefined || (type.type === undefined && kind === 'function')) return undefined;
    const scope = this.variables.reader.scopesAt(address).at(-1);
    return {
      text,
      tools: found.tools,
      type: type.type,
      function: scope?.name ?? '',
      kind: 'member',
      certain: true,
    };
  }
}

function asPointer(expression: Expression | undefined): AddressExpression[] {
  return expression === undefined ? [] : [{ expression, isPointer: true, offset: 0n }];
}

/** An element of an array whose index is in a register: which one is not known here. */
function elementAt(
  { expression, isPointer, offset }: AddressExpression,
  memory: DecodedMemory,
  size: number,
): Expression | undefined {
  const { tools } = expression;
  const { types } = tools;
  const plain = types.type(types.plain(expression.type));
  // p[i] of a pointer to elements that are as large as the factor.
  if (isPointer && plain.kind === 'pointer' && offset === 0n && types.sizeOf(plain.target) === memory.scale)
    return { ...expression, text: `${expression.text}[]`, type: plain.target, kind: 'member' };
  const first = memberAt({ expression, isPointer, offset }, size);
  if (first === undefined || !first.text.endsWith('[0]')) return undefined;
  return { ...first, text: first.text.replace(/\[0\]$/, '[]') };
}
