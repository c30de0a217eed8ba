import type { StackRole } from '../../model/report.ts';

/** What a line says of the frames that follow it. */
export interface StackLabel {
  readonly role: StackRole;
  /**
   * `stack`: frames follow at once. `subject`: whose the next `Call Trace:` is. `plain`: a `Call Trace:` itself,
   * which is the report's own unless a subject came before it.
   */
  readonly sort: 'stack' | 'subject' | 'plain';
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
}

interface LabelRule {
  readonly pattern: RegExp;
  readonly role: StackRole;
  readonly sort: StackLabel['sort'];
}

// Named groups cpu, pid and comm are taken over. Earlier rules win.
const rules: readonly LabelRule[] = [
  {
    pattern: /^\s{0,8}(?:Call [Tt]race|Backtrace|Stack traceback)\b ?(?:\([\w ]{1,32}\))?:/,
    role: 'trap',
    sort: 'plain',
  },
  // print_circular_bug() and others, kernel/locking/lockdep.c.
  { pattern: /^\s{0,8}stack backtrace:/, role: 'trap', sort: 'plain' },

  // mm/kasan/report.c, print_track(); mm/kfence/report.c, kfence_print_stack().
  {
    pattern: /^\s{0,4}Allocated by task (?<pid>\d{1,9})(?: on cpu (?<cpu>\d{1,5}))?\b/i,
    role: 'allocated',
    sort: 'stack',
  },
  { pattern: /^\s{0,4}Freed by task (?<pid>\d{1,9})(?: on cpu (?<cpu>\d{1,5}))?\b/i, role: 'freed', sort: 'stack' },
  { pattern: /^\s{0,4}Allocated:\s*$/, role: 'allocated', sort: 'stack' },
  { pattern: /^\s{0,4}Freed:\s*$/, role: 'freed', sort: 'stack' },
  // mm/kasan/report_generic.c: auxiliary stacks; "Last call_rcu():" in 5.8 and 5.9.
  { pattern: /^\s{0,4}(?:Second to l|L)ast potentially related work creation:/, role: 'related-work', sort: 'stack' },
  { pattern: /^\s{0,4}(?:Second to l|L)ast call_rcu\(\)[ :]/, role: 'related-work', sort: 'stack' },
  // mm/kfence/report.c, kfence_report_error().
  {
    pattern:
      /^\s{0,4}(?:Out-of-bounds (?:read|write)|Use-after-free (?:read|write)|Invalid (?:read|write|free)|Corrupted memory|Memory corruption) (?:at|of) 0x[0-9a-f]{1,16}\b.{0,200}:$/,
    role: 'trap',
    sort: 'stack',
  },

  // mm/kmsan/report.c.
  { pattern: /^\s{0,4}Uninit was created at:/, role: 'origin-created', sort: 'stack' },
  { pattern: /^\s{0,4}Local variable \S{1,200}(?: \S{1,200})? ?created at:/, role: 'origin-created', sort: 'stack' },
  { pattern: /^\s{0,4}Uninit was stored to memory at:/, role: 'origin-stored', sort: 'stack' },
  // kernel/kcsan/report.c, print_report().
  {
    pattern:
      /\bto (?:0x)?[0-9a-f]{8,16} of \d{1,9} bytes by (?:task (?<pid>\d{1,9})|interrupt) on cpu (?<cpu>\d{1,5})\b/,
    role: 'race-access',
    sort: 'stack',
  },

  // print_ip_sym() below a line that says of what: no stack of the report, but one address.
  { pattern: /^(?:Preemption disabled at|.{1,64}last function):/, role: 'other', sort: 'stack' },
  { pattern: /\bis trying to (?:release lock|contend lock) \(.{1,300}\) at:\s*$/, role: 'lock', sort: 'stack' },
  // kernel/locking/lockdep.c: the chain, and where usage states came from.
  { pattern: /^\s{0,8}-> #\d{1,4} \(/, role: 'lock', sort: 'stack' },
  { pattern: /\bstate was registered at:\s*$/, role: 'lock', sort: 'stack' },
  { pattern: /^\s{0,8}\.\.\. (?:which became \S{1,64}|acquired) at:\s*$/, role: 'lock', sort: 'stack' },
  {
    pattern: /^\s{0,12}(?:\{[\w-]{3,40}\}|[A-Z][A-Z -]{2,40}) (?:USE )?(?:state was registered )?at:\s*$/,
    role: 'lock',
    sort: 'stack',
  },

  // mm/kmemleak.c, print_unreferenced().
  { pattern: /^\s{1,8}backtrace(?: \(crc [0-9a-f]{1,8}\))?:/, role: 'allocated', sort: 'stack' },
  // mm/slub.c, print_track(): with "INFO: " up to 5.12, with a cache's name before it in some configurations.
  {
    pattern:
      /^(?:INFO: |[\w-]{1,64}: )?\s{0,4}Allocated in \S{1,600}(?: \[[\w-]{1,64}\])? age=\d{1,20}(?: cpu=(?<cpu>\d{1,5}) pid=(?<pid>\d{1,9}))?/,
    role: 'allocated',
    sort: 'stack',
  },
  {
    pattern:
      /^(?:INFO: |[\w-]{1,64}: )?\s{0,4}Freed in \S{1,600}(?: \[[\w-]{1,64}\])? age=\d{1,20}(?: cpu=(?<cpu>\d{1,5}) pid=(?<pid>\d{1,9}))?/,
    role: 'freed',
    sort: 'stack',
  },
  // lib/ref_tracker.c.
  { pattern: /^ref_tracker: .{0,200}\bhas \d{1,10}\/\d{1,10} users at\s*$/, role: 'allocated', sort: 'stack' },
  { pattern: /^(?:ref_tracker: )?allocated in:\s*$/, role: 'allocated', sort: 'stack' },
  { pattern: /^(?:ref_tracker: )?freed in:\s*$/, role: 'freed', sort: 'stack' },
  // mm/page_owner.c, __dump_page_owner().
  { pattern: /^page last allocated via order .{0,300}?(?:pid (?<pid>\d{1,9})|$)/, role: 'page-owner', sort: 'stack' },
  { pattern: /^page last free (?:pid (?<pid>\d{1,9}) .{0,80})?stack trace:/, role: 'page-owner', sort: 'stack' },
  // arch/s390/kernel/dumpstack.c.
  { pattern: /^\s{0,8}Last Breaking-Event-Address:/, role: 'other', sort: 'stack' },

  // lib/nmi_backtrace.c; kernel/rcu/tree_stall.h; drivers/tty/sysrq.c, showacpu().
  { pattern: /\bNMI backtrace for cpu (?<cpu>\d{1,5})\b/, role: 'cpu', sort: 'subject' },
  { pattern: /^Task dump for CPU (?<cpu>\d{1,5}):/, role: 'cpu', sort: 'subject' },
  { pattern: /^(?:rcu: )?\s{0,2}Stack dump where RCU GP kthread last ran/, role: 'cpu', sort: 'subject' },
  { pattern: /^(?:sysrq: )?CPU(?<cpu>\d{1,5}):\s*$/, role: 'cpu', sort: 'subject' },
  // kernel/sched/core.c, sched_show_task(): the first form since 5.11, the others before.
  {
    pattern: /^\s{0,4}task:(?<comm>.{1,64}?)\s{1,16}state:\w\b.{0,40}?\spid:\s{0,6}(?<pid>\d{1,9})/,
    role: 'task',
    sort: 'subject',
  },
  {
    pattern:
      /^(?<comm>\S.{0,14}?)\s{1,16}[RSDTtZXxKWPIN]\s{0,4}(?:running task\s{0,6}|[0-9a-f]{8,16}\s)?\s{0,6}\d{1,6}\s{1,6}(?<pid>\d{1,9})\s{1,6}\d{1,9} 0x[0-9a-f]{8}/,
    role: 'task',
    sort: 'subject',
  },
];

// A cheap look before the rules are tried: all of them need one of these words.
const hint = /race|trace|ask|llocated|reed|ast|at|: -|-> #|CPU|created|0x|to /;

/** Reads a line that introduces a stack, or says whose the next one is. */
export function parseStackLabel(text: string): StackLabel | undefined {
  if (text.length > 1024 || !hint.test(text)) return undefined;
  for (const { pattern, role, sort } of rules) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const { cpu, pid, comm } = match.groups ?? {};
    return {
      role,
      sort,
      ...(cpu !== undefined && { cpu: Number(cpu) }),
      ...(pid !== undefined && { pid: Number(pid) }),
      ...(comm !== undefined && { comm }),
    };
  }
  return undefined;
}

/** NMI backtraces of idle CPUs say where the CPU idles and have no stack. */
export function isIdleCpu(text: string): boolean {
  return /\bNMI backtrace for cpu \d{1,5} skipped: idling\b/.test(text);
}
