import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, standsThere } from '../access.ts';
import type { Rule } from '../rule.ts';

/** A write to memory that is mapped read-only. */
export const readOnlyWrite: Rule = {
  name: 'read-only-write',
  tier: 'cause',
  find(subject) {
    const { address, report } = subject;
    const arm64 = /write to read-only memory/.test(report.reportText.slice(0, 4000));
    if (!subject.isKind('oops/read-only-write') && !(subject.isKind('oops/') && arm64)) return undefined;
    const meaning = subject.addressMeaning;
    if (meaning?.class === 'user') return undefined;
    const { accessed } = report.explanation ?? {};
    const place = address === undefined ? 'memory' : `address ${hex(address)}`;
    const at = accessed === undefined ? place : `${accessed.name}${address === undefined ? '' : ` at ${hex(address)}`}`;
    const where = standsThere(subject);
    return {
      confidence: 'certain',
      sentence: `${subject.who} wrote to ${at}${where}, which is mapped read-only: code, a constant, or data that is not to change after boot.`,
      evidence: accessEvidence(subject),
      against: [accessDoubt(subject)],
    };
  },
};
