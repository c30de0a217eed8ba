import type { DwarfRegisters } from '../arch/dwarf-registers.ts';
import type { CallFrame } from './call-frame-table.ts';
import { isLost, unwind } from './call-frame-unwind.ts';
import type { CallParameter, CallSite } from './call-site.ts';
import { Attribute } from './constants.ts';
import type { PlacedEntry } from './entry-reader.ts';
import { type ExpressionContext, entryRegisterOf, evaluate, evaluateNumber } from './expression-evaluate.ts';
import { based, known, type Location, missing, type Quantity } from './expression-location.ts';
import type { ScopeVariable, WantedVariables } from './scope-variables.ts';
import { encodingOf, type FunctionScope, type VariableReader } from './variables.ts';
import { readLocation, type ValueResult } from './variables-value.ts';

/** How often one question may ask what callers passed: some times for each variable of each frame. */
const mostGiven = 10_000;

/** What is known of the machine where it stopped. */
export interface MachineState {
  /** A register by its DWARF number. */
  register(register: number): bigint | undefined;
  /** A number of 1, 2, 4 or 8 bytes of memory: of the stack that a log prints, of constants in the file. */
  memory?(address: bigint, size: number): bigint | undefined;
}

/**
 * A frame of a trace, by an address of the file. Frames must follow each other on one stack without any left out:
 * where an exception or an interrupt came between, a new chain begins with the registers printed there.
 */
export interface StackFrame {
  /** Of the file that the frame's code is in: the kernel, or a module. */
  readonly reader: VariableReader;
  readonly address: number;
  /** The address is where a call returns to, and not where the processor was. */
  readonly isReturn: boolean;
  /** Where an address of the file was in the running kernel. */
  runtimeAddress?(address: bigint): bigint | undefined;
  /** A register of this frame by its DWARF number, where whoever unwound the stack knows it. */
  register?(register: number): bigint | undefined;
}

/** A variable with its place and its value. */
export interface LocatedVariable {
  readonly variable: ScopeVariable;
  readonly location: Location;
  /** Of what has up to 8 bytes; for larger ones the reason is `type`, and the location tells. */
  readonly value: ValueResult;
}

/** A function of a frame with what it has. */
export interface LocatedScope {
  readonly scope: FunctionScope;
  readonly variables: readonly LocatedVariable[];
}

/** What a caller passed. */
interface Passed {
  readonly site: CallSite;
  /** The caller's. */
  readonly context: ExpressionContext;
  readonly encoding: ExpressionContext['encoding'];
  readonly isAssumed: boolean;
}

interface FrameState {
  readonly frame: StackFrame;
  /** An address within the instruction: of calls before the return address. */
  readonly inside: number;
  scopes: readonly FunctionScope[] | undefined;
  context: ExpressionContext | undefined;
  rules: CallFrame | undefined | null;
  callFrame: bigint | undefined | null;
  passed: Passed | undefined | null;
  /** Registers as they are in this frame. */
  readonly registers: Map<number, bigint | undefined>;
}

/** Places and values of the variables of a stack of frames. Everything is found out when it is asked for. */
export class FrameVariables {
  readonly #machine: MachineState;
  readonly #registers: DwarfRegisters;
  readonly #states: readonly FrameState[];
  #asked = 0;

