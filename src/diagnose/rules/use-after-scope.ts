import { count } from '../../util/words.ts';
import { didWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** A local variable used after its block ended. */
export const useAfterScope: Rule = {
  name: 'use-after-scope',
  tier: 'cause',
  find(subject) {
    const details = subject.details('kasan');
    if (details === undefined || !/use-after-scope/.test(details.bug)) return undefined;
    const { access, size, stack } = details;
    const frame = stack?.function === undefined ? '' : ` of ${stack.function}()`;
    const bytes = size === undefined ? '' : ` ${count(size, 'byte')} of`;
    const names = (stack?.variables ?? []).slice(0, 4).map(({ name }) => name);
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ${access === undefined ? 'accessed' : didWords[access]}${bytes} a local variable${frame} whose block had ended.`,
      evidence: [
        subject.headline(),
        names.length === 0 ? undefined : subject.said(`the stack frame holds ${names.join(', ')}`),
      ],
    };
  },
};
