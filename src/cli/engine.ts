import type { Sources, SourcesOptions } from '../analyze/sources.ts';
import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';

/** The part of the analysis that commands use, so that tests can hand in another one. */
export interface Engine {
  /** What a user named, as single inputs; throws a `KtriageError` for what names nothing. */
  expandInputs(args: readonly string[]): Promise<readonly string[]>;
  analyzeFile(path: string, options: EngineOptions): Promise<FileResult>;
  /** Where source positions come from; throws a `KtriageError` for a file that was named and cannot be used. */
  openSources?(options: SourcesOptions): Promise<Sources>;
}

export interface EngineOptions {
  readonly signal?: AbortSignal;
  /** What `-` stands for. */
  readonly stdin?: NodeJS.ReadableStream;
  readonly onReport?: (report: CrashReport, path: string) => void;
  /** Called with what was found so far if the analysis breaks off, before that is thrown. */
  readonly onPartial?: (result: FileResult) => void;
  /** Called with each piece of the input as it is read, unpacked. */
  readonly onBytes?: (chunk: Uint8Array) => void;
  readonly onProgress?: (path: string, bytes: number) => void;
  readonly sources?: Sources;
  /** False where nobody reads what rules conclude. */
  readonly findings?: boolean;
}

/** Loads the real analysis, which nothing needs before a command runs. */
export async function loadEngine(): Promise<Engine> {
  const [{ analyzeFile }, { expandInputs }, { openSources }] = await Promise.all([
    import('../analyze/analyze.ts'),
    import('../io/inputs.ts'),
    import('../analyze/sources.ts'),
  ]);
  return { analyzeFile, expandInputs, openSources };
}
