import type { CrashReport } from '../model/report.ts';
import type { Excerpter } from '../source/excerpter.ts';
import type { Sources, SourcesOptions } from './sources.ts';

/**
 * What reads excerpts; undefined if no source was given.
 * @throws KtriageError KT-SOURCE-FOLDER for a folder that is none.
 */
export async function openExcerpter({
  source = [],
  allSource = false,
  onTried,
}: SourcesOptions): Promise<Excerpter | undefined> {
  if (source.length === 0) return undefined;
  const { Excerpter } = await import('../source/excerpter.ts');
  return new Excerpter({ folders: source, all: allSource, ...(onTried && { onTried }) });
}

/** Logs that were symbolized by others have positions without debug information. */
const hasPositions = ({ frames }: CrashReport): boolean => frames.some((frame) => frame.source !== undefined);

/** Puts excerpts at the positions that others found. */
export function addExcerpts(sources: Sources, excerpter: Excerpter): Sources {
  return {
    ...sources,
    wants: (report) => sources.wants(report) || hasPositions(report),
    symbolize: async (reports, boots) => excerpter.excerpt(await sources.symbolize(reports, boots), boots),
  };
}
