import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { plainEnvironment, projectRoot } from './built.ts';

/** A step of a composite action. */
export interface ActionStep {
  readonly name: string;
  readonly id?: string;
  readonly shell: string;
  readonly run: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly 'working-directory'?: string;
}

/** What action.yml holds. */
export interface Action {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly required?: boolean; readonly default?: string }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string; readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly ActionStep[] };
}

/** The action of this project. */
export const action: Action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8'));

/** One command that a step gave its runner. */
export interface RunnerCommand {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** How an action went. */
export interface ActionResult {
  /** Of the step that failed, else 0. */
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The outputs of the action, as action.yml maps them. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly commands: readonly RunnerCommand[];
}

/** The part of the runner's language that action.yml may use: one name in braces. */
function evaluate(text: string, names: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_whole, name: string) => names[name] ?? '');
}

/** What the runner reads from the file of GITHUB_OUTPUT (`FileCommandManager.cs`). */
export function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = text.split('\n');
  while (lines.length > 0) {
    const line = lines.shift() ?? '';
    if (line === '') continue;
    const at = line.indexOf('<<');
    if (at <= 0) throw new Error(`no output: ${line}`);
    const delimiter = line.slice(at + 2);
    const end = lines.indexOf(delimiter);
    if (end < 0) throw new Error(`an output without an end: ${line}`);
    outputs[line.slice(0, at)] = lines
      .splice(0, end + 1)
      .slice(0, -1)
      .join('\n');
  }
  return outputs;
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');

/** The commands in what a step printed, as the runner finds them: at the start of a line, blanks aside. */
export function commandsIn(output: string): RunnerCommand[] {
  return output.split('\n').flatMap((line) => {
    const [, name, properties = '', message = ''] = /^::([\w-]+)(?: ([^\n]*?))?::(.*)$/.exec(line.trim()) ?? [];
    if (name === undefined) return [];
    const pairs = properties
      .split(',')
      .filter(Boolean)
      .map((pair): [string, string] => {
        const at = pair.indexOf('=');
        return [pair.slice(0, at), unescaped(pair.slice(at + 1))];
      });
    return [{ name, properties: Object.fromEntries(pairs), message: unescaped(message) }];
  });
}

/**
 * Runs the steps of the action as GitHub's runner does: inputs that a workflow gives, defaults for the others, each step
 * in a shell with the runner's variables, until one fails.
 */
export function runAction(
  given: Readonly<Record<string, string>>,
  workspace: string,
  { actionPath = projectRoot, env = {} }: { actionPath?: string; env?: Readonly<Record<string, string>> } = {},
): ActionResult {
  const unknown = Object.keys(given).filter((name) => action.inputs[name] === undefined);
  if (unknown.length > 0) throw new Error(`no inputs of the action: ${unknown.join(', ')}`);
  const names: Record<string, string> = {};
  for (const [name, input] of Object.entries(action.inputs))
    names[`inputs.${name}`] = given[name] ?? input.default ?? '';
  mkdirSync(join(workspace, '..', 'temp'), { recursive: true });
  const temp = mkdtempSync(join(workspace, '..', 'temp', 'step-'));
  const summaryFile = join(temp, 'summary');
  let status: number | null = 0;
  let stdout = '';
  let stderr = '';
  for (const [index, step] of action.runs.steps.entries()) {
    const outputFile = join(temp, `output-${index}`);
    const script = join(temp, `${index}.sh`);
    for (const file of [outputFile, summaryFile]) if (!existsSync(file)) writeFileSync(file, '');
    writeFileSync(script, step.run);
    const own = Object.entries(step.env ?? {}).map(([key, value]) => [key, evaluate(value, names)]);
    const result = spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', script], {
      cwd: resolve(workspace, evaluate(step['working-directory'] ?? '.', names)),
      env: {
        ...plainEnvironment(),
        CI: 'true',
        GITHUB_ACTIONS: 'true',
        GITHUB_ACTION_PATH: actionPath,
        GITHUB_OUTPUT: outputFile,
        GITHUB_STEP_SUMMARY: summaryFile,
        GITHUB_WORKSPACE: workspace,
        RUNNER_TEMP: temp,
        ...env,
        ...Object.fromEntries(own),
      },
      encoding: 'utf8',
      timeout: 280_000,
    });
    stdout += result.stdout;
    stderr += result.stderr;
    for (const [name, value] of Object.entries(readOutputs(readFileSync(outputFile, 'utf8'))))
      names[`steps.${step.id ?? index}.outputs.${name}`] = value;
    status = result.status;
    if (status !== 0) break;
  }
  const outputs = Object.entries(action.outputs).map(([name, { value }]) => [name, evaluate(value, names)]);
  return {
    status,
    stdout,
    stderr,
    outputs: Object.fromEntries(outputs),
    summary: existsSync(summaryFile) ? readFileSync(summaryFile, 'utf8') : '',
    commands: [...commandsIn(stdout), ...commandsIn(stderr)],
  };
}
