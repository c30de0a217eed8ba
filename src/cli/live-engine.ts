import type { Sources, SourcesOptions } from '../analyze/sources.ts';
import type { FollowEvent } from '../io/follow.ts';
import type { FileResult } from '../model/document.ts';
import type { Boot } from '../model/incident.ts';
import type { EngineOptions } from './engine.ts';

/** An analysis that is fed while its input still grows. */
export interface LiveEngine {
  push(chunk: Uint8Array): void;
  /** The boots found so far. */
  boots?(): Boot[];
  /** The input was quiet for a while: what is pending is complete. */
  quiet(): void;
  end(): FileResult;
}

/** The part of following and analysing that `watch` uses, so that tests can hand in another one. */
export interface WatchEngine {
  /** Where source positions come from; throws a `KtriageError` for a file that was named and cannot be used. */
  openSources?(options: SourcesOptions): Promise<Sources>;
  analysis(path: string, options: EngineOptions): LiveEngine;
  follow(
    path: string,
    options: { readonly signal: AbortSignal; readonly stdin?: NodeJS.ReadableStream },
  ): AsyncIterable<FollowEvent>;
}

/** Loads the real ones. */
export async function loadWatchEngine(): Promise<WatchEngine> {
  const [{ LiveAnalysis }, { followFile }, { openSources }] = await Promise.all([
    import('../analyze/analyze.ts'),
    import('../io/follow.ts'),
    import('../analyze/sources.ts'),
  ]);
  return {
    openSources,
    analysis: (path, options) => new LiveAnalysis(path, options),
    follow: followFile,
  };
}
