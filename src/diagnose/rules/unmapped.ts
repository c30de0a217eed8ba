import type { ValueClass } from '../../model/explanation.ts';
import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt, memberReach } from '../access.ts';
import type { Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** What it means that nothing is mapped in a part of the address space, as a guess. */
const guesses: Partial<Readonly<Record<ValueClass, string>>> = {
  vmalloc: 'freed by vfree(), or beyond the end of its area',
  'direct-map': 'a page taken out of the direct map, or no memory at all',
  vmemmap: 'the struct page of memory that is not there: a damaged page pointer or frame number',
  module: 'of a module that was removed, or a damaged pointer',
  fixmap: 'a fixed mapping that is not set up',
  'per-cpu': 'per-CPU data that was freed, or used without the base of the CPU',
};

/** What the linker gave a per-CPU variable is no place in memory: only with the base of a CPU it is. */
function usedAsIs({ report }: Subject): string | undefined {
  const [first] = report.explanation?.origins ?? [];
  const name = /^the address of the per-CPU variable ([\w.$]{1,128})/.exec(first?.words ?? '')?.[1];
  return name === undefined
    ? undefined
    : `because the address of the per-CPU variable ${name} was used without the base of a CPU (this_cpu_ptr(), per_cpu_ptr())`;
}

/** The index of an operand is what leads astray, and not the pointer that it is added to. */
function tooFar(subject: Subject): string | undefined {
  const { instruction, pointer } = subject;
  const { register, value } = pointer;
  const { base, index } = instruction?.operands[instruction.faulting ?? -1] ?? {};
  if (register === undefined || register !== index || base === undefined || base === index || value === undefined)
    return undefined;
  return `beyond the end of what ${subject.registerWords(base)} points to, as ${subject.registerWords(register)}, which is added, is ${hex(value)}`;
}

/** A kernel address where nothing is mapped. */
export const unmapped: Rule = {
  name: 'unmapped',
  tier: 'general',
  find(subject) {
    const { address, access, pointer } = subject;
    if (address === undefined || access === 'execute' || !subject.isKind('oops/page-fault', 'oops/other'))
      return undefined;
    const meaning = subject.addressMeaning;
    // Nearly any number is the shadow of something; only the instruction shows that it was meant so.
    const isStray = meaning?.class === 'kasan-shadow' && (subject.instruction?.verdict ?? 'shadow') !== 'shadow';
    const told = meaning === undefined || meaning.class === 'bit-flip' || isStray ? '' : meaning.words;
    const where = told === '' ? '' : told.startsWith('in ') ? ` ${told}` : ` (${told})`;
    const guess = usedAsIs(subject) ?? tooFar(subject) ?? (meaning === undefined ? undefined : guesses[meaning.class]);
    const { value } = pointer;
    // What is added to a register may be more of the address than what is in it.
    const known = value !== undefined && address - value >= 0n && address - value < memberReach;
    const does = known
      ? `${accessThrough(subject, `points to ${hex(value)}${where}`, 'a pointer')}, where nothing is mapped`
      : `${didAt(subject)} address ${hex(address)}${where}, where nothing is mapped`;
    return {
      confidence: 'likely',
      sentence: `${subject.who} ${does}${guess === undefined ? '' : `: perhaps ${guess}`}.`,
      evidence: accessEvidence(subject),
      against: [accessDoubt(subject)],
    };
  },
};
