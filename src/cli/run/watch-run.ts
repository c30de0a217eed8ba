import type { CrashReport } from '../../model/report.ts';
import { jsonLine } from '../../report/jsonl.ts';
import { inputName } from '../../report/text/words.ts';
import { textReport } from '../../report/text.ts';
import { ciOf, noCiNote } from '../ci.ts';
import { loadEngine } from '../engine.ts';
import { errorText, noteText } from '../errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { loadWatchEngine, type WatchEngine } from '../live-engine.ts';
import { StreamOutput } from '../output.ts';
import type { PolicyFlags } from '../policy-flags.ts';
import { noReports } from '../report-flags.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { givenFiles, type SymbolFlags } from '../symbol-flags.ts';
import { debuginfodOptions } from './debuginfod-options.ts';
import { policyFor } from './policy-for.ts';
import { safeInCi } from './safe-in-ci.ts';
import { sourceOptions } from './source-options.ts';
import { textOptions } from './text-options.ts';
import type { WatchAnnotations } from './watch-annotations.ts';

/** What is told of a followed file with --verbose. */
const eventWords = {
  waiting: 'is not there yet; waiting',
  truncated: 'became shorter; reading it from its beginning',
  rotated: 'was replaced by another file; reading that one',
} as const;

/** Prints reports one after the other, and knows when it was enough. */
class ReportPrinter {
  printed = 0;
  readonly #write: (text: string) => Promise<void>;
  readonly #render: (report: CrashReport, nth: number) => Promise<string>;
  readonly #limit: number;
  #queue: Promise<void> = Promise.resolve();

  constructor(
    render: (report: CrashReport, nth: number) => Promise<string>,
    limit: number,
    write: (text: string) => Promise<void>,
  ) {
    this.#render = render;
    this.#limit = limit;
    this.#write = write;
  }

  /** False if no more reports are wanted. */
  get wanted(): boolean {
    return this.printed < this.#limit;
  }

  print(report: CrashReport): void {
    const nth = this.printed;
    this.printed += 1;
    this.#queue = this.#queue.then(async () => this.#write(await this.#render(report, nth)));
    // Whoever waits for the queue meets its failure; here it must only not go unhandled.
    this.#queue.catch(() => {});
  }

  flushed(): Promise<void> {
    return this.#queue;
  }
}

async function diagnosed(reports: readonly CrashReport[]): Promise<readonly CrashReport[]> {
  const { diagnoseEach } = await import('../../analyze/findings.ts');
  return diagnoseEach(reports);
}

/** What annotates reports in the CI that this runs in. */
async function openAnnotations(session: Session, settings: Settings): Promise<WatchAnnotations | undefined> {
  const ci = ciOf(session.env);
  if (ci === undefined) {
    session.stderr.write(noCiNote);
    return undefined;
  }
  const [{ WatchAnnotations }, { failureJudge, formatOptions }] = await Promise.all([
    import('./watch-annotations.ts'),
    import('./format-options.ts'),
  ]);
  return new WatchAnnotations(ci, formatOptions(session, noReports), failureJudge(settings));
}

/** `ktriage watch`: reports of a growing input, each as it completes. Returns the exit code. */
export async function runWatch(
  input: string,
  once: boolean,
  settings: Settings,
  session: Session,
  load: () => Promise<WatchEngine> = loadWatchEngine,
  symbols: SymbolFlags = {},
  flags: PolicyFlags = {},
  isAnnotated = false,
): Promise<number> {
  const engine = await load();
  const sources = await engine.openSources?.({
    ...sourceOptions(symbols, settings, session),
    ...(await debuginfodOptions(symbols, session)),
  });
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const output = new StreamOutput(session.stdout);
  const look = textOptions(session, settings, false, givenFiles(symbols));
  const enough = new AbortController();
  const interrupt = watchInterrupts();
  const signal = AbortSignal.any([interrupt.signal, enough.signal]);
  const known = await policyFor(flags, loadEngine, session, settings, signal);
  const annotations = isAnnotated ? await openAnnotations(session, settings) : undefined;
  const printer = new ReportPrinter(
    async (report, nth) => {
      const symbolized = (await sources?.symbolize([report], analysis.boots?.() ?? [])) ?? [report];
      const [better = report] = symbols.noExplain === true ? symbolized : await diagnosed(symbolized);
      const commands = annotations?.of(better, input) ?? '';
      if (settings.format !== 'text') {
        session.stderr.write(commands);
        return jsonLine(better, input);
      }
      const text = (nth > 0 ? '\n' : '') + [...textReport(better, input, look)].join('');
      return (ciOf(session.env) === undefined ? text : safeInCi(text)) + commands;
    },
    once ? 1 : Number.POSITIVE_INFINITY,
    (text) => output.write(text),
  );
  const onReport = (found: CrashReport): void => {
    if (!printer.wanted) return;
    const report = known?.policy.report(found, input) ?? found;
    status.report(report);
    printer.print(report);
    if (!printer.wanted) enough.abort();
  };
  const begin = () => engine.analysis(input, { signal, onReport });
  let analysis = begin();
  let kernelLines = false;
  const finish = (): void => {
    if (analysis.end().input.kernelLines) kernelLines = true;
  };
  try {
    const stdin = input === '-' ? { stdin: session.stdin } : {};
    for await (const event of engine.follow(input, { signal, ...stdin })) {
      if (event.type === 'data') analysis.push(event.bytes);
      else if (event.type === 'quiet') analysis.quiet();
      else {
        if (settings.verbose) session.stderr.write(noteText(`${inputName(input)} ${eventWords[event.type]}`));
        if (event.type !== 'waiting') {
          // Lines count from 1 again: what was open ends here.
          finish();
          analysis = begin();
        }
      }
      await printer.flushed();
      if (output.closed) enough.abort();
      if (signal.aborted) break;
    }
  } catch (error) {
    if (!signal.aborted) {
      session.stderr.write(errorText(error));
      status.failed();
    }
  } finally {
    interrupt.dispose();
  }
  if (!enough.signal.aborted) {
    finish();
    if (!kernelLines) status.unvouched();
  }
  await printer.flushed();
  known?.tell('growing');
  sources?.close();
  if (interrupt.signal.aborted) status.interrupted();
  return status.code;
}
