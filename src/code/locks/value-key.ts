import { toBigAddress } from '../../elf/address.ts';
import type { CodeReferences } from '../code-references.ts';
import { followBack } from '../follow.ts';
import { isRelative } from '../follow-operands.ts';
import type { PlacedInstruction } from '../function-code.ts';
import type { FunctionText } from '../function-text.ts';
import type { DecodedMemory } from '../instruction.ts';

/**
 * What a register holds, by where it came from: two that have the same key are the same value. `symbol`: so many bytes
 * from an address of the file. `argument`: of the function. `result`: of the instruction that loaded it, or the call
 * that returned it, which is the same as long as that ran once.
 */
export interface ValueKey {
  readonly from: 'symbol' | 'argument' | 'result';
  /** A symbol's name, the number of an argument, the index of an instruction. */
  readonly of: string | number;
  /** Bytes that were added. */
  readonly offset: bigint;
}

export const sameKey = (a: ValueKey | undefined, b: ValueKey | undefined): boolean =>
  a !== undefined && b !== undefined && a.from === b.from && a.of === b.of && a.offset === b.offset;

/** What a register holds before an instruction; undefined where that may be different things, or is not known. */
export function keyOf({ code, references, calls }: FunctionText, nth: number, register: string): ValueKey | undefined {
  let offset = 0n;
  for (const step of followBack(code, { from: nth, register }, calls)) {
    if (!step.certain) return undefined;
    switch (step.kind) {
      case 'copy': {
        // The second part of an address of arm64 may be nothing to add.
        const named = symbolKey(step.nth);
        if (named !== undefined) return named;
        if (step.bits !== undefined) return undefined;
        break;
      }
      case 'spill':
        break;
      case 'address': {
        const named = symbolKey(step.nth);
        if (named !== undefined) return named;
        const { base, index, displacement } = step.memory;
        if (base === undefined || isRelative(base) || index !== undefined) return undefined;
        offset += displacement;
        break;
      }
      case 'constant': {
        const named = symbolKey(step.nth);
        if (named !== undefined) return named;
        // Addresses of arm64 in two parts: of the page, and within it.
        const at = step.value === undefined ? undefined : references?.at(BigInt.asUintN(64, step.value + offset));
        return at && !at.isCode ? { from: 'symbol', of: at.name, offset: BigInt(at.offset) } : undefined;
      }
      case 'argument':
        return { from: 'argument', of: step.index, offset };
      case 'load':
      case 'call':
        return { from: 'result', of: step.nth, offset };
      case 'arithmetic':
      case 'unknown':
        return undefined;
    }
  }
  return undefined;

  function symbolKey(at: number): ValueKey | undefined {
    return symbolAt(code.instructions[at], references, offset);
  }
}

/** What an instruction names, and some bytes: compilers count from one variable to its neighbours. */
function symbolAt(
  placed: PlacedInstruction | undefined,
  references: CodeReferences | undefined,
  offset: bigint,
): ValueKey | undefined {
  const named = placed && references?.of(placed);
  if (named === undefined || named.isCode) return undefined;
  const there = named.address === undefined ? undefined : references?.at(toBigAddress(named.address) + offset);
  return there === undefined
    ? { from: 'symbol', of: named.name, offset: BigInt(named.offset) + offset }
    : { from: 'symbol', of: there.name, offset: BigInt(there.offset) };
}

/** The place that an operand names. */
export function placeKey(text: FunctionText, nth: number, memory: DecodedMemory): ValueKey | undefined {
  const { base, index, segment, displacement } = memory;
  if (segment !== undefined || index !== undefined) return undefined;
  if (base === undefined || isRelative(base)) return symbolAt(text.code.instructions[nth], text.references, 0n);
  const key = keyOf(text, nth, base);
  return key && { ...key, offset: key.offset + displacement };
}
