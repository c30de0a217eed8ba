import type { Argument, Command, Option } from 'commander';
import { liveViews } from '../commands/live-views.ts';

/** An option as a completion needs it. */
export interface OptionShape {
  readonly short?: string;
  readonly long: string;
  readonly description: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

export interface CommandShape {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionShape[];
  /** Words that its argument may be; none: file names. */
  readonly words: readonly string[];
  /** True if its arguments are names of files. */
  readonly files: boolean;
}

function optionShape(option: Option): OptionShape[] {
  if (option.long === undefined || option.long === null) return [];
  return [
    {
      long: option.long,
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
      ...(option.short ? { short: option.short } : {}),
    },
  ];
}

const help: OptionShape = { short: '-h', long: '--help', description: 'show help', takesValue: false, choices: [] };

function commandShape(command: Command, kinds: readonly string[]): CommandShape {
  const choices = command.registeredArguments.flatMap((argument: Argument) => argument.argChoices ?? []);
  const words = ownWords(command.name(), kinds) ?? choices;
  return {
    name: command.name(),
    description: command.description(),
    options: [...command.options.flatMap(optionShape), help],
    words,
    files: words.length === 0 && command.registeredArguments.length > 0,
  };
}

/** Words of commands whose argument may be more than what is listed. */
function ownWords(name: string, kinds: readonly string[]): readonly string[] | undefined {
  if (name === 'explain') return kinds;
  return name === 'live' ? ['vng', ...liveViews.map((view) => view.name)] : undefined;
}

/** The commands of a program with what can stand behind each. */
export function commandShapes(program: Command, kinds: readonly string[]): CommandShape[] {
  return program.commands.map((command) => commandShape(command, kinds));
}
