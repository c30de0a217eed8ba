import { existsSync } from 'node:fs';
import type { Command, CommanderError } from 'commander';
import { shellQuoted } from '../report/text/words.ts';
import type { KtriageError } from '../util/errors.ts';
import { usageError } from './errors.ts';
import { nearest } from './near.ts';

/** What commander found wrong with a call, in the form of all errors. */
export function callError(error: CommanderError, program: Command, args: readonly string[]): KtriageError {
  const [message = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const hint = /Did you mean (.*)\?\)?$/.exec(suggestion ?? '')?.[1];
  const command = program.commands.find((candidate) => candidate.name() === args[0]);
  if (error.code === 'commander.unknownCommand') return unknownCommand(program, args[0] ?? '');
  if (command?.name() === 'run' && error.code === 'commander.unknownOption' && !args.includes('--'))
    return usageError(message, 'options of the command stand behind --', 'ktriage run [options] -- COMMAND...');
  const help = command ? `ktriage ${command.name()} --help` : 'ktriage --help';
  return usageError(
    message,
    command ? `ktriage ${command.name()} does not take that` : 'ktriage does not take that',
    hint === undefined ? `see ${help}` : `did you mean ${hint}? See ${help}`,
  );
}

function unknownCommand(program: Command, word: string): KtriageError {
  const names = program.commands.map((command) => command.name());
  if (existsSync(word) || /[./]/.test(word)) {
    return usageError(
      `${word} is no command of ktriage`,
      'a command comes first, inputs come after it',
      `ktriage analyze ${shellQuoted(word)}`,
    );
  }
  const meant = nearest(word, names);
  return usageError(
    `${word} is no command of ktriage`,
    `the commands are ${names.join(', ')}`,
    meant === undefined ? 'see ktriage --help' : `did you mean ktriage ${meant}?`,
  );
}
