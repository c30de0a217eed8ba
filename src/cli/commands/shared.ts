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
  failOn: (fallback: string = settingTable.failOn.fallback) =>
    new Option(
      '--fail-on <what>',
      `exit with 1 if a report is at least this severe, of this kind (kasan/*), or new; several apart by commas (default: ${fallback})`,
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

const isPlain = (format: Format): boolean => format === 'text' || format === 'json' || format === 'jsonl';

/**
 * The settings of a command's run.
 * @param own defaults that the command has in place of those of all.
 */
export async function settingsOf(
  command: Command,
  session: Session,
  own: Readonly<Record<string, unknown>> = {},
): Promise<Settings> {
  const [{ readLayers }, { resolveSettings }] = await Promise.all([
    import('../config-files.ts'),
    import('../resolve-settings.ts'),
  ]);
  const layers = readLayers(session, givenFlags(command));
  const settings = resolveSettings({ ...layers, files: [...layers.files, { path: 'default', values: own }] });
  // The environment and files speak of analyze, which has formats that no other command prints.
  const choices = command.options.find(({ long }) => long === '--format')?.argChoices;
  return choices === undefined || choices.includes(settings.format) || isPlain(settings.format)
    ? settings
    : { ...settings, format: 'text' };
}

/** With no input named and nobody but a person at the keyboard to read from: help, not a hang. */
export function wantsHelp(inputs: readonly string[], session: Session): boolean {
  return inputs.length === 0 && session.stdin.isTTY === true;
}
