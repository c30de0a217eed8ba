import {
  type CallFacts,
  type Definition,
  type Definitions,
  definitionsOf,
  type Holder,
  isCall,
  partOf,
} from './follow-definitions.ts';
import { computedFrom, isRelative, storedRegisters } from './follow-operands.ts';
import type { FunctionCode } from './function-code.ts';
import type { DecodedInstruction, DecodedMemory } from './instruction.ts';

/** One step of a value's way back. */
export type Step = {
  /** The instruction that took it, an index into the function's. */
  readonly nth?: number;
  /** False if the value may have come another way. */
  readonly certain: boolean;
  /** The other places that it may come from. */
  readonly others: readonly Definition[];
} & (
  | {
      readonly kind: 'load';
      readonly nth: number;
      readonly memory: DecodedMemory;
      /** Bytes from the operand's beginning: of the second register of a pair. */
      readonly offset: number;
      readonly size: number;
    }
  | { readonly kind: 'call'; readonly nth: number; readonly register: string }
  /** From 0 on. */
  | { readonly kind: 'argument'; readonly index: number; readonly register: string }
  | { readonly kind: 'constant'; readonly nth: number; readonly value?: bigint }
  /** A constant distance from a register, or from the instruction (`rip`, `pc`). */
  | { readonly kind: 'address'; readonly nth: number; readonly memory: DecodedMemory }
  | { readonly kind: 'arithmetic'; readonly nth: number; readonly register: string }
  | { readonly kind: 'copy'; readonly nth: number; readonly from: string; readonly bits?: number }
  /** From a slot of the stack, or into it. */
  | { readonly kind: 'spill'; readonly nth: number; readonly into: boolean; readonly register: string }
  | { readonly kind: 'unknown'; readonly why: Unknown; readonly register?: string }
);

export type Unknown =
  | 'before-code' // not written in the code that there is
  | 'elsewhere' // the code is reached from where nothing leads to it: a static key, a table of jumps or of exceptions
  | 'of-caller' // in a register that functions keep for their callers
  | 'stack' // on the stack, written in a way that is not known
  | 'computed'; // by an instruction that is not followed

const mostSteps = 8;
const mostLoads = 3;

export interface FollowOptions {
  /** An index into the function's instructions: what the register held before it is followed. */
  readonly from: number;
  readonly register: string;
  /** What it held. */
  readonly value?: bigint;
  /** What the other registers held there: tells which way a copy of one of them was taken. */
  readonly registers?: (name: string) => bigint | undefined;
  /** Go on with the pointer that it was loaded through. */
  readonly throughLoads?: boolean;
}

/** Where a register's value came from, step by step, the last first. */
export function followBack(code: FunctionCode, options: FollowOptions, calls: CallFacts): Step[] {
  const steps: Step[] = [];
  let holder: Holder = { kind: 'register', register: options.register };
  let { from, value } = options;
  let certain = true;
  let loads = 0;
  const taken = new Set<string>();
  while (steps.length < mostSteps) {
    const definitions = definitionsOf(code, from, holder, calls);
    const registers = steps.length === 0 ? options.registers : undefined;
    const { main, others } = likeliest(code, definitions, value, registers, taken);
    certain &&= definitions.complete && others.length === 0;
    if (main === undefined) {
      steps.push({ kind: 'unknown', why: 'elsewhere', certain: false, others, ...heldBy(holder) });
      break;
    }
    // Round a loop again: there is nothing more to say.
    if (taken.has(keyOf(main))) break;
    taken.add(keyOf(main));
    const { step, next } = stepOf(code, main, holder, { certain, others }, calls);
    steps.push(step);
    if (next === undefined || main.kind !== 'written') break;
    if (step.kind === 'load' && (options.throughLoads !== true || ++loads >= mostLoads)) break;
    holder = next;
    from = main.nth;
    if (!(step.kind === 'spill' || (step.kind === 'copy' && step.bits === undefined))) value = undefined;
  }
  return wholeConstants(code, steps, options.value);
}

