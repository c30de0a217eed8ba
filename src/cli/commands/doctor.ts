import type { Command } from 'commander';
import type { Session } from '../session.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

/** `ktriage doctor [LOG...]` */
export function addDoctor(program: Command, session: Session): void {
  program
    .command('doctor')
    .description('say what debug information, source and tools are here, what is missing and how to get it')
    .argument('[log...]', 'logs whose kernels are meant (default: the kernel that runs here)')
    .addOption(options.format(['text', 'json']))
    .addOption(options.output())
    .addOption(options.color())
    .addOption(options.noPager())
    .addOption(options.verbose())
    .addOption(symbolOptions.vmlinux())
    .addOption(symbolOptions.modules())
    .addOption(symbolOptions.debugDir())
    .addOption(symbolOptions.systemMap())
    .action(async (logs: string[], _options: unknown, command: Command) => {
      const settings = await settingsOf(command, session);
      const given = givenFlags(command);
      const { output } = given;
      const file = typeof output === 'string' ? output : undefined;
      const { runDoctor } = await import('../run/doctor-run.ts');
      session.exitCode = await runDoctor(logs, file, settings, session, symbolFlags(given, session.env));
    });
}