  /** @param frames from the innermost on, whose registers the machine's are. */
  constructor(frames: readonly StackFrame[], machine: MachineState, registers: DwarfRegisters) {
    this.#machine = machine;
    this.#registers = registers;
    this.#states = frames.map((frame) => ({
      frame,
      inside: frame.isReturn ? frame.address - 1 : frame.address,
      scopes: undefined,
      context: undefined,
      rules: null,
      callFrame: null,
      passed: null,
      registers: new Map(),
    }));
  }

  /** The functions of a frame, innermost first, with places and values of all that they have in scope. */
  scopes(nth: number): readonly LocatedScope[] {
    return this.functions(nth).map((scope) => ({ scope, variables: this.#locateAll(nth, scope, scope.variables) }));
  }

  /** The functions of a frame, innermost first. */
  functions(nth: number): readonly FunctionScope[] {
    const state = this.#states[nth];
    return state === undefined ? [] : this.#scopesOf(state);
  }

  /** Those variables of a function of a frame that are wanted. */
  located(nth: number, scope: FunctionScope, wanted: WantedVariables): readonly LocatedVariable[] {
    return this.#locateAll(nth, scope, scope.some(wanted));
  }

  /** What reads the types of the unit that a frame's code is of. */
  unit(nth: number): ReturnType<VariableReader['unitAt']> {
    const state = this.#states[nth];
    return state?.frame.reader.unitAt(state.inside);
  }

  /** The parameters of the functions of a frame, as far as they are still known. */
  arguments(nth: number): readonly LocatedScope[] {
    return this.functions(nth).map((scope) => ({ scope, variables: this.located(nth, scope, { kind: 'parameter' }) }));
  }

  /** A register of a frame: of outer ones where the functions above did not use it, or the stack was printed. */
  register(nth: number, register: number): bigint | undefined {
    const state = this.#states[nth];
    if (state === undefined) {
      return undefined;
    }
    if (nth === 0) {
      return this.#machine.register(register);
    }
    if (!state.registers.has(register)) {
      // An answer that needs itself has none.
      state.registers.set(register, undefined);
      state.registers.set(register, state.frame.register?.(register) ?? this.#unwound(nth, register));
    }
    return state.registers.get(register);
  }

  /** What is at a place of a frame, `offset` bytes from its start. */
  read(nth: number, scope: FunctionScope, location: Location, offset: number, size: number): ValueResult {
    return readLocation(location, offset, size, this.#context(nth, scope.entry, scope));
  }

  #scopesOf(state: FrameState): readonly FunctionScope[] {
    state.scopes ??= state.frame.reader.scopesAt(state.inside);
    return state.scopes;
  }

  #locateAll(nth: number, scope: FunctionScope, variables: readonly ScopeVariable[]): readonly LocatedVariable[] {
    if (variables.length === 0) {
      return [];
    }
    this.#asked = 0;
    const context = this.#context(nth, scope.entry, scope);
    const reader = this.#states[nth]?.frame.reader;
    return variables.map((variable) => {
      const location = locate(variable, context);
      const size = reader?.guard(() => scope.tools.types.sizeOf(variable.type));
      const value: ValueResult =
        location.kind === 'optimized-out' ? { kind: 'optimized-out' } : readLocation(location, 0, size ?? 0, context);
      return { variable, location, value };
    });
  }

  /** The function that was compiled for a frame, which the inlined ones are in. */
  #compiled(nth: number): FunctionScope | undefined {
    const state = this.#states[nth];
    return state && this.#scopesOf(state).at(-1);
  }

  #context(nth: number, entry: PlacedEntry, scope: FunctionScope): ExpressionContext {
    const state = this.#states[nth];
    if (state?.context !== undefined) {
      return state.context;
    }
    const context = this.#makeContext(nth, entry, scope);
    if (state !== undefined) {
      state.context = context;
    }
    return context;
  }

  #makeContext(nth: number, entry: PlacedEntry, { tools }: FunctionScope): ExpressionContext {
    const { unit } = entry;
    const state = this.#states[nth];
    const inside = state?.inside ?? 0;
    const guard = <Outcome>(action: () => Outcome): Outcome | undefined => state?.frame.reader.guard(action);
    const memory = (address: bigint, size: number): bigint | undefined => this.#machine.memory?.(address, size);
    return {
      encoding: encodingOf(entry),
      register: (register) => this.register(nth, register),
      memory,
      callFrameAddress: () => this.#callFrameAddress(nth),
      frameBase: () => this.#frameBase(nth),
      entryValue: (expression) => this.#entryValue(nth, expression),
      runtimeAddress: (address) => state?.frame.runtimeAddress?.(address),
      indexed: (index) => guard(() => BigInt.asUintN(64, BigInt(unit.addressAt(index)))),
      baseType: (offset) => guard(() => tools.types.expressionType(unit.header.offset + offset)),
      expressionOf: (offset, isGlobal) =>
        guard(() => {
          const called = tools.entries.at(isGlobal ? offset : unit.header.offset + offset, unit);
          const presence = called && tools.variables.presence(called, inside);
          return presence?.kind === 'expression' ? presence.expression : undefined;
        }),
      parameter: (offset) => this.#parameter(nth, unit.header.offset + offset),
      variable: (offset) => this.#variable(nth, offset),
    };
  }

  #callFrameAddress(nth: number): bigint | undefined {
    const state = this.#states[nth];
    if (state === undefined) {
      return undefined;
    }
    if (state.callFrame === null) {
      state.callFrame = undefined;
      const frame = this.#rules(nth)?.frame;
      if (frame?.kind === 'register') {
        const value = this.register(nth, frame.register);
        state.callFrame = value === undefined ? undefined : BigInt.asUintN(64, value + frame.offset);
      } else if (frame !== undefined) {
        const compiled = this.#compiled(nth);
        state.callFrame =
          compiled && evaluateNumber(frame.expression, this.#context(nth, compiled.entry, compiled)).value;
      }
    }
    return state.callFrame;
  }

  #rules(nth: number): CallFrame | undefined {
    const state = this.#states[nth];
    if (state === undefined) {
      return undefined;
    }
    if (state.rules === null) {
      state.rules = state.frame.reader.callFrameAt(state.inside);
    }
    return state.rules;
  }

  /** A register of the caller of the frame before. */
  #unwound(nth: number, register: number): bigint | undefined {
    const callee = nth - 1;
    const rules = this.#rules(callee);
    if (rules === undefined || isLost(rules, register, this.#registers)) {
      return undefined;
    }
    const compiled = this.#compiled(callee);
    if (compiled === undefined) {
      return undefined;
    }
    return unwind(rules, register, this.#registers, {
      ...this.#context(callee, compiled.entry, compiled),
      callFrameAddress: () => this.#callFrameAddress(callee),
    });
  }

  #frameBase(nth: number): Quantity {
    const compiled = this.#compiled(nth);
    const value = compiled?.entry.attributes.get(Attribute.frameBase);
    const state = this.#states[nth];
    const inside = state?.inside ?? 0;
    const expression =
      compiled &&
      value &&
      state?.frame.reader.guard(() => compiled.tools.variables.expression(compiled.entry, value, inside));
    if (expression === undefined || compiled === undefined) {
      return missing('frame-base');
    }
    // A frame base that counts from itself has none.
    const context = { ...this.#context(nth, compiled.entry, compiled), frameBase: () => missing('frame-base') };
    return evaluateNumber(expression, context);
  }

  /** What a register was when the frame's function was entered: what its caller passed. */
  #entryValue(nth: number, expression: Uint8Array): Quantity {
    const compiled = this.#compiled(nth);
    const register = compiled && entryRegisterOf(expression, encodingOf(compiled.entry));
    const nobody = register === undefined ? missing('caller') : entryOf(register, undefined);
    const given = this.#given(nth, ({ location }, encoding) => {
      if (location === undefined) {
        return false;
      }
      const isSameRegister = register !== undefined && entryRegisterOf(location, encoding) === register;
      return isSameRegister || Buffer.compare(location, expression) === 0;
    });
    const { value, isAssumed } = given;
    if (value === undefined) {
      return nobody;
    }
    return { ...(register === undefined ? known(value) : entryOf(register, value)), ...(isAssumed && { isAssumed }) };
  }

  /** What the caller passed for a parameter that the function itself does not take any more. */
  #parameter(nth: number, offset: number): Quantity {
    return this.#given(nth, ({ parameter }) => parameter === offset);
  }

  /** What the caller passed in one place. */
  #given(
    nth: number,
    isWanted: (parameter: CallParameter, encoding: ExpressionContext['encoding']) => boolean,
  ): Quantity {
    // Expressions that ask for what callers passed, whose expressions ask again, could go on without end.
    if (++this.#asked > mostGiven) {
      return missing('caller');
    }
    const passed = this.#passed(nth);
    const parameter = passed?.site.parameters.find((each) => isWanted(each, passed.encoding));
    if (passed === undefined || parameter?.value === undefined) {
      return missing('caller');
    }
    const quantity = evaluateNumber(parameter.value, passed.context);
    const isAssumed = passed.isAssumed || quantity.isAssumed === true;
    return quantity.value === undefined
      ? missing('caller')
      : { ...known(quantity.value), ...(isAssumed && { isAssumed }) };
  }

  #variable(nth: number, offset: number): Quantity {
    const state = this.#states[nth];
    for (const scope of state === undefined ? [] : this.#scopesOf(state)) {
      const variable = scope.variables.find((each) => each.entry === offset);
      if (variable !== undefined && variable.presence.kind !== 'expression') {
        return variable.presence.kind === 'constant' ? known(variable.presence.value) : missing('unsupported');
      }
    }
    return missing('unsupported');
  }

  #passed(nth: number): Passed | undefined {
    const state = this.#states[nth];
    if (state === undefined) {
      return undefined;
    }
    if (state.passed === null) {
      state.passed = this.#findPassed(nth);
    }
    return state.passed;
  }

  /** The call in the frame below that led here, if it is known to be that one. */
  #findPassed(nth: number): Passed | undefined {
    const caller = this.#states[nth + 1];
    const callee = this.#compiled(nth);
    const compiled = this.#compiled(nth + 1);
    if (caller === undefined || !caller.frame.isReturn || callee === undefined || compiled === undefined) {
      return undefined;
    }
    const { sites, variables, entries } = compiled.tools;
    const { reader } = caller.frame;
    const site = reader.guard(() => sites.returningTo(compiled.entry, caller.frame.address));
    if (site === undefined) {
      return undefined;
    }
    const { name } = callee;
    // Where the call is of another function, that one has ended by a jump to this one, and may have changed everything.
    const isCallee = (origin: number): boolean => {
      const called = entries.at(origin);
      return (
        called !== undefined &&
        (variables.text(called, Attribute.linkageName) ?? variables.text(called, Attribute.name)) === name
      );
    };
    const { origin } = site;
    if (origin !== undefined && reader.guard(() => isCallee(origin)) !== true) {
      return undefined;
    }
    const { tools, entry } = callee;
    if (reader.guard(() => tools.sites.callsItselfLast(entry, (each) => isSame(callee, each))) !== false) {
      return undefined;
    }
    const context = this.#context(nth + 1, compiled.entry, compiled);
    return { site, context, isAssumed: origin === undefined, encoding: encodingOf(compiled.entry) };
  }
}

/** Whether an entry is a function's own, or that of its abstract instance or declaration. */
function isSame({ entry, tools }: FunctionScope, origin: number): boolean {
  return (
    origin === entry.offset ||
    origin === tools.entries.reference(entry, Attribute.abstractOrigin) ||
    origin === tools.entries.reference(entry, Attribute.specification)
  );
}

function entryOf(register: number, value: bigint | undefined): Quantity {
  return based({ kind: 'entry-register', register }, value, 0n, 'caller');
}

/** Where a variable is. Without registers in the context it says what its address or value is made of. */
export function locate({ presence }: ScopeVariable, context: ExpressionContext): Location {
  switch (presence.kind) {
    case 'expression':
      return evaluate(presence.expression, context);
    case 'constant':
      return { kind: 'value', content: known(BigInt.asUintN(64, presence.value)) };
    case 'bytes':
      return { kind: 'bytes', bytes: presence.bytes };
    case 'optimized-out':
      return { kind: 'optimized-out', why: presence.why };
    case 'damaged':
      return { kind: 'unknown', missing: { reason: 'damaged' } };
  }
}
