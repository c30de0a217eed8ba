import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { policyFlags, policyOptions } from '../policy-flags.ts';
import type { Session } from '../session.ts';
import { givenFlags, options, settingsOf, wantsHelp } from './shared.ts';

/** `ktriage list [INPUT...]` */
export function addList(program: Command, session: Session): void {
  program
    .command('list')
    .description('one row for each different crash, with how often it occurs')
    .argument('[input...]', 'files, folders, quoted globs, or - for standard input (the default)')
    .addOption(options.format(['text', 'json']))
    .addOption(options.output())
    .addOption(options.all())
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.noPager())
    .addOption(options.verbose())
    .addOption(policyOptions.baseline())
    .addOption(policyOptions.knownIssues())
    .addOption(policyOptions.deny())
    .addOption(policyOptions.expectEnd())
    .action(async (inputs: string[], _options: unknown, command: Command) => {
      if (wantsHelp(inputs, session)) {
        command.outputHelp({ error: true });
        session.exitCode = exitCodes.failed;
        return;
      }
      const settings = await settingsOf(command, session);
      const given = givenFlags(command);
      const { output } = given;
      const { runList } = await import('../run/list-run.ts');
      const file = typeof output === 'string' ? output : undefined;
      session.exitCode = await runList(inputs, file, settings, session, undefined, policyFlags(given));
    });
}
