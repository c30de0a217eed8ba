import type { Guard } from '../live/hold.ts';
import { exitCodes } from './exit-codes.ts';

/** Sees to it that a machine is let go however the process ends. */
export interface LiveGuard extends Guard {
  /** The wish of the user to stop. */
  readonly signal: AbortSignal;
  /** Gives signals back to the process. */
  dispose(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;
/** Milliseconds for putting a machine right after the second signal: its stub may not answer. */
const lastMilliseconds = 2500;

/**
 * The first signal aborts, after which the machine is left in order. The second one does that without waiting for
 * answers, and ends the process when it is done or takes too long. The third ends it at once. An end that nobody caught
 * lets go too.
 */
export function guardMachines(): LiveGuard {
  const controller = new AbortController();
  const held = new Set<() => void>();
  let heard = 0;
  const abandonAll = (): void => {
    for (const abandon of held) abandon();
  };
  const leave = (): never => process.exit(exitCodes.interrupted);
  const onSignal = (): void => {
    heard++;
    if (heard === 1) {
      controller.abort();
      return;
    }
    abandonAll();
    if (heard > 2 || held.size === 0) leave();
    setTimeout(leave, lastMilliseconds);
  };
  for (const name of signals) process.on(name, onSignal);
  process.on('exit', abandonAll);
  return {
    signal: controller.signal,
    add(abandon) {
      held.add(abandon);
      return () => {
        held.delete(abandon);
        if (heard > 1 && held.size === 0) leave();
      };
    },
    dispose() {
      for (const name of signals) process.removeListener(name, onSignal);
      process.removeListener('exit', abandonAll);
    },
  };
}
