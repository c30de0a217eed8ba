import { resolve } from 'node:path';
import { usageError } from '../errors.ts';

/** How an input of the GitHub action becomes words of a call: one value, one of each line, or a flag that is there or not. */
export type InputForm = 'text' | 'list' | 'switch';

/** Inputs that are flags of `ktriage analyze` of the same name. */
export const flagInputs: Readonly<Record<string, InputForm>> = {
  format: 'text',
  report: 'list',
  annotate: 'switch',
  'fail-on': 'text',
  baseline: 'list',
  'known-issues': 'list',
  deny: 'list',
  'expect-end': 'text',
  tests: 'text',
  vmlinux: 'text',
  modules: 'list',
  'debug-dir': 'text',
  'system-map': 'text',
  debuginfod: 'switch',
  'debuginfod-url': 'list',
  kaslr: 'text',
  force: 'switch',
  'no-cache': 'switch',
  symbolizer: 'text',
  source: 'list',
  owners: 'text',
  range: 'text',
  'no-explain': 'switch',
  all: 'switch',
  limit: 'text',
  verbose: 'switch',
  'junit-file-attr': 'switch',
  origin: 'text',
  'test-id': 'text',
  'build-id': 'text',
  'log-url': 'text',
  'config-url': 'text',
  'reproducer-url': 'text',
  introduced: 'text',
  'reported-by': 'text',
  link: 'text',
};

/** Inputs that the action itself acts on. */
export const ownInputs: Readonly<Record<string, InputForm>> = {
  logs: 'list',
  summary: 'switch',
  'exit-zero': 'switch',
};

/** What the runner has in the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The call that the inputs stand for. */
export interface ActionCall {
  /** Words for `ktriage`, without the program. */
  readonly args: readonly string[];
  /** Files that `report` names, absolute. */
  readonly files: readonly string[];
  /** The step's summary is not to be written. */
  readonly withoutSummary: boolean;
  /** Whatever the logs hold, the step passes. */
  readonly exitZero: boolean;
}

/** The variable that hands an input to the action's step. */
export const variableOf = (input: string): string => `INPUT_${input.toUpperCase().replaceAll('-', '_')}`;

/** A block of YAML ends with a line feed, which nobody means. */
const textOf = (env: Environment, input: string): string =>
  (env[variableOf(input)] ?? '').replace(/[\r\n]{1,1000}$/, '');

const linesOf = (env: Environment, input: string): string[] =>
  (env[variableOf(input)] ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

function isOn(env: Environment, input: string): boolean {
  const text = textOf(env, input).trim().toLowerCase();
  if (text === '' || text === 'false') return false;
  if (text === 'true') return true;
  throw usageError(
    `the input ${input} is neither true nor false`,
    `it is "${text}"`,
    `write ${input}: true, or leave it out`,
  );
}

function wordsOf(input: string, form: InputForm, env: Environment): string[] {
  const flag = `--${input}`;
  // A value stays part of its word: what begins with a dash is no flag then.
  switch (form) {
    case 'text': {
      const value = textOf(env, input);
      return value === '' ? [] : [`${flag}=${value}`];
    }
    case 'list':
      return linesOf(env, input).map((line) => `${flag}=${line}`);
    case 'switch':
      return isOn(env, input) ? [flag] : [];
  }
}

/**
 * Makes a call of the inputs that a step of GitHub's runner has.
 * @param document where the whole result is to be written as JSON.
 * @throws KtriageError KT-USAGE.
 */
export function actionCall(env: Environment, cwd: string, document: string): ActionCall {
  const logs = linesOf(env, 'logs');
  if (logs.length === 0)
    throw usageError('the input logs names no log', 'there is nothing to look at', 'write logs: serial.log');
  const flags = Object.entries(flagInputs).flatMap(([input, form]) => wordsOf(input, form, env));
  const hasSummary = isOn(env, 'summary');
  const summary = env.GITHUB_STEP_SUMMARY ?? '';
  // With annotations the summary comes by itself.
  const isAlone = hasSummary && summary !== '' && !isOn(env, 'annotate');
  const files = linesOf(env, 'report').map((line) => resolve(cwd, line.slice(line.indexOf('=') + 1)));
  return {
    args: [
      'analyze',
      ...flags,
      ...(isAlone ? [`--report=github-summary=${summary}`] : []),
      `--report=json=${document}`,
      '--',
      // A step has no standard input to read.
      ...logs.map((log) => (log === '-' ? './-' : log)),
    ],
    files,
    withoutSummary: !hasSummary,
    exitZero: isOn(env, 'exit-zero'),
  };
}
