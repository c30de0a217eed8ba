import { Command } from 'commander';
import { addAnalyze } from './commands/analyze.ts';
import { addCompare } from './commands/compare.ts';
import { addCompletion } from './commands/completion.ts';
import { addConfig } from './commands/config.ts';
import { addDecode } from './commands/decode.ts';
import { addDecodecode } from './commands/decodecode.ts';
import { addDoctor } from './commands/doctor.ts';
import { addExplain } from './commands/explain.ts';
import { addList } from './commands/list.ts';
import { addLive } from './commands/live.ts';
import { addRun } from './commands/run.ts';
import { addSchema } from './commands/schema.ts';
import { addSymbolize } from './commands/symbolize.ts';
import { addWatch } from './commands/watch.ts';
import { packageVersion } from './package-version.ts';
import type { Session } from './session.ts';

/** All commands. They import what they need when they run: starting up loads commander and this wiring. */
export function buildProgram(session: Session): Command {
  const program = new Command('ktriage');
  program
    .description('Kernel crash triage: what broke, where and why, from any kernel log.')
    .version(packageVersion())
    .usage('<command> [options]')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => session.stdout.write(text),
      writeErr: (text) => session.stderr.write(text),
      // Errors are told once, in the form of all others; see usage.ts.
      outputError: () => {},
    })
    .showSuggestionAfterError(true);
  const readers = [addAnalyze, addList, addCompare, addWatch, addRun, addLive, addSymbolize, addDecode, addDecodecode];
  for (const add of [...readers, addDoctor, addExplain, addSchema, addCompletion, addConfig]) add(program, session);
  for (const command of program.commands) command.copyInheritedSettings(program);
  return program;
}
