import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { options, settingsOf } from './shared.ts';

/** `ktriage explain [KIND]` */
export function addExplain(program: Command, session: Session): void {
  program
    .command('explain')
    .description('what a kind of report means, what to look at, and which kernel document covers it')
    .addArgument(new Argument('[kind]', 'as reports have it: oops/null-deref'))
    .option('--list', 'list all kinds')
    .addOption(options.color())
    .action(async (kind: string | undefined, given: { list?: true }, command: Command) => {
      const settings = await settingsOf(command, session);
      const { runExplain } = await import('../run/explain-run.ts');
      session.exitCode = await runExplain(kind, given.list === true, settings, session);
    });
}
