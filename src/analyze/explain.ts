import { isExplainable } from '../code/explainable.ts';
import type { Explanation } from '../model/explanation.ts';
import type { CrashReport } from '../model/report.ts';
import type { CodeLocations } from '../symbols/code-locations.ts';

/** Explains reports, each once: they are handed on as they come, and all together at the end. */
export class Explainer {
  /** By what the later copies of a report have in common. */
  readonly #known = new WeakMap<object, Explanation>();
  readonly #isAsked: boolean;
  readonly #withVariables: boolean;

  /**
   * @param isAsked false where nobody wants to know: then there is nothing to explain.
   * @param withVariables false where nobody wants those of all frames.
   */
  constructor(isAsked = true, withVariables = true) {
    this.#isAsked = isAsked;
    this.#withVariables = withVariables;
  }

  /** True if there is something to explain. Loads nothing. */
  wants(report: CrashReport): boolean {
    return this.#isAsked && isExplainable(report);
  }

  /**
   * The report with its explanation.
   * @param raw the report before it got its source positions.
   */
  async explain(report: CrashReport, locations?: CodeLocations, raw: CrashReport = report): Promise<CrashReport> {
    if (!this.#isAsked || !isExplainable(report, locations !== undefined)) return report;
    const key = raw.registers ?? raw.code ?? raw.frames;
    const known = this.#known.get(key);
    if (known !== undefined) return withExplanation(report, known);
    const { explainReport } = await import('../code/explain-report.ts');
    const explanation = await explainReport(report, locations, this.#withVariables);
    this.#known.set(key, explanation);
    return withExplanation(report, explanation);
  }
}

const withExplanation = (report: CrashReport, explanation: Explanation): CrashReport =>
  Object.keys(explanation).length === 0 ? report : { ...report, explanation };
