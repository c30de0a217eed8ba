import { StructureKernel, type Structures, type Values } from './structure-kernel.ts';

const list = [
  ['next', '*'],
  ['prev', '*'],
] as const;

/** What tasks of a small kernel are made of, as of 6.1. */
export const taskStructures: Structures = {
  list_head: list,
  mutex: [['owner', 'u64']],
  thread_info: [
    ['flags', 'u64'],
    ['cpu', 'u32'],
  ],
  thread_struct: [['sp', 'u64']],
  signal_struct: [
    ['nr_threads', 'int'],
    ['thread_head', 'list_head'],
  ],
  task_struct: [
    ...([
      ['thread_info', 'thread_info'],
      ['__state', 'u32'],
      ['stack', '*'],
      ['flags', 'u32'],
      ['on_cpu', 'int'],
    ] as const),
    ...([
      ['tasks', 'list_head'],
      ['mm', '*'],
      ['exit_state', 'int'],
      ['pid', 'int'],
      ['tgid', 'int'],
    ] as const),
    ...([
      ['group_leader', '*'],
      ['thread_node', 'list_head'],
      ['comm', 'char[16]'],
      ['signal', '*'],
    ] as const),
    ...([
      ['last_switch_count', 'u64'],
      ['last_switch_time', 'u64'],
      ['blocked_on', 'mutex*'],
    ] as const),
    ['thread', 'thread_struct'],
  ],
  rq: [
    ['nr_running', 'u32'],
    ['curr', '*'],
    ['idle', '*'],
    ['clock', 'u64'],
  ],
  inactive_task_frame: ['r15', 'r14', 'r13', 'r12', 'bx', 'bp', 'ret_addr'].map((name) => [name, 'u64'] as const),
  ...{ irq_stack: [['stack', 'char[16384]']], entry_stack: [['stack', 'char[4096]']] },
  x86_hw_tss: [
    ['reserved1', 'u64'],
    ['sp0', 'u64'],
  ],
  tss_struct: [['x86_tss', 'x86_hw_tss']],
  cea_exception_stacks: ['DF', 'NMI', 'DB', 'MCE', 'VC'].flatMap(
    (name) =>
      [
        [`${name}_stack_guard`, 'char[4096]'],
        [`${name}_stack`, 'char[8192]'],
      ] as const,
  ),
};

export const base = 0xffff_8880_0000_0000n;
/** Where a task lies that has this number in the test. */
export const taskAt = (number: number): bigint => base + BigInt(number) * 0x1000n;
export const signalAt = (number: number): bigint => taskAt(number) + 0x800n;
const image = 0xffff_ffff_8200_0000n;
export const symbolAt = (number: number): bigint => image + BigInt(number) * 0x100n;

/** A kernel of two CPUs, whose per-CPU variables count from 0. */
export class MadeTasks {
  readonly made = new StructureKernel(taskStructures);
  static readonly offsets = [0xffff_8880_1f40_0000n, 0xffff_8880_1f50_0000n] as const;

  constructor() {
    const { made } = this;
    const [first, second] = MadeTasks.offsets;
    made
      .symbol('init_task', taskAt(0))
      .symbol('nr_cpu_ids', symbolAt(1))
      .word(symbolAt(1), 2n, 4)
      .symbol('__per_cpu_offset', symbolAt(2))
      .word(symbolAt(2), first)
      .word(symbolAt(2) + 8n, second)
      .symbol('runqueues', 0x2000n)
      .symbol('current_task', 0x1000n);
    for (const [number, name] of ['possible', 'present', 'online'].entries())
      made.symbol(`__cpu_${name}_mask`, symbolAt(3 + number)).word(symbolAt(3 + number), 3n);
    made.cpu({ cs: 0x10n, gs_base: first }).cpu({ cs: 0x33n, gs_base: 0n, k_gs_base: second });
  }

  /** A task; its leader if it is a thread of one. */
  task(number: number, values: Values = {}, leader = number): this {
    this.made.put('task_struct', taskAt(number), {
      ...{ pid: number, tgid: leader, comm: `task${number}`, group_leader: taskAt(leader), signal: signalAt(leader) },
      ...values,
    });
    return this;
  }

  /** Links these leaders, and each with the threads after it. */
  link(...groups: readonly (readonly number[])[]): this {
    const ring = (addresses: readonly bigint[]): void => {
      for (const [index, address] of addresses.entries()) {
        const next = addresses[(index + 1) % addresses.length] ?? 0n;
        this.made.word(address, next).word(next + 8n, address);
      }
    };
    const link = (number: number, member: string): bigint => this.made.at('task_struct', member, taskAt(number));
    ring([0, ...groups.map(([leader = 0]) => leader)].map((number) => link(number, 'tasks')));
    for (const group of [[0], ...groups]) {
      const [leader = 0] = group;
      this.made.put('signal_struct', signalAt(leader));
      const head = this.made.at('signal_struct', 'thread_head', signalAt(leader));
      ring([head, ...group.map((number) => link(number, 'thread_node'))]);
    }
    return this;
  }

  /** What a CPU runs, and its idle task. */
  runs(cpu: 0 | 1, current: number, idle: number): this {
    const offset = MadeTasks.offsets[cpu];
    this.made.word(offset + 0x1000n, taskAt(current));
    this.made.put('rq', offset + 0x2000n, { curr: taskAt(current), idle: taskAt(idle), nr_running: 1, clock: 99 });
    return this;
  }
}
