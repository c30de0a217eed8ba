import type { Evidence } from '../../model/explanation.ts';
import type { HangFacts } from './facts.ts';

/** A CPU that did not get on from one look to the next. */
export interface Stuck {
  readonly tookNoTick: boolean;
  readonly isSamePlace: boolean;
  /** Milliseconds from the first look to the last. */
  readonly milliseconds: number;
}

/** Whether a CPU was looked at again, and did not get on. */
export function stuckOf({ again }: Pick<HangFacts, 'again'>, cpu: number): Stuck | undefined {
  const movement = again?.cpus.get(cpu);
  if (again === undefined || movement?.kind !== 'stuck') return undefined;
  const { tookNoTick, isSamePlace } = movement;
  return { tookNoTick, isSamePlace, milliseconds: again.milliseconds };
}

/** `1.2 s`. */
export const againTime = ({ milliseconds }: Pick<Stuck, 'milliseconds'>): string =>
  `${(milliseconds / 1000).toFixed(1)} s`;

/** What looking at a CPU again has shown. */
export function againEvidence({ again }: Pick<HangFacts, 'again'>, cpu: number): Evidence[] {
  const movement = again?.cpus.get(cpu);
  if (again === undefined || movement?.kind !== 'stuck') return [];
  const { tookNoTick, isSamePlace } = movement;
  const what = [
    ...(isSamePlace ? ['was in the same call each time'] : []),
    ...(tookNoTick
      ? ['had interrupts off each time, and took no tick in between']
      : ['ran the same task all the time']),
  ];
  const still = again.isTimeStill ? "; the kernel's time stood still (jiffies)" : '';
  return [
    {
      words: `It was looked at ${again.times} times within ${againTime(again)}: CPU ${cpu} ${what.join(', ')}${still}`,
    },
  ];
}
