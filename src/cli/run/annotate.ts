import { appendFile } from 'node:fs/promises';
import { runProcess } from '../../io/process.ts';
import { azureFormat } from '../../report/formats/azure.ts';
import { buildkiteFormat, gitlabLogFormat } from '../../report/formats/buildkite.ts';
import type { RunFormat } from '../../report/formats/formats.ts';
import { githubFormat } from '../../report/formats/github.ts';
import { markdownBudget } from '../../report/formats/markdown.ts';
import { teamcityFormat } from '../../report/formats/teamcity.ts';
import { overall } from '../../report/formats/test-names.ts';
import type { Ci } from '../ci.ts';
import { unwritable } from '../output.ts';
import type { Session } from '../session.ts';
import { type SharedRun, summaryBudget } from './report-files.ts';

/** What each CI reads from the output of a job. */
export const commandsOf: Readonly<Record<Ci, RunFormat>> = {
  github: githubFormat,
  gitlab: gitlabLogFormat,
  azure: azureFormat,
  buildkite: buildkiteFormat,
  teamcity: teamcityFormat,
};

/** What nobody can vouch for is not a success. */
const annotationStyles = { fail: 'error', unknown: 'warning', pass: 'success' } as const;

const agentTimeout = 30_000;

/** GitHub's summary of the step, unless a report is written there anyway. */
async function stepSummary(run: SharedRun, file: string): Promise<void> {
  const pieces = await run.render('github-summary', summaryBudget(file, markdownBudget));
  try {
    await appendFile(file, [...pieces].join(''));
  } catch (error) {
    throw unwritable(file, error, 'GITHUB_STEP_SUMMARY names it: see who sets that');
  }
}

/** Buildkite's annotations are made by its agent, which jobs have in their path. */
async function buildkiteAnnotation(run: SharedRun, session: Session): Promise<void> {
  const context = `ktriage-${(session.env.BUILDKITE_LABEL ?? session.env.BUILDKITE_STEP_KEY ?? 'log').replace(/[^\w.-]+/g, '-').slice(0, 80)}`;
  const args = ['annotate', '--style', annotationStyles[overall(run.collected)], '--context', context];
  const input = [...(await run.render('markdown'))].join('');
  const { exitCode, failure } = await runProcess('buildkite-agent', args, { input, timeoutMilliseconds: agentTimeout });
  if (exitCode !== 0) {
    session.stderr.write(
      `note: buildkite-agent annotate did not work (${failure ?? `exit status ${exitCode ?? 'none'}`})\n`,
    );
  }
}

/**
 * Prints what a CI reads from the output of a job, and does what else it takes to show the run there.
 * @throws KtriageError KT-OUTPUT-UNWRITABLE for a summary file of the CI that takes nothing.
 */
export async function annotate(
  ci: Ci,
  run: SharedRun,
  session: Session,
  hasSummary: boolean,
  write: (text: string) => Promise<void>,
): Promise<void> {
  await write([...commandsOf[ci](run.collected, run.options)].join(''));
  const summary = session.env.GITHUB_STEP_SUMMARY;
  if (ci === 'github' && !hasSummary && summary) await stepSummary(run, summary);
  if (ci === 'buildkite') await buildkiteAnnotation(run, session);
}
