import type { InlineFrame } from '../../model/report.ts';
import { functionsOf, plainName } from '../frames.ts';
import type { ExplainedFault } from './facts.ts';
import { atWords } from './words.ts';

/** Below it an address is a member of an object at NULL, or the like (the first page is never mapped). */
const nullPage = 0x1_0000n;
const lastPage = (1n << 64n) - 0x1000n;

/**
 * Functions that only do what they are told with memory, many of them in assembly: who called them is to blame
 * (lib/string.c, lib/usercopy.c, arch/x86/lib, arch/arm64/lib).
 */
const libraryCode =
  /^(?:__pi_)?_{0,3}(?:(?:inline_)?(?:mem(?:cpy|set|move|cmp|chr|scan|zero_explicit)(?:16|32|64|p)?|str(?:n?len|n?cpy|n?cmp|n?casecmp|n?cat|n?chr|scpy|lcpy|lcat|rchr|nul|str|sep|spn|cspn|pbrk))(?:_(?:erms|orig|fast_string|generic|toio|fromio|flushcache|mcsafe|unrolled|mops|nocheck))*|(?:clear|copy)_(?:page|user|mc)\w*|rep_movs\w*|rep_stos\w*|raw_copy_\w+|copy_(?:to|from|in)_user\w*|arch_copy_\w+|clear_user\w*|csum_partial\w*|do_csum|_?find_(?:first|next|last)\w*|bitmap_\w+|list_(?:add|del)\w*_valid\w*|rb_(?:insert_color|erase|next|prev|first|last)|refcount_warn_saturate|crc32\w*|vsnprintf|string|string_nocheck|number)$/;

/** Where a fault was taken. */
export interface FaultSite {
  /** The function that faulted, the innermost inlined one. */
  readonly at: InlineFrame;
  readonly inlinedInto: readonly InlineFrame[];
  /** Who called it, where it is one that others call to have memory copied or the like. */
  readonly caller?: { readonly at: InlineFrame; readonly inlinedInto: readonly InlineFrame[] };
}

export function faultSite({ thread, nth }: Pick<ExplainedFault, 'thread' | 'nth'>): FaultSite {
  const frame = thread.frames[nth + 1];
  const functions = frame === undefined ? [] : functionsOf(frame);
  const [at = { function: frame === undefined ? '?' : `0x${frame.address.toString(16)}` }, ...inlinedInto] = functions;
  if (!isLibrary(at)) return { at, inlinedInto };
  // Inlined into others, or called by them.
  const outside = functions.findIndex((each) => !isLibrary(each));
  if (outside > 0) return { at, inlinedInto, caller: callerOf(functions.slice(outside)) };
  const next = thread.frames.slice(nth + 2).find((each) => !functionsOf(each).every(isLibrary));
  if (next === undefined || !next.reliable || next.entry !== undefined) return { at, inlinedInto };
  const callers = functionsOf(next);
  return { at, inlinedInto, caller: callerOf(callers.slice(callers.findIndex((each) => !isLibrary(each)))) };
}

const isLibrary = ({ function: name }: InlineFrame): boolean => libraryCode.test(plainName(name));

function callerOf([at = { function: '?' }, ...inlinedInto]: readonly InlineFrame[]): NonNullable<FaultSite['caller']> {
  return { at, inlinedInto };
}

/** Who is to blame for a fault. */
export const blamed = (fault: Pick<ExplainedFault, 'thread' | 'nth'>): InlineFrame => {
  const { at, caller } = faultSite(fault);
  return (caller ?? { at }).at;
};

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
    case 'breakpoint':
      return 'ran into a breakpoint that nobody takes (int3, brk)';
    case 'stack-segment':
      return 'used a stack address that is none';
    case 'machine-check':
      return 'had a machine check';
    case 'serror':
      return 'had an SError interrupt';
    case 'double-fault':
      return 'faulted twice (double fault), as when a stack is used up';
    default:
      return `took an exception (${entry.kind})`;
  }
}

/** ` at ktlab.h:37, inlined at silent.c:70`; ` in memcpy_orig at memcpy_64.S:66, called by foo at foo.c:113`. */
export function faultPlace(fault: ExplainedFault): string {
  const { at, inlinedInto, caller } = faultSite(fault);
  const place = atWords(at, inlinedInto);
  return caller === undefined ? place : ` in ${at.function}${place}${callerWords(caller)}`;
}

/** ` in ktlab_ring_level at ktlab.h:37, inlined at silent.c:70`. */
export function faultFunction(fault: ExplainedFault): string {
  const { at, caller } = faultSite(fault);
  return caller === undefined ? ` in ${at.function}${faultPlace(fault)}` : faultPlace(fault);
}

const callerWords = ({ at, inlinedInto }: NonNullable<FaultSite['caller']>): string =>
  `, called by ${at.function}${atWords(at, inlinedInto)}`;

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
