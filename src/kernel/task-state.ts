/**
 * Bits of `task_struct.__state` (`state` before 5.14) and `exit_state`, include/linux/sched.h. These have been so since
 * 4.14; RTLOCK_WAIT came with 5.15, FREEZABLE and FROZEN with 6.1.
 */
export const taskStates = {
  interruptible: 0x1n,
  uninterruptible: 0x2n,
  stopped: 0x4n,
  traced: 0x8n,
  exitDead: 0x10n,
  exitZombie: 0x20n,
  parked: 0x40n,
  dead: 0x80n,
  wakeKill: 0x100n,
  waking: 0x200n,
  noLoad: 0x400n,
  new: 0x800n,
  lockWait: 0x1000n,
  freezable: 0x2000n,
  frozen: 0x8000n,
} as const;

/** Those that `ps` tells apart, the highest one set counts (`task_index_to_char`). */
const letters: readonly (readonly [bit: bigint, letter: string])[] = [
  [taskStates.parked, 'P'],
  [taskStates.exitZombie, 'Z'],
  [taskStates.exitDead, 'X'],
  [taskStates.traced, 't'],
  [taskStates.stopped, 'T'],
  [taskStates.uninterruptible, 'D'],
  [taskStates.interruptible, 'S'],
];

const idle = taskStates.uninterruptible | taskStates.noLoad;

/**
 * A task's state as `ps` has it: R, S, D, T, t, X, Z, P, and I of a kernel thread that waits for work, which is not to
 * count as load (`__task_state_index`). A task that is dead and not yet reaped by the scheduler is X too.
 */
export function stateLetter(state: bigint, exitState = 0n): string {
  if ((state & idle) === idle) return 'I';
  if ((state & (taskStates.lockWait | taskStates.frozen)) !== 0n) return 'D';
  const found = letters.find(([bit]) => ((state | exitState) & bit) !== 0n);
  if (found !== undefined) return found[1];
  return (state & taskStates.dead) !== 0n ? 'X' : 'R';
}

/** Bits of `task_struct.flags`, include/linux/sched.h; the same in all versions from 4.14 on. */
export const taskFlags = {
  /** PF_IDLE: also of threads that inject idle time. */
  idle: 0x2n,
  exiting: 0x4n,
  workqueueWorker: 0x20n,
  /** PF_FROZEN, before 6.1. */
  frozen: 0x1_0000n,
  kernelThread: 0x20_0000n,
} as const;
