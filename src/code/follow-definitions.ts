import type { CallingConvention } from './calling-convention.ts';
import type { FunctionCode, PlacedInstruction } from './function-code.ts';
import type { DecodedInstruction, DecodedMemory } from './instruction.ts';

/** What holds a value: a register, or a slot of the stack by a register and the distance from it. */
export type Holder =
  | { readonly kind: 'register'; readonly register: string }
  | { readonly kind: 'slot'; readonly base: string; readonly displacement: bigint };

/** Where a holder got its value. */
export type Definition =
  | { readonly kind: 'written'; readonly nth: number; readonly holder: Holder }
  /** It came so from the function's caller. */
  | { readonly kind: 'entry'; readonly holder: Holder }
  /** Before the code that there is. */
  | { readonly kind: 'before' }
  /** The stack moved in a way that is not known, or something else was written over a part of the slot. */
  | { readonly kind: 'lost'; readonly nth: number };

/** All places that a holder's value may come from, those on the way straight through first. */
export interface Definitions {
  readonly found: readonly Definition[];
  /** False if there may be others: there are jumps that are not known, or too much code. */
  readonly complete: boolean;
  /** Indexes of the instructions on the ways from these places, which leave the holder alone. */
  readonly passed: readonly number[];
}

/** What calls change beyond the convention. */
export interface CallFacts {
  readonly convention: CallingConvention;
  /** Registers that a call changes, if that is not what the convention says. */
  changedBy(nth: number): readonly string[] | undefined;
}

/** Instructions looked at for one question. */
const mostVisits = 600;
const mostFound = 8;

/** Bytes of a slot; what is spilled is a whole register. */
const slotBytes = (code: FunctionCode): bigint => (code.architecture === 'i386' ? 4n : 8n);

/** What is still to be looked at: an instruction, or what was before all of them. */
interface Open {
  readonly nth: number | 'start';
  readonly holder: Holder;
}

/** Looks for what wrote a holder before an instruction, against the flow of the code. */
export function definitionsOf(code: FunctionCode, from: number, holder: Holder, calls: CallFacts): Definitions {
  const found: Definition[] = [];
  const seen = new Set<number>();
  const through: number[] = [];
  const open: Open[] = [];
  let complete = code.isWhole;
  const lookBefore = (at: number, held: Holder): void => {
    const { before, isOpen } = sourcesOf(code, at);
    if (isOpen) complete = false;
    // What is put there last is looked at first: the instruction that falls through.
    for (const nth of before.toReversed()) {
      if (seen.has(nth)) continue;
      seen.add(nth);
      open.push({ nth, holder: held });
    }
    if (at === 0) open.push({ nth: 'start', holder: held });
  };
  lookBefore(from, holder);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.size > mostVisits || found.length >= mostFound) return { found, complete: false, passed: through };
    if (next.nth === 'start') {
      found.push(code.fromEntry ? { kind: 'entry', holder: next.holder } : { kind: 'before' });
      continue;
    }
    const passed = passBack(code, next.nth, next.holder, calls);
    if (passed.kind === 'through') {
      through.push(next.nth);
      lookBefore(next.nth, passed.holder);
    } else found.push(passed.definition);
  }
  return { found, complete, passed: through };
}

/** Instructions that the processor may have come from, the one before first; `isOpen` if there may be others. */
export function sourcesOf(
  code: FunctionCode,
  at: number,
): { readonly before: readonly number[]; readonly isOpen: boolean } {
  // A jump that the kernel put a NOP in place of leads to what is behind it.
  const isBehindPatched = code.open.has(at) && isJump(code, at - 1) && code.isPatched?.(at - 1) === true;
  const all = [...(isBehindPatched ? [at - 1] : []), ...(code.sources[at] ?? [])];
  return {
    before: all.filter((nth) => code.endsAt?.(nth) !== true),
    isOpen: code.open.has(at) && !isBehindPatched,
  };
}

type Passed =
  | { readonly kind: 'through'; readonly holder: Holder }
  | { readonly kind: 'found'; readonly definition: Definition };

