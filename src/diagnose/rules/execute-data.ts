import { hex } from '../../util/words.ts';
import { accessEvidence, standsThere } from '../access.ts';
import type { Rule } from '../rule.ts';

/** A jump to memory that holds no code. */
export const executeData: Rule = {
  name: 'execute-data',
  tier: 'cause',
  find(subject) {
    const { address, report } = subject;
    const isNx =
      subject.isKind('oops/nx-exec') || /execute from non-executable memory/.test(report.reportText.slice(0, 4000));
    if (!isNx || subject.access !== 'execute') return undefined;
    const meaning = subject.addressMeaning;
    if (meaning?.class === 'user' || meaning?.class === 'zero' || meaning?.class === 'null-offset') return undefined;
    const { accessed, wrong } = report.explanation ?? {};
    const through = accessed?.name ?? wrong?.name;
    const at = address === undefined ? 'memory' : `address ${hex(address)}`;
    const what = standsThere(subject);
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} jumped${through === undefined ? '' : ` through ${through}`} to ${at}${what}, which is not executable: ${through ?? 'a function pointer or return address'} ${through === undefined ? 'that points' : 'points'} to data.`,
      evidence: accessEvidence(subject),
    };
  },
};
