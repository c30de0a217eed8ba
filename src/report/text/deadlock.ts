import type { HungTaskDetails } from '../../model/details-locking.ts';
import type { FileResult } from '../../model/document.ts';
import type { Incident } from '../../model/incident.ts';
import { printable } from '../escape.ts';

/** Waiters that are followed at most. */
const longestWay = 8;

interface Waiter {
  readonly name: string;
  readonly owner: number | undefined;
}

/** The tasks of an incident that were reported as hung, by PID, with whom each waits for. */
function waitersOf(file: FileResult, incident: Incident): Map<number, Waiter> {
  const waiters = new Map<number, Waiter>();
  for (const index of [incident.root, ...incident.follow.map(({ report }) => report)]) {
    const details = file.reports[index]?.details;
    if (details?.of !== 'hung-task' || details.pid === undefined || waiters.has(details.pid)) continue;
    waiters.set(details.pid, { name: nameOf(details), owner: details.owner?.pid });
  }
  return waiters;
}

const nameOf = ({ task, pid }: HungTaskDetails): string => `${task ?? 'a task'} (PID ${pid})`;

/**
 * That hung tasks wait for each other in a circle, which no report alone tells: kernels since 6.16 name the likely
 * holder of what each waits for (kernel/hung_task.c, debug_show_blocker()). Nothing if they do not.
 */
export function deadlockSentence(file: FileResult, incident: Incident): string | undefined {
  const waiters = waitersOf(file, incident);
  const way: number[] = [];
  let pid = file.reports[incident.root]?.task?.pid;
  // The root may be one that waits for a task of the circle without being in it.
  while (pid !== undefined && !way.includes(pid) && way.length < longestWay) {
    way.push(pid);
    pid = waiters.get(pid)?.owner;
  }
  const begin = pid === undefined ? -1 : way.indexOf(pid);
  const [one, ...others] = begin < 0 ? [] : way.slice(begin).map((each) => waiters.get(each)?.name ?? '');
  if (one === undefined || others.length === 0) return undefined;
  return printable(`A deadlock: ${one} waits for ${[...others, one].join(', which waits for ')}.`);
}
