import type { Sources } from '../../analyze/sources.ts';
import type { Policy } from '../../compare/policy.ts';
import type { FileResult } from '../../model/document.ts';
import type { CrashReport } from '../../model/report.ts';
import type { Engine } from '../engine.ts';
import { errorText, errorWords, noteText } from '../errors.ts';
import type { ExitStatus } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';
import type { Session } from '../session.ts';

export interface EachFileOptions {
  readonly signal: AbortSignal;
  readonly status: ExitStatus;
  readonly output: Pick<Output, 'closed'>;
  readonly session: Session;
  readonly onReport?: (report: CrashReport, path: string) => void;
  readonly verbose: boolean;
  readonly sources?: Sources | undefined;
  /** False where nobody reads what rules conclude. */
  readonly findings?: false;
  /** Told of each input that was not read to its end, after what was found in it. */
  readonly onUnread?: (path: string, why: string) => void;
  /** Bytes of standard input as they are read. */
  readonly onStandardInput?: (chunk: Uint8Array) => void;
  /** What is known and expected. */
  readonly policy?: Policy | undefined;
}

/** Notes about an input for a user who wants to know more. */
function verboseNote(result: FileResult): string {
  const { input } = result;
  const decorations = input.decorations.length === 0 ? 'none' : input.decorations.join(', ');
  const lines = input.lines ?? 'an unknown number of';
  return noteText(`${result.path}: ${input.bytes} bytes, ${lines} lines, decorations: ${decorations}`);
}

/** Who reads the bytes of an input along. */
function bytesOf(
  scan: { push(chunk: Uint8Array): void } | undefined,
  also: ((chunk: Uint8Array) => void) | undefined,
): { readonly onBytes?: (chunk: Uint8Array) => void } {
  if (also === undefined) return scan === undefined ? {} : { onBytes: (chunk) => scan.push(chunk) };
  return {
    onBytes: (chunk) => {
      scan?.push(chunk);
      also(chunk);
    },
  };
}

/**
 * Analyses one input after the other and hands each result on before the next is begun.
 * Inputs that cannot be read are told on standard error and skipped.
 */
export async function* eachFile(
  inputs: readonly string[],
  engine: Engine,
  options: EachFileOptions,
): AsyncGenerator<FileResult> {
  const { signal, status, session, output } = options;
  const progress = new Progress(session.stderr, true);
  for (const path of inputs) {
    if (signal.aborted) options.onUnread?.(path, 'the run was interrupted before it was read');
    if (signal.aborted || output.closed) continue;
    let result: FileResult | undefined;
    let failure: string | undefined;
    const scan = options.policy?.scan();
    const { onReport } = options;
    try {
      result = await engine.analyzeFile(path, {
        signal,
        ...(path === '-' ? { stdin: session.stdin } : {}),
        ...(options.sources === undefined ? {} : { sources: options.sources }),
        ...(options.findings === false ? { findings: false } : {}),
        ...bytesOf(scan, path === '-' ? options.onStandardInput : undefined),
        ...(onReport && { onReport: (report, of) => onReport(options.policy?.report(report, of) ?? report, of) }),
        onPartial: (partial) => {
          result = partial;
        },
        onProgress: (_path, read) => progress.update(path, read),
      });
    } catch (error) {
      progress.clear();
      failure = signal.aborted ? 'the run was interrupted' : errorWords(error);
      if (!signal.aborted) {
        session.stderr.write(errorText(error));
        status.failed();
      }
    }
    progress.clear();
    if (!result) {
      if (failure !== undefined) options.onUnread?.(path, failure);
      continue;
    }
    if (options.policy) result = options.policy.file(result, scan);
    if (options.verbose) session.stderr.write(verboseNote(result));
    status.file(result);
    yield result;
    if (failure !== undefined) options.onUnread?.(path, failure);
  }
  if (signal.aborted) status.interrupted();
}
