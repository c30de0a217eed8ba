import type { Consequence, Incident } from '../model/incident.ts';
import type { CrashReport } from '../model/report.ts';
import { atLeast } from '../model/severity.ts';

/** What incidents are made of, in the order of the log. */
type Member = Pick<
  CrashReport,
  'kind' | 'severity' | 'signature' | 'boot' | 'seconds' | 'task' | 'taintFlags' | 'frames' | 'range'
>;

interface OpenIncident {
  readonly root: number;
  readonly boot: number;
  readonly follow: { report: number; why: Consequence }[];
  readonly signatures: Set<string>;
}

const family = (kind: string): string => kind.slice(0, kind.indexOf('/'));
const isStuck = (kind: string): boolean => /^(?:hang\/|rcu\/.*(?:stall|starved))/.test(kind);
/** After one of these the machine is not what it was: locks stay held, tasks are gone. */
const breaks = (member: Member): boolean => atLeast(member.severity, 'error') && family(member.kind) !== 'memory';

/** Hangs are noticed late: hung tasks after two minutes, and again every two. */
const stuckWithin = 600;
const reportingWithin = 5;

const seconds = (a: Member, b: Member): number =>
  a.seconds === undefined || b.seconds === undefined ? 0 : b.seconds - a.seconds;

/** Why `later` follows from an incident with this root, undefined if it does not. */
function consequenceOf(root: Member, later: Member): Consequence | undefined {
  const after = seconds(root, later);
  if (after < 0) return undefined;
  if (family(later.kind) === 'panic') return after <= 60 ? 'panic-after' : undefined;
  if (
    after <= reportingWithin &&
    later.frames.some((f) => /printk|console_/.test(f.function ?? '')) &&
    !breaks(later)
  ) {
    return 'reporting-trouble';
  }
  // __fortify_panic() in lib/string_helpers.c, since 6.8: the warning says what, the BUG() only that.
  if (root.kind === 'warning/fortify' && later.kind === 'bug/fortify' && after <= reportingWithin)
    return 'same-task-after';
  const pid = root.task?.pid;
  const sameTask = pid !== undefined && pid > 0 && later.task?.pid === pid && after <= 60;
  // __schedule_bug() in kernel/sched/core.c sets the preemption count right: whoever lowers it then makes it wrong again.
  // In what the kernel holds to be atomic context, page faults of the task are not handled but fatal.
  if (root.kind === 'atomic/scheduling' && sameTask && (later.kind === root.kind || after <= reportingWithin))
    return 'same-task-after';
  if (!breaks(root)) return undefined;
  if (isStuck(later.kind) && after <= stuckWithin) return 'stuck-behind';
  if (isStuck(root.kind)) return undefined;
  // Since 6.12 slab debugging ends its report in a warning: mm/slub.c, object_err() and slab_err().
  if (family(root.kind) === 'slab' && family(later.kind) === 'warning' && after <= reportingWithin)
    return 'reporting-trouble';
  // The kernel has oopsed before (D), or found its memory corrupted (B): kernel/panic.c, taint_flags.
  if (['D', 'B'].some((t) => later.taintFlags?.includes(t) && !root.taintFlags?.includes(t))) return 'tainted-after';
  return sameTask ? 'same-task-after' : undefined;
}

/** Groups the reports of a log into incidents: what began it, and what followed from that. */
export function groupIncidents(reports: readonly Member[]): Incident[] {
  const incidents: OpenIncident[] = [];
  reports.forEach((report, index) => {
    const boot = report.boot ?? 0;
    for (let i = incidents.length - 1; i >= 0 && i >= incidents.length - 50; i--) {
      const incident = incidents[i];
      const root = incident === undefined ? undefined : reports[incident.root];
      if (incident === undefined || root === undefined || incident.boot !== boot) continue;
      const why = incident.signatures.has(report.signature) ? 'repeat' : consequenceOf(root, report);
      if (why === undefined) continue;
      incident.follow.push({ report: index, why });
      incident.signatures.add(report.signature);
      return;
    }
    incidents.push({ root: index, boot, follow: [], signatures: new Set([report.signature]) });
  });
  return incidents.map(({ root, boot, follow }) => ({ root, boot, follow, ending: [] }));
}
