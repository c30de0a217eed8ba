import { count } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** wq_watchdog_timer_fn() in kernel/workqueue.c */
export const workqueueStall: Rule = {
  name: 'workqueue-stall',
  tier: 'cause',
  find(subject) {
    const details = subject.details('workqueue-lockup');
    if (details === undefined) return undefined;
    const long = details.seconds === undefined ? '' : ` for ${count(details.seconds, 'second')}`;
    const running = details.workqueues.flatMap(({ inFlight }) => inFlight).slice(0, 3);
    const where = details.cpus === undefined ? '' : ` of CPU ${details.cpus}`;
    return {
      confidence: running.length === 0 ? 'certain' : 'likely',
      sentence: `The workers${where} made no progress${long}${running.length === 0 ? '' : `: they are held up by ${running.join(', ')}`}.`,
      evidence: [
        subject.headline(),
        ...details.workqueues
          .slice(0, 3)
          .map(({ name, inFlight, pending }) =>
            subject.said(
              `workqueue ${name}: ${inFlight.length === 0 ? 'nothing' : inFlight.slice(0, 3).join(', ')} under way, ${pending.length} waiting`,
            ),
          ),
      ],
      against: [
        running.length === 0
          ? undefined
          : 'The dump lists what is under way, not what is slow: the CPU may be taken by something else.',
      ],
    };
  },
};
