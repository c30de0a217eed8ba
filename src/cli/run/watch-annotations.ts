import type { CrashReport } from '../../model/report.ts';
import type { FormatOptions } from '../../report/formats/options.ts';
import { RunCollector } from '../../report/formats/run.ts';
import type { Ci } from '../ci.ts';
import { commandsOf } from './annotate.ts';

/** GitHub shows ten annotations of a type in a step; the tenth that comes says so. */
const mostAnnotations = 9;

/** What a CI reads from the output, for reports that come one by one: each is annotated as it completes. */
export class WatchAnnotations {
  readonly #ci: Ci;
  readonly #options: FormatOptions;
  readonly #isFailure: (report: CrashReport) => boolean;
  // What does not fail the run takes no room from what does: GitHub counts each type by itself.
  readonly #failing = new Set<string>();
  readonly #passing = new Set<string>();

  constructor(ci: Ci, options: FormatOptions, isFailure: (report: CrashReport) => boolean) {
    this.#ci = ci;
    this.#isFailure = isFailure;
    this.#options = options;
  }

  /** The commands for a report; empty for one that was annotated before, or has no room any more. */
  of(report: CrashReport, path: string): string {
    const { signature } = report;
    // What passed may come again and fail the run.
    const fails = this.#isFailure(report);
    const known = fails ? this.#failing : this.#passing;
    if (known.has(signature)) return '';
    known.add(signature);
    if (this.#ci === 'github' && known.size > mostAnnotations) {
      return known.size === mostAnnotations + 1
        ? `::${fails ? 'error' : 'notice'} title=ktriage::More problems follow, not annotated because GitHub shows ten: see the log\n`
        : '';
    }
    const collector = new RunCollector(this.#isFailure);
    collector.add({
      path,
      reports: [report],
      incidents: [{ root: 0, follow: [], ending: [], boot: 0 }],
      boots: [],
      notices: [],
      input: { bytes: 0, decorations: [], kernelLines: true, cutOff: false },
    });
    return [...commandsOf[this.#ci](collector.run(), this.#options)].join('');
  }
}
