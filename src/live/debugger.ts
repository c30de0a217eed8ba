import type { LiveFrame } from '../model/live.ts';
import { isIn } from './frames.ts';

const stopping = /^(?:arch_)?kgdb_breakpoint$/;
const asking = /^(?:sysrq_handle_dbg|__handle_sysrq|write_sysrq_trigger)$/;
const idling = /^(?:do_idle|cpu_startup_entry)$/;

/**
 * Whether a CPU is in the kernel's own debugger (KGDB) for no other reason than that somebody asked for it, by a program
 * or, while it had nothing to do, at its console.
 */
export function isAskedToStop(frames: readonly LiveFrame[]): boolean {
  if (!frames.some((frame) => isIn(frame, stopping)) || !frames.some((frame) => isIn(frame, asking))) return false;
  const interrupted = frames.findIndex(({ entry }) => entry?.kind === 'interrupt');
  return interrupted < 0 || frames.slice(interrupted + 1).some((frame) => isIn(frame, idling));
}
