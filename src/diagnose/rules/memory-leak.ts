import { count, hex } from '../../util/words.ts';
import { taskWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** mm/kmemleak.c */
export const memoryLeak: Rule = {
  name: 'memory-leak',
  tier: 'cause',
  find(subject) {
    const details = subject.details('kmemleak');
    if (details === undefined) return undefined;
    const { size, address, task, pid, ageSeconds } = details;
    const who = taskWords(task, pid);
    // Its own notes, where the stack has nothing else.
    const isNote = /^(?:kmemleak_\w+|_*create_object)\b/.test(subject.blamedCall ?? '');
    const by = (isNote ? undefined : subject.blamedCall) ?? 'somebody';
    return {
      confidence: 'likely',
      sentence: `Nothing points any more to ${size === undefined ? 'an object' : `an object of ${count(size, 'byte')}`} that ${by} allocated${who === undefined ? '' : ` in ${who}`}: it leaked.`,
      evidence: [
        address === undefined ? undefined : { ...subject.said(`it is at ${hex(address)}`), address },
        ageSeconds === undefined ? undefined : subject.said(`it is ${count(Math.round(ageSeconds), 'second')} old`),
      ],
      against: [
        'A pointer that is stored with an offset, or in a device, is not found; a second scan that says the same makes it surer.',
      ],
    };
  },
};
