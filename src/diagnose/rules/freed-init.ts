import { accessEvidence } from '../access.ts';
import { callOf } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** Code or data of __init sections, which the kernel frees when it has started (free_initmem()). */
export const freedInit: Rule = {
  name: 'freed-init',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/')) return undefined;
    const [top] = subject.report.frames;
    const bad = subject.badValue('init-text', 'init-poison');
    const inText = top?.initText === true && (subject.access === 'execute' || subject.isKind('oops/int3'));
    if (!inText && bad === undefined) return undefined;
    const target = bad?.meaning.target ?? (top?.function === undefined ? undefined : callOf(top.function, top.module));
    const execute = inText || subject.access === 'execute';
    const what = target === undefined ? '__init memory' : `${target}, which is __init`;
    return {
      confidence: 'likely',
      sentence: execute
        ? `${subject.blamed} called ${what}: that code was freed when the kernel had started.`
        : `${subject.who} used ${what}: that memory was freed when the kernel had started.`,
      evidence: accessEvidence(subject),
      against: ['The address may be stale, and the memory be used for something else by now.'],
    };
  },
};
