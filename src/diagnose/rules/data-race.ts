import type { RaceAccess } from '../../model/details-sanitizer.ts';
import { count, hex, listed } from '../../util/words.ts';
import { call, didWords } from '../phrases.ts';
import type { Rule } from '../rule.ts';

function side({ access, words, function: name, cpu, interrupt, task }: RaceAccess): string {
  const where = name === undefined ? 'somebody' : call(name);
  const on = cpu === undefined ? '' : ` on CPU ${cpu}`;
  const by = interrupt === true ? ' in an interrupt' : task === undefined ? '' : ` in ${task}`;
  const marked = words.length === 0 ? '' : ` (${words.join(', ')})`;
  return `${where}${on}${by} ${didWords[access]}${marked}`;
}

/** kernel/kcsan/report.c */
export const dataRace: Rule = {
  name: 'data-race',
  tier: 'cause',
  find(subject) {
    const details = subject.details('kcsan');
    if (details === undefined) return undefined;
    const { accesses, unknownOrigin, oldValue, newValue } = details;
    const [first] = accesses;
    const size = first?.size === undefined ? 'the same memory' : `the same ${count(first.size, 'byte')}`;
    const sides = accesses.slice(0, 2).map(side);
    const both = unknownOrigin
      ? `${sides[0] ?? 'somebody accessed'} ${size} while something unknown changed them`
      : `${listed(sides)} ${size}`;
    return {
      confidence: 'certain',
      sentence: `${capitalizedName(both)} at the same time, without anything that orders them.`,
      evidence: [
        { ...subject.headline(), ...(first?.address !== undefined && { address: first.address }) },
        oldValue === undefined || newValue === undefined
          ? undefined
          : subject.said(`the value went from ${hex(oldValue)} to ${hex(newValue)}`),
      ],
      against: ['Some races are meant and harmless; these want READ_ONCE(), WRITE_ONCE() or data_race() to say so.'],
    };
  },
};

/** Names of functions keep their letters. */
function capitalizedName(text: string): string {
  return text.startsWith('somebody') ? `S${text.slice(1)}` : text;
}
