import type { HungTaskDetails } from '../../model/details-locking.ts';
import type { Evidence } from '../../model/explanation.ts';
import type { CrashReport } from '../../model/report.ts';
import { call, callOf, taskWords } from '../phrases.ts';
import type { Conclusion, Rule } from '../rule.ts';
import { Subject } from '../subject.ts';
import { waitOf } from '../waits.ts';

/** Waiters that are followed at most. */
const longestWay = 8;
/** Reports that are looked at: a hang of a big machine makes hundreds. */
const mostReports = 200;

interface Waiter {
  readonly details: HungTaskDetails;
  readonly report: CrashReport;
  readonly owner: number | undefined;
}

/** The lock that a task wants is the last that lockdep noted for it: it notes before it waits. */
const wantedAddress = ({ held = [] }: HungTaskDetails): bigint | undefined => held.at(-1)?.address;

const holds = ({ held = [] }: HungTaskDetails, address: bigint): boolean =>
  held.slice(0, -1).some((lock) => lock.address === address);

function waitersOf(reports: readonly CrashReport[]): Map<number, Waiter> {
  const hung = reports.slice(0, mostReports).flatMap((report) => {
    const { details } = report;
    return details?.of === 'hung-task' && details.pid !== undefined ? [{ details, report, pid: details.pid }] : [];
  });
  const waiters = new Map<number, Waiter>();
  for (const { details, report, pid } of hung) {
    if (waiters.has(pid)) continue;
    const wanted = wantedAddress(details);
    const byLock =
      wanted === undefined ? undefined : hung.find((other) => other.pid !== pid && holds(other.details, wanted))?.pid;
    waiters.set(pid, { details, report, owner: details.owner?.pid ?? byLock });
  }
  return waiters;
}

/** The PIDs of a circle that a task waits in, or for. */
function circleFrom(start: number, waiters: ReadonlyMap<number, Waiter>): number[] {
  const way: number[] = [];
  let pid: number | undefined = start;
  while (pid !== undefined && !way.includes(pid) && way.length < longestWay) {
    way.push(pid);
    pid = waiters.get(pid)?.owner;
  }
  const begin = pid === undefined ? -1 : way.indexOf(pid);
  const circle = begin < 0 ? [] : way.slice(begin);
  return circle.length > 1 ? circle : [];
}

const nameOf = ({ details }: Waiter): string => taskWords(details.task, details.pid) ?? 'a task';

/** What one of a circle of two holds and wants, a line each. */
function columnOf(waiter: Waiter, other: Waiter): string[] {
  const { details, report } = waiter;
  const { culprit } = report;
  // Only lockdep tells the names of locks; otherwise it is what one wants that the other holds.
  const lockOf = ({ details: of, report: seen }: Waiter): string =>
    of.held?.at(-1)?.name ?? `the ${of.blockedOn ?? waitOf(new Subject(seen))?.words.replace(/^an? /, '') ?? 'lock'}`;
  const named = details.held?.at(-1) !== undefined;
  const name = other.details.task ?? 'the other';
  return [
    nameOf(waiter),
    culprit === undefined ? '' : `in ${call(culprit.function)}`,
    `holds ${lockOf(other)}${named ? '' : ` that ${name} wants`}`,
    `wants ${lockOf(waiter)}${named ? '' : ` that ${name} holds`}`,
  ];
}

/** Two tasks side by side. */
function twoColumns(left: readonly string[], right: readonly string[]): string[] {
  const width = Math.min(44, Math.max(...left.map((line) => line.length))) + 4;
  return left.map((line, index) => `${line.padEnd(width)}${right[index] ?? ''}`.trimEnd());
}

function byHungTasks(subject: Subject): Conclusion | undefined {
  const pid = subject.details('hung-task')?.pid;
  if (pid === undefined) return undefined;
  const waiters = waitersOf([subject.report, ...(subject.context.others ?? [])]);
  const circle = circleFrom(pid, waiters).flatMap((each) => waiters.get(each) ?? []);
  const [first, second] = circle;
  if (first === undefined || second === undefined) return undefined;
  const likely = circle.some(({ details }) => details.owner?.likely === true);
  const names = [...circle, first].map(nameOf);
  const outside = circle.some(({ details }) => details.pid === pid)
    ? ''
    : `${taskWords(subject.report.task?.comm, pid) ?? 'A task'} waits for a circle of tasks: `;
  const evidence = circle.map(
    ({ details, report }): Evidence => ({
      words: `task ${taskWords(details.task, details.pid) ?? ''} waits${report.culprit === undefined ? '' : ` in ${callOf(report.culprit.function, report.culprit.module)}`}`,
      firstLine: report.range.firstLine,
      lastLine: report.range.lastLine,
    }),
  );
  return {
    confidence: likely ? 'likely' : 'certain',
    sentence: `${outside === '' ? 'A deadlock: ' : outside}${names[0]} waits for ${names.slice(1).join(', which waits for ')}.`,
    evidence: [subject.headline(), ...evidence],
    ...(circle.length === 2 && { drawing: twoColumns(columnOf(first, second), columnOf(second, first)) }),
    against: [likely ? 'The kernel names the holders as likely ones: they may have changed since.' : undefined],
  };
}

function bySpinlock(subject: Subject): Conclusion | undefined {
  const details = subject.details('spinlock');
  if (details === undefined || !/recursion|lockup/.test(details.problem)) return undefined;
  const { ownerPid, pid, cpu, ownerCpu, lock } = details;
  const same = /recursion/.test(details.problem) || (ownerPid !== undefined && ownerPid === pid && ownerCpu === cpu);
  const owner = taskWords(details.owner, ownerPid);
  return {
    confidence: 'certain',
    sentence: same
      ? `${subject.blamed} takes a spinlock${lock === undefined ? '' : ` (${lock})`} that its own CPU holds already: it waits for itself.`
      : `${subject.blamed} has waited seconds for a spinlock${lock === undefined ? '' : ` (${lock})`}${owner === undefined ? '' : ` that ${owner}${ownerCpu === undefined || ownerCpu < 0 ? '' : ` on CPU ${ownerCpu}`} holds`}.`,
    evidence: [subject.headline(), owner === undefined ? undefined : subject.said(`its owner is ${owner}`)],
  };
}

/** Tasks or CPUs that wait for each other, or for themselves. */
export const deadlock: Rule = {
  name: 'deadlock',
  tier: 'cause',
  find: (subject) => byHungTasks(subject) ?? bySpinlock(subject),
};
