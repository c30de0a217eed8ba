import type { AddressVerdict } from '../../model/explanation.ts';
import type { CrashReport, RegisterSet } from '../../model/report.ts';
import type { DecodedInstruction } from '../instruction.ts';
import type { ValueContext } from '../values/context.ts';
import { hex } from '../values/context.ts';
import { layoutOf } from '../values/meaning.ts';
import type { Place } from './operand.ts';
import { type Meeting, meet } from './reach.ts';
import type { RegisterValues } from './register-values.ts';
import { checkedShadow } from './shadow.ts';
import type { Trap } from './trap.ts';
import { accessWords, addressWords, registerWords, valueWords } from './words.ts';
import { guardedPointer, wrongRegister } from './wrong-register.ts';

/** All that an explanation is made from. */
export interface Scene {
  readonly report: CrashReport;
  readonly set: RegisterSet | undefined;
  readonly registers: RegisterValues;
  readonly context: ValueContext;
  readonly trap: Trap;
  readonly instruction: DecodedInstruction;
  readonly places: readonly Place[];
  /** Tells registers that by the code hold numbers and no pointers. */
  readonly isCount: (register: string) => boolean;
}

/** What is concluded of a fault. */
export interface Conclusion {
  readonly verdict: AddressVerdict;
  readonly words: string;
  /** Index into the places. */
  readonly faulting?: number;
  readonly register?: string;
}

/** Whether an operand does what the processor says was done. */
function fits({ operand }: Place, access: Trap['access']): boolean {
  if (access === undefined || operand.access === 'none') return true;
  return operand.access === 'read-write' || operand.access === access;
}

const ranks: Readonly<Record<Meeting, number>> = { equal: 4, tagged: 3, within: 2, unknown: 1, none: 0 };

interface Met {
  readonly place: Place;
  readonly nth: number;
  readonly meeting: Meeting;
}

/** The operand that meets an address best; of two that do so alike, the one that does the same with it. */
function best(scene: Scene, fault: bigint): Met | undefined {
  const { places, instruction, registers, trap, context } = scene;
  const hasTags = context.architecture === 'arm64';
  let found: (Met & { readonly rank: number }) | undefined;
  for (const [nth, place] of places.entries()) {
    const meeting = meet(place, fault, instruction, registers, hasTags);
    const rank = ranks[meeting] * 2 + (fits(place, trap.access) ? 1 : 0);
    if (found === undefined || rank > found.rank) found = { place, nth, meeting, rank };
  }
  return found;
}

/** With the register that is to blame, and what it holds. */
function conclude(scene: Scene, met: Met, verdict: AddressVerdict, words: string): Conclusion {
  const { registers, context } = scene;
  const register = wrongRegister(met.place, scene);
  const ofRegister = registerWords(register, met.place.operand, registers, context);
  return { verdict, words: `${words}${ofRegister}`, faulting: met.nth, ...(register !== undefined && { register }) };
}

/** A sanitizer's check: it looks at the shadow of an address before that is used. */
function shadowConclusion(scene: Scene, met: Met): Conclusion | undefined {
  const { registers, context, set } = scene;
  const { operand } = met.place;
  const shadow = checkedShadow(met.place, registers, context);
  if (shadow === undefined) return undefined;
  const last = shadow.address + shadow.granule - 1n;
  const guarded = guardedPointer(shadow.address, shadow.granule, set?.values ?? {});
  const value = guarded === undefined ? undefined : set?.values[guarded];
  const held = value === undefined ? '' : `; ${guarded} is ${valueWords(value, context)}`;
  const what = `a check of KASAN before an access at ${hex(shadow.address)} to ${hex(last)}`;
  const register = guarded ?? wrongRegister(met.place, scene);
  return {
    verdict: 'shadow',
    words: `${what}: reads their shadow at ${addressWords(operand)}${held}`,
    faulting: met.nth,
    ...(register !== undefined && { register }),
  };
}

const pageSize = 4096n;

function withinWords({ operand }: Place, fault: bigint): string {
  const done = `${accessWords(operand.access, operand.size)} from ${addressWords(operand)} on`;
  const crosses = fault % pageSize === 0n && operand.address !== undefined && operand.address < fault;
  return `${done} and reaches ${hex(fault)}${crosses ? ', where the next page begins' : ''}`;
}

