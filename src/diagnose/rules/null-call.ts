import { hex } from '../../util/words.ts';
import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** The first page is never mapped: the kernel itself calls an address in it NULL (arch/x86/mm/fault.c). */
const firstPage = 4096n;

/** A call through a function pointer that is NULL. */
export const nullCall: Rule = {
  name: 'null-call',
  tier: 'cause',
  find(subject) {
    const { address, access, report } = subject;
    if (!subject.isKind('oops/')) return undefined;
    if (access !== 'execute' || address === undefined || address >= firstPage || report.fault?.mode === 'user') {
      return undefined;
    }
    const { accessed, wrong } = report.explanation ?? {};
    const called = accessed?.name ?? wrong?.name;
    // A call leaves its return address on the stack: then the first frame behind is the caller.
    const caller = subject.callerAfter(report.frames[0]?.function === undefined ? -1 : 0);
    const what =
      address === 0n
        ? called === undefined
          ? 'called a function pointer that is NULL'
          : `called ${called}, which is NULL`
        : `jumped to address ${hex(address)}, close to NULL`;
    return {
      confidence: caller === undefined || address !== 0n ? 'likely' : 'certain',
      sentence: `${subject.blamed} ${what}.`,
      evidence: accessEvidence(subject),
      against: [
        caller === undefined
          ? 'No frame of a caller was printed: a return to an overwritten return address looks the same.'
          : undefined,
      ],
    };
  },
};
