import type { Btf } from '../btf/btf.ts';
import type { Kernel } from './kernel.ts';
import { stateLetter, taskFlags } from './task-state.ts';
import { type MemberSpan, pointedAt, readSpan, spanOf, type View } from './view.ts';

/** A task, as its `task_struct` had it. */
export interface Task {
  /** Of its `task_struct`. */
  readonly address: bigint;
  readonly pid: number;
  /** The thread group's. */
  readonly tgid: number;
  readonly comm: string;
  /** As `ps` has it: R, S, D, I, T, t, Z, X, P. */
  readonly state: string;
  /** `__state`, `state` before 5.14. */
  readonly stateBits: bigint;
  readonly exitState: bigint;
  readonly flags: bigint;
  readonly isKernelThread: boolean;
  /** A CPU's idle task: `swapper/N`. */
  readonly isIdle: boolean;
  readonly isExiting: boolean;
  /** It runs on a CPU now, so its registers are there and not saved. */
  readonly onCpu: boolean;
  /** The CPU that it runs on, or ran on last. */
  readonly cpu?: number;
  /** It waits for a run queue's CPU. */
  readonly onRunQueue?: boolean;
  readonly inIoWait?: boolean;
  /** Lowest address of its kernel stack; a task that was reaped has none. */
  readonly stack?: bigint;
  /** Of its stack, where it is mapped page by page: a `vm_struct`. */
  readonly stackArea?: bigint;
  /** Registers that were saved when it was switched away from; of x86 only `rsp`, the rest is on its stack. */
  readonly saved: Readonly<Record<string, bigint>>;
  /** `mm_struct`; kernel threads have none. */
  readonly mm?: bigint;
  readonly activeMm?: bigint;
  readonly parent?: bigint;
  readonly leader?: bigint;
  /** Switches away from it since it began. */
  readonly switches: { readonly voluntary: bigint; readonly involuntary: bigint };
  /** What the hung task detector saw when it looked last: the sum of switches, and jiffies. */
  readonly lastSeen?: { readonly switches: bigint; readonly jiffies: bigint };
  /** Nanoseconds since boot when it began, and when it last came to a CPU (of that CPU's clock). */
  readonly startTime?: bigint;
  readonly lastArrival?: bigint;
  /** What the kernel says that it waits for; `type` is that of the structure. Since 6.17, or with DEBUG_MUTEXES. */
  readonly blockedOn?: { readonly address: bigint; readonly type: string };
  /** `task_struct.blocker` (6.16, DETECT_HUNG_TASK_BLOCKER): a lock's address, what kind in its low two bits. */
  readonly blocker?: bigint;
  /** `rt_mutex_waiter` */
  readonly blockedOnRtMutex?: bigint;
  readonly prio?: number;
  /** How deep it is in RCU read-side critical sections, where these are counted (PREEMPT_RCU). */
  readonly rcuNesting?: number;
}

/** Of arm64 (`struct cpu_context`, arch/arm64/include/asm/processor.h). */
const savedRegisters: readonly (readonly [register: string, path: string])[] = [
  ...Array.from({ length: 10 }, (_, index) => [`x${19 + index}`, `thread.cpu_context.x${19 + index}`] as const),
  ['x29', 'thread.cpu_context.fp'],
  ['sp', 'thread.cpu_context.sp'],
  ['pc', 'thread.cpu_context.pc'],
  // Of x86.
  ['rsp', 'thread.sp'],
];

const members = [
  ...[
    'thread_info.cpu',
    'cpu',
    '__state',
    'state',
    'exit_state',
    'stack',
    'flags',
    'on_cpu',
    'wake_cpu',
    'on_rq',
    'prio',
  ],
  ...['tasks', 'thread_node', 'mm', 'active_mm', 'pid', 'tgid', 'real_parent', 'group_leader', 'comm', 'in_iowait'],
  ...['nvcsw', 'nivcsw', 'start_time', 'last_switch_count', 'last_switch_time', 'sched_info.last_arrival', 'signal'],
  ...['blocked_on', 'blocker', 'pi_blocked_on', 'rcu_read_lock_nesting', 'stack_vm_area'],
  ...savedRegisters.map(([, path]) => path),
];

/** What is read of a `task_struct`; undefined if the types do not have it. */
export function taskSpan(types: Btf): MemberSpan | undefined {
  return spanOf(types, 'task_struct', members);
}

