import { plainSymbolize } from './plain-symbolize.ts';
import type { Session } from './session.ts';

/** Runs one call and returns the exit code; `args` are without `node` and the script. */
export async function runCall(args: readonly string[], session: Session): Promise<number> {
  try {
    const plain = plainSymbolize(args, session);
    if (plain !== undefined) {
      const { runSymbolize } = await import('./run/symbolize-run.ts');
      return await runSymbolize(plain.words, plain.flags, session);
    }
    const { runProgram } = await import('./run-program.ts');
    return await runProgram(args, session);
  } catch (error) {
    // Whoever interrupts a run that has nothing to tell yet wants to hear nothing.
    if (error instanceof DOMException && error.name === 'AbortError') return 130;
    const [{ errorText }, { KtriageError }] = await Promise.all([import('./errors.ts'), import('../util/errors.ts')]);
    session.stderr.write(errorText(error));
    return error instanceof KtriageError && error.outcome === 'unvouched' ? 3 : 2;
  }
}
