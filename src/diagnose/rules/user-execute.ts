import { hex } from '../../util/words.ts';
import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** A jump of the kernel to memory of user space: SMEP, PXN. */
export const userExecute: Rule = {
  name: 'user-execute',
  tier: 'cause',
  find(subject) {
    const { access, address, report } = subject;
    if (!subject.isKind('oops/')) return undefined;
    if (access !== 'execute' || address === undefined || address < 0x1000n || report.fault?.mode === 'user')
      return undefined;
    if (subject.addressMeaning?.class !== 'user') return undefined;
    const { wrong, accessed } = report.explanation ?? {};
    const { register } = subject.pointer;
    const through =
      accessed?.name ?? wrong?.name ?? (register === undefined ? undefined : subject.registerWords(register));
    return {
      confidence: subject.isKind('oops/nx-exec', 'oops/user-access') ? 'certain' : 'likely',
      sentence:
        through === undefined
          ? `${subject.blamed} jumped to address ${hex(address)} of user space: a function pointer or return address was overwritten, or user space was trusted with it.`
          : `${subject.blamed} jumped through ${through} to address ${hex(address)}, which is of user space.`,
      evidence: accessEvidence(subject),
    };
  },
};
