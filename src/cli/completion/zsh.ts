import type { CommandShape, OptionShape } from './tree.ts';

/** Text inside of single quotes, within the brackets of an _arguments specification. */
function inSpec(text: string): string {
  return text.replaceAll("'", "'\\''").replace(/[[\]:\\]/g, (character) => `\\${character}`);
}

function optionSpec(option: OptionShape): string[] {
  const value = !option.takesValue
    ? ''
    : option.choices.length > 0
      ? `:value:(${option.choices.join(' ')})`
      : ':value:_files';
  const text = `[${inSpec(option.description)}]${value}`;
  return option.short ? [`'${option.short}${text}'`, `'${option.long}${text}'`] : [`'${option.long}${text}'`];
}

function commandCase(command: CommandShape): string {
  const specs = command.options.flatMap(optionSpec);
  if (command.words.length > 0) specs.push(`'1:argument:(${command.words.join(' ')})'`);
  else if (command.files) specs.push("'*:input:_files'");
  return [`    ${command.name})`, `      _arguments \\`, `        ${specs.join(' \\\n        ')}`, '      ;;'].join(
    '\n',
  );
}

/** The script for zsh. */
export function zshCompletion(commands: readonly CommandShape[]): string {
  const described = commands.map((command) => `    '${command.name}:${inSpec(command.description)}'`).join('\n');
  return `#compdef ktriage
# Completion of ktriage for zsh: source <(ktriage completion zsh)
_ktriage() {
  local -a commands
  commands=(
${described}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local command=\${words[2]}
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(commandCase).join('\n')}
  esac
}
if [[ \${funcstack[1]} == _ktriage ]]; then
  _ktriage "$@"
else
  compdef _ktriage ktriage
fi
`;
}