/** A holder behind an instruction as it was before it, or the instruction as what wrote it. */
function passBack(code: FunctionCode, nth: number, holder: Holder, calls: CallFacts): Passed {
  const placed = code.instructions[nth];
  if (placed === undefined) return { kind: 'found', definition: { kind: 'before' } };
  if (holder.kind === 'register') {
    return changesRegister(placed, nth, holder.register, calls)
      ? { kind: 'found', definition: { kind: 'written', nth, holder } }
      : { kind: 'through', holder };
  }
  const before = isCall(placed) ? holder : slotBefore(placed.instruction, holder);
  if (before === undefined) return { kind: 'found', definition: { kind: 'lost', nth } };
  switch (storesTo(placed.instruction, before, slotBytes(code))) {
    case 'all':
      return { kind: 'found', definition: { kind: 'written', nth, holder: before } };
    case 'part':
      return { kind: 'found', definition: { kind: 'lost', nth } };
    case 'none':
      return { kind: 'through', holder: before };
  }
}

const isJump = ({ instructions }: FunctionCode, nth: number): boolean => instructions[nth]?.instruction.flow === 'jump';

/** Whether an instruction calls something that comes back. */
export function isCall({ instruction: { flow } }: PlacedInstruction): boolean {
  return flow === 'call' || flow === 'call-indirect';
}

/**
 * Calls change more than what is said here. But compilers read no register behind a call that it may have changed: where
 * one is read that is neither a result nor written since, they know that the function leaves it alone.
 */
function changesRegister(placed: PlacedInstruction, nth: number, register: string, calls: CallFacts): boolean {
  if (!isCall(placed)) return placed.instruction.writes.includes(register);
  const changed = calls.changedBy(nth) ?? calls.convention.results;
  return changed.includes(register);
}

/** A slot by the registers before an instruction; undefined if that is not known. */
function slotBefore(
  instruction: DecodedInstruction,
  slot: Extract<Holder, { readonly kind: 'slot' }>,
): Holder | undefined {
  const { base, displacement } = slot;
  if (!instruction.writes.includes(base)) return slot;
  const { effect, memory } = instruction;
  if (effect?.to === base) {
    if (effect.kind === 'move' && effect.bits === undefined) return { ...slot, base: effect.from };
    const from = memory[0];
    if (effect.kind === 'address' && from?.base !== undefined && from.index === undefined)
      return { kind: 'slot', base: from.base, displacement: displacement + from.displacement };
    return undefined;
  }
  const moved = memory.find((each) => each.base === base && each.update !== undefined);
  if (moved?.update === 'before') return { ...slot, displacement: displacement + moved.displacement };
  // How far arm64's forms move it is no part of the operand.
  const isPop = moved?.update === 'after' && instruction.mnemonic === 'pop';
  return isPop ? { ...slot, displacement: displacement + BigInt(moved.size) } : undefined;
}

/** Whether an instruction writes a slot, whose base is as before the instruction. */
function storesTo(instruction: DecodedInstruction, slot: Holder, bytes: bigint): 'all' | 'part' | 'none' {
  if (slot.kind !== 'slot') return 'none';
  for (const operand of instruction.memory) {
    if (operand.access !== 'write' && operand.access !== 'read-write') continue;
    if (operand.base !== slot.base || operand.segment !== undefined) continue;
    if (operand.index !== undefined) return 'part';
    const start = operand.displacement;
    const end = start + BigInt(operand.size);
    if (end <= slot.displacement || start >= slot.displacement + bytes) continue;
    const isExact = operand.access === 'write' && partOf(operand, slot.displacement, bytes) !== undefined;
    return isExact ? 'all' : 'part';
  }
  return 'none';
}

/** Which register of a store a slot is from: 0, or 1 of the second of a pair. */
export function partOf(operand: DecodedMemory, displacement: bigint, bytes: bigint): 0 | 1 | undefined {
  if (displacement === operand.displacement) return 0;
  const isPair = BigInt(operand.size) === 2n * bytes;
  return isPair && displacement === operand.displacement + bytes ? 1 : undefined;
}
