import type { Evidence } from '../../../model/explanation.ts';
import type { LiveTask } from '../../../model/live.ts';
import type { HangFacts, HangRule } from '../facts.ts';
import { initcallOf, userWait } from '../user-waits.ts';
import { listWords } from '../words.ts';

/** Programs whose waits are told. */
const mostPrograms = 6;

/** enum system_states (include/linux/kernel.h): before it has run anything of user space. */
const booting: ReadonlySet<string> = new Set(['SYSTEM_BOOTING', 'SYSTEM_SCHEDULING', 'SYSTEM_FREEING_INITMEM']);

/** No CPU does anything that it should not: all idle, or in user space. Then it is user space that waits. */
export const nothingWrong: HangRule = {
  name: 'nothing-wrong',
  find: (facts) => {
    const { cpus, progress, tasks } = facts;
    const online = cpus.filter(({ state }) => state !== 'offline');
    const idle = online.filter(({ state }) => state === 'idle');
    const user = online.filter(({ state }) => state === 'user');
    if (online.length === 0 || (idle.length + user.length < online.length && !isBooting(facts))) return [];
    const runs = user.map(
      ({ id, comm, pid }) =>
        `CPU ${id} runs ${comm ?? 'a program'}${pid === undefined ? '' : ` (pid ${pid})`} in user space`,
    );
    const busy = online.length - idle.length - user.length;
    const words = [
      ...runs,
      ...(idle.length === 0
        ? []
        : [
            idle.length === online.length
              ? 'all CPUs are idle'
              : `${listWords(idle.map(({ id }) => `CPU ${id}`))} ${idle.length === 1 ? 'is' : 'are'} idle`,
          ]),
      ...(busy === 0 ? [] : [`${busy} ${busy === 1 ? 'CPU is' : 'CPUs are'} in the kernel`]),
    ];
    const init = tasks.find(({ pid }) => pid === 1);
    const boot = booting.has(progress?.systemState ?? '') ? bootWords(init) : undefined;
    const start = boot === undefined ? 'The kernel does not hang' : 'The kernel still boots';
    const waits = boot === undefined && user.length === 0 ? waitWords(init) : '';
    return [
      {
        confidence: 'likely',
        sentence: `${start}: ${boot === undefined ? '' : `${boot}; `}${listWords(words)}${waits}.`,
        evidence: evidenceOf(tasks),
        circumstance: true,
      },
    ];
  },
};

const isBooting = ({ progress }: HangFacts): boolean => booting.has(progress?.systemState ?? '');

function bootWords(init: LiveTask | undefined): string {
  const call = init === undefined ? undefined : initcallOf(init.frames);
  return call === undefined ? 'user space has not begun' : `it is in ${call}()`;
}

function waitWords(init: LiveTask | undefined): string {
  const words = init && userWait(init);
  return words === undefined ? '' : `, and ${init?.comm} (pid 1) ${words}`;
}

/** What programs wait for, init first. */
function evidenceOf(tasks: readonly LiveTask[]): Evidence[] {
  const programs = tasks.filter(
    ({ isKernelThread, pid, state }) => isKernelThread === false && pid > 0 && state !== 'R',
  );
  const first = programs.filter(({ pid }) => pid === 1);
  const shown = [...first, ...programs.filter(({ pid }) => pid !== 1)].slice(0, mostPrograms);
  return shown.map((task) => ({
    words: `${task.comm} (pid ${task.pid}) ${userWait(task) ?? `is in state ${task.state}`}`,
  }));
}
