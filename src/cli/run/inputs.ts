import type { Engine } from '../engine.ts';
import { errorText, errorWords } from '../errors.ts';
import type { ExitStatus } from '../exit-codes.ts';
import type { Session } from '../session.ts';

/**
 * The inputs of a run: what was named, each once, or standard input if nothing was.
 * What names nothing is told and counted as a failure; the others still are the inputs.
 */
export async function gatherInputs(
  args: readonly string[],
  engine: Engine,
  session: Session,
  status: ExitStatus,
  onUnread?: (path: string, why: string) => void,
): Promise<string[]> {
  if (args.length === 0) return ['-'];
  const inputs = new Set<string>();
  for (const argument of args) {
    try {
      for (const input of await engine.expandInputs([argument])) inputs.add(input);
    } catch (error) {
      session.stderr.write(errorText(error));
      status.failed();
      onUnread?.(argument, errorWords(error));
    }
  }
  return [...inputs];
}
