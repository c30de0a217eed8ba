import type { Guard } from '../../live/hold.ts';
import { exitCodes } from '../exit-codes.ts';

/** What signals are for. */
interface Guarded {
  interrupt(signal: NodeJS.Signals): void;
  /** Returns what lets it go on. */
  pause(): () => void;
  kill(): void;
}

/** Sees to it that a command and its guest are left in order however the process ends. */
export interface CommandGuard extends Guard {
  /** The wish of the user to stop. */
  readonly signal: AbortSignal;
  /** Names what is to hear of signals while a command runs. */
  watch(command: Guarded): void;
  /** The command has ended: the next signal but one ends the process. */
  unwatch(): void;
  /** Gives signals back to the process. */
  dispose(): void;
}

const names = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/**
 * Signals go to the command, which has a session of its own and would not hear of a Ctrl-C. An end that nobody caught
 * ends the command too, and lets its guest go before.
 */
export function guardCommand(): CommandGuard {
  const controller = new AbortController();
  const held = new Set<() => void>();
  let command: Guarded | undefined;
  const onSignal = (name: NodeJS.Signals): void => {
    const isFirst = !controller.signal.aborted;
    controller.abort();
    if (command !== undefined) command.interrupt(name);
    // What was found is being printed; whoever insists does not want it.
    else if (!isFirst) process.exit(exitCodes.interrupted);
  };
  // Ctrl-Z: what has a session of its own would go on, and take what is typed at the shell.
  const onStop = (): void => {
    const goOn = command?.pause();
    // Comes back when we are told to go on.
    process.kill(process.pid, 'SIGSTOP');
    goOn?.();
  };
  const onExit = (): void => {
    for (const abandon of held) abandon();
    command?.kill();
  };
  for (const name of names) process.on(name, onSignal);
  process.on('SIGTSTP', onStop);
  process.on('exit', onExit);
  return {
    signal: controller.signal,
    add(abandon) {
      held.add(abandon);
      return () => void held.delete(abandon);
    },
    watch(running) {
      command = running;
    },
    unwatch() {
      command = undefined;
    },
    dispose() {
      for (const name of names) process.removeListener(name, onSignal);
      process.removeListener('SIGTSTP', onStop);
      process.removeListener('exit', onExit);
    },
  };
}
