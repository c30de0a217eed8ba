import { checkCache } from '../../doctor/caches.ts';
import { KernelChecker, type Patient } from '../../doctor/kernels.ts';
import { runningKernel, systemName } from '../../doctor/machine.ts';
import { patientsOf } from '../../doctor/patients.ts';
import { checkTools } from '../../doctor/tools.ts';
import type { CacheCheckup, Checkup, KernelCheckup } from '../../model/doctor.ts';
import type { FileResult } from '../../model/document.ts';
import { toJson } from '../../report/json.ts';
import { checkupLines } from '../../report/text/doctor.ts';
import { debuginfodSettings } from '../../symbols/debuginfod-settings.ts';
import { debuginfodCachePath } from '../../symbols/places.ts';
import { KtriageError } from '../../util/errors.ts';
import { cacheOption } from '../cache-folder.ts';
import { type Engine, loadEngine } from '../engine.ts';
import { ExitStatus, exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { packageVersion } from '../package-version.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import type { SymbolFlags } from '../symbol-flags.ts';
import { eachFile } from './each-file.ts';
import { gatherInputs } from './inputs.ts';
import { openOutput } from './open-output.ts';
import { sourceOptions } from './source-options.ts';
import { textOptions } from './text-options.ts';

function cachesOf(session: Session): CacheCheckup[] {
  const { cache } = cacheOption({}, session);
  const fetched = checkCache('debuginfod', debuginfodCachePath(session.env, session.home));
  return cache === undefined ? [fetched] : [checkCache('ktriage', cache), fetched];
}

function debuginfodOf({ env, home }: Session): Checkup['debuginfod'] {
  try {
    return { servers: debuginfodSettings(env, home).servers.map(String) };
  } catch (error) {
    if (!(error instanceof KtriageError)) throw error;
    return { servers: [], problem: error.why };
  }
}

/** Why a log says nothing of a kernel. */
function unclearOf(results: readonly FileResult[], patients: readonly Patient[]): Checkup['unclear'] {
  const told = new Set(patients.flatMap(({ logs }) => logs));
  return results
    .filter(({ path }) => !told.has(path))
    .map(({ path, input }) => ({
      log: path,
      why: input.kernelLines ? 'it does not say which kernel it is of' : 'nothing in it was printed by a kernel',
    }));
}

/**
 * `ktriage doctor`: what there is for the kernels of logs, or for the one that runs here. Returns the exit code: 3 if
 * source lines cannot be had for one of the logs.
 */
export async function runDoctor(
  args: readonly string[],
  outputFile: string | undefined,
  settings: Settings,
  session: Session,
  symbols: SymbolFlags,
  load: () => Promise<Engine> = loadEngine,
): Promise<number> {
  const status = new ExitStatus('none', false);
  const interrupt = watchInterrupts();
  const { signal } = interrupt;
  const options = { ...sourceOptions(symbols, settings, session), signal };
  const checker = new KernelChecker({ ...options, debuginfodCache: debuginfodCachePath(session.env, session.home) });
  try {
    await checker.check();
    const engine = await load();
    const inputs = args.length === 0 ? [] : await gatherInputs(args, engine, session, status);
    const output = await openOutput(session, settings, outputFile, inputs);
    const results: FileResult[] = [];
    const files = { signal, status, output, session, verbose: settings.verbose };
    for await (const result of eachFile(inputs, engine, files)) results.push(result);
    const patients = args.length > 0 ? patientsOf(results) : [runningPatient()];
    const kernels: KernelCheckup[] = [];
    for (const patient of patients) {
      if (signal.aborted) break;
      kernels.push(await checker.checkup(patient));
    }
    if (signal.aborted) return exitCodes.interrupted;
    const system = systemName();
    const checkup: Checkup = {
      schema: 'ktriage/doctor/v1',
      ktriage: packageVersion(),
      node: process.versions.node,
      ...(system !== undefined && { system }),
      kernels,
      unclear: unclearOf(results, patients),
      tools: await checkTools(session.env, { signal }),
      debuginfod: debuginfodOf(session),
      caches: cachesOf(session),
    };
    const lacking = kernels.some(({ running, how }) => !running && how !== undefined) || checkup.unclear.length > 0;
    if (lacking) status.unvouched();
    const { width, painter } = textOptions(session, settings, outputFile !== undefined && outputFile !== '-');
    if (settings.format === 'text')
      for (const line of checkupLines(checkup, width, painter)) await output.write(`${line.trimEnd()}\n`);
    else await output.write(`${toJson(checkup, 2)}\n`);
    await output.end();
    return signal.aborted ? exitCodes.interrupted : status.code;
  } finally {
    checker.close();
    interrupt.dispose();
  }
}

function runningPatient(): Patient {
  const { machine, ...identity } = runningKernel();
  return { identity, machine, logs: [], running: true, reports: [] };
}
