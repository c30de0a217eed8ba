import type { RaceAccess } from '../../model/details-sanitizer.ts';
import { count, hex } from '../../util/words.ts';
import { call, didWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** `foo() wrote 4 bytes in task cat on CPU 1`. */
function side({ access, words, function: name, cpu, interrupt, task, size }: RaceAccess, first: boolean): string {
  const who = name === undefined ? (first ? 'Something' : 'something') : call(name);
  const what = size === undefined ? '' : ` ${count(size, 'byte')}`;
  const by = interrupt === true ? ' in an interrupt' : task === undefined ? '' : ` in ${task}`;
  const on = cpu === undefined ? '' : ` on CPU ${cpu}`;
  const marked = words.length === 0 ? '' : ` (${words.join(', ')})`;
  return `${who} ${didWords[access]}${first ? what : ' the same'}${by}${on}${marked}`;
}

/** kernel/kcsan/report.c */
export const dataRace: Rule = {
  name: 'data-race',
  tier: 'cause',
  find(subject) {
    const details = subject.details('kcsan');
    if (details === undefined) return undefined;
    const { accesses, unknownOrigin, oldValue, newValue } = details;
    const [one, other] = accesses;
    const first = one === undefined ? 'Something accessed memory' : side(one, true);
    const second = other === undefined || unknownOrigin ? 'something that is not known changed it' : side(other, false);
    return {
      confidence: 'certain',
      sentence: `${first} while ${second}, and nothing orders the two.`,
      evidence: [
        { ...subject.headline(), ...(one?.address !== undefined && { address: one.address }) },
        oldValue === undefined || newValue === undefined
          ? undefined
          : subject.said(`the value went from ${hex(oldValue)} to ${hex(newValue)}`),
      ],
      against: ['Some races are meant and harmless; these want READ_ONCE(), WRITE_ONCE() or data_race() to say so.'],
    };
  },
};
