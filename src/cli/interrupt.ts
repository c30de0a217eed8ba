/** The wish of the user to stop, as a signal to hand down. */
export interface Interrupt {
  readonly signal: AbortSignal;
  /** Gives the signals back to the process. */
  dispose(): void;
}

/**
 * Turns the first SIGINT, SIGTERM or SIGHUP into an abort, so that what was found so far can be printed.
 * The second one ends the process at once, as if nobody had listened.
 */
export function watchInterrupts(): Interrupt {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const dispose = (): void => {
    for (const name of names) process.removeListener(name, stop);
  };
  const stop = (): void => {
    dispose();
    controller.abort();
  };
  for (const name of names) process.on(name, stop);
  return { signal: controller.signal, dispose };
}
