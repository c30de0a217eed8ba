import { type Command, InvalidArgumentError, Option } from 'commander';
import { policyFlags, policyOptions } from '../policy-flags.ts';
import { rangeFlag, rangeOption } from '../range-flag.ts';
import { reportFileFlags } from '../report-flags.ts';
import type { LiveFlags } from '../run/live-flags.ts';
import type { Session } from '../session.ts';
import { formats } from '../settings.ts';
import { symbolFlags, symbolOptions } from '../symbol-flags.ts';
import { liveViews } from './live-views.ts';
import { givenFlags, options, settingsOf } from './shared.ts';

const targets = `
Targets: HOST:PORT or a unix socket (a gdbstub; :1234 if none is named), qmp:SOCKET (QEMU's monitor, which starts the
stub), libvirt:DOMAIN, vng (vng --debug), pid:N (of a QEMU), kgdb:/dev/ttyS0[,SPEED] or kgdb:HOST:PORT.

One thing at a time, with the target before or behind it:
${liveViews.map(({ usage, words }) => `  ktriage live ${usage.padEnd(24)} ${words}`).join('\n')}

The guest is stopped while it is read, under a second, and then left as it was found. Nothing is written into it.`;

/** `ktriage live [TARGET]` and its views. */
export function addLive(program: Command, session: Session): void {
  const command = program
    .command('live')
    .description('attach to a hung machine and say why it hangs')
    .argument('[what...]', 'where it is, and what to show: see below')
    .addOption(new Option('--qmp <socket>', "QEMU's monitor beside the gdbstub that is named"))
    .addOption(new Option('--from <file>', 'look at what was saved, not at a machine').conflicts(['qmp']))
    .addOption(new Option('--save <file>', 'write what was read to a file, to look at it again without the machine'))
    .addOption(new Option('--hold', 'leave the guest stopped at the end'))
    .addOption(
      new Option('--no-stop', 'do not stop it: slower, needs its monitor, and what is read may not fit together'),
    )
    .addOption(new Option('--wait', 'let it run until it panics, oopses or locks up'))
    .addOption(
      new Option('--break <symbol[:n]>', 'wait for this function, the nth time; can be repeated').argParser(
        (text: string, before: string[] = []) => [...before, text],
      ),
    )
    .addOption(new Option('--continue', 'with --wait: go on to the next'))
    .addOption(new Option('--watch-console <file>', 'let it run until this console (a file or socket) is quiet'))
    .addOption(
      new Option('--timeout <seconds>', 'how long the console must be quiet, or --wait waits').argParser(seconds),
    )
    .addOption(options.format(formats))
    .addOption(options.output())
    .addOption(new Option('--all', 'show what is folded: all stacks, registers, tasks, modules, the log'))
    .addOption(options.failOn())
    .addOption(options.exitZero())
    .addOption(options.color())
    .addOption(options.noPager())
    .addOption(options.verbose());
  for (const option of [...reportFileFlags(), ...livePolicyOptions(), ...liveSymbolOptions()])
    command.addOption(option);
  command.addHelpText('after', targets).action(async (words: string[]) => {
    const settings = await settingsOf(command, session);
    const given = givenFlags(command);
    const [{ runLive }, { reportFlags }] = await Promise.all([
      import('../run/live-run.ts'),
      import('../run/read-report-flags.ts'),
    ]);
    const { format } = settings;
    const flags: LiveFlags = {
      ...flagsOf(given),
      reports: reportFlags(given, format),
      policy: policyFlags(given),
      range: rangeFlag(given),
      ...(given.format !== undefined && { format }),
    };
    session.exitCode = await runLive(words, flags, settings, session, symbolFlags(given, session.env));
  });
}

/** A machine has no log that could be cut short. */
function livePolicyOptions(): Option[] {
  return [policyOptions.baseline(), policyOptions.knownIssues(), policyOptions.deny()];
}

function liveSymbolOptions(): Option[] {
  return [
    symbolOptions.vmlinux(),
    symbolOptions.modules(),
    symbolOptions.debugDir(),
    symbolOptions.debuginfod(),
    symbolOptions.debuginfodUrl(),
    symbolOptions.force(),
    symbolOptions.noCache(),
    symbolOptions.source(),
    symbolOptions.owners(),
    symbolOptions.noExplain(),
    rangeOption(),
  ];
}

function seconds(text: string): number {
  if (!/^\d{1,7}(?:\.\d{1,3})?$/.test(text)) throw new InvalidArgumentError('It must be a number of seconds.');
  return Number(text);
}

const isText = (value: unknown): value is string => typeof value === 'string';

function flagsOf(given: Readonly<Record<string, unknown>>): LiveFlags {
  const { qmp, from, save, watchConsole, timeout, output } = given;
  return {
    ...(isText(qmp) && { qmp }),
    ...(isText(from) && { from }),
    ...(isText(save) && { save }),
    ...(isText(output) && { output }),
    ...(isText(watchConsole) && { watchConsole }),
    ...(typeof timeout === 'number' && { timeoutSeconds: timeout }),
    isHeld: given.hold === true,
    isLeftRunning: given.stop === false,
    isWaiting: given.wait === true || Array.isArray(given.break),
    goesOn: given.continue === true,
    breaks: Array.isArray(given.break) ? given.break.filter(isText) : [],
  };
}
