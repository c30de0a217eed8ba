import type { RegisterValues } from '../machine/machine.ts';
import { type RunQueue, readCurrent, readRunQueue } from './current.ts';
import type { Kernel } from './kernel.ts';
import { mostElements } from './list.ts';
import { type KernelCpu, type KernelCpus, readCpus } from './per-cpu.ts';
import { readTask, type Task, type TaskRead, taskSpan } from './task.ts';
import { type MemberSpan, memberPlace } from './view.ts';

/** What a CPU schedules and runs. */
export interface CpuTasks {
  readonly cpu: KernelCpu;
  readonly queue?: RunQueue;
  /** What it runs. */
  readonly current?: Task;
  readonly idle?: Task;
}

/** All tasks of a kernel. */
export interface TaskList {
  /** The idle ones first, by CPU; then as the kernel lists them, threads after their leader. */
  readonly tasks: readonly Task[];
  /** Of each CPU that the kernel knows. */
  readonly cpus: readonly CpuTasks[];
  /** What could not be read, in words. */
  readonly problems: readonly string[];
}

/**
 * Reads all tasks: those of the list that begins at `init_task`, their threads (which have been in `signal->thread_head`
 * since 3.14), the idle tasks, which are in no list, and what CPUs run that has left it already.
 */
export async function readTasks(kernel: Kernel, known?: KernelCpus): Promise<TaskList> {
  const span = taskSpan(kernel.types);
  const init = kernel.symbols.address('init_task');
  if (span === undefined || init === undefined) {
    const what = span === undefined ? 'the types have no task_struct' : 'the kernel has no init_task';
    return { tasks: [], cpus: [], problems: [`tasks cannot be read: ${what}`] };
  }
  const cpus = known ?? (await readCpus(kernel));
  const reader = new TaskReader(kernel, span);
  const [places] = await Promise.all([Promise.all(cpus.all.map((cpu) => placesOfCpu(kernel, cpu))), reader.walk(init)]);
  const strays = places.flatMap(({ queue, current }) => [queue?.idle, queue?.current, current]);
  await Promise.all(strays.map((address) => (address === undefined ? undefined : reader.add(address))));
  const idles = new Set(places.map(({ queue }) => queue?.idle));
  const all = [...reader.tasks.values()].flatMap((read) => (read === undefined ? [] : [read.task]));
  const ofAddress = (address: bigint | undefined): Task | undefined =>
    address === undefined ? undefined : reader.tasks.get(address)?.task;
  return {
    tasks: ordered(all, idles),
    cpus: places.map(({ cpu, queue, current }) => {
      const idle = ofAddress(queue?.idle);
      const running = ofAddress(current);
      return {
        cpu,
        ...(queue !== undefined && { queue }),
        ...(running !== undefined && { current: running }),
        ...(idle !== undefined && { idle }),
      };
    }),
    problems: reader.problems,
  };
}

interface CpuPlaces {
  readonly cpu: KernelCpu;
  readonly queue?: RunQueue;
  readonly current?: bigint;
}

async function placesOfCpu(kernel: Kernel, cpu: KernelCpu): Promise<CpuPlaces> {
  const [queue, registers] = await Promise.all([readRunQueue(kernel, cpu), registersOf(kernel, cpu)]);
  const current = await readCurrent(kernel, cpu, queue, registers);
  return { cpu, ...(queue !== undefined && { queue }), ...(current !== undefined && { current }) };
}

async function registersOf(kernel: Kernel, { machineCpu }: KernelCpu): Promise<RegisterValues | undefined> {
  return machineCpu === undefined ? undefined : await kernel.machine.registers(machineCpu);
}

/** Reads tasks by following what leads from one to the next. */
class TaskReader {
  readonly problems: string[] = [];
  /** By address, in the order that they were found in; undefined what is none, or not there. */
  readonly tasks = new Map<bigint, TaskRead | undefined>();
  readonly #kernel: Kernel;
  readonly #span: MemberSpan;
  readonly #tasks: bigint | undefined;
  readonly #threads: bigint | undefined;
  readonly #threadHead: bigint | undefined;
  /** Those at the end of the list, which are read while it is followed from its start. */
  readonly #early = new Map<bigint, Promise<TaskRead | undefined>>();

  constructor(kernel: Kernel, span: MemberSpan) {
    this.#kernel = kernel;
    this.#span = span;
    const offset = (type: string, path: string): bigint | undefined => {
      const place = memberPlace(kernel.types, type, path);
      return place === undefined ? undefined : BigInt(place.offset);
    };
    this.#tasks = offset('task_struct', 'tasks');
    this.#threads = offset('task_struct', 'thread_node');
    this.#threadHead = offset('signal_struct', 'thread_head');
  }

