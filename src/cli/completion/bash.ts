import type { CommandShape, OptionShape } from './tree.ts';

function flags(options: readonly OptionShape[]): string {
  return options.flatMap((option) => (option.short ? [option.short, option.long] : [option.long])).join(' ');
}

function valueCases(command: CommandShape): string[] {
  const cases: string[] = [];
  for (const option of command.options) {
    if (!option.takesValue) continue;
    const names = option.short ? `${option.short}|${option.long}` : option.long;
    const reply =
      option.choices.length > 0
        ? `COMPREPLY=($(compgen -W '${option.choices.join(' ')}' -- "$word"))`
        : 'compopt -o default; COMPREPLY=()';
    cases.push(`        ${names}) ${reply}; return ;;`);
  }
  return cases;
}

function commandCase(command: CommandShape): string {
  const cases = valueCases(command);
  const values = cases.length === 0 ? [] : ['      case $before in', ...cases, '      esac'];
  const operand =
    command.words.length > 0
      ? `      COMPREPLY=($(compgen -W '${command.words.join(' ')}' -- "$word"))`
      : command.files
        ? '      compopt -o default; COMPREPLY=()'
        : '      COMPREPLY=()';
  return [
    `    ${command.name})`,
    ...values,
    '      if [[ $word == -* ]]; then',
    `        COMPREPLY=($(compgen -W '${flags(command.options)}' -- "$word"))`,
    '        return',
    '      fi',
    operand,
    '      ;;',
  ].join('\n');
}

/** The script for bash. Values with a `/` or `-` in them need no care; none of them holds a `:` or `=`. */
export function bashCompletion(commands: readonly CommandShape[]): string {
  const names = commands.map((command) => command.name).join(' ');
  return `# Completion of ktriage for bash: source <(ktriage completion bash)
_ktriage() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  local before=\${COMP_WORDS[COMP_CWORD-1]}
  if (( COMP_CWORD == 1 )); then
    COMPREPLY=($(compgen -W '${names} help --help --version' -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${commands.map(commandCase).join('\n')}
    help) COMPREPLY=($(compgen -W '${names}' -- "$word")) ;;
  esac
}
complete -F _ktriage ktriage
`;
}
