import { LiveAnalysis } from '../../../src/analyze/analyze.ts';
import type { FileResult } from '../../../src/model/document.ts';
import type { EntryKind, LiveCpu, LiveDocument, LiveFrame, LiveTask, Verdict } from '../../../src/model/live.ts';
import type { SourceLocation } from '../../../src/model/report.ts';

/** What is different each time that the same happens. */
export interface Chance {
  /** Where the kernel lies. */
  readonly slide: bigint;
  readonly cpu: number;
  readonly pid: number;
}

export const usual: Chance = { slide: 0n, cpu: 1, pid: 42 };

const functions = new Map<string, bigint>();

/** An address for each function. */
export function addressOf(name: string, { slide }: Chance = usual): bigint {
  if (!functions.has(name)) functions.set(name, 0xffff_ffff_8100_0000n + BigInt(functions.size) * 0x1000n);
  return (functions.get(name) ?? 0n) + slide;
}

/** A frame from its name, `foo` or `foo [module]`. */
export function frame(printed: string, chance: Chance = usual, more: Partial<LiveFrame> = {}): LiveFrame {
  const [, name = '', module] = /^(\S+)(?: \[(\w+)\])?$/.exec(printed) ?? [];
  return {
    address: addressOf(name, chance),
    function: name,
    offset: 0x20,
    size: 0x80,
    ...(module !== undefined && { module }),
    stack: 'task',
    reliable: true,
    ...more,
  };
}

/** A frame by which the kernel was entered. */
export const entry = (
  name: string,
  kind: EntryKind,
  ptRegs: bigint,
  more: Partial<NonNullable<LiveFrame['entry']>> = {},
  chance: Chance = usual,
): LiveFrame =>
  frame(name, chance, { entry: { kind, ptRegs, registers: { rip: 1n, rax: 0n }, isUser: false, ...more } });

export const cpu = (frames: readonly LiveFrame[], more: Partial<LiveCpu> = {}): LiveCpu => ({
  id: 1,
  state: 'kernel',
  pid: 42,
  comm: 'frobd',
  interruptsOff: true,
  registers: { rip: 0x10n },
  frames,
  ...more,
});

export const task = (comm: string, pid: number, frames: readonly LiveFrame[]): LiveTask => ({
  pid,
  comm,
  address: BigInt(pid) << 12n,
  state: 'D',
  frames,
});

/** A log as it lies in the machine. */
export function logOfLines(...lines: readonly string[]): NonNullable<LiveDocument['log']> {
  const analysis = new LiveAnalysis('printk buffer');
  analysis.push(Buffer.from(`${lines.join('\n')}\n`, 'latin1'));
  const result: FileResult = analysis.end();
  return { lines, result };
}

export const healthyLog = logOfLines(
  '[    0.000000] Linux version 6.1.0 (a@b) (gcc 12) #1 SMP Debian',
  '[    1.000000] frob: loaded',
);

/** A machine that hangs in the way of the verdict. */
export function hang(verdict: Partial<Verdict>, more: Partial<LiveDocument> = {}): LiveDocument {
  return {
    schema: 'ktriage/live/v1',
    target: ':1234',
    outcome: 'broken',
    verdict: { rule: 'blocked', confidence: 'certain', sentence: 'It hangs.', evidence: [], ...verdict },
    findings: [],
    kernel: {
      architecture: 'x86_64',
      release: '6.1.0',
      banner: 'Linux version 6.1.0 (a@b) (gcc 12) #1 SMP Debian',
      slide: 0x1c00_0000n,
    },
    cpus: [],
    tasks: [],
    pageFaults: [],
    locks: [],
    modules: [{ name: 'frob', address: 0xffff_ffff_c000_0000n, bytes: 4096 }],
    log: healthyLog,
    stoppedMs: 5,
    problems: [],
    ...more,
  };
}

