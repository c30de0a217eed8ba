import type { Argument, Command, Option } from 'commander';

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
  const words = command.name() === 'explain' ? kinds : choices;
  return {
    name: command.name(),
    description: command.description(),
    options: [...command.options.flatMap(optionShape), help],
    words,
    files: words.length === 0 && command.registeredArguments.length > 0,
  };
}

/** The commands of a program with what can stand behind each. */
export function commandShapes(program: Command, kinds: readonly string[]): CommandShape[] {
  return program.commands.map((command) => commandShape(command, kinds));
}
