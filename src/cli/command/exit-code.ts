import { constants } from 'node:os';
import type { CommandFacts } from '../../model/command.ts';
import { type ExitCode, exitCodes } from '../exit-codes.ts';

/** What timeout(1) exits with when the time is up. */
export const timedOut = 124;
/** What a shell says of a command that a signal ended: so much more than the signal's number. */
const signalled = 128;

function numberOf(signal: string): number {
  const known = Object.entries(constants.signals).find(([name]) => name === signal);
  return signalled + (known?.[1] ?? 0);
}

/**
 * What `ktriage run` ends with: what is wrong with the run or the kernel comes first, then what became of the command.
 * @param judged what the analysis of its output comes to.
 */
export function exitCodeOf(judged: ExitCode, { exitCode, signal, stopped }: CommandFacts): number {
  if (judged === exitCodes.interrupted || judged === exitCodes.failed || judged === exitCodes.found) return judged;
  switch (stopped) {
    case 'timeout':
    case 'quiet':
      return timedOut;
    case 'interrupted':
      return exitCodes.interrupted;
    case 'unread':
      return numberOf('SIGPIPE');
    case 'crash':
      // Nobody wants to fail on what it was stopped for.
      return judged;
    case undefined:
      break;
  }
  if (signal !== undefined) return numberOf(signal);
  return exitCode === undefined || exitCode === 0 ? judged : exitCode;
}
