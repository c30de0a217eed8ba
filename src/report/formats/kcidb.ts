import { createHash } from 'node:crypto';
import { printable } from '../escape.ts';
import { type JsonValue, toJson } from '../json.ts';
import { inputName } from '../text/words.ts';
import type { FormatOptions, KcidbIdentity } from './options.ts';
import { mainPlace, placeText, stepsOf } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Problem, Run } from './run.ts';
import { cutLines, cutUnits } from './safe.ts';
import { overall } from './test-names.ts';
import { messageLines, sentenceOf, titleOf, totalsText, whereMet } from './words.ts';

/** `log_excerpt` may have so many characters (KCIDB 5.3). */
const longestExcerpt = 16_384;
const longestComment = 2000;
const mostFrames = 20;

type Json = { [key: string]: JsonValue };

const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** As KernelCI's own producer makes its ids: a hash over what makes an issue, and over what ties it to a result. */
function issueId(problem: Problem, { origin }: KcidbIdentity): string {
  return `${origin}:${sha1(`ktriage|${problem.report.signature}`)}`;
}

function incidentId(resultId: string, issue: string, version: number, { origin }: KcidbIdentity): string {
  return `${origin}:${sha1(JSON.stringify([resultId, issue, version].map(String).sort()))}`;
}

/** KernelCI agreed on its categories outside of the schema; this is the one that its own producers give to crashes. */
const category = 'runtime.oops';

const issueVersion = 1;

function issue(problem: Problem, identity: KcidbIdentity, options: FormatOptions): Json {
  const { report } = problem;
  const frames = stepsOf(report, options).slice(0, mostFrames);
  const place = mainPlace(problem, options);
  const at = place.isSource ? ` (${placeText(place)})` : '';
  return {
    id: issueId(problem, identity),
    version: issueVersion,
    origin: identity.origin,
    comment: cutUnits(`${titleOf(problem)}${at} [ktriage:${printable(report.kind)}]`, longestComment),
    categories: [category],
    // Whoever reviews it wants all three; what a log shows is the kernel's doing unless it blames the tests itself.
    culprit: { code: !report.suppressed, tool: false, harness: report.suppressed },
    misc: {
      ktriage: {
        signature: printable(report.signature),
        kind: printable(report.kind),
        severity: report.severity,
        sentence: cutUnits(sentenceOf(problem), longestComment),
        frames: frames.map(({ name }) => name),
        ...(report.culprit !== undefined && { culprit: printable(report.culprit.function) }),
        ...(report.kernel?.release !== undefined && { release: printable(report.kernel.release) }),
      },
    },
  };
}

function incidents(problem: Problem, identity: KcidbIdentity): Json[] {
  const { origin, testId, buildId } = identity;
  const resultId = testId ?? buildId;
  if (resultId === undefined) return [];
  const issueIdText = issueId(problem, identity);
  return [
    {
      id: incidentId(resultId, issueIdText, issueVersion, identity),
      origin,
      issue_id: issueIdText,
      issue_version: issueVersion,
      ...(testId !== undefined ? { test_id: testId } : { build_id: resultId }),
      present: true,
      comment: cutUnits(whereMet(problem), longestComment),
    },
  ];
}

const statuses = { pass: 'PASS', fail: 'FAIL', unknown: 'MISS' } as const;

/** The test's own object needs its build: without that, the submission has only issues and incidents. */
function test(run: Run, identity: KcidbIdentity, options: FormatOptions): Json[] {
  const { origin, testId, buildId, logUrl } = identity;
  if (testId === undefined || buildId === undefined) return [];
  const verdict = overall(run);
  const [worst] = run.problems;
  const remarks = remarksOf(run).map(({ path, text }) => `${inputName(path)}: ${printable(text)}`);
  const lines = worst === undefined ? remarks : [titleOf(worst), ...messageLines(worst, options), ...remarks];
  return [
    {
      id: testId,
      build_id: buildId,
      origin,
      status: statuses[verdict],
      ...(logUrl !== undefined && { log_url: logUrl }),
      ...(lines.length > 0 && { log_excerpt: cutUnits(cutLines(lines, longestExcerpt).join('\n'), longestExcerpt) }),
      misc: { ktriage: { version: options.version, found: totalsText(run) } },
    },
  ];
}

/** A submission to KCIDB 5.3; written only, never sent. Nothing without an identity. */
export function* kcidbFormat(run: Run, options: FormatOptions): Generator<string> {
  const identity = options.kcidb;
  if (identity === undefined) return;
  const tests = test(run, identity, options);
  yield `${toJson(
    {
      version: { major: 5, minor: 3 },
      ...(tests.length > 0 && { tests }),
      issues: run.problems.map((problem) => issue(problem, identity, options)),
      incidents: run.problems.flatMap((problem) => incidents(problem, identity)),
    },
    2,
  )}\n`;
}
