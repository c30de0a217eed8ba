import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { SymbolizeFlags } from '../run/symbolize-run.ts';
import type { Session } from '../session.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { givenFlags, options, wantsHelp } from './shared.ts';

/** Flags of addr2line for what is always printed. */
const always = ['-f, --functions', '-i, --inlines', '-p, --pretty-print', '-a, --addresses', '-C, --demangle'];

/** Flags that say what to look symbols up in. */
const namesFile: ReadonlySet<string> = new Set(['vmlinux', 'exe', 'module', 'systemMap', 'release']);

const habits = `
As addr2line: ktriage symbolize -fie vmlinux ffffffff81234567. As faddr2line: ktriage symbolize vmlinux vfs_write+0xc7.
Numbers behind + and / are decimal unless they begin with 0x, addresses always hex. -f -i -p -a -C change nothing.`;

/** `ktriage symbolize SYMBOL+OFFSET[/SIZE] [MODULE] | ADDRESS...` */
export function addSymbolize(program: Command, session: Session): void {
  const command = program
    .command('symbolize')
    .description('functions and source lines of symbol+offset/size [module], or of addresses')
    .argument(
      '[what...]',
      'as an oops prints them, or addresses, or section+offset; - or none: lines of standard input',
    )
    .addOption(new Option('--format <format>', 'how to print the result (default: text)').choices(['text', 'jsonl']))
    .addOption(symbolOptions.vmlinux())
    .addOption(new Option('-e, --exe <file>', 'the same, as addr2line has it; may be a module'))
    .addOption(new Option('--module <file>', 'a module that symbols, sections and addresses are in'))
    .addOption(
      new Option(
        '--base <address>',
        'where that was loaded (/proc/modules); default: addresses count from 0',
      ).argParser(base),
    )
    .addOption(new Option('-j, --section <name>', 'a section that addresses are offsets in'))
    .addOption(symbolOptions.release())
    .addOption(symbolOptions.modules())
    .addOption(symbolOptions.debugDir())
    .addOption(symbolOptions.systemMap())
    .addOption(symbolOptions.debuginfod())
    .addOption(symbolOptions.debuginfodUrl())
    .addOption(symbolOptions.kaslr())
    .addOption(symbolOptions.force())
    .addOption(symbolOptions.noCache())
    .addOption(symbolOptions.symbolizer())
    .option('--return-addresses', 'addresses are behind calls: look them up less one')
    .addOption(options.verbose());
  for (const flags of always) command.addOption(new Option(flags).hideHelp());
  command.addHelpText('after', habits).action(async (words: string[], _options: unknown, self: Command) => {
    const given = givenFlags(self);
    // Who named a file wants to type, as into addr2line: it is told what is waited for.
    if (wantsHelp([...words, ...Object.keys(given).filter((name) => namesFile.has(name))], session)) {
      self.outputHelp({ error: true });
      session.exitCode = exitCodes.failed;
      return;
    }
    const { runSymbolize } = await import('../run/symbolize-run.ts');
    session.exitCode = await runSymbolize(words, flagsOf(given, session), session);
  });
}

function base(text: string): bigint {
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(text))
    throw new InvalidArgumentError('It must be an address in hex (0xffffffffc0123000).');
  return BigInt(`0x${text.replace(/^0x/i, '')}`);
}

function flagsOf(given: Readonly<Record<string, unknown>>, session: Session): SymbolizeFlags {
  const { exe, module, base: moduleBase, section, release } = given;
  return {
    ...(typeof exe === 'string' && { vmlinux: exe }),
    ...symbolFlags(given, session.env),
    ...(typeof module === 'string' && { module }),
    ...(typeof moduleBase === 'bigint' && { moduleBase }),
    ...(typeof section === 'string' && { section }),
    ...(typeof release === 'string' && { release }),
    returnAddresses: given.returnAddresses === true,
    verbose: given.verbose === true,
    format: given.format === 'jsonl' ? 'jsonl' : 'text',
  };
}
