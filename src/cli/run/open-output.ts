import { ciOf } from '../ci.ts';
import { type Output, openOutputFile, StreamOutput } from '../output.ts';
import { PagedOutput, pagerCommand } from '../pager.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { withoutCiCommands } from './safe-in-ci.ts';

/** As `openDirectOutput`; text that goes to the log of a job has no commands of the CI in it. */
export async function openOutput(
  session: Session,
  settings: Settings,
  file: string | undefined,
  inputs: readonly string[],
): Promise<Output> {
  const output = await openDirectOutput(session, settings, file, inputs);
  const toFile = file !== undefined && file !== '-';
  return !toFile && settings.format === 'text' && ciOf(session.env) !== undefined ? withoutCiCommands(output) : output;
}

/** Where this run's result goes: a file, a pager on a terminal, or standard output. */
export async function openDirectOutput(
  session: Session,
  settings: Settings,
  file: string | undefined,
  inputs: readonly string[],
): Promise<Output> {
  if (file !== undefined && file !== '-') return openOutputFile(file, inputs);
  const direct = new StreamOutput(session.stdout);
  const { stdout, env } = session;
  if (!stdout.isTTY || settings.format !== 'text' || env.TERM === 'dumb') return direct;
  const command = pagerCommand(settings.pager, env);
  return command === undefined ? direct : new PagedOutput(direct, command, stdout.rows ?? 24, env);
}
