import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

/** `ktriage compare OLD... NEW` */
export function addCompare(program: Command, session: Session): void {
  program
    .command('compare')
    .description('say which crashes of a run are new, changed, the same or gone')
    .argument('<run...>', 'earlier runs, oldest first, then the new one: logs, JSON of analyze, or folders of them')
    .addOption(options.format(['text', 'json']))
    .addOption(options.output())
    .addOption(options.all())
    .addOption(options.limit())
    .addOption(options.failOn('new'))
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.noPager())
    .addOption(options.verbose())
    .action(async (runs: string[], _options: unknown, command: Command) => {
      const old = runs.slice(0, -1);
      const run = runs.at(-1);
      if (old.length === 0 || run === undefined) {
        const { usageError } = await import('../errors.ts');
        throw usageError(
          'ktriage compare needs two runs',
          'the earlier one, or several, and behind them the new one',
          'ktriage compare old.json new.json',
        );
      }
      if (runs.filter((name) => name === '-').length > 1) {
        const { usageError } = await import('../errors.ts');
        throw usageError(
          'standard input is named twice',
          'what one run has read from it is gone for the other',
          'save one of the logs to a file, and name that',
        );
      }
      const settings = await settingsOf(command, session, { failOn: 'new' });
      const { output } = givenFlags(command);
      const file = typeof output === 'string' ? output : undefined;
      const { runCompare } = await import('../run/compare-run.ts');
      session.exitCode = await runCompare(old, run, file, settings, session);
    });
}
