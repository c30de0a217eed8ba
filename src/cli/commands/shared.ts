import { type Command, InvalidArgumentError, Option } from 'commander';
import { failOnWords, parseFailOn } from '../fail-on.ts';
import type { Session } from '../session.ts';
import { colorChoices, type Format, parseCount, type Settings, settingTable } from '../settings.ts';

/** Flags that several commands have, worded once. Defaults are told, not set: the environment and files may have others. */
export const options = {
  format: (formats: readonly Format[]) =>
    new Option('--format <format>', `how to print the result (default: ${settingTable.format.fallback})`).choices(
      formats,
    ),
  output: () => new Option('-o, --output <file>', 'write the result to a file instead of standard output'),
  all: () => new Option('--all', 'show what is folded: all frames, registers, notices, boots'),
  limit: () =>
    new Option(
      '--limit <number>',
      `incidents shown per input as text, 0 for all (default: ${settingTable.limit.fallback})`,
    ).argParser(countArgument),
  failOn: () =>
    new Option(
      '--fail-on <what>',
      `exit with 1 if a report is at least this severe, of this kind (kasan/*), or new; several apart by commas (default: ${settingTable.failOn.fallback})`,
    )
      .choices(failOnWords)
      .argParser(failOnArgument),
  exitZero: () => new Option('--exit-zero', 'exit with 0 whatever the logs hold'),
  color: () =>
    new Option('--color <when>', `whether to colour text (default: ${settingTable.color.fallback})`).choices(
      colorChoices,
    ),
  noPager: () => new Option('--no-pager', 'never page long output'),
  verbose: () => new Option('--verbose', 'tell on standard error what was read and how'),
};

function failOnArgument(text: string): string {
  const { allowed } = settingTable.failOn;
  if (parseFailOn(text) === undefined) throw new InvalidArgumentError(`It can be: ${allowed}.`);
  return text;
}

function countArgument(text: string): number {
  const value = parseCount(text);
  if (value === undefined) throw new InvalidArgumentError('It must be a whole number, 0 for no limit.');
  return value;
}

/** The options that were given on the command line; commander's own defaults (`pager: true`) are not among them. */
export function givenFlags(command: Command): Record<string, unknown> {
  const given: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(command.opts())) {
    if (command.getOptionValueSource(key) === 'cli') given[key] = value;
  }
  return given;
}

/** The settings of a command's run. */
export async function settingsOf(command: Command, session: Session): Promise<Settings> {
  const [{ readLayers }, { resolveSettings }] = await Promise.all([
    import('../config-files.ts'),
    import('../resolve-settings.ts'),
  ]);
  return resolveSettings(readLayers(session, givenFlags(command)));
}

/** With no input named and nobody but a person at the keyboard to read from: help, not a hang. */
export function wantsHelp(inputs: readonly string[], session: Session): boolean {
  return inputs.length === 0 && session.stdin.isTTY === true;
}
