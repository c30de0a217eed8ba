import type { EntryKind, LiveCpu, LiveFrame, LiveTask, LockParty } from '../../../model/live.ts';
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

/** ` at kernel/foo.c:12`, empty where it is not known. */
export function placeOf({ source, inlined }: Pick<LiveFrame, 'source' | 'inlined'>): string {
  const at = inlined?.find((each) => each.source !== undefined)?.source ?? source;
  return at === undefined ? '' : ` at ${sourceText(at)}`;
}

/** Functions that only wait, by which no two stacks can be told apart. */
const waiting =
  /^(?:__)?(?:schedule\w*|switch_to|context_switch|io_schedule\w*|preempt_schedule\w*|do_idle|default_idle\w*|default_enter_idle|native_safe_halt|pv_native_safe_halt|mwait_idle\w*|cpuidle\w*|cpu_idle\w*|call_cpuidle|arch_cpu_idle|cpu_do_idle|acpi_safe_halt|acpi_idle\w*)$/;

/** The frame that tells best what a task does: the innermost that does more than to wait. */
export function tellingFrame(frames: readonly LiveFrame[]): LiveFrame | undefined {
  const reliable = frames.filter((frame) => frame.reliable && frame.function !== undefined);
  return reliable.find((frame) => !waiting.test((frame.function ?? '').replace(/\..*/, ''))) ?? reliable[0];
}

/** What a CPU is doing, in few words. */
export function doing(frames: readonly LiveFrame[]): string {
  const frame = tellingFrame(frames);
  if (frame === undefined) return '';
  const name = frame.inlined?.[0]?.function ?? frame.function ?? hex(frame.address);
  const module = frame.module === undefined ? '' : ` [${frame.module}]`;
  return printable(`${name}${module}${placeOf(frame)}`);
}

/** True for a CPU whose stack tells something. */
export function isTelling({ state, frames }: LiveCpu): boolean {
  return frames.length > 0 && state !== 'idle' && state !== 'offline' && state !== 'user';
}

/** True for a task that waits and cannot be interrupted. */
export function isBlocked({ state }: Pick<LiveTask, 'state'>): boolean {
  return state === 'D';
}
