import { LiveAnalysis } from '../analyze/analyze.ts';
import { loadDisassembler } from '../code/load-disassembler.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { type KernelLog, readLog } from '../kernel/log-buffer/read-log.ts';
import type { Task } from '../kernel/task.ts';
import { readTasks, type TaskList } from '../kernel/tasks.ts';
import type { Machine } from '../machine/machine.ts';
import { RecordingMachine } from '../machine/snapshot/recording-machine.ts';
import type { FileResult } from '../model/document.ts';
import type { LiveDocument, LiveTrigger } from '../model/live.ts';
import type { Image } from '../symbols/image.ts';
import { cpusOf, faultsOf, kernelOf, locksOf, tasksOf } from './document.ts';
import { explainFault } from './explain-fault.ts';
import { findFaults } from './faults/find-faults.ts';
import { nameFrames } from './frames.ts';
import type { GuestFiles, OpenedGuest } from './guest-files.ts';
import {
  addModules,
  type LoadedModules,
  placeModules,
  type ReadModule,
  readLoadedModules,
  readModuleImages,
} from './load-modules.ts';
import { type Progress, readProgress } from './progress/progress.ts';
import { readAhead } from './read-ahead.ts';
import { type ReadTask, readCpuStacks, readTaskStacks } from './read-threads.ts';
import { reportPlaces } from './report-places.ts';
import { runStateOf } from './run-state.ts';
import { type FirstLook, isLookWanted, type LookAgain, lookTwice } from './second-look/look-again.ts';
import type { Thread } from './thread.ts';
import type { ExplainedFault, HangFacts } from './verdict/facts.ts';
import { outcomeOf, verdicts } from './verdict/verdict.ts';
import { CodeReader } from './waits/code-values.ts';
import { Waits } from './waits/contentions.ts';
import { verdictWithoutKernel } from './without-kernel.ts';

/** What a survey is given beside the machine. */
export interface SurveyOptions {
  /** Where the kernel's files come from; the caller closes it. */
  readonly files: GuestFiles;
  readonly signal?: AbortSignal | undefined;
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
  /** No variables of the frames that fault: nobody is shown them. */
  readonly noVariables?: boolean | undefined;
  /** Stops it once more, where one look cannot tell a hang from a moment. */
  readonly lookAgain?: LookAgain | undefined;
  /** All that is to be read was read: from here on the machine may run. */
  readonly letGo: () => Promise<void>;
}

/** Faults that are explained; the rest is only listed. */
const mostExplained = 8;

/**
 * Looks at a machine that stands still, and says why it hangs.
 * @throws KtriageError for files that were named and cannot be used, and what the machine throws when it is lost; the
 * signal's reason.
 */
export async function surveyMachine(machine: Machine, options: SurveyOptions): Promise<LiveDocument> {
  const recorder = new RecordingMachine(machine, { readsBlocks: true });
  const guest = await options.files.openGuest(recorder, machine.wasRunning && options.trigger === undefined);
  const survey = new Survey(recorder, guest, options);
  return guest.kernel === undefined ? await survey.withoutKernel() : await survey.run(guest.kernel);
}

/** One look at a machine. First everything is read that may be wanted; what takes thinking comes when it runs again. */
class Survey {
  readonly #machine: RecordingMachine;
  readonly #guest: OpenedGuest;
  readonly #options: SurveyOptions;
  readonly #problems: string[];

  constructor(machine: RecordingMachine, guest: OpenedGuest, options: SurveyOptions) {
    this.#machine = machine;
    this.#guest = guest;
    this.#options = options;
    this.#problems = [...guest.problems];
  }

