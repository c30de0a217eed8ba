import type { Evidence } from '../../../model/explanation.ts';
import type { LiveTask } from '../../../model/live.ts';
import { isAskedToStop } from '../../debugger.ts';
import { functionsOf } from '../../frames.ts';
import type { CpuFacts, HangFacts, HangRule } from '../facts.ts';
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
    const { cpus, progress, tasks, runState } = facts;
    const online = cpus.filter(({ state }) => state !== 'offline');
    const idle = online.filter(({ state }) => state === 'idle');
    const user = online.filter(({ state }) => state === 'user');
    const asked = online.filter(({ frames }) => isAskedToStop(frames));
    const other = online.filter((cpu) => ![...idle, ...user, ...asked].includes(cpu));
    if (online.length === 0 || !(isBooting(facts) || other.every((cpu) => isMoving(facts, cpu)))) return [];
    const runs = user.map(
      ({ id, comm, pid }) =>
        `CPU ${id} runs ${comm ?? 'a program'}${pid === undefined ? '' : ` (pid ${pid})`} in user space`,
    );
    const words = [
      ...runs,
      ...asked.map(({ id }) => `CPU ${id} is in the kernel's own debugger, as it was told to`),
      ...(idle.length === 0
        ? []
        : [
            idle.length === online.length
              ? 'all CPUs are idle'
              : `${listWords(idle.map(({ id }) => `CPU ${id}`))} ${idle.length === 1 ? 'is' : 'are'} idle`,
          ]),
      ...other.map((cpu) => `CPU ${cpu.id} is in the kernel (${placeWords(cpu)}) for a moment`),
    ];
    const init = tasks.find(({ pid }) => pid === 1);
    const boot = booting.has(progress?.systemState ?? '') ? bootWords(init) : undefined;
    const start =
      boot !== undefined
        ? 'The kernel still boots'
        : other.length === 0
          ? `${runState === 'paused' ? 'The guest is paused, and its kernel' : 'The kernel'} does not hang`
          : 'Nothing wrong was found';
    const waits = boot === undefined && user.length === 0 ? waitWords(init) : '';
    return [
      {
        confidence: other.length === 0 ? 'likely' : 'possible',
        sentence: `${start}: ${boot === undefined ? '' : `${boot}; `}${listWords(words)}${waits}.`,
        evidence: evidenceOf(tasks),
        circumstance: true,
      },
    ];
  },
};

/** Nanoseconds that a CPU may be in the kernel without anybody minding. */
const moment = 1_000_000_000n;

/** A CPU in the kernel that takes its ticks, or has just come to what it does, and that RCU does not wait for. */
function isMoving({ progress, again }: HangFacts, { id, state, thread }: CpuFacts): boolean {
  const movement = state === 'kernel' ? again?.cpus.get(id) : undefined;
  if (movement !== undefined) return movement.kind === 'moved';
  const { ranFor, quietFor } = progress?.cpus.get(id) ?? {};
  if (state !== 'kernel' || (quietFor ?? moment) >= moment) return false;
  const grace = progress?.gracePeriod;
  const isWaitedFor =
    grace?.cpus.includes(id) === true || (thread.task !== undefined && grace?.readers.includes(thread.task) === true);
  if (isWaitedFor && (grace?.age ?? moment) >= moment) return false;
  // An idle task is there always, and no time is kept of it (sched_info_switch() in kernel/sched/stats.h).
  return thread.pid === 0 || (ranFor ?? moment) < moment;
}

const placeWords = ({ frames }: CpuFacts): string => {
  const [frame] = frames;
  const [at] = frame === undefined ? [] : functionsOf(frame);
  return at?.function ?? 'at an unknown place';
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
