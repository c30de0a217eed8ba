import type { ValueClass } from '../../model/explanation.ts';
import type { ValueContext } from '../values/context.ts';
import { meaningOf } from '../values/meaning.ts';
import type { Place } from './operand.ts';
import type { RegisterValues } from './register-values.ts';

/** How much a value looks like a pointer that may be followed. */
type Plausibility = 'pointer' | 'small' | 'wild';

/** Classes of addresses where kernel memory is. */
const pointers: ReadonlySet<ValueClass> = new Set([
  'per-cpu',
  'direct-map',
  'vmalloc',
  'vmemmap',
  'fixmap',
  'module',
  'kernel-text',
  'kernel-data',
  'stack',
  'kernel-pointer',
]);

/** Indexes are smaller: more than the largest array in a kernel has elements is no index. */
const largestIndex = 1n << 32n;

function plausibility(value: bigint, context: ValueContext): Plausibility {
  if (value < largestIndex) return 'small';
  const meaning = meaningOf(value, context);
  return meaning !== undefined && pointers.has(meaning.class) ? 'pointer' : 'wild';
}

/** What tells which register is wrong. */
interface RegisterFacts {
  readonly registers: RegisterValues;
  readonly context: ValueContext;
  /** Tells registers that by the code hold numbers and no pointers. */
  readonly isCount: (register: string) => boolean;
}

/**
 * The register of an operand whose value is wrong: of base and index the one that cannot be what it should be. The base
 * should be a pointer; an index that is not multiplied may be the pointer as well.
 */
export function wrongRegister(place: Place, { registers, context, isCount }: RegisterFacts): string | undefined {
  const { base, index, scale, displacement } = place.decoded;
  if (base === undefined || base === 'rip' || base === 'pc') return index;
  if (index === undefined || index === base) return base;
  const [baseValue, indexValue] = [registers.get(base), registers.get(index)];
  if (baseValue === undefined || indexValue === undefined) return base;
  const [ofBase, ofIndex] = [plausibility(baseValue, context), plausibility(indexValue, context)];
  if (ofBase === 'pointer') return ofIndex === 'wild' || isFar(indexValue, scale, displacement) ? index : base;
  if (ofBase === 'wild') return base;
  if (scale > 1) return ofIndex === 'wild' ? index : base;
  if (ofIndex === 'wild') return index;
  // A small number added to a pointer: the pointer is what leads astray, unless the number is too large for it.
  if (ofIndex === 'pointer') return index;
  // Of two small numbers one is the pointer, which compilers put in either place.
  return isCount(base) && !isCount(index) ? index : base;
}

/** Farther than an array reaches. */
const farthest = 1n << 24n;

function isFar(index: bigint, scale: number, displacement: bigint): boolean {
  const distance = BigInt.asIntN(64, index) * BigInt(scale) + displacement;
  return distance > farthest || distance < -farthest;
}

/** A general register with the pointer whose shadow was to be checked: it is shifted in another one. */
export function guardedPointer(
  guarded: bigint,
  granule: bigint,
  values: Readonly<Record<string, bigint>>,
): string | undefined {
  const names = Object.keys(values).filter((name) => {
    const value = values[name];
    return value !== undefined && generalRegister.test(name) && value >= guarded && value < guarded + granule;
  });
  const [first] = names;
  return names.every((name) => first !== undefined && values[name] === values[first]) ? first : undefined;
}

/** Registers that hold pointers of C code. */
export const generalRegister = /^(?:r[a-d]x|r[sd]i|rbp|r\d{1,2}|e[a-d]x|e[sd]i|ebp|x\d{1,2})$/;
