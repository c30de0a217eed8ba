import type { GdbClient } from './gdb/client.ts';

/**
 * Whether a guest ran before its stub was connected, by what that says. QEMU before 8.1 sends a stop reply by itself if
 * attaching has stopped the guest. Later ones do not (gdbstub: only send stop-reply packets when allowed to), and call a
 * guest `paused` in either case, unless it stands for a reason of its own: `paused (prelaunch)`. What is not known
 * counts as running, as a guest that somebody has paused by hand is rarer than one that hangs.
 */
export async function wasRunningBefore(gdb: GdbClient, isQemu: boolean): Promise<boolean> {
  if (gdb.wasRunning !== undefined) return gdb.wasRunning;
  if (!isQemu) return true;
  try {
    const [version, status] = await Promise.all([gdb.monitor('info version'), gdb.monitor('info status')]);
    const match = /^(\d{1,3})\.(\d{1,3})\b/.exec(version.trim());
    if (match === null) return true;
    const isOlder = Number(match[1]) * 1000 + Number(match[2]) < 8001;
    return !isOlder && !/^VM status: \w+ \([\w-]+\)/.test(status.trim());
  } catch {
    return true;
  }
}

/** SIGTRAP in gdb's numbering. */
const trap = 5;

/**
 * Whether a kernel goes on when its own stub is left. It does where it was asked to stop, or where a panic has called its
 * debugger. Where an exception has, the instruction would be run again, with the same end.
 */
export function kernelGoesOn({ firstSignal }: GdbClient): boolean {
  return firstSignal === undefined || firstSignal === trap;
}
