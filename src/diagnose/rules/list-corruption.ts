import type { ListCorruptionDetails } from '../../model/details-other.ts';
import { hex } from '../../util/words.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** Wordings of lib/list_debug.c, 3.x to 7.x, and what each says of the list. */
const wordings: readonly { readonly says: RegExp; readonly words: string }[] = [
  { says: /is LIST_POISON|LIST_POISON[12] /, words: 'the entry was deleted already' },
  { says: /double add/, words: 'the entry is on that list already' },
  { says: /is NULL/, words: 'a pointer of the entry is NULL: it was never put on a list, or was cleared' },
  { says: /prev->next should be (?:next|prev)/, words: 'the neighbour before does not point to the neighbour behind' },
  {
    says: /next->prev should be (?:next|prev)/,
    words: 'the neighbour behind does not point back to the neighbour before',
  },
  { says: /prev->next should be/, words: 'the neighbour before does not point to the entry' },
  { says: /next->prev should be/, words: 'the neighbour behind does not point back to the entry' },
];

function foundWords({ found, poison }: ListCorruptionDetails): string {
  if (poison !== undefined) return ` but to ${poison}`;
  return found === undefined ? '' : ` but to ${hex(found)}`;
}

/** A list whose entries do not point at each other. */
export const listCorruption: Rule = {
  name: 'list-corruption',
  tier: 'cause',
  find(subject) {
    const details = subject.details('list-corruption');
    if (details === undefined || details.message === '') {
      return details !== undefined || subject.isKind('bug/list-corruption', 'warning/list-corruption')
        ? {
            confidence: 'certain',
            sentence: `${subject.blamed} met a linked list whose entries do not point at each other.`,
            evidence: [subject.headline()],
          }
        : undefined;
    }
    const { operation, message, poison, found } = details;
    const does = operation === 'add' ? 'adds an entry to' : operation === 'del' ? 'deletes an entry of' : 'works on';
    const wording = wordings.find(({ says }) => says.test(message))?.words;
    const what =
      wording === undefined ? quoted(message) : `${wording}${/point/.test(wording) ? foundWords(details) : ''}`;
    const stale = poison !== undefined || /already|never/.test(wording ?? '');
    return {
      confidence: 'certain',
      sentence: `${subject.blamed} ${does} a list that is damaged: ${what}.`,
      evidence: [
        { ...subject.said(`the check says: ${quoted(message)}`), ...(found !== undefined && { address: found }) },
        poison === undefined || /already/.test(wording ?? '')
          ? undefined
          : subject.said(`the value found is ${poison}: that neighbour was deleted or freed`),
      ],
      against: [
        stale
          ? undefined
          : 'Who meets a damaged list is rarely who damaged it: it was written over, or changed without its lock.',
      ],
    };
  },
};
