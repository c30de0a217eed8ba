import { count } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** From here on allocations fail by fragmentation (PAGE_ALLOC_COSTLY_ORDER, include/linux/mmzone.h). */
const costlyOrder = 3;

/** warn_alloc() in mm/page_alloc.c */
export const allocationFailure: Rule = {
  name: 'allocation-failure',
  tier: 'cause',
  find(subject) {
    const details = subject.details('allocation-failure');
    if (details === undefined) return undefined;
    const { order, gfp, task, bytes, stalledMilliseconds } = details;
    const pages =
      order === undefined ? 'pages' : `${count(2 ** order, 'page')}${order === 0 ? '' : ` in a row (order ${order})`}`;
    const what = bytes === undefined ? pages : count(bytes, 'byte');
    const why =
      gfp !== undefined && /GFP_ATOMIC|GFP_NOWAIT/.test(gfp)
        ? ': it may not wait for memory to be freed, so that can happen under load'
        : order !== undefined && order > costlyOrder
          ? ': so many in a row are rarely free'
          : '';
    const got =
      stalledMilliseconds === undefined ? 'did not get' : `waited ${count(stalledMilliseconds, 'millisecond')} for`;
    return {
      confidence: 'certain',
      sentence: `${task ?? 'A task'}${subject.inBlamed} ${got} ${what}${gfp === undefined ? '' : ` with ${gfp}`}${why}.`,
      evidence: [subject.headline()],
    };
  },
};
