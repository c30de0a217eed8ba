import type { CommandShape, OptionShape } from './tree.ts';

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, (character) => `\\${character}`)}'`;
}

function optionLine(command: CommandShape, option: OptionShape): string {
  const parts = [`complete -c ktriage -n '__fish_seen_subcommand_from ${command.name}'`];
  if (option.short) parts.push(`-s ${option.short.slice(1)}`);
  parts.push(`-l ${option.long.slice(2)}`);
  if (option.choices.length > 0) parts.push(`-x -a ${quoted(option.choices.join(' '))}`);
  else if (option.takesValue) parts.push('-r -F');
  parts.push(`-d ${quoted(option.description)}`);
  return parts.join(' ');
}

function commandLines(command: CommandShape): string[] {
  const seen = `complete -c ktriage -n '__fish_seen_subcommand_from ${command.name}'`;
  const lines = [`complete -c ktriage -n __fish_use_subcommand -a ${command.name} -d ${quoted(command.description)}`];
  if (command.words.length > 0) lines.push(`${seen} -a ${quoted(command.words.join(' '))}`);
  if (command.files) lines.push(`${seen} -F`);
  return [...lines, ...command.options.map((option) => optionLine(command, option))];
}

/** The script for fish. */
export function fishCompletion(commands: readonly CommandShape[]): string {
  return [
    '# Completion of ktriage for fish: ktriage completion fish | source',
    'complete -c ktriage -f',
    "complete -c ktriage -n __fish_use_subcommand -l version -s V -d 'show the version'",
    ...commands.flatMap(commandLines),
    '',
  ].join('\n');
}
