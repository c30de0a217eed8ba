import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';
import { options, settingsOf } from './shared.ts';

/** `ktriage explain [KIND|RULE]` */
export function addExplain(program: Command, session: Session): void {
  program
    .command('explain')
    .description('what a kind of report or a rule of findings means, and what to look at')
    .addArgument(new Argument('[kind]', 'as reports have it (oops/null-deref), or a rule (null-member)'))
    .option('--list', 'list all kinds and rules')
    .addOption(options.color())
    .action(async (kind: string | undefined, given: { list?: true }, command: Command) => {
      const settings = await settingsOf(command, session);
      const { runExplain } = await import('../run/explain-run.ts');
      session.exitCode = await runExplain(kind, given.list === true, settings, session);
    });
}
