import type { InlineFrame } from '../../model/report.ts';
import { functionsOf } from '../frames.ts';
import type { ExplainedFault } from './facts.ts';
import { atWords } from './words.ts';

/** Below it an address is a member of an object at NULL, or the like (the first page is never mapped). */
const nullPage = 0x1_0000n;
const lastPage = (1n << 64n) - 0x1000n;

/** The function that faulted, innermost inlined first, with those it is inlined into. */
export function faultSite({ thread, nth }: Pick<ExplainedFault, 'thread' | 'nth'>): {
  readonly at: InlineFrame;
  readonly inlinedInto: readonly InlineFrame[];
} {
  const frame = thread.frames[nth + 1];
  const [at = { function: frame === undefined ? '?' : `0x${frame.address.toString(16)}` }, ...inlinedInto] =
    frame === undefined ? [] : functionsOf(frame);
  return { at, inlinedInto };
}

/** `read address 0x20 (NULL + 0x20)`, `executed an invalid instruction`. */
export function accessWords(fault: ExplainedFault): string {
  const { entry, described } = fault;
  const { explanation } = described;
  switch (entry.kind) {
    case 'page-fault':
    case 'synchronous': {
      const address = entry.faultAddress ?? operandAddress(fault);
      const accessed = explanation?.accessed;
      const verb = accessVerb(fault);
      if (address === undefined) return `${verb} an address that is not mapped`;
      const hex = `0x${address.toString(16)}`;
      const words =
        address === 0n
          ? 'NULL'
          : address < nullPage
            ? `address ${hex} (NULL + ${hex})`
            : address > lastPage
              ? `address ${hex} (an error number as a pointer)`
              : `address ${hex}`;
      return accessed === undefined
        ? `${verb} ${words}`
        : `${verb} ${accessed.name} at ${words.replace(/^address /, '')}`;
    }
    case 'general-protection':
      return 'used an address that is none (general protection fault)';
    case 'invalid-opcode':
      return 'ran into an invalid instruction, as BUG() is';
    case 'divide':
      return 'divided by zero';
    case 'double-fault':
      return 'faulted twice (double fault), as when a stack is used up';
    default:
      return `took an exception (${entry.kind})`;
  }
}

/** ` at ktlab.h:37, inlined at silent.c:70`. */
export function faultPlace(fault: ExplainedFault): string {
  const { at, inlinedInto } = faultSite(fault);
  return atWords(at, inlinedInto);
}

function operandAddress({ described }: ExplainedFault): bigint | undefined {
  const instruction = described.explanation?.instruction;
  return instruction?.faulting === undefined ? undefined : instruction.operands[instruction.faulting]?.address;
}

/** By the error code or syndrome, else by the instruction. */
function accessVerb({ entry, described, thread, nth }: ExplainedFault): string {
  const { errorCode } = entry;
  const access = described.explanation?.instruction;
  const isArm = 'pc' in entry.registers;
  if (errorCode !== undefined) {
    // arch/arm64/include/asm/esr.h: ESR_ELx_EC_IABT_LOW and _CUR, ESR_ELx_WNR. arch/x86/include/asm/trap_pf.h.
    const isFetch = isArm ? [0x20n, 0x21n].includes(errorCode >> 26n) : (errorCode & 0x10n) !== 0n;
    if (isFetch) return 'jumped to';
    return (isArm ? (errorCode & 0x40n) !== 0n : (errorCode & 2n) !== 0n) ? 'wrote' : 'read';
  }
  if (thread.frames[nth + 1]?.address === entry.faultAddress) return 'jumped to';
  const operand = access?.faulting === undefined ? undefined : access.operands[access.faulting];
  return operand?.access === 'write' ? 'wrote' : operand?.access === 'read' ? 'read' : 'accessed';
}
