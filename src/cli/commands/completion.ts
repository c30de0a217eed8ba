import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';

/** The shells for which completions can be made. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** `ktriage completion SHELL` */
export function addCompletion(program: Command, session: Session): void {
  program
    .command('completion')
    .description('print a script that completes commands and options in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(shells))
    .addHelpText(
      'after',
      '\nBash:  source <(ktriage completion bash)\nZsh:   source <(ktriage completion zsh)\nFish:  ktriage completion fish | source',
    )
    .action(async (shell: Shell) => {
      const [{ completionScript }, { StreamOutput }, { kindNames }] = await Promise.all([
        import('../completion/completion.ts'),
        import('../output.ts'),
        import('../completion/kind-names.ts'),
      ]);
      await new StreamOutput(session.stdout).write(completionScript(shell, program, kindNames()));
    });
}
