import type { CrashReport } from '../../model/report.ts';
import { jsonLine } from '../../report/jsonl.ts';
import { inputName } from '../../report/text/words.ts';
import { textReport } from '../../report/text.ts';
import { errorText } from '../errors.ts';
import { ExitStatus } from '../exit-codes.ts';
import { watchInterrupts } from '../interrupt.ts';
import { loadWatchEngine, type WatchEngine } from '../live-engine.ts';
import { StreamOutput } from '../output.ts';
import type { Session } from '../session.ts';
import type { Settings } from '../settings.ts';
import { textOptions } from './text-options.ts';

/** After that long without new data, a report that has begun is taken for complete. */
const quietMilliseconds = 2000;

/** A timer that goes off when nothing restarted it for a while. */
class QuietTimer {
  readonly #action: () => void;
  #timer: NodeJS.Timeout | undefined;

  constructor(action: () => void) {
    this.#action = action;
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#action, quietMilliseconds);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}

/** `ktriage watch`: reports of a growing input, each as it completes. Returns the exit code. */
export async function runWatch(
  input: string,
  once: boolean,
  settings: Settings,
  session: Session,
  load: () => Promise<WatchEngine> = loadWatchEngine,
): Promise<number> {
  const engine = await load();
  const status = new ExitStatus(settings.failOn, settings.exitZero);
  const output = new StreamOutput(session.stdout);
  const text = textOptions(session, settings, false);
  const enough = new AbortController();
  const interrupt = watchInterrupts();
  const signal = AbortSignal.any([interrupt.signal, enough.signal]);

  let queue: Promise<void> = Promise.resolve();
  let printed = 0;
  const say = (report: CrashReport): void => {
    if (once && printed > 0) return;
    const pieces = settings.format === 'text' ? [...textReport(report, input, text)] : [jsonLine(report, input)];
    const gap = settings.format === 'text' && printed > 0 ? '\n' : '';
    printed += 1;
    status.report(report.severity);
    queue = queue.then(() => output.write(gap + pieces.join('')));
    queue.catch(() => enough.abort());
    if (once || output.closed) enough.abort();
  };

  const analysis = engine.analysis(input, { signal, onReport: say });
  const timer = new QuietTimer(() => analysis.quiet());
  try {
    for await (const event of engine.follow(input, { signal })) {
      if (event.type === 'data') {
        analysis.push(event.chunk);
        timer.restart();
      } else if (settings.verbose) {
        session.stderr.write(`note: ${inputName(input)}: ${event.why}\n`);
      }
      await queue;
      if (output.closed) enough.abort();
    }
  } catch (error) {
    if (!signal.aborted) {
      session.stderr.write(errorText(error));
      status.failed();
    }
  } finally {
    timer.stop();
    interrupt.dispose();
  }
  if (!enough.signal.aborted) {
    const { input: facts } = analysis.end();
    if (!facts.kernelLines) status.unvouched();
  }
  await queue;
  if (interrupt.signal.aborted) status.interrupted();
  return status.code;
}
