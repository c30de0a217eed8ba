import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { plainEnvironment } from './built.ts';
import { type ActionResult, runAction } from './github-runner.ts';

/** A step of a workflow. */
export interface WorkflowStep {
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A workflow, as far as the recipes use it. */
export interface Workflow {
  readonly on: unknown;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, { readonly 'runs-on': string; readonly steps: readonly WorkflowStep[] }>>;
}

/** What a step came to. */
export interface StepResult {
  /** The action or the script. */
  readonly what: string;
  readonly status: number | null;
  /** What an action of somebody else was given. */
  readonly with?: Readonly<Record<string, string>>;
  readonly action?: ActionResult;
}

/** Reads a workflow, or the steps alone. */
export function readSteps(text: string): readonly WorkflowStep[] {
  const read: Workflow | readonly WorkflowStep[] = parse(text);
  if ('jobs' in read) return Object.values(read.jobs).flatMap((job) => job.steps);
  return read;
}

/** A condition of `always()` and comparisons with a text, all of which must hold. */
function holds(condition: string, value: (name: string) => string, workspace: string): boolean {
  return condition.split(' && ').every((term) => {
    if (term === 'always()') return true;
    const [, left = '', operator, right] = /^(.*) (==|!=) '(.*)'$/.exec(term) ?? [];
    if (operator === undefined) throw new Error(`cannot tell whether this holds: ${term}`);
    const [, file] = /^hashFiles\('(.*)'\)$/.exec(left) ?? [];
    const actual = file === undefined ? value(left) : existsSync(join(workspace, file)) ? 'a hash' : '';
    return (actual === right) === (operator === '==');
  });
}

/**
 * Runs a workflow's steps as GitHub does: those of this action and scripts really, those of other actions not at all.
 * @param github what `github.NAME` stands for.
 */
export function runWorkflow(
  text: string,
  workspace: string,
  env: Readonly<Record<string, string>>,
  github: Readonly<Record<string, string>> = {},
): readonly StepResult[] {
  const results: StepResult[] = [];
  const names = new Map<string, string>(Object.entries(github).map(([name, value]) => [`github.${name}`, value]));
  const value = (name: string): string => names.get(name) ?? '';
  const filled = (source: string): string =>
    source.replace(/\$\{\{ ([\w.-]+) \}\}/g, (_whole, name: string) => value(name));
  let failed = false;
  for (const step of readSteps(text)) {
    if (!(step.if?.includes('always()') ?? false) && failed) continue;
    if (step.if !== undefined && !holds(step.if, value, workspace)) continue;
    const given = Object.fromEntries(Object.entries(step.with ?? {}).map(([key, each]) => [key, filled(String(each))]));
    if (step.uses?.startsWith('OWNER/ktriage@')) {
      const action = runAction(given, workspace, { env });
      for (const [name, each] of Object.entries(action.outputs)) names.set(`steps.${step.id}.outputs.${name}`, each);
      results.push({ what: step.uses, status: action.status, action });
    } else if (step.uses !== undefined) {
      results.push({ what: step.uses, status: 0, with: given });
    } else {
      const own = Object.entries(step.env ?? {}).map(([key, each]) => [key, filled(each)]);
      const { status } = spawnSync('bash', ['-e', '-c', step.run ?? ''], {
        cwd: workspace,
        env: { ...plainEnvironment(), GITHUB_ACTIONS: 'true', ...env, ...Object.fromEntries(own) },
        encoding: 'utf8',
      });
      results.push({ what: step.run ?? '', status });
    }
    if (results.at(-1)?.status !== 0) failed = true;
  }
  return results;
}
