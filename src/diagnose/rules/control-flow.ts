import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

const words: Readonly<Record<string, string>> = {
  'oops/bti': 'branched to a place where no branch may land (BTI)',
  'oops/pointer-authentication': 'used a signed pointer whose signature is wrong (FPAC)',
  'oops/guarded-control-stack': 'returned to another address than it was called from (GCS)',
  'oops/control-protection': 'made a jump or return that the processor did not expect (CET)',
};

/** What the processor checks of branches and returns. */
export const controlFlow: Rule = {
  name: 'control-flow',
  tier: 'general',
  find(subject) {
    const what = words[subject.kind];
    if (what === undefined) return undefined;
    return {
      confidence: 'certain',
      sentence: `${subject.who} ${what}: a return address or function pointer was overwritten, or code without its marks was called.`,
      evidence: accessEvidence(subject),
    };
  },
};
