import type {
  HungTaskDetails,
  LockupDetails,
  RcuStallDetails,
  WorkqueueLockupDetails,
} from '../../model/details-locking.ts';
import type { RawReport } from '../raw-report.ts';
import { heldLocks } from './locks.ts';
import { decimal, known, ReportReader, word } from './reader.ts';

/** kernel/watchdog.c, watchdog_perf.c, watchdog_buddy.c, smp.c */
export function lockupDetails(raw: RawReport): LockupDetails {
  const reader = new ReportReader(raw);
  const soft = reader.first(/soft lockup - CPU#(\d{1,5}) stuck for (\d{1,6})s! \[(.{1,64}):(\d{1,10})\]/);
  if (soft !== undefined || reader.headline.includes('soft lockup')) {
    return {
      of: 'lockup',
      detector: 'soft',
      ...known('cpu', decimal(soft?.[1])),
      ...known('seconds', decimal(soft?.[2])),
      ...known('task', word(soft?.[3])),
      ...known('pid', decimal(soft?.[4])),
    };
  }
  const csd = reader.first(
    /CSD lock \(#\d{1,9}\) on CPU#(\d{1,5}), waiting (\d{1,20}) ns for CPU#(\d{1,5}) ([A-Za-z_][\w.]{0,200})?/,
  );
  if (csd !== undefined) {
    const nanoseconds = Number(csd[2]);
    return {
      of: 'lockup',
      detector: 'csd',
      ...known('cpu', decimal(csd[3])),
      ...known('detectedBy', decimal(csd[1])),
      seconds: Math.round(nanoseconds / 1e6) / 1e3,
      ...known('function', csd[4]),
    };
  }
  const hard = reader.first(/(?:CPU:? ?(\d{1,5}):? )?Watchdog detected hard LOCKUP on cpu ?(\d{1,5})/);
  const ppc = reader.first(/CPU (\d{1,5}) (?:self-detected hard LOCKUP|Hard LOCKUP)/);
  const comm = reader.first(
    /^ *CPU: (\d{1,5}) (?:UID: \d{1,10} )?PID: (\d{1,10}) Comm: (.{1,64}?) (?:Not tainted|Tainted|Kdump)/,
  );
  return {
    of: 'lockup',
    detector: 'hard',
    ...known('cpu', decimal(hard?.[2] ?? ppc?.[1] ?? comm?.[1])),
    ...known('detectedBy', decimal(hard?.[1])),
    ...known('task', word(comm?.[3])),
    ...known('pid', decimal(comm?.[2])),
  };
}

/** print_stall_info(), print_cpu_stall_info() and rcu_check_gp_kthread_starvation() in kernel/rcu/tree_stall.h */
export function rcuStallDetails(raw: RawReport): RcuStallDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(/(?:INFO: )?(rcu_\w{1,24}) (?:self-)?detected/);
  const by = reader.first(
    /\(detected by (\d{1,5}), t=(\d{1,12}) jiffies, g=(-?\d{1,16})(?:, c=-?\d{1,16})?, q=(\d{1,12})/,
  );
  const own = reader.first(/\(t=(\d{1,12}) jiffies g=(-?\d{1,16})(?: c=-?\d{1,16})? q=(\d{1,12})/);
  const expedited = reader.first(/detected expedited stalls on CPUs\/tasks: \{([^}]{0,400})\} (\d{1,12}) jiffies/);
  const starved = reader.first(/(rcu_\w{1,24}) kthread starved for (\d{1,12}) jiffies!(.{0,120})/);
  const cpus: RcuStallDetails['cpus'][number][] = [];
  for (const found of reader.all(
    /^ *(?:rcu:)?\s*(\d{1,5})-([.!O?oDNs\d]{3,6}): \(([^)]{1,60})\) (?:idle=(\S{1,48}) )?(?:.{0,60}?\bfqs=(\d{1,10}))?/,
  )) {
    const cpu = decimal(found[1]);
    if (cpu === undefined) continue;
    cpus.push({
      cpu,
      ...known('ticks', decimal(/^(\d{1,12}) ticks this GP/.exec(found[3] ?? '')?.[1])),
      ...known('idle', found[4]),
      ...known('fqs', decimal(found[5])),
      words: found[3] ?? '',
    });
  }
  for (const found of (expedited?.[1] ?? '').matchAll(/(\d{1,5})-([.!O?oDN\d]{3,6})/g)) {
    const cpu = decimal(found[1]);
    if (cpu !== undefined) cpus.push({ cpu, words: found[2] ?? '' });
  }
  const tasks: number[] = [];
  const addTask = (text: string | undefined): void => {
    const pid = decimal(text);
    if (pid !== undefined && !tasks.includes(pid)) tasks.push(pid);
  };
  // rcu_print_task_exp_stall() in tree_exp.h: ` { 1-.... P123 }`; check_holdout_task() in tasks.h shows the task.
  for (const found of (expedited?.[1] ?? '').matchAll(/ P(\d{1,10})/g)) addTask(found[1]);
  if (headline?.[1]?.startsWith('rcu_tasks') === true) {
    for (const found of reader.all(/^ *task:.{1,64}? +state:.{1,60}? pid:(\d{1,10})/)) addTask(found[1]);
  }
  for (const found of reader.all(
    /Tasks blocked on level-\d{1,2} rcu_node \(CPUs [\d-]{1,12}\):((?: P\d{1,10}\S{0,12}){1,64})/,
    16,
  )) {
    for (const pid of (found[1] ?? '').matchAll(/P(\d{1,10})/g)) addTask(pid[1]);
  }
  const state = starved?.[3];
  const jiffies = decimal(starved?.[2]);
  return {
    of: 'rcu-stall',
    ...known('flavour', headline?.[1] ?? starved?.[1]),
    expedited: expedited !== undefined || reader.headline.includes('expedited'),
    selfDetected: reader.first(/self-detected (?:expedited )?stall/) !== undefined,
    ...known('detectedBy', decimal(by?.[1])),
    ...known('jiffies', decimal(by?.[2] ?? own?.[1] ?? expedited?.[2])),
    ...known('gracePeriod', decimal(by?.[3] ?? own?.[2])),
    ...known('queued', decimal(by?.[4] ?? own?.[3])),
    cpus,
    tasks,
    ...(starved?.[1] === undefined || jiffies === undefined
      ? {}
      : {
          starved: {
            kthread: starved[1],
            jiffies,
            ...known('state', /->state=(0x[0-9a-f]{1,8})/.exec(state ?? '')?.[1]),
            ...known('cpu', decimal(/->cpu=(\d{1,5})/.exec(state ?? '')?.[1])),
          },
        }),
  };
}

/** check_hung_task(), debug_show_blocker() in kernel/hung_task.c */
export function hungTaskDetails(raw: RawReport): HungTaskDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(
    /INFO: task (.{1,100}):(\d{1,10}) (?:blocked (in I\/O wait )?for more than|can't die for more than|.{0,40}? for more than) (\d{1,9}) seconds/,
  );
  const blocked = reader.first(
    /INFO: task .{1,100} (?:is )?blocked on (?:a |an )?([a-z-]{1,24})(?: likely)?(, but the owner is not found|,? ?(?:likely )?(?:owned|held|last held) by (?:task )?(.{1,64}):(\d{1,10}))?/,
  );
  const state = reader.first(/^ *task:(.{1,64}?) +state:(\S{1,12})/);
  // up to 5.10: "name            D24368 10032      2 0x80004000", the letter and the free stack without a space
  const oldState =
    state === undefined ? reader.first(/^(\S.{0,60}?) +([DSRTtXZPI]) *(?:[a-z]{1,12} +)?\d/, 1, 8) : undefined;
  const ownerPid = decimal(blocked?.[4]);
  const ownerTask = word(blocked?.[3]);
  // debug_show_all_locks() lists those of all tasks: only the hung one's count.
  const pid = headline?.[2];
  const list =
    pid === undefined ? -1 : reader.lines.findIndex((text) => text.includes(` held by `) && text.includes(`/${pid}`));
  const held = list < 0 ? [] : heldLocks(reader, list);
  return {
    of: 'hung-task',
    ...known('task', word(headline?.[1])),
    ...known('pid', decimal(headline?.[2])),
    ...known('seconds', decimal(headline?.[4])),
    ...(headline?.[3] === undefined ? {} : { inIoWait: true }),
    ...known('state', state?.[2] ?? oldState?.[2]),
    ...known('blockedOn', blocked?.[1]),
    ...(ownerPid === undefined || ownerTask === undefined
      ? {}
      : { owner: { task: ownerTask, pid: ownerPid, likely: /likely|last held/.test(blocked?.[0] ?? '') } }),
    ...(held.length > 0 ? { held } : {}),
  };
}

/** show_one_workqueue(), show_pwq() in kernel/workqueue.c */
export function workqueueLockupDetails(raw: RawReport): WorkqueueLockupDetails {
  const reader = new ReportReader(raw);
  const headline = reader.first(/workqueue lockup - pool ?(.{0,120}?) stuck for (\d{1,9})s!/);
  const workqueues: { name: string; inFlight: string[]; pending: string[] }[] = [];
  const listOf = (text: string): string[] =>
    text
      .split(',')
      .slice(0, 64)
      .map((item) => word(item))
      .filter((item) => item !== undefined);
  for (const text of reader.lines) {
    const name = word(/^ *workqueue (.{1,80}): flags=0x[0-9a-f]{1,8}/.exec(text)?.[1]);
    if (name !== undefined) {
      if (workqueues.length >= 64) break;
      workqueues.push({ name, inFlight: [], pending: [] });
      continue;
    }
    const list = /^ *(in-flight|pending|inactive|delayed): (.{1,1000})/.exec(text);
    const last = workqueues.at(-1);
    if (list?.[2] === undefined || last === undefined) continue;
    // What waits for its turn is `delayed` up to 5.15, `inactive` since.
    (list[1] === 'in-flight' ? last.inFlight : last.pending).push(...listOf(list[2]));
  }
  return {
    of: 'workqueue-lockup',
    ...known('pool', word(headline?.[1])),
    ...known('cpus', /cpus=(\S{1,40})/.exec(headline?.[1] ?? '')?.[1]),
    ...known('seconds', decimal(headline?.[2])),
    workqueues,
  };
}
