import { createHash } from 'node:crypto';
import { printable } from '../escape.ts';
import { toJson } from '../json.ts';
import type { FormatOptions } from './options.ts';
import { logLine, logPlace, mainPlace, type Place, placeText } from './places.ts';
import { remarksOf } from './remarks.ts';
import type { Run } from './run.ts';
import { cutUnits } from './safe.ts';
import { sentenceOf, titleOf } from './words.ts';

const longestDescription = 1000;

const severities = { fatal: 'blocker', error: 'critical', warning: 'major', notice: 'info' } as const;

/** Paths must be relative and without `./`: what lies elsewhere cannot be shown. */
const isShown = ({ file }: Place): boolean => !file.startsWith('/') && !file.startsWith('../');

/** A log from elsewhere by its name alone. */
const shown = (place: Place): Place =>
  isShown(place) ? place : { ...place, file: place.file.slice(place.file.lastIndexOf('/') + 1) };

/** GitLab's Code Quality report. Fingerprints are signatures, which are unique, as GitLab keeps one of each. */
export function* gitlabFormat(run: Run, options: FormatOptions): Generator<string> {
  const issues = run.problems.map((problem) => {
    const { report } = problem;
    const main = mainPlace(problem, options);
    const place = isShown(main) ? main : shown(logPlace(problem, options));
    const at = isShown(main) ? '' : ` (${placeText(main)})`;
    return {
      description: cutUnits(`${titleOf(problem)}${at}: ${sentenceOf(problem)}`, longestDescription),
      check_name: printable(report.kind),
      fingerprint: printable(report.signature),
      severity: problem.fails ? severities[report.severity] : 'info',
      location: { path: place.file, lines: { begin: place.line } },
    };
  });
  // The same line may stand in a log twice; where, is no part of it, as it moves from run to run.
  const times = new Map<string, number>();
  const remarks = remarksOf(run).map(({ path, line, isFailure, code, text }) => {
    const place = logLine(path, line, options);
    const { file } = shown(place);
    const what = `${code} ${place.file} ${text}`;
    const before = times.get(what) ?? 0;
    times.set(what, before + 1);
    return {
      description: cutUnits(printable(text), longestDescription),
      check_name: code,
      fingerprint: createHash('sha256')
        .update(before === 0 ? what : `${what} ${before}`)
        .digest('hex')
        .slice(0, 16),
      severity: isFailure ? 'critical' : 'minor',
      location: { path: file, lines: { begin: line } },
    };
  });
  const all = [...issues, ...remarks];
  yield '[';
  for (const [index, issue] of all.entries()) yield `${index === 0 ? '\n' : ',\n'}  ${toJson(issue)}`;
  yield all.length === 0 ? ']\n' : '\n]\n';
}
