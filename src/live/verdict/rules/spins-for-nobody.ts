import type { Verdict } from '../../../model/live.ts';
import { durationWords } from '../../progress/clock.ts';
import { againEvidence, againTime, stuckOf } from '../again.ts';
import type { CpuFacts, HangFacts } from '../facts.ts';
import { isBrief, isLong, waitedFor } from '../waited.ts';
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
  const isSure = stuck !== undefined || isKnown;
  // A moment is nothing: who has it may be on the way to give it back, without a trace on any stack.
  if (!isSure && (facts.again?.cpus.get(cpu.id) !== undefined || isBrief(facts, [cpu.thread]))) return [];
  const task = cpu.comm === undefined ? '' : ` (${cpu.comm}, pid ${cpu.pid ?? '?'})`;
  const time = (isKnown ? durationWords(waitedFor(facts, cpu.thread)) : undefined) ?? (stuck && againTime(stuck));
  const spins = time === undefined ? 'spins' : `has spun for ${time}`;
  return [
    {
      confidence: isSure ? 'likely' : 'possible',
      sentence: `CPU ${cpu.id}${task} ${spins} in ${siteFunction(site)}${siteWords(site)} for ${lockWords(contention)}, which nobody is known to have: no stack tells of one who took it and has yet to give it back.`,
      evidence: [
        siteEvidence(`spins for ${lockWords(contention)}`, site),
        ...(contention.value === undefined ? [] : [{ words: `Its word is ${contention.value}` }]),
        ...againEvidence(facts, cpu.id),
      ],
      location: locationOf(site.at),
      ...(!isSure && { against: ['nothing in the guest tells for how long: attach again to see whether it moves'] }),
    },
  ];
}

/** Kinds that CPUs spin for. */
const spinning: ReadonlySet<string> = new Set(['spinlock', 'raw-spinlock', 'rwlock', 'bit-lock', 'seqlock']);
