import type { ReportDetails } from '../../model/details.ts';
import type { RawReport } from '../raw-report.ts';
import {
  debugObjectDetails,
  kernelBugDetails,
  listCorruptionDetails,
  netdevReferenceDetails,
  panicDetails,
  refcountDetails,
  warningDetails,
} from './checks.ts';
import { hungTaskDetails, lockupDetails, rcuStallDetails, workqueueLockupDetails } from './hang.ts';
import { busErrorDetails, irqDetails, machineCheckDetails } from './hardware.ts';
import { kasanDetails, kasanRangeDetails } from './kasan.ts';
import { lockdepDetails, rcuUsageDetails, schedulingDetails, sleepingDetails, spinlockDetails } from './locks.ts';
import { allocationFailureDetails, badPageDetails, kmemleakDetails, rssCounterDetails, slabDetails } from './memory.ts';
import { outOfMemoryDetails } from './out-of-memory.ts';
import { kcsanDetails, kfenceDetails, kmsanDetails, ubsanDetails } from './sanitizers.ts';

type Extractor = (raw: RawReport) => ReportDetails | undefined;

/** By whole kind; asked before the family. */
const byKind: ReadonlyMap<string, Extractor> = new Map(
  Object.entries<Extractor>({
    'oops/general-protection': kasanRangeDetails,
    'oops/page-fault': kasanRangeDetails,
    'warning/refcount': refcountDetails,
    'warning/odebug': debugObjectDetails,
    'warning/list-corruption': listCorruptionDetails,
    'bug/list-corruption': listCorruptionDetails,
    'locking/spinlock': spinlockDetails,
    'locking/rwlock': spinlockDetails,
    'hang/spinlock-lockup': spinlockDetails,
    'lockdep/locking': warningDetails,
    'locking/mutex': warningDetails,
    'locking/rt-mutex': warningDetails,
    'atomic/sleeping': sleepingDetails,
    'rcu/suspicious-usage': rcuUsageDetails,
    'hang/soft-lockup': lockupDetails,
    'hang/hard-lockup': lockupDetails,
    'hang/csd-lock': lockupDetails,
    'hang/hung-task': hungTaskDetails,
    'hang/cannot-die': hungTaskDetails,
    'hang/workqueue-lockup': workqueueLockupDetails,
    'hang/netdev-refcount': netdevReferenceDetails,
    'memory/oom': outOfMemoryDetails,
    'memory/cgroup-oom': outOfMemoryDetails,
    'memory/allocation-failure': allocationFailureDetails,
    'memory/allocation-stall': allocationFailureDetails,
    'memory/vmalloc-failure': allocationFailureDetails,
    'memory/bad-page-state': badPageDetails,
    'memory/bad-page-cache': badPageDetails,
    'memory/bad-page-map': badPageDetails,
    'memory/bad-rss-counter': rssCounterDetails,
    'memory/page-tables-leaked': rssCounterDetails,
    'hardware/machine-check': machineCheckDetails,
    'hardware/ghes-fatal': machineCheckDetails,
    'hardware/ghes-recoverable': machineCheckDetails,
    'hardware/edac-uncorrected': machineCheckDetails,
    'panic/machine-check': machineCheckDetails,
    'hardware/aer-fatal': busErrorDetails,
    'hardware/aer-uncorrected': busErrorDetails,
    'hardware/irq-nobody-cared': irqDetails,
  }),
);

const byFamily: ReadonlyMap<string, Extractor> = new Map(
  Object.entries<Extractor>({
    kasan: kasanDetails,
    kfence: kfenceDetails,
    kmsan: kmsanDetails,
    kcsan: kcsanDetails,
    ubsan: ubsanDetails,
    lockdep: lockdepDetails,
    atomic: schedulingDetails,
    rcu: rcuStallDetails,
    warning: warningDetails,
    bug: kernelBugDetails,
    panic: panicDetails,
    slab: slabDetails,
    leak: kmemleakDetails,
  }),
);

/** What a kind of report has of its own, undefined for kinds that have nothing beside what all reports have. */
export function extractDetails(kind: string, raw: RawReport): ReportDetails | undefined {
  const extract = byKind.get(kind) ?? byFamily.get(kind.slice(0, Math.max(0, kind.indexOf('/'))));
  return extract?.(raw);
}
