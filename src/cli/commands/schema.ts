import { Argument, type Command } from 'commander';
import type { Session } from '../session.ts';

/** `ktriage schema [report|live|compare]` */
export function addSchema(program: Command, session: Session): void {
  program
    .command('schema')
    .description('print the JSON Schema of what --format json prints')
    .addArgument(
      new Argument('[document]', 'of which command').choices(['report', 'live', 'compare']).default('report'),
    )
    .action(async (document: string) => {
      const [{ comparisonSchema, liveDocumentSchema, reportSchema }, { StreamOutput }] = await Promise.all([
        import('../../report/schema.ts'),
        import('../output.ts'),
      ]);
      const schemas: Readonly<Record<string, unknown>> = { live: liveDocumentSchema, compare: comparisonSchema };
      const schema = schemas[document] ?? reportSchema;
      await new StreamOutput(session.stdout).write(`${JSON.stringify(schema, null, 2)}\n`);
    });
}
