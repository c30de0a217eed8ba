import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readCpus } from '../../src/kernel/per-cpu.ts';
import { savedContext } from '../../src/kernel/saved-context.ts';
import { stackOfTask } from '../../src/kernel/stacks.ts';
import { readTasks } from '../../src/kernel/tasks.ts';
import { base, MadeTasks, taskAt, taskStructures } from './made-tasks.ts';
import { StructureKernel } from './structure-kernel.ts';

const idle = { pid: 0, tgid: 0, flags: 0x20_0002, on_cpu: 1 };

/** init with two threads, a kernel thread, and the idle tasks of two CPUs, of which that of the second is in no list. */
function usual(): MadeTasks {
  return new MadeTasks()
    .task(0, { ...idle, comm: 'swapper/0', 'thread_info.cpu': 0 })
    .task(1, { comm: 'init', __state: 1, mm: taskAt(100), 'thread_info.cpu': 1 })
    .task(2, { comm: 'kthreadd', __state: 0x402, flags: 0x20_8040 })
    .task(3, { comm: 'worker', __state: 2, blocked_on: taskAt(101), last_switch_count: 7, last_switch_time: 8 }, 1)
    .task(4, { comm: 'w\x01rker\n', __state: 0x80, exit_state: 0x20, flags: 4, stack: 0 }, 1)
    .task(9, { ...idle, comm: 'swapper/1', 'thread_info.cpu': 1 })
    .link([1, 3, 4], [2])
    .runs(0, 0, 0)
    .runs(1, 9, 9);
}

describe('tasks', () => {
  test('are those of the list, their threads, and the idle ones', async () => {
    const { tasks, problems, cpus } = await readTasks(usual().made.kernel);
    expect(problems).toEqual([]);
    expect(tasks.map(({ pid, tgid, comm, state }) => [pid, tgid, comm, state])).toEqual([
      [0, 0, 'swapper/0', 'R'],
      [0, 0, 'swapper/1', 'R'],
      [1, 1, 'init', 'S'],
      [3, 1, 'worker', 'D'],
      [4, 1, 'w?rker?', 'Z'],
      [2, 2, 'kthreadd', 'I'],
    ]);
    expect(tasks.map(({ isKernelThread, isIdle, onCpu }) => [isKernelThread, isIdle, onCpu])).toEqual([
      [true, true, true],
      [true, true, true],
      [false, false, false],
      [false, false, false],
      [false, false, false],
      [true, false, false],
    ]);
    expect(tasks[3]).toMatchObject({
      ...{ blockedOn: { address: taskAt(101), type: 'mutex' }, lastSeen: { switches: 7n, jiffies: 8n } },
    });
    expect(tasks[4]).toMatchObject({ isExiting: true });
    expect(tasks[4]).not.toHaveProperty('stack');
    expect(cpus.map(({ cpu, current, idle: own, queue }) => [cpu.id, current?.comm, own?.comm, queue?.clock])).toEqual([
      [0, 'swapper/0', 'swapper/0', 99n],
      [1, 'swapper/1', 'swapper/1', 99n],
    ]);
  });

  test('that a CPU runs are there though they left the list', async () => {
    const made = usual().task(7, { comm: 'dying', flags: 4, on_cpu: 1 }).runs(1, 7, 9);
    const { tasks, cpus } = await readTasks(made.made.kernel);
    expect(tasks.map(({ comm }) => comm)).toContain('dying');
    expect(cpus[1]?.current?.pid).toBe(7);
  });

  test('of a broken list are read from its end too', async () => {
    const made = usual();
    const { made: kernel } = made;
    kernel.word(kernel.at('task_struct', 'tasks', taskAt(1)), 0x1234n);
    const { tasks, problems } = await readTasks(kernel.kernel);
    expect(tasks.map(({ comm }) => comm)).toEqual(['swapper/0', 'swapper/1', 'init', 'worker', 'w?rker?', 'kthreadd']);
    expect(problems).toEqual([
      'the list of tasks is broken: after init (1) comes what is no kernel address; it was read from its end too',
    ]);
  });

  test('of a list that is broken backwards are all there', async () => {
    for (const wrong of [0x1234n, taskAt(1), taskAt(50)]) {
      const { made } = usual();
      made.word(made.at('task_struct', 'tasks', taskAt(0)) + 8n, wrong);
      made.word(made.at('task_struct', 'tasks', taskAt(2)) + 8n, wrong);
      const { tasks, problems } = await readTasks(made.kernel);
      expect(tasks.map(({ pid }) => pid)).toEqual([0, 0, 1, 3, 4, 2]);
      expect(problems).toEqual([]);
    }
  });

  test('in circles end', async () => {
    const { made } = usual();
    made.word(made.at('task_struct', 'tasks', taskAt(2)), made.at('task_struct', 'tasks', taskAt(1)));
    made.word(made.at('task_struct', 'thread_node', taskAt(4)), made.at('task_struct', 'thread_node', taskAt(2)));
    const { tasks, problems } = await readTasks(made.kernel);
    expect(tasks).toHaveLength(6);
    expect(problems).toHaveLength(2);
  });

  test('are not there without the list or the types', async () => {
    const nothing = new StructureKernel({ mutex: [['owner', 'u64']] });
    expect(await readTasks(nothing.kernel)).toEqual({
      ...{ tasks: [], cpus: [], problems: ['tasks cannot be read: the types have no task_struct'] },
    });
    const empty = new StructureKernel(taskStructures).symbol('init_task', taskAt(0));
    const { tasks, problems } = await readTasks(empty.kernel);
    expect(tasks).toEqual([]);
    expect(problems).toEqual(['the list of tasks cannot be read: there is no task where init_task should be']);
  });

  test('of garbage end', async () => {
    const words = fc.array(fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(12).map(taskAt)), {
      maxLength: 20,
    });
    await fc.assert(
      fc.asyncProperty(words, fc.array(fc.nat(0x5fff), { minLength: 20, maxLength: 20 }), async (values, places) => {
        const { made } = usual();
        for (const [index, value] of values.entries()) made.word(base + BigInt(places[index] ?? 0), value);
        const { tasks } = await readTasks(made.kernel);
        expect(tasks.length).toBeLessThan(64);
      }),
      { numRuns: 25 },
    );
  });
});

