import type { ReportDetails } from '../../model/details.ts';
import { assertNever } from '../../util/errors.ts';
import type { Places } from './places.ts';
import {
  hungTaskSentences,
  lockdepSentences,
  lockupSentences,
  rcuStallSentences,
  rcuUsageSentences,
  schedulingSentences,
  sleepingSentences,
  spinlockSentences,
  workqueueSentences,
} from './why-locking.ts';
import {
  allocationFailureSentences,
  badPageSentences,
  kmemleakSentences,
  outOfMemorySentences,
  rssCounterSentences,
  slabSentences,
} from './why-memory.ts';
import {
  busErrorSentences,
  debugObjectSentences,
  irqSentences,
  kernelBugSentences,
  listCorruptionSentences,
  machineCheckSentences,
  netdevSentences,
  panicSentences,
  refcountSentences,
  userFaultSentences,
  warningSentences,
} from './why-other.ts';
import { kasanSentences, kcsanSentences, kfenceSentences, kmsanSentences, ubsanSentences } from './why-sanitizers.ts';

/**
 * What the kind's own details say about why. Texts of the log in it are as the log has them; `places` knows where the
 * functions are that it names.
 */
export function detailSentences(details: ReportDetails, places: Places): string[] {
  switch (details.of) {
    case 'kasan':
      return kasanSentences(details);
    case 'kfence':
      return kfenceSentences(details);
    case 'kmsan':
      return kmsanSentences(details);
    case 'kcsan':
      return kcsanSentences(details);
    case 'ubsan':
      return ubsanSentences(details);
    case 'lockdep':
      return lockdepSentences(details, places);
    case 'spinlock':
      return spinlockSentences(details);
    case 'sleeping-in-atomic':
      return sleepingSentences(details);
    case 'scheduling':
      return schedulingSentences(details);
    case 'rcu-stall':
      return rcuStallSentences(details);
    case 'rcu-usage':
      return rcuUsageSentences(details, places);
    case 'lockup':
      return lockupSentences(details);
    case 'hung-task':
      return hungTaskSentences(details, places);
    case 'workqueue-lockup':
      return workqueueSentences(details);
    case 'out-of-memory':
      return outOfMemorySentences(details);
    case 'allocation-failure':
      return allocationFailureSentences(details);
    case 'bad-page':
      return badPageSentences(details);
    case 'mm-counter':
      return rssCounterSentences(details);
    case 'slab':
      return slabSentences(details);
    case 'kmemleak':
      return kmemleakSentences(details);
    case 'machine-check':
      return machineCheckSentences(details);
    case 'bus-error':
      return busErrorSentences(details);
    case 'irq':
      return irqSentences(details);
    case 'warning':
      return warningSentences(details);
    case 'kernel-bug':
      return kernelBugSentences(details);
    case 'list-corruption':
      return listCorruptionSentences(details);
    case 'refcount':
      return refcountSentences(details);
    case 'debug-object':
      return debugObjectSentences(details);
    case 'panic':
      return panicSentences(details);
    case 'netdev-reference':
      return netdevSentences(details);
    case 'user-fault':
      return userFaultSentences(details);
    default:
      return assertNever(details);
  }
}