const frobC = (line: number): SourceLocation => ({ file: 'drivers/frob.c', line });

/** A fault in a timer's handler, with a lock held that the report of it wants: the machine never prints a word. */
export function silentHang(chance: Chance = usual, interrupted: readonly string[] = ['default_idle', 'do_idle']) {
  const ptRegs = 0xffff_c900_000d_0e78n + chance.slide;
  const irq = { stack: 'IRQ' };
  const frames = [
    frame('native_queued_spin_lock_slowpath', chance, irq),
    frame('_raw_spin_lock_irqsave', chance, irq),
    frame('frob_write [frob]', chance, { ...irq, source: frobC(62) }),
    frame('console_unlock', chance, irq),
    frame('page_fault_oops', chance, irq),
    { ...entry('asm_exc_page_fault', 'page-fault', ptRegs, { faultAddress: 0x20n, errorCode: 0n }, chance), ...irq },
    frame('frob_poll [frob]', chance, {
      ...irq,
      source: frobC(49),
      inlined: [{ function: 'frob_left', source: { file: 'drivers/frob.c', line: 41 } }],
    }),
    frame('__hrtimer_run_queues', chance, irq),
    frame('hrtimer_interrupt', chance, irq),
    entry(
      'asm_sysvec_apic_timer_interrupt',
      'interrupt',
      ptRegs + 0x1000n,
      { isUser: interrupted.length === 0 },
      chance,
    ),
    ...interrupted.map((name) => frame(name, chance)),
  ];
  const registers = { rip: 1n, rax: 0n };
  return hang(
    {
      rule: 'lock-cycle',
      sentence: `CPU ${chance.cpu} deadlocked on itself: frob_write waits for frob.lock.`,
      evidence: [
        { words: `CPU ${chance.cpu} waits for frob.lock`, address: addressOf('frob_write', chance) },
        { words: `CPU ${chance.cpu} took it`, address: addressOf('frob_poll', chance) },
        { words: 'it read NULL', address: ptRegs },
      ],
      location: { function: 'frob_left', file: 'drivers/frob.c', line: 41 },
    },
    {
      cpus: [
        cpu([frame('default_idle', chance)], { id: 0, state: 'idle' }),
        cpu(frames, { id: chance.cpu, pid: chance.pid }),
      ],
      pageFaults: [
        {
          cpu: chance.cpu,
          ptRegsAddress: ptRegs,
          registers,
          isUser: false,
          faultAddress: 0x20n,
          frames: frames.slice(6),
          fatal: true,
          why: 'it is being reported',
          explanation: { missing: ['the code could not be read'] },
        },
      ],
    },
  );
}

/** Two tasks that have taken two mutexes in opposite order; `first` is seen first. */
export function mutexPair(first: 'deposit' | 'withdraw'): LiveDocument {
  const pids = { deposit: 7, withdraw: 8 };
  const one = (name: 'deposit' | 'withdraw'): LiveTask =>
    task(`frob-${name}`, pids[name], [
      frame('__schedule'),
      frame('schedule'),
      frame('__mutex_lock.constprop.0'),
      frame(`frob_${name} [frob]`, usual, { source: frobC(name === 'deposit' ? 115 : 125) }),
      frame('kthread'),
      frame('ret_from_fork'),
    ]);
  const order = first === 'deposit' ? (['deposit', 'withdraw'] as const) : (['withdraw', 'deposit'] as const);
  return hang(
    {
      rule: 'lock-cycle',
      sentence: `frob-${order[0]} and frob-${order[1]} deadlocked on each other.`,
      evidence: order.map((name) => ({ words: `frob-${name} waits`, address: addressOf(`frob_${name}`) })),
      drawing: order.map((name) => `frob-${name} has one, wants the other`),
      location: { function: `frob_${first}`, file: 'drivers/frob.c', line: first === 'deposit' ? 115 : 125 },
    },
    { tasks: order.map(one) },
  );
}
