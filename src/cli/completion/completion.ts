import type { Command } from 'commander';
import { assertNever } from '../../util/errors.ts';
import type { Shell } from '../commands/completion.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { commandShapes } from './tree.ts';
import { zshCompletion } from './zsh.ts';

/** The completion script for a shell, made from the commands as they are. */
export function completionScript(shell: Shell, program: Command, kinds: readonly string[]): string {
  const commands = commandShapes(program, kinds);
  switch (shell) {
    case 'bash':
      return bashCompletion(commands);
    case 'zsh':
      return zshCompletion(commands);
    case 'fish':
      return fishCompletion(commands);
    default:
      return assertNever(shell);
  }
}
