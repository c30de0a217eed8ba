import type { Evidence } from '../../../model/explanation.ts';
import type { LockKind, Verdict } from '../../../model/live.ts';
import type { Thread } from '../../thread.ts';
import type { Site } from '../../waits/wait.ts';
import { type CycleStep, findCycles } from '../cycles.ts';
import type { ExplainedFault, HangFacts, HangRule } from '../facts.ts';
import { accessWords, blamed, faultFunction, faultPlace } from '../fault-words.ts';
import { holdsWords, listWords, locationOf, lockWords, siteEvidence, siteFunction, siteWords, who } from '../words.ts';

/** Threads that wait for each other, or one that waits for itself. */
export const lockCycle: HangRule = {
  name: 'lock-cycle',
  find: (facts) =>
    findCycles(facts.contentions).map((cycle) => {
      const [step] = cycle;
      if (step !== undefined && cycle.length === 1) return selfDeadlock(facts, step);
      return circle(facts, cycle);
    }),
};

function selfDeadlock(facts: HangFacts, { wait, contention, holder }: CycleStep): Omit<Verdict, 'rule'> {
  const { thread } = wait.site;
  const taken = holder.site;
  const fault = taken === undefined ? undefined : faultBetween(facts, thread, wait.site.nth, taken.nth);
  const at = fault === undefined ? siteWords(wait.site) : '';
  const wants = `${siteFunction(wait.site)} waits${at} for ${lockWords(contention)}`;
  const took = taken === undefined ? 'that it has already' : tookWords(wait.site, taken, fault !== undefined);
  const before = fault === undefined ? '' : ` before it ${accessWords(fault)}${faultPlace(fault)}`;
  const others = contention.waits.filter(({ site }) => site.thread !== thread);
  const evidence: Evidence[] = [
    siteEvidence(`waits for ${lockWords(contention)}`, wait.site),
    ...(taken === undefined ? [] : [siteEvidence('took it', taken)]),
    ...(fault === undefined ? [] : [faultEvidence(fault)]),
    ...lockEvidence(contention),
    ...(others.length === 0
      ? []
      : [
          {
            words: `${listWords(others.map(({ site }) => who(site.thread)))} ${others.length === 1 ? 'waits' : 'wait'} for it too`,
          },
        ]),
  ];
  const [first, second] =
    taken !== undefined && isInterrupted(wait.site, taken) ? [taken, wait.site] : [wait.site, taken];
  const place = fault === undefined ? first.at : blamed(fault);
  return {
    confidence: taken === undefined && holder.task === undefined ? 'likely' : 'certain',
    sentence: `${who(thread)} deadlocked on itself: ${wants} ${took}${before}.`,
    evidence,
    location: locationOf(place),
    ...(fault === undefined && second !== undefined && { otherLocations: [locationOf(second.at)] }),
  };
}

/** The fault that was taken with the lock held: between where it is wanted and where it was taken. */
function faultBetween(facts: HangFacts, thread: Thread, inner: number, outer: number): ExplainedFault | undefined {
  return facts.faults.find(
    (fault) => fault.thread === thread && fault.nth > inner && fault.nth < outer && !fault.entry.isUser,
  );
}

const entriesBetween = (wanted: Site, taken: Site) =>
  wanted.thread.raw.frames.slice(wanted.nth, taken.nth).flatMap(({ entry }) => entry ?? []);

/** Whether an interrupt on top of who has the lock wants it: then it is taken where it should have been kept from that. */
function isInterrupted(wanted: Site, taken: Site): boolean {
  const last = entriesBetween(wanted, taken).at(-1);
  return last !== undefined && (last.kind === 'interrupt' || last.kind === 'nmi');
}

/** `that it took itself at foo.c:12`, `that foo, interrupted on the same CPU, took at foo.c:12`. */
function tookWords(wanted: Site, taken: Site, isFault: boolean): string {
  const between = entriesBetween(wanted, taken);
  const where = wanted.thread.cpu === undefined ? 'in the same task' : 'on the same CPU';
  if (isInterrupted(wanted, taken) && !isFault)
    return `that ${siteFunction(taken)}, interrupted ${where}, took${siteWords(taken)}`;
  if (between.length > 0) return `that ${siteFunction(taken)}, ${where}, took${siteWords(taken)}`;
  return siteFunction(taken) === siteFunction(wanted)
    ? `that it took itself${siteWords(taken)}`
    : `that ${siteFunction(taken)}, which called it, took${siteWords(taken)}`;
}

function faultEvidence(fault: ExplainedFault): Evidence {
  return {
    words: `${who(fault.thread)} ${accessWords(fault)}${faultFunction(fault)}; pt_regs at 0x${fault.entry.ptRegs.toString(16)}; ${fault.judgement.why}`,
    address: fault.entry.ptRegs,
  };
}

function lockEvidence({ address, value, name }: CycleStep['contention']): Evidence[] {
  if (address === undefined) return [];
  const words = `${name ?? 'The lock'} at 0x${address.toString(16)}${value === undefined ? '' : ` holds ${value}`}`;
  return [{ words, address }];
}

function circle(_facts: HangFacts, cycle: readonly CycleStep[]): Omit<Verdict, 'rule'> {
  const parts = cycle.map(({ wait, contention, holder }) => {
    const has = holdsWords(contention, { how: holder.how, ...(holder.thread && { thread: holder.thread }) });
    const took = holder.site === undefined ? '' : ` (taken${siteWords(holder.site)} in ${siteFunction(holder.site)})`;
    return `${who(wait.site.thread)} waits${siteWords(wait.site)} in ${siteFunction(wait.site)} for ${lockWords(contention)} that ${has}${took}`;
  });
  const names = cycle.map(({ wait }) => who(wait.site.thread));
  const [first] = cycle;
  return {
    confidence: 'certain',
    sentence: `${listWords(names)} deadlocked on each other: ${parts.join(', ')}.`,
    evidence: cycle.flatMap(({ wait, contention, holder }) => [
      siteEvidence(`waits for ${lockWords(contention)}`, wait.site),
      ...(holder.site === undefined ? [] : [siteEvidence(`took ${lockWords(contention)}`, holder.site)]),
      ...lockEvidence(contention),
    ]),
    drawing: drawing(cycle),
    ...(first !== undefined && { location: locationOf(first.wait.site.at) }),
  };
}

/** Two columns, as lockdep draws its chains: who has what, and wants what. */
function drawing(cycle: readonly CycleStep[]): string[] {
  const rows = cycle.map(({ wait, contention }, nth) => {
    const before = cycle[(nth + cycle.length - 1) % cycle.length];
    const has =
      before === undefined
        ? ''
        : `${lockName(before)}${before.holder.site === undefined ? '' : siteWords(before.holder.site)}`;
    const verb = before?.contention.kind === 'ipi' ? 'owes' : 'has';
    return [who(wait.site.thread), `${verb} ${has}`, `wants ${lockName({ contention })}${siteWords(wait.site)}`];
  });
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const shortNames: Partial<Readonly<Record<LockKind, string>>> = {
  ipi: 'an answer',
  rcu: 'RCU',
  'stop-machine': 'stop_machine()',
};

const lockName = ({ contention }: Pick<CycleStep, 'contention'>): string =>
  shortNames[contention.kind] ??
  contention.name ??
  (contention.address === undefined ? 'a lock' : `0x${contention.address.toString(16)}`);
