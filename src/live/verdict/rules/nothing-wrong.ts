import type { HangRule } from '../facts.ts';
import { listWords } from '../words.ts';

/** No CPU does anything that it should not: all idle, or in user space. Then it is user space that waits. */
export const nothingWrong: HangRule = {
  name: 'nothing-wrong',
  find: ({ cpus, tasks }) => {
    const online = cpus.filter(({ state }) => state !== 'offline');
    if (online.length === 0) return [];
    const idle = online.filter(({ state }) => state === 'idle');
    const user = online.filter(({ state }) => state === 'user');
    if (idle.length + user.length < online.length) return [];
    const init = tasks.find(({ pid }) => pid === 1);
    const runs = user.map(
      ({ id, comm, pid }) =>
        `CPU ${id} runs ${comm ?? 'a program'}${pid === undefined ? '' : ` (pid ${pid})`} in user space`,
    );
    const words = [
      ...runs,
      ...(idle.length === 0
        ? []
        : [
            idle.length === online.length
              ? 'all CPUs are idle'
              : `${listWords(idle.map(({ id }) => `CPU ${id}`))} ${idle.length === 1 ? 'is' : 'are'} idle`,
          ]),
    ];
    return [
      {
        confidence: 'likely',
        sentence: `The kernel does not hang: ${listWords(words)}.`,
        evidence: init === undefined ? [] : [{ words: `${init.comm} (pid 1) is in state ${init.state}` }],
        circumstance: true,
      },
    ];
  },
};
