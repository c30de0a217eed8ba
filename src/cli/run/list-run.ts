import { BucketCounter } from '../../report/buckets.ts';
import { listJson, listText } from '../../report/list.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { noteText } from '../errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import type { PolicyFlags } from '../policy-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { eachFile } from './each-file.ts';
import { gatherInputs } from './inputs.ts';
import { openOutput } from './open-output.ts';
import { policyFor } from './policy-for.ts';
import { textOptions } from './text-options.ts';

/** `ktriage list`: a row per signature. Returns the exit code. */
export async function runList(
  args: readonly string[],
  outputFile: string | undefined,
  settings: Settings,
  session: Session,
  load: () => Promise<Engine> = loadEngine,
  flags: PolicyFlags = {},
): Promise<number> {
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const engine = await load();
  const inputs = await gatherInputs(args, engine, session, status);
  const output = await openOutput(session, settings, outputFile, inputs);
  const toFile = outputFile !== undefined && outputFile !== '-';
  const counter = new BucketCounter(settings.all);
  const interrupt = watchInterrupts();
  try {
    const { signal } = interrupt;
    const known = await policyFor(flags, async () => engine, session, settings, signal);
    const results = eachFile(inputs, engine, {
      signal,
      status,
      output,
      session,
      verbose: settings.verbose,
      findings: false,
      policy: known?.policy,
    });
    let files = 0;
    for await (const result of results) {
      counter.add(result);
      files += 1;
      const { kernelLines } = result.input;
      if (!kernelLines) session.stderr.write(noteText(`nothing in ${result.path} was printed by a kernel`));
    }
    known?.tell();
    const buckets = counter.buckets();
    if (settings.format !== 'text') await output.write(listJson(buckets));
    else if (files > 0) await output.write(listText(buckets, textOptions(session, settings, toFile)));
    await output.end();
  } finally {
    interrupt.dispose();
  }
  return status.code;
}
