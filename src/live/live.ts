import type { Machine } from '../machine/machine.ts';
import type { LiveCpu, LiveDocument, LiveTrigger, Verdict } from '../model/live.ts';
import type { FileOptions } from '../symbols/symbol-files.ts';

/** What a survey is given beside the machine. */
export interface SurveyOptions extends FileOptions {
  /** The user's name of the machine. */
  readonly target: string;
  /** What it stopped at, if it was waited for. */
  readonly trigger?: LiveTrigger | undefined;
  /** Everything is to be read: the stacks of all tasks, not only of those that matter. */
  readonly isEverything?: boolean | undefined;
  /** Folders with source. */
  readonly source?: readonly string[] | undefined;
  /** No disassembly, values, variables. */
  readonly noExplain?: boolean | undefined;
  /** All that is to be read was read: from here on the machine may run. */
  readonly letGo: () => Promise<void>;
}

/**
 * Looks at a machine that stands still, and says why it hangs.
 * @throws KtriageError for files that were named and cannot be used, and what the machine throws when it is lost; the
 * signal's reason.
 */
export async function surveyMachine(machine: Machine, options: SurveyOptions): Promise<LiveDocument> {
  const cpus = await Promise.all(machine.cpus.map(({ id }) => surveyCpu(machine, id)));
  await options.letGo();
  const problems = ['looking for the kernel in its memory is not built yet'];
  return {
    schema: 'ktriage/live/v1',
    target: options.target,
    outcome: 'unclear',
    ...(options.trigger !== undefined && { trigger: options.trigger }),
    verdict: unclear(problems),
    findings: [],
    kernel: { architecture: machine.architecture },
    cpus,
    tasks: [],
    pageFaults: [],
    locks: [],
    modules: [],
    stoppedMs: machine.stoppedMilliseconds,
    problems,
  };
}

async function surveyCpu(machine: Machine, id: number): Promise<LiveCpu> {
  return { id, state: 'unknown', registers: await machine.registers(id), frames: [] };
}

function unclear(problems: readonly string[]): Verdict {
  return {
    rule: 'live-unclear',
    confidence: 'possible',
    sentence: 'the kernel was not found in the machine, so nothing can be said of why it hangs',
    evidence: problems.map((words) => ({ words })),
    circumstance: true,
  };
}
