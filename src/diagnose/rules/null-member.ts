import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, passedWords } from '../access.ts';
import type { Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** The first page is never mapped: the kernel itself calls an address in it NULL (arch/x86/mm/fault.c). */
const firstPage = 4096n;

/** mmap_min_addr as distributions set it: nothing is mapped below. */
const lowestMapping = 0x1_0000n;

function stateOf(value: bigint | undefined): { readonly state: string; readonly noun: string } {
  if (value === undefined || value === 0n) return { state: 'is NULL', noun: 'a NULL pointer' };
  return { state: `is NULL plus ${hex(value)}`, noun: `a pointer to NULL plus ${hex(value)}` };
}

/** Without the instruction the address is all there is. */
function byAddress(subject: Subject, address: bigint): string {
  const does = accessThrough(subject, 'is NULL', 'a NULL pointer');
  return address === 0n
    ? `${subject.who} ${does}: a NULL pointer was followed.`
    : `${subject.who} ${does}: NULL plus ${hex(address)}, most likely a member at that offset of a structure whose pointer was NULL.`;
}

/** A NULL pointer followed, mostly to a member of a structure. */
export const nullMember: Rule = {
  name: 'null-member',
  tier: 'cause',
  find(subject) {
    const { address, access, pointer, report } = subject;
    if (!subject.isKind('oops/') && subject.details('kasan') === undefined) return undefined;
    if (address === undefined && /null-ptr-deref/.test(subject.details('kasan')?.bug ?? '')) {
      return {
        confidence: 'certain',
        sentence: `${subject.who} followed a NULL pointer.`,
        evidence: accessEvidence(subject),
      };
    }
    if (address === undefined || address >= lowestMapping || access === 'execute' || report.fault?.mode === 'user') {
      return undefined;
    }
    const { value } = pointer;
    const isNull = value === 0n;
    // A small number that is no NULL pointer to a member of a member: an index, a length, a handle.
    if (value !== undefined && value >= firstPage) return undefined;
    const said =
      /null-ptr-deref/.test(subject.details('kasan')?.bug ?? '') ||
      /NULL pointer|null-ptr-deref/i.test(report.headline) ||
      subject.isKind('oops/null-deref');
    const known = value !== undefined;
    const madeOfNull = (report.explanation?.origins ?? []).some(({ words }) => /\bthe constant 0$/.test(words));
    return {
      confidence:
        address < firstPage && (isNull || said) ? 'certain' : isNull || address < firstPage ? 'likely' : 'possible',
      sentence: known
        ? `${subject.who} ${accessThrough(subject, stateOf(value).state, stateOf(value).noun)}${passedWords(subject)}.`
        : byAddress(subject, address),
      evidence: accessEvidence(subject),
      against: [
        accessDoubt(subject),
        isNull || madeOfNull || address === 0n
          ? undefined
          : 'A small number used as a pointer gives such an address too: nothing printed tells it from NULL plus an offset.',
      ],
    };
  },
};
