import type { DecodedInstruction, Disassembler } from './instruction.ts';

/** An instruction of a function. */
export interface PlacedInstruction {
  /** Of the file that the code is in, or counted from the start of what there is. */
  readonly address: bigint;
  readonly instruction: DecodedInstruction;
}

/** The code of a function, or what is known of it. */
export interface FunctionCode {
  readonly architecture: Disassembler['architecture'];
  /** One behind the other. */
  readonly instructions: readonly PlacedInstruction[];
  /** The first is where the function begins. */
  readonly fromEntry: boolean;
  /** All of the function is there, so that everything that jumps to a place in it is known. */
  readonly isWhole: boolean;
  /** Indexes of the instructions that each may be reached from, the one before it first. */
  readonly sources: readonly (readonly number[])[];
  /** Instructions that may be reached in ways that are not known (from tables of jumps, from fixups). */
  readonly open: ReadonlySet<number>;
  /** Whether an instruction is a call that does not come back, though it has a source behind it. */
  endsAt?(nth: number): boolean;
  /** Whether the kernel may have put something else in place of a jump, so that it goes on behind it. */
  isPatched?(nth: number): boolean;
}

/** Functions of more instructions are not taken whole. */
export const mostInstructions = 8192;

/** Decodes code from its first byte on; `address` is that byte's. */
export function decodeAll(disassembler: Disassembler, bytes: Uint8Array, address: bigint): PlacedInstruction[] {
  const found: PlacedInstruction[] = [];
  let at = 0;
  for (const instruction of disassembler.decodeAll?.(bytes, address, mostInstructions) ?? []) {
    found.push({ address: address + BigInt(at), instruction });
    at += instruction.length;
  }
  while (at < bytes.length && found.length < mostInstructions) {
    const instruction = disassembler.decode(bytes, at, address);
    if (instruction === undefined || instruction.length < 1) break;
    found.push({ address: address + BigInt(at), instruction });
    at += instruction.length;
  }
  return found;
}

/** Whether the processor may go on behind an instruction. Of traps: a warning returns, and BUG() has nothing behind it. */
function fallsThrough({ instruction }: PlacedInstruction): boolean {
  switch (instruction.flow) {
    case 'jump':
    case 'jump-indirect':
    case 'return':
      return false;
    case 'next':
    case 'call':
    case 'call-indirect':
    case 'branch':
    case 'trap':
    case 'stop':
      return true;
  }
}

export type FunctionFacts = Pick<FunctionCode, 'fromEntry' | 'isWhole' | 'endsAt' | 'isPatched'>;

function isPadding({ instruction: { mnemonic } }: PlacedInstruction): boolean {
  return mnemonic === 'nop' || mnemonic === 'int3';
}

/** Puts the ways between instructions to them. */
export function functionCode(
  architecture: Disassembler['architecture'],
  instructions: readonly PlacedInstruction[],
  facts: FunctionFacts,
): FunctionCode {
  const byAddress = new Map(instructions.map(({ address }, nth) => [address, nth]));
  const sources: number[][] = instructions.map(() => []);
  let jumpsAnywhere = false;
  for (const [nth, { instruction }] of instructions.entries()) {
    const { flow, target } = instruction;
    if (flow === 'jump-indirect') jumpsAnywhere = true;
    if ((flow !== 'jump' && flow !== 'branch') || target === undefined) continue;
    const to = byAddress.get(target);
    // Behind a conditional jump to the next instruction there is only that one.
    if (to !== undefined && to !== nth && to !== nth + 1) sources[to]?.push(nth);
  }
  const open = new Set<number>();
  for (const [nth, placed] of instructions.entries()) {
    const isReached = sources[nth]?.length !== 0 || (nth === 0 && (facts.fromEntry || !facts.isWhole));
    // Nothing leads to what fills up the space before the next part.
    if (!isReached && isPadding(placed)) continue;
    if (!isReached) open.add(nth);
    const next = instructions[nth + 1];
    const isNext = next?.address === placed.address + BigInt(placed.instruction.length);
    if (isNext && fallsThrough(placed)) sources[nth + 1]?.unshift(nth);
  }
  // What a table of jumps leads to may be behind a jump that something else leads to as well.
  if (jumpsAnywhere)
    for (const [nth, placed] of instructions.entries())
      if (nth > 0 && !isPadding(placed) && !fallsThrough(instructions[nth - 1] ?? placed)) open.add(nth);
  return { ...facts, architecture, instructions, sources, open };
}
