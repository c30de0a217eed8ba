import type { Command } from 'commander';
import type { Session } from '../session.ts';

/** `ktriage schema` */
export function addSchema(program: Command, session: Session): void {
  program
    .command('schema')
    .description('print the JSON Schema of what --format json prints')
    .action(async () => {
      const [{ reportSchema }, { StreamOutput }] = await Promise.all([
        import('../../report/schema.ts'),
        import('../output.ts'),
      ]);
      await new StreamOutput(session.stdout).write(`${JSON.stringify(reportSchema, null, 2)}\n`);
    });
}
