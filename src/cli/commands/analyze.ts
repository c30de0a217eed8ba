import type { Command } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import { allPolicyOptions, policyFlags } from '../policy-flags.ts';
import { rangeFlag, rangeOption } from '../range-flag.ts';
import { reportFileFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import { formats } from '../settings.ts';
import { reportOptions, symbolFlags } from '../symbol-flags.ts';
import { givenFlags, options, settingsOf, wantsHelp } from './shared.ts';

/** `ktriage analyze [INPUT...]` */
export function addAnalyze(program: Command, session: Session): void {
  const command = program
    .command('analyze')
    .description('say what broke, where and why, in kernel logs of any kind')
    .argument('[input...]', 'files, folders, quoted globs, or - for standard input (the default)')
    .addOption(options.format(formats))
    .addOption(options.output())
    .addOption(options.all())
    .addOption(options.limit())
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.noPager())
    .addOption(options.verbose());
  for (const option of [...reportFileFlags(), ...allPolicyOptions(), ...reportOptions(), rangeOption()])
    command.addOption(option);
  command.action(async (inputs: string[]) => {
    if (wantsHelp(inputs, session)) {
      command.outputHelp({ error: true });
      session.exitCode = exitCodes.failed;
      return;
    }
    const settings = await settingsOf(command, session);
    const given = givenFlags(command);
    const { output } = given;
    const { reportFlags } = await import('../run/read-report-flags.ts');
    const { runAnalyze } = await import('../run/analyze-run.ts');
    const file = typeof output === 'string' ? output : undefined;
    session.exitCode = await runAnalyze(inputs, file, settings, session, undefined, symbolFlags(given, session.env), {
      policy: policyFlags(given),
      reports: reportFlags(given, settings.format),
      range: rangeFlag(given),
    });
  });
}
