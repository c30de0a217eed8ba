import type { FaultCode } from './fault-code.ts';
import { definitionsOf } from './follow-definitions.ts';
import type { DecodedInstruction } from './instruction.ts';

/** Instructions that make distances within arrays, and no pointers. */
const multiplying: ReadonlySet<string> = new Set([
  'shl',
  'sal',
  'imul',
  'mul',
  'lsl',
  'ubfiz',
  'sbfiz',
  'umull',
  'smull',
]);

function makesCount(instruction: DecodedInstruction): boolean {
  if (multiplying.has(instruction.mnemonic)) return true;
  const { effect } = instruction;
  return effect?.kind === 'move' && effect.bits !== undefined && effect.bits <= 32;
}

/**
 * Whether a register has a number at a fault that the code made by multiplying or widening, however it came there: then
 * it is what is added to a pointer.
 */
export function isCount({ text, fault }: FaultCode, register: string): boolean {
  const { found, complete } = definitionsOf(text.code, fault, { kind: 'register', register }, text.calls);
  const made = found.map((each) =>
    each.kind === 'written' ? text.code.instructions[each.nth]?.instruction : undefined,
  );
  return complete && made.length > 0 && made.every((each) => each !== undefined && makesCount(each));
}
