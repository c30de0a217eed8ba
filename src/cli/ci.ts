import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { Session } from './session.ts';

/** A CI whose own commands are known. */
export type Ci = 'github' | 'gitlab' | 'azure' | 'buildkite' | 'teamcity';

type Environment = Session['env'];

/** Which CI a run is in, by the variables that each sets for its jobs; undefined elsewhere. */
export function ciOf(env: Environment): Ci | undefined {
  if (env.GITHUB_ACTIONS === 'true') return 'github';
  if (env.GITLAB_CI === 'true') return 'gitlab';
  if (/^true$/i.test(env.TF_BUILD ?? '')) return 'azure';
  if (env.BUILDKITE === 'true') return 'buildkite';
  return env.TEAMCITY_VERSION ? 'teamcity' : undefined;
}

/** Told where `--annotate` finds no CI. */
export const noCiNote = 'note: --annotate does nothing: this is no CI whose commands are known\n';

/** Where each CI checks the repository out, which the paths of annotations count from. */
const rootVariables = [
  'GITHUB_WORKSPACE',
  'CI_PROJECT_DIR',
  'BUILD_SOURCESDIRECTORY',
  'BUILDKITE_BUILD_CHECKOUT_PATH',
  'WORKSPACE',
];

const isInside = (path: string): boolean =>
  path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);

/** The folder that paths are told from: the repository's, if the job works in it, else the working folder. */
export function ciRoot({ env, cwd }: Pick<Session, 'env' | 'cwd'>): string {
  for (const name of rootVariables) {
    const root = env[name];
    if (root === undefined || !isAbsolute(root)) continue;
    const here = relative(root, cwd);
    if (here === '' || isInside(here)) return root;
  }
  return cwd;
}

/** Paths of this machine as the CI names them. */
export function relativeTo(root: string, cwd: string): (path: string) => string {
  return (path) => {
    const absolute = resolve(cwd, path);
    const here = relative(root, absolute);
    return isInside(here) ? here.split(sep).join('/') : absolute;
  };
}

const encoded = (path: string): string => path.split('/').map(encodeURIComponent).join('/');

/** The page of a line in the repository that the job is of, where the CI tells it. */
export function repositoryUrl(env: Environment): ((file: string, line: number) => string) | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_SHA: commit } = env;
  if (server?.startsWith('https://') && repository && commit) {
    return (file, line) =>
      `${server}/${encoded(repository)}/blob/${encodeURIComponent(commit)}/${encoded(file)}#L${line}`;
  }
  const { CI_PROJECT_URL: project, CI_COMMIT_SHA: revision } = env;
  if (project?.startsWith('https://') && revision) {
    return (file, line) => `${project}/-/blob/${encodeURIComponent(revision)}/${encoded(file)}#L${line}`;
  }
  return undefined;
}
