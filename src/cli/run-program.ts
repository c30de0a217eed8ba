import { CommanderError } from 'commander';
import { buildProgram } from './program.ts';
import type { Session } from './session.ts';

/** Runs one call of any command as commander reads it, and returns the exit code. Throws what the command throws. */
export async function runProgram(args: readonly string[], session: Session): Promise<number> {
  const program = buildProgram(session);
  try {
    await program.parseAsync(args, { from: 'user' });
    return session.exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    // Help that was printed because nothing was asked for is its own message.
    if (error.code === 'commander.help') return 2;
    const [{ callError }, { errorText }] = await Promise.all([import('./usage.ts'), import('./errors.ts')]);
    session.stderr.write(errorText(callError(error, program, args)));
    return 2;
  }
}