/** Said where the operand fits but what is done with it does not. */
function contradiction({ operand }: Place, trap: Trap): string {
  if (trap.access === undefined || operand.access === 'none') return '';
  // Instructions that read and write fault as either; x86 checks for writing first, arm64 for reading.
  if (operand.access === 'read-write' || operand.access === trap.access) return '';
  return `, though the processor reports a ${trap.access}`;
}

function unknownWords(scene: Scene, fault: bigint): string {
  const names = new Set<string>();
  for (const { operand, decoded } of scene.places) {
    if (operand.address !== undefined) continue;
    for (const name of [decoded.base, decoded.index]) {
      if (name !== undefined && scene.registers.get(name) === undefined) names.add(name);
    }
    if (decoded.segment !== undefined) names.add(`the base of ${decoded.segment}`);
  }
  const missing = [...names].join(' and ');
  return `faulted at ${hex(fault)}; ${missing} ${names.size > 1 ? 'are' : 'is'} not printed, so its own address is not known`;
}

function differentWords(scene: Scene, fault: bigint): string {
  const { places, instruction } = scene;
  if (places.length === 0) {
    return `faulted at ${hex(fault)}, but ${instruction.mnemonic} accesses no memory: it is not the instruction that ran`;
  }
  const own = places.map(({ operand }) => addressWords(operand)).join(' and ');
  return `accesses ${own}, not ${hex(fault)}: registers or code are not those of the fault`;
}

/** Page faults and data aborts, for which the processor names the address. */
export function explainAccess(scene: Scene, fault: bigint): Conclusion {
  const { trap } = scene;
  const met = best(scene, fault);
  if (met === undefined) return { verdict: 'different', words: differentWords(scene, fault) };
  const { operand } = met.place;
  switch (met.meeting) {
    case 'equal':
    case 'tagged': {
      const shadow = shadowConclusion(scene, met);
      if (shadow !== undefined) return shadow;
      const tag = met.meeting === 'tagged' ? `, the address of the fault but for the tag in its top byte` : '';
      const words = `${accessWords(operand.access, operand.size)} at ${addressWords(operand)}${tag}`;
      return conclude(scene, met, 'equal', `${words}${contradiction(met.place, trap)}`);
    }
    case 'within':
      return conclude(scene, met, 'within', withinWords(met.place, fault));
    case 'unknown':
      return { verdict: 'unknown', words: unknownWords(scene, fault), ...only(scene, met) };
    case 'none':
      return { verdict: 'different', words: differentWords(scene, fault) };
  }
}

/** The operand, if there is no other that it may have been. */
function only({ places }: Scene, met: Met): Pick<Conclusion, 'faulting'> {
  return places.length === 1 ? { faulting: met.nth } : {};
}

/**
 * General protection and stack faults, for which x86 names no address: the operand with one that is not canonical, if
 * there is one. `fault` is what the kernel worked out itself (5.5 and later), which may be wrong.
 */
export function explainNonCanonical(scene: Scene, fault: bigint | undefined): Conclusion | undefined {
  const { places, context } = scene;
  const layout = layoutOf(context);
  const candidates = places.flatMap((place, nth) => {
    const { address } = place.operand;
    const isWrong = address !== undefined && (address === fault || layout.half(address) === 'non-canonical');
    return isWrong ? [{ place, nth, meeting: 'equal' as const }] : [];
  });
  const met = candidates.find(({ place }) => place.operand.address === fault) ?? candidates[0];
  if (met === undefined) return undefined;
  const shadow = shadowConclusion(scene, met);
  if (shadow !== undefined) return shadow;
  const { operand } = met.place;
  const done = `${accessWords(operand.access, operand.size)} at ${addressWords(operand)}`;
  const isCanonical = operand.address !== undefined && layout.half(operand.address) !== 'non-canonical';
  // LASS (6.19) raises #GP for addresses of user space.
  if (isCanonical) return conclude(scene, met, 'equal', done);
  return conclude(scene, met, 'not-canonical', `${done}, which is not canonical`);
}
