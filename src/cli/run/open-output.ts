import { type Output, openOutputFile, StreamOutput } from '../output.ts';
import { PagedOutput, pagerCommand } from '../pager.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';

/** Where this run's result goes: a file, a pager on a terminal, or standard output. */
export async function openOutput(
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
