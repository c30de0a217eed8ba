import type { EntryKind, LiveCpu, LiveFrame, LiveLock, LiveTask, LockParty } from '../../../model/live.ts';
import type { InlineFrame } from '../../../model/report.ts';
import { printable } from '../../escape.ts';
import { sourceText } from '../frame-words.ts';
import { hex } from '../words.ts';

/** What the processor was entered by. */
export const entryWords: Readonly<Record<EntryKind, string>> = {
  'page-fault': 'page fault',
  'general-protection': 'general protection fault',
  'invalid-opcode': 'invalid opcode',
  divide: 'divide error',
  breakpoint: 'breakpoint',
  debug: 'debug exception',
  'double-fault': 'double fault',
  'stack-segment': 'stack segment fault',
  'machine-check': 'machine check',
  alignment: 'alignment check',
  synchronous: 'synchronous exception',
  serror: 'SError',
  interrupt: 'interrupt',
  nmi: 'NMI',
  'system-call': 'system call',
  other: 'exception',
};

/** `kworker/1:0 (pid 22)`. */
export function taskName({ comm, pid }: { readonly comm?: string; readonly pid?: number }): string {
  if (comm === undefined) return pid === undefined ? '' : `pid ${pid}`;
  return printable(pid === undefined ? comm : `${comm} (pid ${pid})`);
}

/** `CPU 1 (init, pid 1)`, `init (pid 1)`. */
export function partyName({ cpu, comm, pid }: LockParty): string {
  const task = taskName({ ...(comm !== undefined && { comm }), ...(pid !== undefined && { pid }) });
  if (cpu === undefined) return task === '' ? 'somebody' : task;
  return task === '' ? `CPU ${cpu}` : `CPU ${cpu}, ${task}`;
}

/** Functions that only wait, or take a lock, by which no two stacks can be told apart. */
const waiting =
  /^(?:__switch_to\w*|context_switch|_{0,2}(?:io_|preempt_|rt_mutex_)?schedule\w*|_{0,2}(?:folio_|bit_)?wait_(?:for|on)\w*|do_wait_for_\w+|do_idle|default_idle\w*|default_enter_idle|(?:arch|pv_native|native|raw)_safe_halt|cpuidle\w*|cpu_idle\w*|call_cpuidle|arch_cpu_idle|cpu_do_idle|acpi_safe_halt|cpu_startup_entry|cpu_relax|_{0,2}(?:raw_)?(?:spin|read|write)_\w*lock\w*|(?:native_|pv_)?queued_\w+|virt_spin_lock|do_raw_\w+|_{0,2}(?:ww_|rt_)?mutex_lock\w*|down_(?:read|write)\w*|_{0,2}rwsem_\w+|rwsem_\w+|_{0,2}cmpwait\w*|arch_\w*spin_lock)$/;

const isWaiting = (name: string): boolean => waiting.test(name.replace(/\..*/s, ''));

/** The frame that tells best what a task does: the innermost that does more than to wait. */
function tellingFrame(frames: readonly LiveFrame[]): LiveFrame | undefined {
  const reliable = frames.filter((frame) => frame.reliable && frame.function !== undefined);
  return reliable.find((frame) => !isWaiting(frame.function ?? '')) ?? reliable[0];
}

/** Where something is, in few words: the innermost function that does more than to wait, and its line. */
export function doing(frames: readonly LiveFrame[]): string {
  const frame = tellingFrame(frames);
  if (frame === undefined) return '';
  const chain: readonly InlineFrame[] = [
    ...(frame.inlined ?? []),
    {
      function: frame.function ?? hex(frame.address),
      ...(frame.source !== undefined && { source: frame.source }),
    },
  ];
  const told = chain.find((each) => !isWaiting(each.function)) ?? chain.at(-1);
  const module = frame.module === undefined ? '' : ` [${frame.module}]`;
  const at = told?.source === undefined ? '' : ` at ${sourceText(told.source)}`;
  return printable(`${told?.function ?? ''}${module}${at}`);
}

/** What a CPU does, in few words: what it waits for, or where it is. */
export function cpuDoing(cpu: LiveCpu, locks: readonly LiveLock[]): string {
  if (cpu.state === 'idle' || cpu.state === 'offline') return '';
  const wanted = locks.find(({ waiters }) => waiters.some((party) => party.cpu === cpu.id));
  const where = doing(cpu.frames);
  if (wanted === undefined) return where;
  return `waits for ${lockName(wanted)}${where === '' ? '' : ` in ${where}`}`;
}

/** `spinlock ktlab_port`. */
export function lockName({ kind, name, address }: LiveLock): string {
  const known = name ?? (address === undefined ? undefined : hex(address));
  return printable(known === undefined ? kind : `${kind} ${known}`);
}

/** True for a CPU whose stack tells something. */
export function isTelling({ state, frames }: LiveCpu): boolean {
  return frames.length > 0 && state !== 'idle' && state !== 'offline' && state !== 'user';
}

/** True for a task that waits and cannot be interrupted. */
export function isBlocked({ state }: Pick<LiveTask, 'state'>): boolean {
  return state === 'D';
}
