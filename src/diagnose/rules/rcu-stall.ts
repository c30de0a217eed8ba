import { count, listed } from '../../util/words.ts';
import type { Rule } from '../rule.ts';
import { stuckConfidence, stuckIn } from '../stuck.ts';

const told = 8;

/** kernel/rcu/tree_stall.h */
export const rcuStall: Rule = {
  name: 'rcu-stall',
  tier: 'cause',
  find(subject) {
    const details = subject.details('rcu-stall');
    if (details === undefined) return undefined;
    const { flavour = 'RCU', jiffies, starved, selfDetected, detectedBy } = details;
    const cpus = details.cpus.slice(0, told).map(({ cpu }) => `CPU ${cpu}`);
    const tasks = details.tasks.slice(0, told).map((pid) => `PID ${pid}`);
    const whom = listed([...cpus, ...tasks]);
    const long = jiffies === undefined ? '' : ` for ${count(jiffies, 'jiffy', 'jiffies')}`;
    if (starved !== undefined && (whom === '' || subject.isKind('rcu/kthread-starved'))) {
      return {
        confidence: 'certain',
        sentence: `The thread ${starved.kthread} that drives RCU got no CPU for ${count(starved.jiffies, 'jiffy', 'jiffies')}: something of higher priority, or with interrupts off, runs in its place.`,
        evidence: [subject.headline()],
      };
    }
    const stuck = stuckIn(subject);
    // Tasks that are told by their PIDs were preempted in such a section, and need not run now (rcu_print_task_stall()).
    const words =
      cpus.length === 0 && tasks.length === 1 && stuck.running !== undefined && !/tasks/.test(flavour)
        ? `it is inside of a read-side critical section of RCU, in ${stuck.running} when that was noticed`
        : stuck.words;
    return {
      confidence: stuckConfidence(stuck),
      sentence: `${whom === '' ? 'A CPU or task' : whom} ${cpus.length + tasks.length > 1 ? 'keep' : 'keeps'} ${flavour} waiting${long}: ${words}.`,
      evidence: [
        subject.headline(),
        selfDetected
          ? subject.said('the CPU noticed it itself')
          : detectedBy === undefined
            ? undefined
            : subject.said(`CPU ${detectedBy} noticed it`),
        starved === undefined
          ? undefined
          : subject.said(
              `RCU's own thread ${starved.kthread} got no CPU for ${count(starved.jiffies, 'jiffy', 'jiffies')} either`,
            ),
        ...stuck.evidence,
      ],
      against: [stuck.against],
    };
  },
};
