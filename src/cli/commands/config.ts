import type { Command } from 'commander';
import type { Session } from '../session.ts';

/** `ktriage config --show` */
export function addConfig(program: Command, session: Session): void {
  program
    .command('config')
    .description('show the settings in effect and where each comes from')
    .option('--show', 'show them (what it does anyway)')
    .action(async () => {
      const { runConfig } = await import('../run/config-run.ts');
      await runConfig(session);
    });
}
