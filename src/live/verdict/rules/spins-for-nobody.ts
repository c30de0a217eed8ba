import type { Verdict } from '../../../model/live.ts';
import { durationWords } from '../../progress/clock.ts';
import { againEvidence, againTime, stuckOf } from '../again.ts';
import type { CpuFacts, HangFacts } from '../facts.ts';
import { isLong, waitedFor } from '../waited.ts';
import { locationOf, lockWords, siteEvidence, siteFunction, siteWords } from '../words.ts';

/**
 * A CPU that spins for a lock of which nobody is known to have it, for long: perhaps who took it never gave it back.
 */
export function spinsForNobody(facts: HangFacts, cpu: CpuFacts): readonly Omit<Verdict, 'rule'>[] {
  const { contentions } = facts;
  const contention = contentions.find(({ waits }) => waits.some(({ site }) => site.thread === cpu.thread));
  const site = contention?.waits.find((wait) => wait.site.thread === cpu.thread)?.site;
  if (contention === undefined || site === undefined || contention.holders.length > 0) return [];
  if (contention.isFree === true || !spinning.has(contention.kind)) return [];
  const stuck = stuckOf(facts, cpu.id);
  const isKnown = facts.progress !== undefined && isLong(facts, [cpu.thread]);
  if (stuck === undefined && !isKnown) return [];
  const task = cpu.comm === undefined ? '' : ` (${cpu.comm}, pid ${cpu.pid ?? '?'})`;
  const time = (isKnown ? durationWords(waitedFor(facts, cpu.thread)) : undefined) ?? (stuck && againTime(stuck));
  const forTime = time === undefined ? '' : ` for ${time}`;
  return [
    {
      confidence: 'likely',
      sentence: `CPU ${cpu.id}${task} has spun${forTime} in ${siteFunction(site)}${siteWords(site)} for ${lockWords(contention)}, which nobody is known to have: no stack tells of one who took it and has yet to give it back.`,
      evidence: [
        siteEvidence(`spins for ${lockWords(contention)}`, site),
        ...(contention.value === undefined ? [] : [{ words: `Its word is ${contention.value}` }]),
        ...againEvidence(facts, cpu.id),
      ],
      location: locationOf(site.at),
    },
  ];
}

/** Kinds that CPUs spin for. */
const spinning: ReadonlySet<string> = new Set(['spinlock', 'raw-spinlock', 'rwlock', 'bit-lock', 'seqlock']);