  async add(address: bigint): Promise<TaskRead | undefined> {
    if (this.tasks.has(address)) return this.tasks.get(address);
    if (this.tasks.size >= mostElements || !this.#kernel.memory.isKernelAddress(address)) return undefined;
    // Its place in the order is now, and whoever comes next finds it.
    this.tasks.set(address, undefined);
    const read = await (this.#early.get(address) ?? readTask(this.#kernel, this.#span, address));
    this.tasks.set(address, read);
    return read;
  }

  /** All of the list; from its end as well, if it is broken. */
  async walk(init: bigint): Promise<void> {
    const threads: Promise<void>[] = [];
    const first = await this.add(init);
    if (first === undefined || this.#tasks === undefined) {
      this.problems.push('the list of tasks cannot be read: there is no task where init_task should be');
      return;
    }
    const [stopped] = await Promise.all([this.#follow(first, 'tasks.next', threads), this.#readFromEnd(first)]);
    if (stopped !== undefined) {
      this.problems.push(`the list of tasks is broken: ${stopped}; it was read from its end too`);
      await this.#follow(first, 'tasks.prev', threads);
    }
    await Promise.all(threads);
  }

  /** Each task says where the next is, so from both ends it takes half the time. What is wrong is found by `#follow`. */
  async #readFromEnd(first: TaskRead): Promise<void> {
    let at: TaskRead | undefined = first;
    for (let index = 0; index < mostElements && at !== undefined; index++) {
      const link = at.view.big('tasks.prev');
      if (link === undefined || this.#tasks === undefined) return;
      const address = BigInt.asUintN(64, link - this.#tasks);
      if (this.tasks.has(address) || this.#early.has(address)) return;
      if (!this.#kernel.memory.isKernelAddress(address)) return;
      const read = readTask(this.#kernel, this.#span, address);
      this.#early.set(address, read);
      at = await read;
    }
  }

  /** @returns why it ends before it is back where it began. */
  async #follow(
    first: TaskRead,
    direction: 'tasks.next' | 'tasks.prev',
    threads: Promise<void>[],
  ): Promise<string | undefined> {
    let at = first;
    for (let index = 0; index < mostElements; index++) {
      const link = at.view.big(direction);
      if (link === undefined || this.#tasks === undefined) return 'an element cannot be read';
      const address = BigInt.asUintN(64, link - this.#tasks);
      if (address === first.task.address) return undefined;
      const after = `after ${at.task.comm} (${at.task.pid})`;
      if (!this.#kernel.memory.isKernelAddress(address)) return `${after} comes what is no kernel address`;
      if (this.tasks.has(address)) return `${after} comes one that was there before`;
      const next = await this.add(address);
      if (next === undefined) return `${after} comes what is no task, or cannot be read`;
      threads.push(this.#walkThreads(next));
      at = next;
    }
    return 'it is too long';
  }

  /** The other threads of a leader: its ring goes through `signal->thread_head`. */
  async #walkThreads(leader: TaskRead): Promise<void> {
    const signal = leader.view.pointer('signal');
    if (this.#threads === undefined || this.#threadHead === undefined || signal === undefined) return;
    const head = signal + this.#threadHead;
    // The leader is the first one, but for rare moments.
    for (const direction of ['thread_node.next', 'thread_node.prev']) {
      let at = leader;
      for (let index = 0; index < mostElements; index++) {
        const link = at.view.big(direction);
        if (link === undefined || link === head) break;
        const next = await this.add(BigInt.asUintN(64, link - this.#threads));
        if (next === undefined || next === leader || next.view.pointer('signal') !== signal) {
          this.problems.push(`the threads of ${leader.task.comm} (${leader.task.pid}) could not all be read`);
          return;
        }
        at = next;
      }
    }
  }
}

/** Idle tasks first, by CPU; threads after their leader. */
function ordered(tasks: readonly Task[], idles: ReadonlySet<bigint | undefined>): Task[] {
  const groups = new Map<bigint, Task[]>();
  for (const task of tasks) {
    const { address, leader = address } = task;
    const group = groups.get(leader);
    if (group === undefined) groups.set(leader, [task]);
    else group.push(task);
  }
  const all = [...groups.values()].flat();
  return [
    ...all.filter(({ address }) => idles.has(address)).sort((a, b) => (a.cpu ?? 0) - (b.cpu ?? 0)),
    ...all.filter(({ address }) => !idles.has(address)),
  ];
}
