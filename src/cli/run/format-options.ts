import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CrashReport } from '../../model/report.ts';
import { kindOf } from '../../oops/kinds/kinds.ts';
import type { FormatOptions, KindWords } from '../../report/formats/options.ts';
import { ciRoot, relativeTo, repositoryUrl } from '../ci.ts';
import { countsFor, parseFailOn } from '../fail-on.ts';
import { packageVersion } from '../package-version.ts';
import type { ReportFlags } from '../report-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';

function kindWords(name: string): KindWords | undefined {
  const kind = kindOf(name);
  if (kind === undefined) return undefined;
  const { summary, explanation, document } = kind;
  const path = document.replace(/^Documentation\//, '');
  const url = document.startsWith('http')
    ? document
    : path.endsWith('.rst')
      ? `https://docs.kernel.org/${path.replace(/\.rst$/, '.html')}`
      : undefined;
  return { summary, explanation, ...(url !== undefined && { url }) };
}

/** Links to lines of source, only for files that are here: the rest of the kernel's need not be in the repository. */
function sourceUrl(session: Session, root: string): FormatOptions['sourceUrl'] {
  const url = repositoryUrl(session.env);
  if (url === undefined) return undefined;
  const known = new Map<string, boolean>();
  return (file, line) => {
    if (file.startsWith('/') || file.split('/').includes('..')) return undefined;
    const isHere = known.get(file) ?? existsSync(join(root, file));
    known.set(file, isHere);
    return isHere ? url(file, line) : undefined;
  };
}

/** Which reports outputs show as what makes the run fail. */
export function failureJudge(settings: Pick<Settings, 'failOn'>): (report: CrashReport) => boolean {
  const conditions = parseFailOn(settings.failOn) ?? [];
  // A job that never fails wants to see crashes as such all the same.
  const shown = conditions.length === 0 ? (parseFailOn('warning') ?? []) : conditions;
  return (report) => countsFor(shown, report);
}

/** What outputs of a run know beside its results. */
export function formatOptions(session: Session, flags: ReportFlags): FormatOptions {
  const root = ciRoot(session);
  const url = sourceUrl(session, root);
  return {
    version: packageVersion(),
    relative: relativeTo(root, session.cwd),
    kindWords,
    ...(url !== undefined && { sourceUrl: url }),
    ...(flags.kcidb !== undefined && { kcidb: flags.kcidb }),
    ...(flags.mail !== undefined && { mail: flags.mail }),
    ...(flags.junitFileAttribute && { junitFileAttribute: true }),
    ...(flags.tests !== undefined && { tests: flags.tests }),
  };
}
