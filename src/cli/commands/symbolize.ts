import { type Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { givenFlags, wantsHelp } from './shared.ts';

/** `ktriage symbolize SYMBOL+OFFSET[/SIZE] [MODULE] | ADDRESS...` */
export function addSymbolize(program: Command, session: Session): void {
  program
    .command('symbolize')
    .description('functions and source lines of symbol+offset/size [module], or of addresses')
    .argument('[what...]', 'as an oops prints them, or addresses; without any, lines of standard input')
    .addOption(new Option('--format <format>', 'how to print the result (default: text)').choices(['text', 'jsonl']))
    .addOption(symbolOptions.vmlinux())
    .addOption(symbolOptions.modules())
    .addOption(symbolOptions.debugDir())
    .addOption(symbolOptions.debuginfod())
    .addOption(symbolOptions.debuginfodUrl())
    .addOption(symbolOptions.kaslr())
    .addOption(symbolOptions.force())
    .addOption(symbolOptions.symbolizer())
    .option('--return-addresses', 'addresses are behind calls: look them up less one')
    .action(async (words: string[], _options: unknown, command: Command) => {
      if (wantsHelp(words, session)) {
        command.outputHelp({ error: true });
        session.exitCode = exitCodes.failed;
        return;
      }
      const given = givenFlags(command);
      const { runSymbolize } = await import('../run/symbolize-run.ts');
      session.exitCode = await runSymbolize(
        words,
        {
          ...symbolFlags(given, session.env),
          returnAddresses: given.returnAddresses === true,
          format: given.format === 'jsonl' ? 'jsonl' : 'text',
        },
        session,
      );
    });
}
