import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

/** `ktriage watch FILE` */
export function addWatch(program: Command, session: Session): void {
  program
    .command('watch')
    .description('follow a growing log and print each report as it completes')
    .argument('<input>', 'a file, which may be truncated, rotated or not there yet, or - for standard input')
    .option('--once', 'end with the first report')
    .addOption(options.format(['text', 'jsonl']))
    .addOption(options.all())
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.verbose())
    .addOption(symbolOptions.vmlinux())
    .addOption(symbolOptions.modules())
    .addOption(symbolOptions.debugDir())
    .addOption(symbolOptions.systemMap())
    .addOption(symbolOptions.debuginfod())
    .addOption(symbolOptions.debuginfodUrl())
    .addOption(symbolOptions.kaslr())
    .addOption(symbolOptions.force())
    .addOption(symbolOptions.noCache())
    .addOption(symbolOptions.symbolizer())
    .addOption(symbolOptions.source())
    .action(async (input: string, given: { once?: true }, command: Command) => {
      const settings = await settingsOf(command, session);
      const { runWatch } = await import('../run/watch-run.ts');
      session.exitCode = await runWatch(
        input,
        given.once === true,
        settings,
        session,
        undefined,
        symbolFlags(givenFlags(command), session.env),
      );
    });
}
