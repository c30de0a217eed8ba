import type { FileResult } from '../model/document.ts';
import type { CrashReport } from '../model/report.ts';
import { type Severity, severities } from '../model/severity.ts';

/** All reports of one signature. */
export interface Bucket {
  readonly signature: string;
  readonly title: string;
  readonly kind: string;
  readonly severity: Severity;
  count: number;
  /** Inputs that have it. */
  files: number;
  readonly firstPath: string;
  readonly firstLine: number;
}

/**
 * Counts reports by signature over any number of inputs. What merely followed from another report is left out unless
 * asked for; repeats always count. Memory grows with the number of different signatures only.
 */
export class BucketCounter {
  readonly #buckets = new Map<string, Bucket>();
  readonly #all: boolean;

  constructor(all: boolean) {
    this.#all = all;
  }

  add(file: FileResult): void {
    const here = new Set<string>();
    for (const incident of file.incidents) {
      this.#count(file.reports[incident.root], file.path, here);
      for (const { report, why } of incident.follow) {
        if (this.#all || why === 'repeat') this.#count(file.reports[report], file.path, here);
      }
    }
  }

  #count(report: CrashReport | undefined, path: string, here: Set<string>): void {
    if (!report) return;
    const { signature, title, kind, severity } = report;
    let bucket = this.#buckets.get(signature);
    if (!bucket) {
      bucket = { signature, title, kind, severity, count: 0, files: 0, firstPath: path, firstLine: report.startLine };
      this.#buckets.set(signature, bucket);
    }
    bucket.count += 1 + (report.repeats ?? 0);
    if (!here.has(signature)) bucket.files += 1;
    here.add(signature);
  }

  /** Worst first, then most frequent, then as they were met. */
  buckets(): Bucket[] {
    return [...this.#buckets.values()].sort(
      (a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity) || b.count - a.count,
    );
  }
}