  async run(kernel: Kernel): Promise<LiveDocument> {
    const [list, log, loaded, runState] = await Promise.all([
      readTasks(kernel),
      readLog(kernel),
      readLoadedModules(kernel),
      this.#runState(),
    ]);
    this.#problems.push(...list.problems, ...log.problems, ...loaded.problems);
    placeModules(kernel, loaded.modules);
    const { progress, images, tasks: stacks } = await this.#readAhead(kernel, list, loaded.modules);
    await this.#options.letGo();
    const at = performance.now();
    this.#machine.freeze();
    const modules = await addModules(kernel, loaded.modules, this.#options.files.files, images);
    const threads = await this.#threads(kernel, list, stacks);
    const waits = new Waits({ kernel, threads: threads.all, progress, reader: await this.#codeReader(kernel) });
    const [faults, contentions] = [await findFaults(kernel, threads.all), await waits.contentions()];
    const explained = await this.#explain(kernel, faults);
    const cpus = cpusOf(kernel, threads.cpus);
    const result = logResult(log);
    const tasks = tasksOf(list.tasks, threads.sleeping);
    const places = await reportPlaces(kernel.symbols, result);
    const facts: HangFacts = {
      ...{ kernel, cpus, tasks, threads: threads.all, contentions, faults: explained, progress, places },
      ...(result !== undefined && { log: result }),
      ...(runState !== undefined && { runState }),
    };
    const found = await this.#judge(facts, { kernel, list, recorder: this.#machine, at });
    return this.#document(facts, found, log, modules);
  }

  /** All that can be said; where one look cannot tell, with what another shows. Nothing of the first is read after this. */
  async #judge(facts: HangFacts, first: FirstLook): Promise<ReturnType<typeof verdicts>> {
    const { lookAgain, signal } = this.#options;
    const found = verdicts(facts);
    if (lookAgain === undefined || !isLookWanted(outcomeOf(found[0]), facts)) return found;
    const inQuestion = facts.cpus.filter(({ state }) => state === 'kernel').map(({ id }) => id);
    const again = await lookTwice(first, inQuestion, lookAgain, signal);
    if (typeof again !== 'string') return verdicts({ ...facts, again });
    this.#problems.push(again);
    return found;
  }

  /** What can be said without any vmlinux. */
  async withoutKernel(): Promise<LiveDocument> {
    const cpus = await Promise.all(
      this.#machine.cpus.map(async ({ id }) => ({ id, registers: await this.#machine.registers(id) })),
    );
    const runState = await this.#runState();
    await this.#options.letGo();
    const { identity, resting } = this.#guest;
    const { outcome, verdict, state } = verdictWithoutKernel({
      ...{ cpus, identity, resting, runState },
      problems: this.#problems,
    });
    return {
      ...this.#head(),
      outcome,
      verdict,
      findings: [],
      kernel: { architecture: this.#machine.architecture, ...identity },
      cpus: cpus.map((cpu) => ({ ...cpu, state, frames: [] })),
      ...{ tasks: [], pageFaults: [], locks: [], modules: [] },
      stoppedMs: this.#machine.stoppedMilliseconds,
      problems: this.#problems,
    };
  }

  /** Why it stands, if nobody here has stopped it. */
  #runState(): Promise<string | undefined> {
    return this.#options.trigger === undefined ? runStateOf(this.#machine) : Promise.resolve(undefined);
  }

  #head(): Pick<LiveDocument, 'schema' | 'target' | 'trigger'> {
    const { target, trigger } = this.#options;
    return { schema: 'ktriage/live/v1', target, ...(trigger !== undefined && { trigger }) };
  }

  /** Reads all stacks, and what they point to, so that it is there when the machine runs again. */
  async #readAhead(
    kernel: Kernel,
    list: TaskList,
    modules: readonly ReadModule[],
  ): Promise<{
    readonly progress: Progress;
    readonly images: ReadonlyMap<string, Image>;
    readonly tasks: readonly ReadTask[];
  }> {
    const [cpus, tasks] = await Promise.all([
      readCpuStacks(kernel, list, false),
      readTaskStacks(kernel, list, this.#options.isEverything === true),
    ]);
    const addresses = [...cpus, ...tasks].flatMap(({ raw }) => raw.frames.map(({ pc }) => pc));
    const [images, progress] = await Promise.all([
      readModuleImages(kernel, modules, addresses),
      readProgress(kernel, list, cpus),
      readAhead(kernel, cpus, tasks),
    ]);
    return { progress, images, tasks };
  }

  async #threads(kernel: Kernel, list: TaskList, known: readonly ReadTask[]) {
    const [cpus, tasks] = await Promise.all([
      readCpuStacks(kernel, list, true),
      readTaskStacks(kernel, list, this.#options.isEverything === true, known),
    ]);
    const raw = [...cpus, ...tasks].map((each) => each.raw);
    const named = await nameFrames(
      kernel.symbols,
      raw.map(({ frames }) => frames),
    );
    const running = cpus.map((each, nth): { read: typeof each; thread: Thread } => ({
      read: each,
      thread: {
        cpu: each.cpu.id,
        ...(each.current !== undefined && {
          pid: each.current.pid,
          comm: each.current.comm,
          task: each.current.address,
          state: each.current.state,
          ...accountsOf(each.current),
        }),
        raw: each.raw,
        frames: named[nth] ?? [],
      },
    }));
    const sleeping = tasks.map(
      ({ task, raw: its }, nth): Thread => ({
        ...{ pid: task.pid, comm: task.comm, task: task.address, state: task.state },
        ...accountsOf(task),
        raw: its,
        frames: named[cpus.length + nth] ?? [],
      }),
    );
    return { cpus: running, sleeping, all: [...running.map(({ thread }) => thread), ...sleeping] };
  }

  async #codeReader(kernel: Kernel): Promise<CodeReader | undefined> {
    const disassembler = await loadDisassembler(kernel.architecture);
    return disassembler && new CodeReader(kernel, disassembler);
  }

