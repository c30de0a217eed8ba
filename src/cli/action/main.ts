import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../io/process.ts';
import { inMessage } from '../../report/formats/github.ts';
import { errorText, errorWords } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { unwritable } from '../output.ts';
import { actionCall } from './inputs.ts';
import { countsOf, outputText, verdictOf } from './outcome.ts';

// The step of action.yml: inputs come in variables, never in a shell's text.

const program = fileURLToPath(new URL('../../../bin/ktriage.js', import.meta.url));

/** Shows on the page of the run what nobody would look for in a log. */
function annotateFailure(words: string): void {
  process.stdout.write(`::error title=ktriage::${inMessage(words)}\n`);
}

function tell(outputs: Readonly<Record<string, string>>): void {
  const file = process.env.GITHUB_OUTPUT;
  if (!file) return;
  try {
    appendFileSync(file, outputText(outputs, `ktriage-${randomUUID()}`));
  } catch (error) {
    throw unwritable(file, error, 'GITHUB_OUTPUT names it: see who sets that');
  }
}

/** Absent if there is no document, one that was not written to its end, or one of nothing. */
function readCounts(document: string): ReturnType<typeof countsOf> {
  try {
    return countsOf(readFileSync(document, 'utf8'));
  } catch {
    return undefined;
  }
}

function temporaryFolder(parent: string): string {
  try {
    return mkdtempSync(join(parent, 'ktriage-'));
  } catch (error) {
    throw unwritable(parent, error, 'RUNNER_TEMP names it: see who sets that');
  }
}

async function step(): Promise<number> {
  const { env } = process;
  const document = join(temporaryFolder(env.RUNNER_TEMP || tmpdir()), 'report.json');
  const call = actionCall(env, process.cwd(), document);
  // A job that is cancelled gets one signal, and what was found until then is handed on. Out of reach of a second one of
  // the same key, which would end the program at once.
  const { signal } = watchInterrupts();
  const result = await runProcess(process.execPath, [program, ...call.args], {
    output: 'inherit',
    signal,
    isDetached: true,
    ...(call.withoutSummary && { env: { GITHUB_STEP_SUMMARY: '' } }),
  });
  const code = result.exitCode ?? (signal.aborted ? exitCodes.interrupted : exitCodes.failed);
  const counts = readCounts(document);
  if (counts === undefined && !signal.aborted)
    annotateFailure('The logs were not looked at; the log of this step says why.');
  tell({
    ...(counts && { ...counts, json: document }),
    // Without a document none was written: what is there is of an earlier step.
    files: existsSync(document) ? call.files.filter((file) => existsSync(file)).join('\n') : '',
    'exit-code': String(code),
    verdict: verdictOf(code),
  });
  const isExcused = call.exitZero && (code === exitCodes.found || code === exitCodes.unvouched);
  return isExcused ? exitCodes.clean : code;
}

try {
  process.exitCode = await step();
} catch (error) {
  process.exitCode = exitCodes.failed;
  process.stderr.write(errorText(error));
  annotateFailure(errorWords(error));
  try {
    tell({ 'exit-code': String(exitCodes.failed), verdict: verdictOf(exitCodes.failed) });
  } catch {
    // It may be what failed.
  }
}