/** Constants of arm64 that are made of parts (mov, movk), as one: that is what the register has. */
function wholeConstants(code: FunctionCode, steps: Step[], value: bigint | undefined): Step[] {
  const first = steps.findIndex((step) => step.kind === 'arithmetic');
  const parts = steps.slice(first, -1);
  const [last] = steps.slice(-1);
  const isPart = ({ nth }: Step): boolean =>
    nth !== undefined && code.instructions[nth]?.instruction.mnemonic === 'movk';
  if (first < 0 || last?.kind !== 'constant' || !parts.every(isPart)) return steps;
  const isSame = steps.slice(0, first).every(({ kind }) => kind === 'copy' || kind === 'spill');
  const { value: _part, ...constant } = last;
  return [...steps.slice(0, first), { ...constant, ...(isSame && value !== undefined && { value }) }];
}

/** Tells definitions of a way apart. */
function keyOf(definition: Definition): string {
  if (definition.kind !== 'written') return definition.kind;
  const { nth, holder } = definition;
  return holder.kind === 'register' ? `${nth} ${holder.register}` : `${nth} ${holder.base} ${holder.displacement}`;
}

/**
 * What wrote the value: not a constant that it is not, nor a copy of a register that still holds something else. A copy
 * of one that holds the same comes first, and what a loop has come from already last.
 */
function likeliest(
  code: FunctionCode,
  { found, complete, passed }: Definitions,
  value: bigint | undefined,
  registers: FollowOptions['registers'],
  taken: ReadonlySet<string>,
): { readonly main: Definition | undefined; readonly others: readonly Definition[] } {
  const copies = found.map((each) => copied(code, each, passed, value, registers));
  const rank = (each: Definition): number => {
    if (taken.has(keyOf(each))) return 2;
    return copies[found.indexOf(each)] === 'same' ? 0 : 1;
  };
  const possible = found.filter((each, nth) => {
    const effect = each.kind === 'written' ? code.instructions[each.nth]?.instruction.effect : undefined;
    if (complete && copies[nth] === 'different') return false;
    return value === undefined || effect?.kind !== 'constant' || effect.value === value;
  });
  const [main, ...others] = (possible.length > 0 ? possible : found).toSorted((a, b) => rank(a) - rank(b));
  return { main, others };
}

/** Whether the register that a definition copies, if that was not written since, holds the value. */
function copied(
  { instructions }: FunctionCode,
  definition: Definition,
  passed: readonly number[],
  value: bigint | undefined,
  registers: FollowOptions['registers'],
): 'same' | 'different' | undefined {
  const effect = definition.kind === 'written' ? instructions[definition.nth]?.instruction.effect : undefined;
  if (effect?.kind !== 'move' || effect.bits !== undefined || effect.from === effect.to) return undefined;
  const held = registers?.(effect.from);
  const isUnchanged = passed.every((nth) => {
    const placed = instructions[nth];
    return placed !== undefined && !isCall(placed) && !placed.instruction.writes.includes(effect.from);
  });
  if (value === undefined || held === undefined || !isUnchanged) return undefined;
  return held === value ? 'same' : 'different';
}

interface Taken {
  readonly step: Step;
  /** What to look for before it. */
  readonly next?: Holder;
}

const register = (name: string): Holder => ({ kind: 'register', register: name });

function stepOf(
  code: FunctionCode,
  definition: Definition,
  holder: Holder,
  known: { readonly certain: boolean; readonly others: readonly Definition[] },
  calls: CallFacts,
): Taken {
  switch (definition.kind) {
    case 'before':
      return { step: { kind: 'unknown', why: 'before-code', ...heldBy(holder), ...known } };
    case 'lost':
      return { step: { kind: 'unknown', why: 'stack', nth: definition.nth, ...known } };
    case 'entry':
      return { step: entryStep(definition.holder, known, calls) };
    case 'written': {
      const { nth } = definition;
      const placed = code.instructions[nth];
      if (placed === undefined) return { step: { kind: 'unknown', why: 'before-code', ...known } };
      if (definition.holder.kind === 'slot')
        return storeStep(placed.instruction, definition.holder, nth, known, slotSize(code));
      const name = definition.holder.register;
      if (isCall(placed)) return { step: { kind: 'call', nth, register: name, ...known } };
      return writeStep(code, placed.instruction, name, nth, known, calls);
    }
  }
}

const slotSize = (code: FunctionCode): bigint => (code.architecture === 'i386' ? 4n : 8n);

const heldBy = (holder: Holder): { readonly register?: string } =>
  holder.kind === 'register' ? { register: holder.register } : {};

type Known = Pick<Step, 'certain' | 'others'>;

