import type { Kernel } from '../../kernel/kernel.ts';
import type { TaskList } from '../../kernel/tasks.ts';
import type { Machine } from '../../machine/machine.ts';
import type { RecordingMachine } from '../../machine/snapshot/recording-machine.ts';
import type { LiveOutcome } from '../../model/live.ts';
import { KtriageError } from '../../util/errors.ts';
import { readCpuStacks } from '../read-threads.ts';
import type { HangFacts } from '../verdict/facts.ts';
import { type CpuMark, markOf, readCpuTasks } from './mark.ts';
import { type Movement, movementOf } from './movement.ts';

/** What became of CPUs that one look could not tell of. */
export interface SecondLook {
  /** How often they were looked at, the first time included. */
  readonly times: number;
  /** Milliseconds from the first to the last. */
  readonly milliseconds: number;
  /** By the number of the CPU; those of which nothing can be told are missing. */
  readonly cpus: ReadonlyMap<number, Movement>;
  /** The kernel's own time stood still: nobody took a tick. */
  readonly isTimeStill: boolean;
}

/** Stops the machine once more, has it looked at, and lets it go on. */
export type LookAgain = (use: (machine: Machine) => Promise<void>) => Promise<void>;

/** Milliseconds that the machine runs between two looks, and how often it is looked at again. */
const apartMilliseconds = 500;
const mostTimes = 2;

/** Whether a CPU is somewhere where a healthy one is as well, for a moment, and nothing tells for how long. */
export function isLookWanted(outcome: LiveOutcome, { cpus }: Pick<HangFacts, 'cpus'>): boolean {
  return outcome === 'unclear' && cpus.some(({ state }) => state === 'kernel');
}

/** The first look: what is compared with. */
export interface FirstLook {
  readonly kernel: Kernel;
  readonly list: TaskList;
  /** What `kernel` reads. It reads of the machine anew after this. */
  readonly recorder: RecordingMachine;
  /** When it was let go, by `performance.now()`. */
  readonly at: number;
}

/**
 * Looks at a machine again, up to two times half a second apart, until all CPUs in question have moved.
 * @returns what became of them, or in words why that is not known.
 * @throws the signal's reason; KtriageError of the machine's methods is told in words.
 */
export async function lookTwice(
  first: FirstLook,
  inQuestion: readonly number[],
  again: LookAgain,
  signal: AbortSignal | undefined,
): Promise<SecondLook | string> {
  const { kernel, list, recorder } = first;
  const before = await marksOf(kernel, list);
  const jiffies = await readJiffies(kernel);
  const moved = new Map<number, Movement>();
  let isTimeStill = jiffies !== undefined;
  let last = first.at;
  let milliseconds = 0;
  try {
    for (let times = 1; times <= mostTimes; times++) {
      await pause(Math.max(0, last + apartMilliseconds - performance.now()), signal);
      await again(async (machine) => {
        milliseconds = performance.now() - first.at;
        recorder.thaw(machine);
        kernel.memory.forget();
        const now = await Promise.all(list.cpus.map(({ cpu }) => readCpuTasks(kernel, cpu)));
        const after = await marksOf(kernel, { ...list, cpus: now });
        isTimeStill &&= (await readJiffies(kernel)) === jiffies;
        compare(before, after, moved);
      });
      last = performance.now();
      if (inQuestion.every((id) => moved.get(id)?.kind !== 'stuck') || times === mostTimes)
        return { times: times + 1, milliseconds: Math.round(milliseconds), cpus: moved, isTimeStill };
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof KtriageError)) throw error;
    return `it could not be looked at a second time: ${error.message}: ${error.why}`;
  }
  return 'it was not looked at a second time';
}

/** Once moved is moved; a CPU is stuck that was so each time. */
function compare(before: readonly CpuMark[], after: readonly CpuMark[], moved: Map<number, Movement>): void {
  for (const mark of before) {
    const then = after.find(({ id }) => id === mark.id);
    const movement = then && movementOf(mark, then);
    const known = moved.get(mark.id);
    if (movement === undefined) moved.delete(mark.id);
    else if (known === undefined || movement.kind === 'moved') moved.set(mark.id, movement);
    else if (known.kind === 'stuck')
      moved.set(mark.id, {
        kind: 'stuck',
        tookNoTick: known.tookNoTick && movement.tookNoTick,
        isSamePlace: known.isSamePlace && movement.isSamePlace,
      });
  }
}

/** Unwound in the same way each time, so that frames are comparable. */
async function marksOf(kernel: Kernel, list: TaskList): Promise<readonly CpuMark[]> {
  const cpus = await readCpuStacks(kernel, list, false);
  const marks = await Promise.all(
    list.cpus.map(async (tasks) => {
      const its = cpus.find(({ cpu }) => cpu.id === tasks.cpu.id);
      return its === undefined ? [] : [await markOf(kernel, tasks, its)];
    }),
  );
  return marks.flat();
}

async function readJiffies({ symbols, memory }: Kernel): Promise<bigint | undefined> {
  const address = symbols.address('jiffies_64') ?? symbols.address('jiffies');
  return address === undefined ? undefined : memory.u64(address);
}

/** @throws the signal's reason. */
function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener('abort', stop);
    if (signal?.aborted === true) stop();
  });
}
