import type { HangRuleName } from '../../diagnose/hang-rule-names.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { FileResult } from '../../model/document.ts';
import type { Finding } from '../../model/explanation.ts';
import type { LiveCpu, LivePageFault, LiveTask, Verdict } from '../../model/live.ts';
import type { CrashReport } from '../../model/report.ts';
import type { Fault } from '../faults/fault.ts';
import type { Progress } from '../progress/progress.ts';
import type { ReportPlace } from '../report-places.ts';
import type { SecondLook } from '../second-look/look-again.ts';
import type { Thread } from '../thread.ts';
import type { Contention } from '../waits/wait.ts';

/** A CPU, with what executes on it. */
export interface CpuFacts extends LiveCpu {
  readonly thread: Thread;
}

/** A fault with what is known of its instruction. */
export interface ExplainedFault extends Fault {
  readonly described: Pick<LivePageFault, 'explanation'>;
  /** What rules for reports say of it. */
  readonly findings?: readonly Finding[];
}

/** All that is known of a machine that hangs, or does not. */
export interface HangFacts {
  readonly kernel: Kernel;
  readonly cpus: readonly CpuFacts[];
  readonly tasks: readonly LiveTask[];
  /** What runs on CPUs, and the tasks that sleep. */
  readonly threads: readonly Thread[];
  readonly contentions: readonly Contention[];
  readonly faults: readonly ExplainedFault[];
  /** How CPUs and RCU get on. */
  readonly progress?: Progress;
  /** What looking again has shown, where one look could not tell. */
  readonly again?: SecondLook;
  /** The printk buffer as a log. */
  readonly log?: FileResult;
  /** Where its reports are from. */
  readonly places?: ReadonlyMap<CrashReport, ReportPlace>;
  /** Why QEMU lets it stand, if it stood before; see `runStateOf`. */
  readonly runState?: string;
}

/** One way to say why it hangs. Never throws; claims no more than it shows. */
export interface HangRule {
  readonly name: HangRuleName;
  find(facts: HangFacts): readonly Omit<Verdict, 'rule'>[];
}
