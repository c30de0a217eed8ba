import { hex } from '../../util/words.ts';
import { quoted } from '../phrases.ts';
import type { Rule } from '../rule.ts';

/** bad_page() and dump_page() in mm, print_bad_pte() in mm/memory.c */
export const badPage: Rule = {
  name: 'bad-page',
  tier: 'cause',
  find(subject) {
    const details = subject.details('bad-page');
    if (details === undefined) return undefined;
    const { pfn, reason, referenceCount, mapCount, flags, pte, pmd, mapping } = details;
    const facts = [
      referenceCount === undefined ? '' : `reference count ${referenceCount}`,
      mapCount === undefined ? '' : `map count ${mapCount}`,
      flags === undefined ? '' : `flags ${flags}`,
      mapping === undefined ? '' : `mapping ${hex(mapping)}`,
      pmd === undefined ? '' : `pmd ${hex(pmd)}`,
    ].filter((fact) => fact !== '');
    const which = pfn === undefined ? 'A page' : `Page frame ${hex(pfn)}`;
    return {
      confidence: 'certain',
      sentence:
        pte === undefined
          ? `${which} is not as a page must be when it is allocated or freed${reason === undefined ? '' : ` (${quoted(reason)})`}; noticed${subject.inBlamed === '' ? ' by the kernel' : subject.inBlamed}.`
          : `A page-table entry (${hex(pte)}) points to a page that does not fit; noticed${subject.inBlamed === '' ? ' by the kernel' : subject.inBlamed}.`,
      evidence: [subject.headline(), facts.length === 0 ? undefined : subject.said(`the page: ${facts.join(', ')}`)],
      against: ['Who notices is rarely who did it: a reference too few, a write over struct page, or bad memory.'],
    };
  },
};
