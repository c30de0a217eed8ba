import type { KernelInfo, TaskInfo } from '../../model/report.ts';
import { utf8 } from '../../util/text.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a `CPU: 1 PID: 96 Comm: name Tainted: G W 6.1.0 #1` line says. */
export interface CommLine {
  readonly task: TaskInfo;
  readonly kernel: KernelInfo;
}

// lib/dump_stack.c, dump_stack_print_info(): UID since 6.11, build ID and preempt model where configured.
const commLine = /^\s{0,8}CPU: (\d{1,5}) (?:UID: (\d{1,10}) )?PID: (\d{1,10}) Comm: (.{1,400})$/;
// x86 up to 3.9: "Pid: 1109, comm: NetworkManager Not tainted 3.3.0 #1 Vendor Board".
const oldCommLine = /^\s{0,8}Pid: (\d{1,10}), comm: (.{1,400})$/;
// lockdep's header: "6.1.0-50-amd64 #1 Tainted: G        W".
const lockdepLine = /^(\d{1,2}\.\d{1,3}\S{0,100}) (#\S{1,64}.{0,100}?)\s(?:Not tainted|Tainted: )/;
// kernel/hung_task.c, check_hung_task(): "      Not tainted 6.1.0-50-amd64 #1 Debian 6.1.176-1".
const hungTaskLine = /^ {6}(?:Not tainted|Tainted: [A-Z ]{1,40}(?=\s)) {1,8}(\d{1,2}\.\d.{0,200})$/;
// kernel/sched/core.c, preempt_model_str() since 6.15: "PREEMPT(lazy)", "PREEMPT_{RT,(full)}", "PREEMPTLAZY"
const preemptModel =
  /^(?:PREEMPT(?:_?[A-Z]{1,12}|_\{RT,(?:\([a-z]{1,12}\)|LAZY)\})?(?:,?\([a-z]{1,12}\))?|VOLUNTARY|NONE)$/;
const buildId = /^[0-9a-f]{40}$/;

/** Splits `6.1.0-50-arm64 #1 Debian 6.1.176-1`, with a build ID or a preempt model in it. */
function kernelOf(text: string): KernelInfo {
  const kernel: Writable<KernelInfo> = {};
  const words = text.split(/\s+/).filter((w) => w !== '');
  const release = words.shift();
  // A release is a number, but whoever builds a kernel may call it anything: then the build number follows it.
  if (release === undefined || !(/^\d/.test(release) || words[0]?.startsWith('#') === true)) return kernel;
  kernel.release = utf8(release);
  const id = words.findIndex((w) => buildId.test(w));
  if (id >= 0) {
    kernel.buildId = words[id] ?? '';
    words.splice(id, 1);
  }
  // Behind the build number: what a distribution adds (Debian its package's version) and the build ID follow it.
  const preempt = words[0]?.startsWith('#') === true ? words[1] : undefined;
  if (preempt !== undefined && preemptModel.test(preempt)) {
    kernel.preemptModel = preempt;
    words.splice(1, 1);
  }
  if (words.length > 0) kernel.version = utf8(words.join(' '));
  return kernel;
}

/** The part behind `Comm: `: name, perhaps `Kdump: loaded`, taint, release and build. */
function splitComm(text: string): { comm: string; kernel: KernelInfo } {
  const match = /\s(?:Kdump: loaded )?(Not tainted|Tainted: [A-Z ]{1,40}(?=\s)|Tainted: )/.exec(text);
  if (match === null) return { comm: utf8(text.trim().slice(0, 64)), kernel: {} };
  // Blanks end the taint letters; a release never begins with a lone capital.
  const behind = text.slice(match.index + match[0].length).replace(/^[A-Z ]{1,40}(?=\s)/, '');
  return { comm: utf8(text.slice(0, match.index).trim()), kernel: kernelOf(behind) };
}

/** Reads the line that says who was running on which kernel, of any time. */
export function parseCommLine(text: string): CommLine | undefined {
  const match = commLine.exec(text);
  if (match !== null) {
    const [, cpu, uid, pid, rest = ''] = match;
    const { comm, kernel } = splitComm(rest);
    return {
      task: { cpu: Number(cpu), pid: Number(pid), ...(uid !== undefined && { uid: Number(uid) }), comm },
      kernel,
    };
  }
  const old = oldCommLine.exec(text);
  if (old === null) {
    const lockdep = lockdepLine.exec(text);
    if (lockdep === null) {
      const hung = hungTaskLine.exec(text);
      return hung === null ? undefined : { task: {}, kernel: kernelOf(hung[1] ?? '') };
    }
    return { task: {}, kernel: kernelOf(`${lockdep[1] ?? ''} ${lockdep[2] ?? ''}`) };
  }
  const { comm, kernel } = splitComm(old[2] ?? '');
  const { version, ...others } = kernel;
  // The board's name follows the build number.
  const parts = /^(#\S+)\s+(.+)$/.exec(version ?? '');
  const build = parts?.[1] ?? version;
  const hardware = parts?.[2];
  return {
    task: { pid: Number(old[1]), comm },
    kernel: { ...others, ...(build !== undefined && { version: build }), ...(hardware !== undefined && { hardware }) },
  };
}

interface TaskRule {
  readonly pattern: RegExp;
  readonly read: (groups: Readonly<Record<string, string | undefined>>) => TaskInfo;
}

const withTask = (g: Readonly<Record<string, string | undefined>>): TaskInfo => ({
  ...(g.cpu !== undefined && { cpu: Number(g.cpu) }),
  ...(g.pid !== undefined && { pid: Number(g.pid) }),
  ...(g.comm !== undefined && { comm: utf8(g.comm.trim()) }),
});

// Lines other than `CPU: ... Comm:` that say something of the task. Earlier found facts are kept.
const rules: readonly TaskRule[] = [
  // kernel/hung_task.c, check_hung_task()
  { pattern: /INFO: task (?<comm>.{1,64}):(?<pid>\d{1,10}) (?:blocked|is blocked|can't die)\b/, read: withTask },
  // kernel/watchdog.c
  {
    pattern: /soft lockup - CPU#(?<cpu>\d{1,5}) stuck for \d{1,9}s! \[(?<comm>.{1,64}):(?<pid>\d{1,10})\]/,
    read: withTask,
  },
  { pattern: /hard LOCKUP on cpu (?<cpu>\d{1,5})\b/, read: withTask },
  // mm/kasan/report.c
  {
    pattern: /\bof size \d{1,20} at addr [0-9a-f]{1,16} by task (?<comm>.{1,64})\/(?<pid>\d{1,10})\s*$/,
    read: withTask,
  },
  // kernel/sched/core.c, __schedule_bug()
  {
    pattern: /BUG: scheduling while atomic: (?<comm>.{1,64})\/(?<pid>\d{1,10})\/0x(?<count>[0-9a-f]{1,8})/,
    read: (g) => ({ ...withTask(g), preemptCount: Number.parseInt(g.count ?? '0', 16) }),
  },
  // kernel/sched/core.c, __might_resched(); the last words differ with the version.
  {
    pattern:
      /\bin_atomic\(\): (?<atomic>[01]), irqs_disabled\(\): (?<off>\d{1,4})(?:, non_block: \d{1,4})?, pid: (?<pid>\d{1,10}), name: (?<comm>.{1,64})$/,
    read: (g) => ({ ...withTask(g), inAtomic: g.atomic === '1', irqsDisabled: g.off !== '0' }),
  },
  {
    pattern: /^preempt_count: (?<count>[0-9a-f]{1,8})\b/,
    read: (g) => ({ preemptCount: Number.parseInt(g.count ?? '0', 16) }),
  },
  {
    pattern: /\bpreempt_count=(?:0x)?(?<count>[0-9a-f]{1,8})\b/,
    read: (g) => ({ preemptCount: Number.parseInt(g.count ?? '0', 16) }),
  },
  {
    pattern: /\[preempt_count: (?<count>[0-9a-f]{1,8})\]/,
    read: (g) => ({ preemptCount: Number.parseInt(g.count ?? '0', 16) }),
  },
  // kernel/workqueue.c, print_worker_info()
  { pattern: /^\s{0,4}Workqueue: (?<queue>.{1,200})$/, read: (g) => ({ workqueue: utf8((g.queue ?? '').trim()) }) },
  // kernel/locking/lockdep.c, print_usage_bug(): "swapper/0/0 [HC0[0]:SC1[1]:HE1:SE0] takes:"
  {
    pattern: /^(?<comm>.{1,64})\/(?<pid>\d{1,10}) \[(?<state>HC\d[^ ]{1,40})\] /,
    read: (g) => ({ ...withTask(g), interruptState: g.state ?? '' }),
  },
  { pattern: /^(?<comm>.{1,64})\/(?<pid>\d{1,10}) is (?:trying to|exiting|freeing|leaving)\b/, read: withTask },
  // kernel/fork.c, check_mm() since 6.17
  { pattern: /\bBad rss-counter state .{1,80} Comm:(?<comm>.{1,64}) Pid:(?<pid>\d{1,10})$/, read: withTask },
  // arm, mips and riscv say who it was below the registers.
  { pattern: /^Process (?<comm>.{1,64}) \(pid: (?<pid>\d{1,10}),/, read: withTask },
  {
    pattern: /^Flags: \S{4} {2}(?<state>IRQs \w{2,3} {2}FIQs \w{2,3})\b/,
    read: (g) => ({ interruptState: g.state ?? '' }),
  },
];

const hint = /pid|Pid|INFO|lockup|LOCKUP|by task|atomic|preempt_count|orkqueue|HC\d| is |FIQs/;

/** What a line other than the `Comm:` one says of the task. */
export function parseTaskLine(text: string): TaskInfo | undefined {
  if (text.length > 1024 || !hint.test(text)) return undefined;
  for (const { pattern, read } of rules) {
    const match = pattern.exec(text);
    if (match !== null) return read(match.groups ?? {});
  }
  return undefined;
}

const kernelOffset = /^Kernel Offset: (?:0x([0-9a-f]{1,16}) from 0x[0-9a-f]{1,16}|(disabled))/;
const ppcRelease = /\bTRAP: [0-9a-f]{3,4}\b.{0,120}\(([0-9][^\s()]{1,100})\)\s*$/;

/** What a line other than the `Comm:` one says of the kernel or the machine. */
export function parseKernelLine(text: string): KernelInfo | undefined {
  if (text.startsWith('Hardware name:')) return { hardware: utf8(text.slice(14).trim()) };
  const offset = kernelOffset.exec(text);
  if (offset !== null) return { kaslrOffset: offset[2] === undefined ? BigInt(`0x${offset[1] ?? '0'}`) : 0n };
  const ppc = ppcRelease.exec(text);
  if (ppc?.[1] !== undefined) return { release: ppc[1] };
  return undefined;
}