/** A task as it is kept, with what leads from it to others. */
export interface TaskRead {
  readonly task: Task;
  readonly view: View;
}

/** Reads a task; undefined if it cannot be read, or is no task: one has a pid that is not negative. */
export async function readTask(kernel: Kernel, span: MemberSpan, address: bigint): Promise<TaskRead | undefined> {
  const view = await readSpan(kernel, span, address);
  if (view === undefined) return undefined;
  const task = taskOf(kernel.types, view);
  return task === undefined ? undefined : { task, view };
}

/** PID_MAX_LIMIT of 64 bits. */
const mostPid = 4_194_304n;

function taskOf(types: Btf, view: View): Task | undefined {
  const pid = view.signed('pid');
  const comm = view.text('comm');
  if (pid === undefined || pid < 0n || pid > mostPid || comm === undefined) return undefined;
  const stateBits = view.big('__state', 'state') ?? 0n;
  const exitState = view.big('exit_state') ?? 0n;
  const flags = view.big('flags') ?? 0n;
  const tgid = view.signed('tgid');
  const cpu = view.number('thread_info.cpu', 'cpu', 'wake_cpu');
  const onRunQueue = view.number('on_rq');
  const prio = view.signed('prio');
  const nesting = view.signed('rcu_read_lock_nesting');
  const ioWait = view.number('in_iowait');
  const saved: Record<string, bigint> = {};
  for (const [register, path] of savedRegisters) {
    const value = view.big(path);
    if (value !== undefined) saved[register] = value;
  }
  return {
    ...{ address: view.address, pid: Number(pid), tgid: Number(tgid ?? pid), comm: printable(comm) },
    ...{ state: stateLetter(stateBits, exitState), stateBits, exitState, flags },
    isKernelThread: (flags & taskFlags.kernelThread) !== 0n,
    isIdle: pid === 0n,
    isExiting: (flags & taskFlags.exiting) !== 0n,
    onCpu: (view.big('on_cpu') ?? 0n) !== 0n,
    ...(cpu !== undefined && { cpu }),
    ...(onRunQueue !== undefined && { onRunQueue: onRunQueue !== 0 }),
    ...(ioWait !== undefined && { inIoWait: ioWait !== 0 }),
    ...optional({
      stack: view.pointer('stack'),
      stackArea: view.pointer('stack_vm_area'),
      mm: view.pointer('mm'),
      activeMm: view.pointer('active_mm'),
      parent: view.pointer('real_parent'),
      leader: view.pointer('group_leader'),
      startTime: view.pointer('start_time'),
      lastArrival: view.pointer('sched_info.last_arrival'),
      blocker: view.pointer('blocker'),
      blockedOnRtMutex: view.pointer('pi_blocked_on'),
    }),
    saved,
    switches: { voluntary: view.big('nvcsw') ?? 0n, involuntary: view.big('nivcsw') ?? 0n },
    ...lastSeen(view),
    ...blockedOn(types, view),
    ...(prio !== undefined && { prio: Number(prio) }),
    ...(nesting !== undefined && { rcuNesting: Number(nesting) }),
  };
}

/** Without those that are missing. */
function optional<Key extends string>(values: Readonly<Record<Key, bigint | undefined>>): { [Each in Key]?: bigint } {
  const found: { [Each in Key]?: bigint } = {};
  for (const key in values) {
    const value = values[key];
    if (value !== undefined) found[key] = value;
  }
  return found;
}

function lastSeen(view: View): Pick<Task, 'lastSeen'> {
  const switches = view.big('last_switch_count');
  const jiffies = view.big('last_switch_time');
  return switches === undefined || jiffies === undefined ? {} : { lastSeen: { switches, jiffies } };
}

function blockedOn(types: Btf, view: View): Pick<Task, 'blockedOn'> {
  const address = view.pointer('blocked_on');
  const place = view.place('blocked_on');
  if (address === undefined || place === undefined) return {};
  const target = pointedAt(types, place.type);
  const type = target === undefined ? 'void' : types.typeName(target).replace(/^struct /, '');
  return { blockedOn: { address, type } };
}

/** A program chooses its own; what is no printable ASCII becomes `?`. */
function printable(comm: string): string {
  return comm.replace(/[^ -~]/g, '?');
}
