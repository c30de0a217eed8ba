import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProcess } from '../../io/process.ts';
import { inMessage } from '../../report/formats/github.ts';
import { withoutCommands } from '../../report/formats/safe.ts';
import { errorText, errorWords } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
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
  if (file) appendFileSync(file, outputText(outputs, `ktriage-${randomUUID()}`));
}

/** Absent if there is no document, or one that was not written to its end. */
function readCounts(document: string): ReturnType<typeof countsOf> | undefined {
  try {
    return countsOf(readFileSync(document, 'utf8'));
  } catch {
    return undefined;
  }
}

async function step(): Promise<number> {
  const { env } = process;
  const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), 'ktriage-'));
  const document = join(folder, 'report.json');
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
    files: call.files.filter((file) => existsSync(file)).join('\n'),
    'exit-code': String(code),
    verdict: verdictOf(code),
  });
  const isExcused = call.exitZero && (code === exitCodes.found || code === exitCodes.unvouched);
  return isExcused ? exitCodes.clean : code;
}

try {
  process.exitCode = await step();
} catch (error) {
  process.stderr.write(errorText(error).split('\n').map(withoutCommands).join('\n'));
  annotateFailure(errorWords(error));
  tell({ 'exit-code': String(exitCodes.failed), verdict: verdictOf(exitCodes.failed) });
  process.exitCode = exitCodes.failed;
}