function entryStep(holder: Holder, known: Known, { convention }: CallFacts): Step {
  if (holder.kind === 'slot') return { kind: 'unknown', why: 'stack', ...known };
  const index = convention.arguments.indexOf(holder.register);
  if (index >= 0) return { kind: 'argument', index, register: holder.register, ...known };
  return { kind: 'unknown', why: 'of-caller', register: holder.register, ...known };
}

/** What a store put into a slot. */
function storeStep(
  instruction: DecodedInstruction,
  slot: Extract<Holder, { readonly kind: 'slot' }>,
  nth: number,
  known: Known,
  bytes: bigint,
): Taken {
  const stored = storedRegisters(instruction);
  const operand = instruction.memory.find(({ access, base }) => access === 'write' && base === slot.base);
  const part = operand && partOf(operand, slot.displacement, bytes);
  const from = part === undefined ? undefined : stored?.[part];
  if (from === undefined) return { step: { kind: 'unknown', why: 'stack', nth, ...known } };
  // A constant, or the zero register.
  if (from === '') return { step: { kind: 'constant', nth, ...known } };
  return { step: { kind: 'spill', into: true, nth, register: from, ...known }, next: register(from) };
}

function writeStep(
  code: FunctionCode,
  instruction: DecodedInstruction,
  name: string,
  nth: number,
  known: Known,
  { convention }: CallFacts,
): Taken {
  const { effect, memory } = instruction;
  const [first] = memory;
  const isTarget = effect?.to === name || (effect?.kind === 'load' && effect.second === name);
  if (!isTarget || effect === undefined) return computedStep(instruction, name, nth, known);
  switch (effect.kind) {
    case 'move': {
      const { from, bits } = effect;
      return {
        step: { kind: 'copy', nth, from, ...(bits !== undefined && { bits }), ...known },
        next: register(from),
      };
    }
    case 'constant':
      return { step: { kind: 'constant', nth, value: effect.value, ...known } };
    case 'address':
      if (first === undefined) return computedStep(instruction, name, nth, known);
      return {
        step: { kind: 'address', nth, memory: first, ...known },
        ...(first.base !== undefined && !isRelative(first.base) && { next: register(first.base) }),
      };
    case 'load': {
      if (first === undefined) return computedStep(instruction, name, nth, known);
      const size = effect.second === undefined ? first.size : first.size / 2;
      const offset = effect.second === name && effect.to !== name ? size : 0;
      const { base } = first;
      const isSlot =
        base !== undefined &&
        first.index === undefined &&
        first.segment === undefined &&
        isStack(code, base, convention);
      if (isSlot) {
        const next: Holder = { kind: 'slot', base, displacement: first.displacement + BigInt(offset) };
        return { step: { kind: 'spill', into: false, nth, register: name, ...known }, next };
      }
      return {
        step: { kind: 'load', nth, memory: first, offset, size, ...known },
        ...(base !== undefined && !isRelative(base) && { next: register(base) }),
      };
    }
  }
}

function isStack(
  { instructions }: FunctionCode,
  base: string,
  { stackPointer, framePointer }: CallFacts['convention'],
): boolean {
  if (base !== framePointer) return base === stackPointer;
  // Kernels for x86 with ORC use it as any other register.
  return instructions.some(({ instruction: { effect, memory } }) => {
    if (effect?.to !== framePointer) return false;
    return effect.kind === 'move'
      ? effect.from === stackPointer
      : effect.kind === 'address' && memory[0]?.base === stackPointer;
  });
}

function computedStep(instruction: DecodedInstruction, name: string, nth: number, known: Known): Taken {
  const loaded = instruction.memory.find(({ access }) => access === 'read');
  // Of exclusive and acquiring loads, which have no effect said.
  if (/^ld/.test(instruction.mnemonic) && loaded !== undefined && loaded.base !== name) {
    return { step: { kind: 'load', nth, memory: loaded, offset: 0, size: loaded.size, ...known } };
  }
  const from = computedFrom(instruction, name);
  const uncertain = { ...known, certain: known.certain && from?.isOnly === true };
  if (from === undefined) return { step: { kind: 'unknown', why: 'computed', nth, register: name, ...known } };
  return { step: { kind: 'arithmetic', nth, register: from.register, ...uncertain }, next: register(from.register) };
}
