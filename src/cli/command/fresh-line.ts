import { fstatSync } from 'node:fs';
import type { Session, TerminalOutput } from '../session.ts';

/** Whether what a command printed last ended a line, of each stream. */
export interface EndsLine {
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** What goes before words of our own on standard error, so that they do not stand in a line of the command. */
export function freshLine({ stdout, stderr }: Pick<Session, 'stdout' | 'stderr'>, endsLine: EndsLine): '' | '\n' {
  return endsLine.stderr && (endsLine.stdout || !isSame(stdout, stderr)) ? '' : '\n';
}

/** True if both go to one place: a terminal, a file, the pipe of a CI. */
function isSame(one: TerminalOutput, other: TerminalOutput): boolean {
  const [a, b] = [numberOf(one), numberOf(other)];
  if (a === undefined || b === undefined) return false;
  try {
    const [first, second] = [fstatSync(a), fstatSync(b)];
    return first.dev === second.dev && first.ino === second.ino;
  } catch {
    return false;
  }
}

function numberOf(stream: TerminalOutput): number | undefined {
  return 'fd' in stream && typeof stream.fd === 'number' ? stream.fd : undefined;
}
