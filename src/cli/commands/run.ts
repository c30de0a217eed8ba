import { type Command, InvalidArgumentError, Option } from 'commander';
import { failOnWords, parseFailOn } from '../fail-on.ts';
import { allPolicyOptions, policyFlags } from '../policy-flags.ts';
import { rangeFlag, rangeOption } from '../range-flag.ts';
import { reportFileFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import { formats } from '../settings.ts';
import { reportOptions, symbolFlags } from '../symbol-flags.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

const more = `
The command's output goes where it would have gone without ktriage, byte by byte; the report goes to standard error when
it has ended, or to a file (--output, --report). Put -- before the command.

Exit status: the command's own (128 and the signal's number if a signal ended it), but
  1    the kernel crashed (--fail-on), or the guest that was looked at is broken
  2    the call was wrong, or an output could not be written
  3    the command exits with 0, and nobody can vouch for it: no kernel printed anything, or no line fits --expect-end
  124  the time was up (--timeout, --quiet-timeout)
  126  the command cannot be run, 127 there is none
  130  interrupted`;

/** `ktriage run -- COMMAND...` */
export function addRun(program: Command, session: Session): void {
  const command = program
    .command('run')
    .description('run a command that boots or tests a kernel, and say what broke in what it prints')
    .usage('[options] -- <command...>')
    .argument('<command...>', 'the command and its arguments, behind --')
    .addOption(new Option('--timeout <seconds>', 'stop it if it has not ended by then').argParser(positive))
    .addOption(new Option('--quiet-timeout <seconds>', 'stop it if it prints nothing for so long').argParser(positive))
    .addOption(
      new Option(
        '--after-crash <seconds>',
        'stop it so long after the last output that follows a crash (default: 5)',
      ).argParser(seconds),
    )
    .addOption(
      new Option(
        '--stop-on <what>',
        'which crash that is, in the words of --fail-on (default: fatal: what no kernel goes on from)',
      ).argParser(stopOn),
    )
    .addOption(new Option('--save-log <file>', 'write what it prints to a file too'))
    .addOption(new Option('--gdb <target>', 'where its guest is: when the time is up, say why that hangs (see live)'))
    .addOption(new Option('--qmp <socket>', "the same by QEMU's monitor, or beside --gdb"))
    .addOption(new Option('--guest-report <file>', 'write what was found in the guest to a file, as JSON'))
    .addOption(new Option('--save-guest <file>', 'write what was read of the guest to a file, for ktriage live --from'))
    .addOption(options.format(formats))
    .addOption(new Option('-o, --output <file>', 'write the report to a file instead of standard error'))
    .addOption(options.all())
    .addOption(options.limit())
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.verbose());
  for (const option of [...reportFileFlags(), ...allPolicyOptions(), ...reportOptions(), rangeOption()])
    command.addOption(option);
  command.addHelpText('after', more).action(async (words: string[]) => {
    const settings = await settingsOf(command, session);
    const given = givenFlags(command);
    const [{ runCommand }, { commandFlags }, { reportFlags }] = await Promise.all([
      import('../run/command-run.ts'),
      import('../command/command-flags.ts'),
      import('../run/read-report-flags.ts'),
    ]);
    const flags = {
      command: commandFlags(given),
      policy: policyFlags(given),
      reports: reportFlags(given, settings.format),
      symbols: symbolFlags(given, session.env),
      range: rangeFlag(given),
      hasInput: true,
    };
    session.exitCode = await runCommand(words, flags, settings, session);
  });
}

function seconds(text: string): number {
  if (!/^\d{1,7}(?:\.\d{1,3})?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

function positive(text: string): number {
  const value = seconds(text);
  if (value === 0) throw new InvalidArgumentError('It must be more than 0 seconds.');
  return value;
}

function stopOn(text: string): string {
  if (parseFailOn(text) === undefined)
    throw new InvalidArgumentError(`It can be: ${failOnWords.join(', ')}, a kind, several apart by commas.`);
  return text;
}
