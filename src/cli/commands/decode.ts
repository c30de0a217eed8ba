import { type Command, Option } from 'commander';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { givenFlags, options, wantsHelp } from './shared.ts';

/** `ktriage decode [VMLINUX [BASE [MODULES]]] < LOG`: what scripts/decode_stacktrace.sh of the kernel's tree takes. */
export function addDecode(program: Command, session: Session): void {
  program
    .command('decode')
    .description('a log with its symbols replaced by functions and source lines, as decode_stacktrace.sh does it')
    .argument('[vmlinux]', 'the kernel with debug information (default: that of the kernel the log names)')
    .argument('[base-path]', 'left off the beginning of file names, or auto (the default)')
    .argument('[modules-path]', 'a folder to search for modules with debug information')
    .addOption(symbolOptions.release())
    .addOption(new Option('-R, --as-printed', 'positions of return addresses, not of the calls before them'))
    .addOption(
      new Option(
        '-i, --input <file>',
        'a log, perhaps compressed (default: standard input); can be repeated',
      ).argParser((file: string, before: string[] = []) => [...before, file]),
    )
    .addOption(options.output())
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
    .action(async (...[vmlinux, basePath, modulesPath, , command]: DecodeArguments) => {
      const given = givenFlags(command);
      if (
        wantsHelp(
          [vmlinux, ...Object.keys(given)].filter((word) => word !== undefined),
          session,
        )
      ) {
        command.outputHelp({ error: true });
        session.exitCode = exitCodes.failed;
        return;
      }
      const { runDecode } = await import('../run/decode-run.ts');
      session.exitCode = await runDecode({ vmlinux, basePath, modulesPath }, flagsOf(given, session), session);
    });
}

type DecodeArguments = readonly [
  vmlinux: string | undefined,
  basePath: string | undefined,
  modulesPath: string | undefined,
  options: unknown,
  command: Command,
];

const isText = (value: unknown): value is string => typeof value === 'string';

function flagsOf(given: Readonly<Record<string, unknown>>, session: Session) {
  const { release, asPrinted, input, output, verbose } = given;
  return {
    ...symbolFlags(given, session.env),
    ...(isText(release) && { release }),
    ...(isText(output) && { output }),
    inputs: Array.isArray(input) ? input.filter(isText) : [],
    asPrinted: asPrinted === true,
    verbose: verbose === true,
  };
}
