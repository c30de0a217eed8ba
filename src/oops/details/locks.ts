import type {
  LockdepDetails,
  LockInstance,
  RcuUsageDetails,
  SchedulingDetails,
  SleepingDetails,
  SpinlockDetails,
} from '../../model/details-locking.ts';
import type { RawReport } from '../raw-report.ts';
import { address, decimal, hexadecimal, known, ReportReader, word } from './reader.ts';

/**
 * print_lock() in kernel/locking/lockdep.c: `ffff888112ca0a20 (&p->pi_lock){?.-.}-{2:2}, at: func+0x1/0x2`,
 * up to 4.16 ` (class){+.+.}, at: [<addr>] func+0x1/0x2`, without `at:` in the steps of a chain.
 */
const lockText =
  /^(?:#(\d{1,3}): ?)?(?:([0-9a-f]{8,16}) )?\((.{1,160}?)\) ?\{([^}]{1,40})\}(?:-\{[^}]{1,20}\})?(?:, at: (?:\[<?(?:0x)?([0-9a-f]{8,16})>?\] )?([A-Za-z_][\w.]{0,200})(?:\+0x([0-9a-f]{1,8})\/0x[0-9a-f]{1,8})?)?/;

/** Old kernels print the parts of a lock one by one with KERN_CONT: they may stand on lines of their own. */
function joinLock(reader: ReportReader, at: number): string {
  let text = reader.lines[at]?.trim() ?? '';
  for (let i = at + 1; i < at + 8; i++) {
    const next = reader.lines[i]?.trim();
    if (next === undefined || next === '' || /^(?:but task|which lock|stack backtrace|other info|#\d)/.test(next))
      break;
    if (lockText.test(text) && !next.startsWith(', at:') && !text.endsWith(', at:')) break;
    text += next.startsWith('[<') ? ` ${next}` : next;
  }
  return text;
}

function lockIn(text: string): LockInstance | undefined {
  const found = lockText.exec(text.trim());
  const name = word(found?.[3]);
  if (found === null || name === undefined) return undefined;
  return {
    name,
    ...known('address', address(found[2])),
    ...known('usage', found[4]),
    ...known('function', found[6]),
    ...known('offset', hexadecimal(found[7])),
  };
}

/** The lock on one of the lines behind the first line that matches. */
function lockAfter(reader: ReportReader, pattern: RegExp): LockInstance | undefined {
  const at = reader.indexOf(pattern);
  if (at < 0) return undefined;
  for (let i = at + 1; i < at + 3; i++) {
    const lock = lockIn(joinLock(reader, i));
    if (lock !== undefined) return lock;
  }
  return undefined;
}

/** `2 locks held by a/42:` and its list; innermost last, as printed. Bounded by MAX_LOCK_DEPTH, 48. */
export function heldLocks(reader: ReportReader, from = 0): LockInstance[] {
  const at = reader.indexOf(/^ *\d{1,3} locks? held by /, from);
  const held: LockInstance[] = [];
  for (let i = at + 1; at >= 0 && i < at + 200 && held.length < 48; i++) {
    const text = reader.lines[i]?.trim();
    if (text === undefined || text === '' || /^(?:stack backtrace|CPU: |\d{1,3} locks? held by|=====)/.test(text))
      break;
    if (!/^#\d{1,3}: ?/.test(text)) continue;
    const lock = lockIn(joinLock(reader, i));
    if (lock !== undefined) held.push(lock);
  }
  return held;
}

function chainOf(reader: ReportReader): LockdepDetails['chain'] {
  const chain: { step: number; lock: LockInstance }[] = [];
  for (const found of reader.all(/^ *-> #(\d{1,4}) (.{1,240})/)) {
    const step = decimal(found[1]);
    const lock = lockIn((found[2] ?? '').replace(/:$/, ''));
    if (step !== undefined && lock !== undefined) chain.push({ step, lock });
  }
  return chain;
}

/** The two-column picture of how it would deadlock. */
function scenarioOf(reader: ReportReader): readonly string[] | undefined {
  const at = reader.indexOf(/^ *Possible (?:interrupt )?unsafe locking scenario/);
  if (at < 0) return undefined;
  const lines: string[] = [];
  for (let i = at + 1; i < at + 30; i++) {
    const text = reader.lines[i];
    if (text === undefined || text.includes('*** DEADLOCK ***')) break;
    if (text.trim() !== '') lines.push(word(text.trimEnd().replace(/^ {0,8}/, '')) ?? '');
  }
  return lines.length > 0 ? lines : undefined;
}

function chainExists(reader: ReportReader): readonly string[] | undefined {
  const at = reader.indexOf(/^ *Chain exists of:/);
  const names = at < 0 ? undefined : word(reader.lines[at + 1]);
  return names?.split(' --> ').map((name) => name.trim());
}

/** kernel/locking/lockdep.c, all sorts of its reports. */
export function lockdepDetails(raw: RawReport): LockdepDetails {
  const reader = new ReportReader(raw);
  const task =
    reader.first(
      /^ *(.{1,64})\/(\d{1,10}) (?:\[[^\]]{1,40}\] )?is (?:trying to|just about to|freeing|exiting|leaving)/,
    ) ??
    reader.first(
      /^ *(?:\[ )?(?:WARNING: |BUG: )?(.{1,64}?)\/(\d{1,10}) (?:just changed the state of lock|\[HC.{1,60}\] takes|still has locks|\[.{1,60}\] is trying)/,
    );
  const usage = reader.first(/^ *inconsistent \{([^}]{1,40})\} -> \{([^}]{1,40})\} usage/);
  const wanted =
    lockAfter(
      reader,
      /(?:is trying to (?:acquire|lock|contend)|just changed the state of lock|\] takes:\s*$|is freeing memory)/,
    ) ?? lockAfter(reader, /is trying to lock:/);
  const released = reader.first(/^ *(?:\S{1,64}\/\d{1,10} )?is trying to release lock \((.{1,160}?)\) at:/);
  const releaseAt = reader.indexOf(/is trying to release lock /);
  const releasedIn =
    releaseAt < 0
      ? undefined
      : /^ *(?:\[<[0-9a-f]{8,16}>\] )?([A-Za-z_][\w.]{0,200})\+0x/.exec(reader.lines[releaseAt + 1] ?? '');
  const releasedName =
    /is trying to release lock \((.{1,160}?)\)/.exec(reader.lines[releaseAt] ?? '')?.[1] ?? released?.[1];
  const listed = heldLocks(reader);
  const already = lockAfter(reader, /^ *but task is already holding lock:/);
  const to = usage?.[2];
  const from = usage?.[1];
  return {
    of: 'lockdep',
    ...known('task', word(task?.[1])),
    ...known('pid', decimal(task?.[2])),
    ...known('wanted', wanted),
    held: listed.length > 0 ? listed : already === undefined ? [] : [already],
    chain: chainOf(reader),
    ...known('usageChange', from === undefined || to === undefined ? undefined : { from, to }),
    ...known('chainExists', chainExists(reader)),
    ...known('scenario', scenarioOf(reader)),
    ...known(
      'released',
      releasedName === undefined
        ? undefined
        : { name: word(releasedName) ?? '', ...known('function', releasedIn?.[1]) },
    ),
  };
}

/** kernel/locking/spinlock_debug.c */
export function spinlockDetails(raw: RawReport): SpinlockDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(/BUG: ((?:spin|rw)lock [a-zA-Z ]{1,40}?) on CPU#(\d{1,5}), (.{1,64})\/(\d{1,10})/);
  const lock = reader.first(
    /^ *lock: (.{1,160}?), \.magic: ([0-9a-f]{8}), \.owner: (.{1,64})\/(-?\d{1,10}), \.owner_cpu: (-?\d{1,5})/,
  );
  return {
    of: 'spinlock',
    problem: headline?.[1] ?? reader.first(/BUG: ((?:spin|rw)lock [a-zA-Z ]{1,40})/)?.[1]?.trim() ?? 'unknown',
    ...known('cpu', decimal(headline?.[2])),
    ...known('task', word(headline?.[3])),
    ...known('pid', decimal(headline?.[4])),
    ...known('lock', word(lock?.[1])),
    ...known('magic', address(lock?.[2])),
    ...known('owner', word(lock?.[3])),
    ...known('ownerPid', decimal(lock?.[4])),
    ...known('ownerCpu', decimal(lock?.[5])),
  };
}

/** __might_resched() in kernel/sched/core.c */
export function sleepingDetails(raw: RawReport): SleepingDetails {
  const reader = new ReportReader(raw);
  const where = reader.first(/invalid context at ([^\s:]{1,300}):(\d{1,7})/);
  const state = reader.first(
    /in_atomic\(\): (\d), irqs_disabled\(\): (\d{1,6})(?:, non_block: (\d{1,6}))?, pid: (\d{1,10}), name: (.{1,64})/,
  );
  const count = reader.first(/^ *preempt_count: ([0-9a-f]{1,8}), expected: ([0-9a-f]{1,8})/);
  const disabled = reader.indexOf(/^ *Preemption disabled at:/);
  const flag = (text: string | undefined): boolean | undefined => (text === undefined ? undefined : text !== '0');
  return {
    of: 'sleeping-in-atomic',
    ...known('file', word(where?.[1])),
    ...known('line', decimal(where?.[2])),
    ...known('inAtomic', flag(state?.[1])),
    ...known('irqsDisabled', flag(state?.[2])),
    ...known('nonBlock', flag(state?.[3])),
    ...known('pid', decimal(state?.[4])),
    ...known('task', word(state?.[5])),
    ...known('preemptCount', hexadecimal(count?.[1])),
    ...known('preemptExpected', hexadecimal(count?.[2])),
    ...known('rcuNesting', decimal(reader.first(/^ *RCU nest depth: (\d{1,6})/)?.[1])),
    ...known(
      'disabledAt',
      disabled < 0
        ? undefined
        : /([A-Za-z_][\w.]{0,200})\+0x/.exec(
            `${reader.lines[disabled] ?? ''} ${reader.lines[disabled + 1] ?? ''}`,
          )?.[1],
    ),
  };
}

/** __schedule_bug(); check_preemption_disabled() */
export function schedulingDetails(raw: RawReport): SchedulingDetails {
  const reader = new ReportReader(raw);
  const atomic = reader.first(/scheduling while atomic: (.{1,64})\/(-?\d{1,10})\/0x([0-9a-f]{1,8})/);
  const using = reader.first(
    /BUG: using ([\w()]{1,60}) in preemptible \[[0-9a-f]{1,8}\] (?:code: )?(.{1,64})\/(\d{1,10})/,
  );
  const leaked = reader.first(/workqueue leaked (?:lock|atomic).{0,40}: (.{1,64})\/0x([0-9a-f]{1,8})\/(\d{1,10})/);
  // Since 6.10: `BUG: workqueue leaked atomic, lock or RCU: kworker/1:2[42]`, then the counts and `workfn=foo`.
  const leaker = reader.first(/workqueue leaked (?:lock|atomic)[a-zA-Z, ]{0,40}: (.{1,64})\[(\d{1,10})\]/);
  const counts = leaker === undefined ? undefined : reader.first(/^ *preempt=0x([0-9a-f]{1,8}) lock=/);
  const caller = reader.first(
    /^ *(?:caller is|last function:|preempt=0x.{1,80} workfn=) ?(?:\[<[0-9a-f]{8,16}>\] )?([A-Za-z_][\w.]{0,200})/,
  );
  return {
    of: 'scheduling',
    ...known('task', word(atomic?.[1] ?? using?.[2] ?? leaked?.[1] ?? leaker?.[1])),
    ...known('pid', decimal(atomic?.[2] ?? using?.[3] ?? leaked?.[3] ?? leaker?.[2])),
    ...known('preemptCount', hexadecimal(atomic?.[3] ?? leaked?.[2] ?? counts?.[1])),
    ...known('operation', word(using?.[1])),
    ...known('caller', caller?.[1]),
  };
}

/** lockdep_rcu_suspicious() */
export function rcuUsageDetails(raw: RawReport): RcuUsageDetails {
  const reader = new ReportReader(raw);
  const where = reader.first(/^ *(\S{1,300}\.[chS]):(\d{1,7}) (.{1,200})/);
  const state = reader.first(/rcu_scheduler_active = (\d{1,3}), debug_locks = (\d{1,3})/);
  return {
    of: 'rcu-usage',
    ...known('file', word(where?.[1])),
    ...known('line', decimal(where?.[2])),
    ...known('message', word(where?.[3])),
    ...known('schedulerActive', decimal(state?.[1])),
    ...known('debugLocks', decimal(state?.[2])),
    held: heldLocks(reader),
  };
}
