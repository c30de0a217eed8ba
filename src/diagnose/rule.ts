import type { Confidence, Evidence } from '../model/explanation.ts';
import type { CrashReport } from '../model/report.ts';
import type { RuleName } from './rule-names.ts';
import type { Subject } from './subject.ts';

/** What a report's file says beside the report. */
export interface DiagnoseContext {
  /** Other reports of its incident. */
  readonly others?: readonly CrashReport[];
  /** Notices of its boot: what is worth knowing and no crash. */
  readonly notices?: readonly NoticeFacts[];
}

/** What rules want to know of a notice. */
export interface NoticeFacts {
  readonly kind: string;
  readonly title: string;
  readonly range: { readonly firstLine: number; readonly lastLine: number };
}

/** A finding before it has its rule's name. Evidence that there is not is left out. */
export interface Conclusion {
  readonly confidence: Confidence;
  readonly sentence: string;
  readonly evidence?: readonly (Evidence | undefined)[];
  readonly drawing?: readonly string[];
  readonly against?: readonly (string | undefined)[];
}

/**
 * How much a rule says. `cause`: what went wrong. `general`: what happened, in the kernel's own words; said where no
 * cause was found that is at least likely. `circumstance`: what else matters; never leads.
 */
export type Tier = 'cause' | 'general' | 'circumstance';

/** One way to make a sentence of facts. */
export interface Rule {
  readonly name: RuleName;
  readonly tier: Tier;
  /** What it concludes of a report; undefined where it does not apply. Never throws; claims no more than it shows. */
  readonly find: (subject: Subject) => Conclusion | undefined;
}
