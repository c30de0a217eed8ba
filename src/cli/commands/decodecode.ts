import { type Command, InvalidArgumentError, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { DecodecodeFlags } from '../run/decodecode-run.ts';
import type { Session } from '../session.ts';
import { givenFlags, options, wantsHelp } from './shared.ts';

const habits = `
As scripts/decodecode of the kernel's tree, its environment too: ARCH=arm64, AFLAGS=--32 for 32-bit code,
PC=ffffffff81234567. Needs no binutils, takes any log, and all of its Code: lines.`;

/** `ktriage decodecode [FILE...]` */
export function addDecodecode(program: Command, session: Session): void {
  program
    .command('decodecode')
    .description('disassembles the Code: lines of an oops, as scripts/decodecode does it')
    .argument('[file...]', 'logs, or pasted lines; - or none: standard input')
    .addOption(new Option('--format <format>', 'how to print the result (default: text)').choices(['text', 'json']))
    .addOption(
      new Option('--arch <architecture>', 'what the code is of (default: as it looks)').choices([
        'x86_64',
        'i386',
        'arm64',
      ]),
    )
    .addOption(new Option('--pc <address>', 'address of the marked instruction, in hex').argParser(address))
    .addOption(options.output())
    .addHelpText('after', habits)
    .action(async (files: string[], _options: unknown, command: Command) => {
      if (wantsHelp(files, session)) {
        command.outputHelp({ error: true });
        session.exitCode = exitCodes.failed;
        return;
      }
      const { runDecodecode } = await import('../run/decodecode-run.ts');
      session.exitCode = await runDecodecode(files, flagsOf(givenFlags(command)), session);
    });
}

function address(text: string): bigint {
  if (!/^(?:0x)?[0-9a-f]{1,16}$/i.test(text))
    throw new InvalidArgumentError('It must be an address in hex (0xffffffff81234567).');
  return BigInt(`0x${text.replace(/^0x/i, '')}`);
}

function flagsOf({ format, arch, pc, output }: Readonly<Record<string, unknown>>): DecodecodeFlags {
  return {
    format: format === 'json' ? 'json' : 'text',
    ...(typeof arch === 'string' && { architecture: arch }),
    ...(typeof pc === 'bigint' && { pc }),
    ...(typeof output === 'string' && { output }),
  };
}