  async #explain(kernel: Kernel, faults: Awaited<ReturnType<typeof findFaults>>): Promise<ExplainedFault[]> {
    const explained: ExplainedFault[] = [];
    const { noVariables } = this.#options;
    let left = this.#options.noExplain === true ? 0 : mostExplained;
    for (const fault of faults) {
      const wanted = fault.judgement.fatal && left-- > 0;
      const { explanation, findings } = wanted ? await explainFault(kernel, fault, noVariables !== true) : {};
      explained.push({
        ...fault,
        described: explanation === undefined ? {} : { explanation },
        ...(findings !== undefined && { findings }),
      });
    }
    return explained;
  }

  #document(
    facts: HangFacts,
    [verdict, ...findings]: ReturnType<typeof verdicts>,
    log: KernelLog,
    modules: LoadedModules,
  ): LiveDocument {
    const { lines, neverPrinted } = log;
    const guest = this.#guest;
    const missing = modules.missing.length === 0 ? [] : [`no file was found for: ${modules.missing.join(', ')}`];
    return {
      ...this.#head(),
      outcome: outcomeOf(verdict),
      verdict,
      findings,
      kernel: kernelOf(facts.kernel),
      ...(guest.vmlinux !== undefined && {
        symbols: { vmlinux: guest.vmlinux, ...(missing.length > 0 && { missing }) },
      }),
      cpus: facts.cpus.map(({ thread: _thread, ...cpu }) => cpu),
      tasks: facts.tasks,
      pageFaults: faultsOf(facts.faults),
      locks: locksOf(facts.contentions),
      modules: modules.modules,
      log: {
        lines,
        ...(neverPrinted !== undefined && { neverPrinted }),
        ...(facts.log !== undefined && { result: facts.log }),
      },
      stoppedMs: this.#machine.stoppedMilliseconds,
      problems: this.#problems,
    };
  }
}

function accountsOf({
  rcuNesting,
  lastArrival,
  startTime,
}: Task): Pick<Thread, 'rcuDepth' | 'lastArrival' | 'startTime'> {
  return {
    ...(startTime !== undefined && { startTime }),
    ...(rcuNesting !== undefined && { rcuDepth: rcuNesting }),
    ...(lastArrival !== undefined && { lastArrival }),
  };
}

/** The printk buffer as any other log. */
function logResult({ lines }: KernelLog): FileResult | undefined {
  if (lines.length === 0) return undefined;
  const analysis = new LiveAnalysis('printk buffer');
  analysis.push(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  return analysis.end();
}
