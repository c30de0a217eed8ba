import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Rule } from '../rule.ts';

/** An address that cannot exist: no poison, no text, nothing known. */
export const wildPointer: Rule = {
  name: 'wild-pointer',
  tier: 'general',
  find(subject) {
    const { address } = subject;
    const kasan = subject.details('kasan');
    const wild = kasan !== undefined && /wild-memory-access/.test(kasan.bug);
    const bad = subject.badValue('non-canonical', 'other-poison');
    if (!wild && (!subject.isKind('oops/') || bad === undefined)) return undefined;
    const inPointer = bad !== undefined && subject.pointer.meaning === bad.meaning;
    const words = bad?.meaning.words ?? 'no address of anything that is there';
    return {
      confidence: 'likely',
      sentence: inPointer
        ? `${subject.who} ${accessThrough(subject, `holds ${hex(bad.meaning.value)}: ${words}`, 'a pointer that points nowhere')}.`
        : `${subject.who} ${didAt(subject)} ${address === undefined ? 'memory by an address' : `address ${hex(address)}`}, which is ${words}: the pointer was overwritten, or never set.`,
      evidence: accessEvidence(subject),
      against: [accessDoubt(subject)],
    };
  },
};
