import { openInput } from '../io/input.ts';
import { decoderLiterals, LineDecoder } from '../log/decoder.ts';
import { LogReader } from '../log/reader.ts';
import type { FileResult, InputFacts } from '../model/document.ts';
import type { Boot } from '../model/incident.ts';
import type { CrashReport } from '../model/report.ts';
import { analysisLiterals, LogAnalysis, lineMatters } from '../oops/log-analysis.ts';
import { diagnoseEach, diagnoseResult } from './findings.ts';
import type { Sources } from './sources.ts';

export interface AnalyzeOptions {
  /** Ends the analysis: it throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** What `-` stands for; standard input of the process is the caller's to hand down. */
  readonly stdin?: NodeJS.ReadableStream;
  /** Called for each report when it is complete; its `endLine`, `panicked` and `suppressed` are those of so far. */
  readonly onReport?: (report: CrashReport, path: string) => void;
  /** Called with what was found so far if the analysis breaks off (an abort, a read error), before that is thrown. */
  readonly onPartial?: (result: FileResult) => void;
  /** Called with each piece of the input as it is read, unpacked. */
  readonly onBytes?: (chunk: Uint8Array) => void;
  /** Called now and then with the bytes read so far. */
  readonly onProgress?: (path: string, bytes: number) => void;
  /** Where source positions come from; reports that it wants are handed to `onReport` some at a time. */
  readonly sources?: Sources;
  /** False where nobody reads `findings`: they are left out. */
  readonly findings?: boolean;
}

/** The analysis of a log that comes in pieces: of a file, a pipe, or one that grows. */
export class LiveAnalysis {
  private readonly path: string;
  private readonly analysis: LogAnalysis;
  private readonly reader: LogReader;

  constructor(path: string, options: AnalyzeOptions = {}) {
    this.path = path;
    this.analysis = new LogAnalysis((report) => options.onReport?.(report, path));
    this.reader = new LogReader({
      sink: this.analysis,
      decoder: new LineDecoder(),
      literals: analysisLiterals,
      decoderLiterals,
      matters: lineMatters,
    });
  }

  get bytes(): number {
    return this.reader.bytes;
  }

  /** The boots found so far. */
  boots(): Boot[] {
    return this.analysis.bootsUntil(this.reader.lines);
  }

  /** Takes the next bytes of the log. */
  push(chunk: Uint8Array): void {
    this.reader.push(chunk);
    const fewer = this.analysis.fewerLiterals();
    if (fewer !== undefined) this.reader.lookFor(fewer);
  }

  /** Nothing came for a while: reports that are open are complete. */
  quiet(): void {
    this.reader.flush();
    this.analysis.quiet();
  }

  /** Nothing more comes. `facts`: what else is known about the input. */
  end(facts: { readonly encodings?: readonly string[]; readonly damaged?: string } = {}): FileResult {
    this.reader.end();
    const found = this.analysis.finish(this.reader.lines);
    const input: InputFacts = {
      bytes: this.reader.bytes,
      lines: this.reader.lines,
      decorations: [...(facts.encodings ?? []), ...this.reader.decorations()],
      kernelLines: this.reader.kernelLines || found.reports.length > 0,
      cutOff: found.cutOff,
      ...(found.omittedReports === 0 ? {} : { omittedReports: found.omittedReports }),
      ...(facts.damaged === undefined ? {} : { damaged: facts.damaged }),
    };
    const { reports, incidents, boots, notices } = found;
    return { path: this.path, reports, incidents, boots, notices, input };
  }
}

/** So many reports are symbolized together: what one of them says of the kernel is good for all. */
const batch = 256;

/** Reports on their way to `onReport`: from the first on that gets source positions, they wait to be a batch. */
class Waiting {
  readonly #options: AnalyzeOptions;
  readonly #path: string;
  #reports: CrashReport[] = [];
  #isBatch = false;

  constructor(path: string, options: AnalyzeOptions) {
    this.#path = path;
    this.#options = options;
  }

  push(report: CrashReport): void {
    const { onReport, sources } = this.#options;
    if (onReport === undefined) return;
    this.#reports.push(report);
    if (sources?.wants(report)) this.#isBatch = true;
  }

  /** They need not wait any longer. */
  get due(): boolean {
    return this.#reports.length >= (this.#isBatch ? batch : 1);
  }

  /** Hands them on with their source positions, and what follows from these. */
  async handOn(boots: readonly Boot[]): Promise<void> {
    const { sources, findings, onReport } = this.#options;
    const reports = this.#reports;
    if (reports.length === 0) return;
    const symbolized = (await sources?.symbolize(reports, boots)) ?? reports;
    const better = findings === false ? symbolized : await diagnoseEach(symbolized);
    this.#reports = [];
    this.#isBatch = false;
    for (const report of better) onReport?.(report, this.#path);
  }

  /** Hands them on as they are. */
  giveUp(): void {
    for (const report of this.#reports) this.#options.onReport?.(report, this.#path);
    this.#reports = [];
  }
}

/**
 * Analyses a log file, a pipe or standard input (`-`).
 * @throws KtriageError if it cannot be opened or read.
 */
export async function analyzeFile(path: string, options: AnalyzeOptions = {}): Promise<FileResult> {
  const input = await openInput(path, { signal: options.signal, stdin: options.stdin });
  const waiting = new Waiting(path, options);
  const diagnosed = async (result: FileResult): Promise<FileResult> =>
    options.findings === false ? result : diagnoseResult(result);
  const analysis = new LiveAnalysis(path, { onReport: (report) => waiting.push(report) });
  try {
    for await (const chunk of input) {
      analysis.push(chunk);
      options.onBytes?.(chunk);
      options.onProgress?.(path, analysis.bytes);
      if (waiting.due) await waiting.handOn(analysis.boots());
    }
  } catch (error) {
    const partial = analysis.end();
    waiting.giveUp();
    options.onPartial?.(await diagnosed(partial));
    throw error;
  }
  const { compression, encoding, damaged } = input.facts;
  const encodings = [compression, encoding].filter((name) => name !== 'none' && name !== 'bytes');
  const result = analysis.end({ encodings, ...(damaged === undefined ? {} : { damaged }) });
  const { sources } = options;
  try {
    await waiting.handOn(result.boots);
    const reports = (await sources?.symbolize(result.reports, result.boots)) ?? result.reports;
    return await diagnosed({ ...result, reports });
  } catch (error) {
    waiting.giveUp();
    options.onPartial?.(await diagnosed(result));
    throw error;
  }
}
