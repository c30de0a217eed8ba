import { hex } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

const stateWords: Readonly<Record<string, string>> = {
  active: 'is active (armed, queued or in use)',
  'not available': 'was never initialized',
  destroyed: 'was destroyed already',
  'not initialized': 'was never initialized',
};

/** debug_object_*() of lib/debugobjects.c, as what was done. */
const operationWords: Readonly<Record<string, string>> = {
  init: 'initialized',
  activate: 'activated',
  deactivate: 'deactivated',
  destroy: 'destroyed',
  free: 'freed',
  assert_init: 'used',
  active_state: 'used',
};

/** lib/debugobjects.c */
export const debugObject: Rule = {
  name: 'debug-object',
  tier: 'cause',
  find(subject) {
    const details = subject.details('debug-object');
    if (details === undefined) return undefined;
    const { operation, state, object, objectType, hint } = details;
    const type = objectType ?? 'object';
    const is =
      state === undefined ? 'is in a wrong state' : (stateWords[state.trim().toLowerCase()] ?? `is in state ${state}`);
    const did = operationWords[operation ?? ''] ?? 'used';
    const article = /^[aeiou]/.test(type) ? 'an' : 'a';
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ${did} ${article} ${type} that ${is}${hint === undefined ? '' : ` (its function is ${hint})`}.`,
      evidence: [
        subject.headline(),
        object === undefined ? undefined : { ...subject.said(`it is at ${hex(object)}`), address: object },
      ],
    };
  },
};
