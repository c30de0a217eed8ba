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

async function step(): Promise<number> {
  const { env } = process;
  const folder = mkdtempSync(join(env.RUNNER_TEMP || tmpdir(), 'ktriage-'));
  const document = join(folder, 'report.json');
  const call = actionCall(env, process.cwd(), document);
  const result = await runProcess(process.execPath, [program, ...call.args], {
    output: 'inherit',
    ...(call.withoutSummary && { env: { GITHUB_STEP_SUMMARY: '' } }),
  });
  const code = result.exitCode ?? exitCodes.failed;
  const hasDocument = existsSync(document);
  if (!hasDocument) annotateFailure('The logs were not looked at; the log of this step says why.');
  tell({
    ...(hasDocument && { ...countsOf(readFileSync(document, 'utf8')), json: document }),
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