describe('CPUs', () => {
  test('are told apart by what their registers hold, in the kernel and in user space', async () => {
    const { all, nrCpuIds } = await readCpus(usual().made.kernel);
    expect(nrCpuIds).toBe(2);
    expect(all.map(({ id, machineCpu, isGuess, isOnline }) => [id, machineCpu, isGuess, isOnline])).toEqual([
      [0, 0, undefined, true],
      [1, 1, undefined, true],
    ]);
  });

  test('are guessed where they do not', async () => {
    const made = new StructureKernel(taskStructures).cpu({ gs_base: 5n }).cpu({ gs_base: 6n });
    made
      .symbol('__per_cpu_offset', base)
      .bytes(base, new Uint8Array(512))
      .word(base, 16n)
      .word(base + 8n, 32n);
    const { all } = await readCpus(made.kernel);
    expect(all.map(({ id, machineCpu, isGuess }) => [id, machineCpu, isGuess])).toEqual([
      [0, 0, true],
      [1, 1, true],
    ]);
  });

  test('are not mixed up though the machine counts them otherwise', async () => {
    const made = new StructureKernel(taskStructures, 'arm64').cpu({ TPIDR_EL1: 32n }).cpu({ TPIDR_EL1: 16n });
    made
      .symbol('__per_cpu_offset', base)
      .bytes(base, new Uint8Array(512))
      .word(base, 16n)
      .word(base + 8n, 32n);
    const { all } = await readCpus(made.kernel);
    expect(all.map(({ id, machineCpu }) => [id, machineCpu])).toEqual([
      [0, 1],
      [1, 0],
    ]);
  });

  test('of a kernel for one have their variables where they are', async () => {
    const made = new StructureKernel(taskStructures).cpu({});
    expect((await readCpus(made.kernel)).all).toEqual([
      { id: 0, offset: 0n, isPresent: true, isOnline: true, machineCpu: 0, isGuess: true },
    ]);
  });
});

describe('a task that sleeps', () => {
  test('has its registers on its stack', async () => {
    const stack = base + 0x10_0000n;
    const sp = stack + 0x3e00n;
    const made = usual().task(5, { stack, 'thread.sp': sp }).link([5]);
    made.made.put('inactive_task_frame', sp, { r15: 15, bx: 3, bp: 6, ret_addr: 0xffff_ffff_8100_1234n });
    const { kernel } = made.made;
    const task = (await readTasks(kernel)).tasks.find(({ pid }) => pid === 5);
    const range = task === undefined ? undefined : await stackOfTask(kernel, task);
    expect(range).toEqual({ name: 'task', start: stack, end: stack + 0x4000n });
    if (task === undefined || range === undefined) return;
    expect(await savedContext(kernel, task, range)).toEqual({
      ...{ rsp: sp + 56n, rbp: 6n, rbx: 3n, r12: 0n, r13: 0n, r14: 0n, r15: 15n, rip: 0xffff_ffff_8100_1234n },
    });
    const outside = { ...task, saved: { rsp: stack + 0x3ff0n } };
    expect(await savedContext(kernel, outside, range)).toBeUndefined();
  });
});
