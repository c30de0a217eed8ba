import type { Command } from 'commander';
import { policyFlags, policyOptions } from '../policy-flags.ts';
import { reportFileOptions } from '../report-flags.ts';
import type { Session } from '../session.ts';
import { reportOptions, symbolFlags } from '../symbol-flags.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

/** `ktriage watch FILE` */
export function addWatch(program: Command, session: Session): void {
  const command = program
    .command('watch')
    .description('follow a growing log and print each report as it completes')
    .argument('<input>', 'a file, which may be truncated, rotated or not there yet, or - for standard input')
    .option('--once', 'end with the first report')
    .addOption(options.format(['text', 'jsonl']))
    .addOption(options.all())
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(reportFileOptions.annotate())
    .addOption(options.color())
    .addOption(options.verbose());
  for (const option of [policyOptions.baseline(), policyOptions.knownIssues(), ...reportOptions()])
    command.addOption(option);
  command.action(async (input: string, given: { once?: true }) => {
    const settings = await settingsOf(command, session);
    const { runWatch } = await import('../run/watch-run.ts');
    session.exitCode = await runWatch(
      input,
      given.once === true,
      settings,
      session,
      undefined,
      symbolFlags(givenFlags(command), session.env),
      policyFlags(givenFlags(command)),
      givenFlags(command).annotate === true,
    );
  });
}
