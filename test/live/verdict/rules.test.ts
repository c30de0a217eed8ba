import { describe, expect, test } from 'vitest';
import type { Progress } from '../../../src/live/progress/progress.ts';
import type { SecondLook } from '../../../src/live/second-look/look-again.ts';
import type { Movement } from '../../../src/live/second-look/movement.ts';
import type { ExplainedFault, HangFacts } from '../../../src/live/verdict/facts.ts';
import { ownState } from '../../../src/live/verdict/own.ts';
import { outcomeOf, verdicts } from '../../../src/live/verdict/verdict.ts';
import type { LiveTask } from '../../../src/model/live.ts';
import { madeContention, madeCpu, madeEntry, madeFacts, madeThread, madeWait } from '../made-threads.ts';

const best = (facts: Partial<HangFacts>) => verdicts(madeFacts(facts))[0];

const seconds = (count: number): bigint => BigInt(Math.round(count * 1000)) * 1_000_000n;
const progress = (more: Partial<Progress> = {}): Progress => ({
  ...{ clock: { now: seconds(100) }, cpus: new Map(), calls: [] },
  ...more,
});

const task = (more: Partial<LiveTask>): LiveTask => ({
  ...{ pid: 7, comm: 'frobd', address: 0x7n, state: 'D', frames: [] },
  ...more,
});

const fault = (more: Partial<ExplainedFault> & Pick<ExplainedFault, 'thread' | 'nth'>): ExplainedFault => ({
  entry: madeEntry({ faultAddress: 0x20n, errorCode: 0n }),
  judgement: { fatal: true, isSure: true, why: 'page_fault_oops is reporting it' },
  described: {},
  ...more,
});

describe('lock-cycle', () => {
  test('a fault with the lock held, that the lock keeps from being reported', () => {
    const thread = madeThread({
      cpu: 1,
      frames: [
        'frob_write frob.c:45',
        { at: 'asm_exc_page_fault', entry: madeEntry() },
        'frob_level frob.h:37 < frob_irq frob.c:70',
      ],
    });
    const wait = madeWait(thread, 0, { kind: 'raw-spinlock' });
    const site = {
      ...{ thread, nth: 2, inlinedInto: [] },
      at: { function: 'frob_irq', source: { file: 'frob.c', line: 67 } },
    };
    const found = best({
      contentions: [
        madeContention({
          kind: 'raw-spinlock',
          name: 'frob.lock',
          waits: [wait],
          holders: [{ thread, site, how: 'x' }],
        }),
      ],
      faults: [fault({ thread, nth: 1 })],
    });
    expect(found.sentence).toBe(
      'CPU 1 deadlocked on itself: frob_write waits for the raw spinlock frob.lock that frob_irq, on the same CPU, took at frob.c:67 before it read address 0x20 (NULL + 0x20) at frob.h:37, inlined at frob.c:70.',
    );
    expect(found).toMatchObject({
      rule: 'lock-cycle',
      confidence: 'certain',
      location: { function: 'frob_level', line: 37 },
    });
  });

  test('an interrupt on top of who has it', () => {
    const thread = madeThread({
      cpu: 0,
      frames: ['frob_timer f.c:9', { at: 'asm_sysvec', entry: madeEntry({ kind: 'interrupt' }) }, 'frob_task f.c:5'],
    });
    const site = { thread, nth: 2, inlinedInto: [], at: { function: 'frob_task' } };
    const found = best({
      contentions: [
        madeContention({ kind: 'spinlock', waits: [madeWait(thread, 0)], holders: [{ thread, site, how: 'x' }] }),
      ],
    });
    expect(found.sentence).toContain('frob_timer waits at f.c:9 for');
    expect(found.sentence).toContain('that frob_task, interrupted on the same CPU, took');
    // Where it was taken with interrupts on is what is wrong.
    expect(found.location).toMatchObject({ function: 'frob_task' });
    expect(found.otherLocations).toEqual([{ function: 'frob_timer', file: 'f.c', line: 9 }]);
  });

  test('what a caller took: both places are told', () => {
    const thread = madeThread({ cpu: 0, frames: ['frob_add.constprop.0 f.c:9', 'frob_all f.c:5'] });
    const site = { thread, nth: 1, inlinedInto: [], at: { function: 'frob_all', source: { file: 'f.c', line: 4 } } };
    const found = best({
      contentions: [
        madeContention({ kind: 'spinlock', waits: [madeWait(thread, 0)], holders: [{ thread, site, how: 'x' }] }),
      ],
    });
    expect(found.location).toEqual({ function: 'frob_add', file: 'f.c', line: 9 });
    expect(found.otherLocations).toEqual([{ function: 'frob_all', file: 'f.c', line: 4 }]);
  });

  test('a CPU that owes an answer, as it waits for a lock of the one that asks', () => {
    const [caller, silent] = [0, 1].map((cpu) => madeThread({ cpu, frames: [`fn${cpu} f.c:${cpu}`] }));
    if (caller === undefined || silent === undefined) throw new Error('two');
    const site = { thread: caller, nth: 0, inlinedInto: [], at: { function: 'fn0' } };
    const {
      name: _name,
      address: _address,
      ...call
    } = madeContention({ kind: 'ipi', waits: [madeWait(caller, 0)], holders: [{ thread: silent, how: 'x' }] });
    const lock = madeContention({
      kind: 'spinlock',
      waits: [madeWait(silent, 0)],
      holders: [{ thread: caller, site, how: 'code' }],
    });
    const found = best({ contentions: [call, lock] });
    expect(found.rule).toBe('lock-cycle');
    expect(found.sentence).toContain('for the answer to an inter-processor interrupt that CPU 1 does not give');
    expect(found.drawing).toEqual([
      'CPU 0  has frob_lock   wants an answer at f.c:0',
      'CPU 1  owes an answer  wants frob_lock at f.c:1',
    ]);
  });

  test('two tasks, drawn', () => {
    const [a, b] = ['a', 'b'].map((comm, nth) =>
      madeThread({ pid: nth + 1, comm, state: 'D', frames: [`${comm}_fn f.c:${nth}`] }),
    );
    if (a === undefined || b === undefined) throw new Error('two');
    const contentions = [
      madeContention({ name: 'lock_b', waits: [madeWait(a, 0)], holders: [{ thread: b, how: 'owner' }] }),
      madeContention({
        name: 'lock_a',
        address: 0x9n,
        waits: [madeWait(b, 0)],
        holders: [{ thread: a, how: 'owner' }],
      }),
    ];
    const found = best({ contentions });
    expect(found.sentence).toMatch(/^a \(pid 1\) and b \(pid 2\) deadlocked on each other: /);
    expect(found.drawing).toEqual([
      'a (pid 1)  has lock_a  wants lock_b at f.c:0',
      'b (pid 2)  has lock_b  wants lock_a at f.c:1',
    ]);
  });
});

describe('fatal-fault', () => {
  test('of code that only copies, who called it is named', () => {
    const thread = madeThread({
      cpu: 0,
      frames: [
        'delay',
        { at: 'asm_exc_page_fault', entry: madeEntry() },
        'memcpy_orig memcpy_64.S:66',
        'frob_get frob.c:113',
      ],
    });
    const found = best({ faults: [fault({ thread, nth: 1 })] });
    expect(found.sentence).toBe(
      'CPU 0 read address 0x20 (NULL + 0x20) in memcpy_orig at memcpy_64.S:66, called by frob_get at frob.c:113 and has not come out of it; it is now in delay.',
    );
    expect(found.location).toEqual({ function: 'frob_get', file: 'frob.c', line: 113 });
  });

  test('in panic() it is the cause of the panic', () => {
    const thread = madeThread({
      cpu: 1,
      frames: ['panic', { at: 'asm_exc_int3', entry: madeEntry({ kind: 'breakpoint' }) }, 'frob f.c:3'],
    });
    const found = best({
      cpus: [madeCpu(thread)],
      faults: [fault({ thread, nth: 1, entry: madeEntry({ kind: 'breakpoint' }) })],
    });
    expect(found).toMatchObject({ rule: 'panicked', confidence: 'certain', location: { function: 'frob', line: 3 } });
  });

  test('innocent ones are never the verdict', () => {
    const thread = madeThread({
      pid: 3,
      comm: 'cp',
      state: 'R',
      frames: [{ at: 'asm_exc_page_fault', entry: madeEntry() }, 'copy_user'],
    });
    const judgement = { fatal: false, isSure: true, why: 'the kernel is prepared for it there' };
    expect(best({ faults: [fault({ thread, nth: 0, judgement })] }).rule).toBe('unclear');
  });
});

describe('busy-cpu', () => {
  const thread = madeThread({
    cpu: 1,
    pid: 7,
    comm: 'frobd',
    task: 0x7n,
    frames: ['cpu_relax < frob_spin frob.c:9', 'kthread'],
  });
  const tasks = [task({ isKernelThread: true, state: 'R' })];
  const gracePeriod = { address: 1n, age: seconds(4), cpus: [1], readers: [] };

  test('interrupts off, and no tick', () => {
    const cpus = new Map([[1, { quietFor: seconds(4.5), ranFor: seconds(4.5) }]]);
    const found = best({ cpus: [madeCpu(thread, { interruptsOff: true })], tasks, progress: progress({ cpus }) });
    expect(found).toMatchObject({ rule: 'busy-cpu', confidence: 'certain' });
    expect(found.sentence).toBe(
      'CPU 1 (frobd, pid 7) runs frob_spin at frob.c:9 with interrupts off, and has taken no tick for 4.5 s.',
    );
  });

  test('preemption off, and RCU waits', () => {
    const cpus = new Map([[1, { ranFor: seconds(4.1), preemptDepth: 1 }]]);
    const found = best({
      cpus: [madeCpu(thread, { interruptsOff: false })],
      tasks,
      progress: progress({ cpus, gracePeriod }),
    });
    expect(found.confidence).toBe('likely');
    expect(found.sentence).toBe(
      'CPU 1 (frobd, pid 7) runs frob_spin at frob.c:9 with preemption off, and has not given the CPU away for 4.1 s; RCU has waited for it for 4.0 s.',
    );
  });

  test('what others want that it has', () => {
    const cpus = new Map([[1, { ranFor: seconds(4.1), preemptDepth: 1 }]]);
    const waiter = madeThread({ cpu: 0, frames: ['frob_write f.c:3'] });
    const wanted = madeContention({ kind: 'rwlock', waits: [madeWait(waiter, 0)], holders: [{ thread, how: 'code' }] });
    const found = best({
      cpus: [madeCpu(thread, { interruptsOff: false })],
      ...{ tasks, contentions: [wanted], progress: progress({ cpus }) },
    });
    expect(found.sentence).toContain('; CPU 0 waits for the rwlock frob_lock that it has');
  });

  test('a reader of RCU', () => {
    const cpus = new Map([[1, { ranFor: seconds(12) }]]);
    const reader = { ...thread, rcuDepth: 1 };
    const found = best({
      cpus: [madeCpu(reader, { interruptsOff: false })],
      tasks,
      progress: progress({ cpus, gracePeriod: { ...gracePeriod, age: seconds(12) } }),
    });
    expect(found.confidence).toBe('certain');
    expect(found.sentence).toContain('in an RCU read-side critical section, and has not given the CPU away for 12.0 s');
  });

  test('not what has just begun, even with interrupts off', () => {
    const cpus = new Map([[1, { ranFor: seconds(0.01), quietFor: seconds(0.002) }]]);
    const idle = madeCpu(madeThread({ cpu: 0, frames: ['do_idle'] }), { state: 'idle', interruptsOff: false });
    expect(
      best({ cpus: [madeCpu(thread, { interruptsOff: true }), idle], tasks, progress: progress({ cpus }) }).rule,
    ).toBe('nothing-wrong');
  });

  test('below a tick, by the state that was interrupted', () => {
    const tick = { at: 'asm_sysvec', entry: madeEntry({ kind: 'interrupt', registers: { eflags: 0x202n } }) };
    const ticking = madeThread({ ...thread, frames: ['hrtimer_interrupt', tick, 'frob_spin frob.c:9'] });
    const cpus = new Map([[1, { ranFor: seconds(4), quietFor: 0n }]]);
    const found = best({ cpus: [madeCpu(ticking, { interruptsOff: true })], tasks, progress: progress({ cpus }) });
    expect(found.sentence).toBe(
      'CPU 1 (frobd, pid 7) runs frob_spin at frob.c:9 and has not given the CPU away for 4.0 s.',
    );
  });
});

describe('what was looked at again', () => {
  const cpus = [0, 1].map((cpu) =>
    madeCpu(madeThread({ cpu, pid: 7, comm: 'frobd', frames: ['frob f.c:3'] }), { interruptsOff: true }),
  );
  const just = { quietFor: seconds(0.1), ranFor: seconds(0.1) };
  const soon = progress({ cpus: new Map([0, 1].map((cpu) => [cpu, just])) });
  const again = (...movements: readonly Movement[]): SecondLook => ({
    ...{ times: 3, milliseconds: 1040, isTimeStill: true },
    cpus: new Map(movements.map((movement, cpu) => [cpu, movement])),
  });
  const stuck = { kind: 'stuck', tookNoTick: true, isSamePlace: true } as const;

  test('and took no tick, is busy', () => {
    const found = best({ cpus, progress: soon, again: again({ kind: 'moved' }, stuck) });
    expect(found).toMatchObject({ rule: 'busy-cpu', confidence: 'likely' });
    expect(found.sentence).toBe(
      'CPU 1 (frobd, pid 7) runs frob at f.c:3 with interrupts off, and has taken no tick for 1.1 s.',
    );
    expect(found.evidence.map(({ words }) => words)).toContain(
      "It was looked at 3 times within 1.0 s: CPU 1 was in the same call each time, had interrupts off each time, and took no tick in between; the kernel's time stood still (jiffies)",
    );
    expect(outcomeOf(found)).toBe('broken');
  });

  test('and moved, was there for a moment', () => {
    const found = best({ cpus, progress: soon, again: again({ kind: 'moved' }, { kind: 'moved' }) });
    expect(found).toMatchObject({ rule: 'nothing-wrong', circumstance: true });
  });

  test('and spins for a lock that nobody has', () => {
    const thread = madeThread({ cpu: 0, pid: 7, comm: 'frobd', frames: ['frob_write f.c:3'] });
    const lock = madeContention({ kind: 'spinlock', value: '0x1', waits: [madeWait(thread, 0)] });
    const facts = { cpus: [madeCpu(thread)], contentions: [lock], progress: progress() };
    const once = best(facts);
    expect(once).toMatchObject({ rule: 'busy-cpu', confidence: 'possible' });
    expect(once.sentence).toContain('CPU 0 (frobd, pid 7) spins in frob_write at f.c:3 for the spinlock frob_lock');
    expect(outcomeOf(once)).toBe('unclear');
    const begun = progress({ cpus: new Map([[0, { ranFor: seconds(0.1) }]]) });
    expect(best({ ...facts, progress: begun }).rule).toBe('unclear');
    expect(best({ ...facts, again: again({ kind: 'moved' }) }).rule).not.toBe('busy-cpu');
    const found = best({ ...facts, again: again(stuck) });
    expect(found).toMatchObject({ rule: 'busy-cpu', confidence: 'likely', location: { function: 'frob_write' } });
    expect(found.sentence).toContain(
      'CPU 0 (frobd, pid 7) has spun for 1.0 s in frob_write at f.c:3 for the spinlock frob_lock, which nobody is known',
    );
    const free = { ...lock, isFree: true };
    expect(best({ ...facts, contentions: [free], again: again(stuck) }).rule).toBe('unclear');
  });
});

describe('who waits for whom', () => {
  const waiter = madeThread({ pid: 1, comm: 'init', state: 'D', lastArrival: seconds(90), frames: ['frob_get f.c:3'] });
  const holder = madeThread({ pid: 2, comm: 'holder', state: 'S', frames: ['frob_sleep f.c:9'] });
  const held = madeContention({
    waits: [madeWait(waiter, 0)],
    holders: [{ thread: holder, task: 2n, how: "the lock's owner" }],
  });

  test('blocked: what the holder does is told', () => {
    const found = best({ contentions: [held], progress: progress() });
    expect(found).toMatchObject({
      rule: 'blocked',
      confidence: 'likely',
      location: { function: 'frob_sleep', line: 9 },
    });
    expect(found.sentence).toBe(
      'init (pid 1) waits for the mutex frob_lock, which holder (pid 2) has while it sleeps in frob_sleep at f.c:9.',
    );
  });

  test('what has only begun to wait is no matter', () => {
    const brief = { ...waiter, lastArrival: seconds(99.9) };
    const contention = { ...held, waits: [madeWait(brief, 0)] };
    expect(best({ contentions: [contention], threads: [brief], progress: progress() }).rule).toBe('unclear');
  });

  test('lost-wakeup', () => {
    const done = madeContention({ kind: 'completion', name: 'frob_done', isFree: true, waits: [madeWait(waiter, 0)] });
    const found = best({ contentions: [done], progress: progress() });
    expect(found).toMatchObject({ rule: 'lost-wakeup', confidence: 'likely' });
    expect(found.sentence).toContain('for the completion frob_done, which is complete: the wake-up was lost');
    const waking = madeCpu(madeThread({ cpu: 0, frames: ['try_to_wake_up', 'complete'] }));
    expect(best({ contentions: [done], cpus: [waking], progress: progress() }).rule).not.toBe('lost-wakeup');
  });

  test('dead-holder', () => {
    const dead = madeContention({
      waits: [madeWait(waiter, 0)],
      holders: [{ task: 0x99n, isGone: true, how: 'owner' }],
    });
    const found = best({ contentions: [dead] });
    expect(found).toMatchObject({ rule: 'dead-holder', confidence: 'certain' });
    expect(found.sentence).toContain('its owner is a task that is gone');
  });

  test('stuck-tasks: who waits in a queue is told by where', () => {
    const queue = madeContention({ kind: 'wait-queue', name: 'frob_queue', waits: [madeWait(waiter, 0)] });
    const found = best({ contentions: [queue], threads: [waiter], progress: progress() });
    expect(found.sentence).toBe(
      'init (pid 1) sleeps uninterruptibly: it waits in frob_get at f.c:3 for the wait queue frob_queue; who is to wake it is not known.',
    );
  });

  test('stuck-tasks: likely only of a program, and after long', () => {
    const long = { ...waiter, task: 0x7n, lastArrival: seconds(80) };
    const found = (isKernelThread: boolean) =>
      best({ threads: [long], tasks: [task({ isKernelThread })], progress: progress() });
    expect(found(false)).toMatchObject({ rule: 'stuck-tasks', confidence: 'likely' });
    expect(found(true)).toMatchObject({ rule: 'stuck-tasks', confidence: 'possible' });
  });
});

describe('a machine that does nothing', () => {
  const idle = [0, 1].map((cpu) => madeCpu(madeThread({ cpu, frames: ['do_idle'] }), { state: 'idle' }));
  const init = task({
    pid: 1,
    comm: 'init',
    state: 'S',
    isKernelThread: false,
    frames: madeThread({ frames: ['__schedule', 'do_wait'] }).frames,
  });

  test('is healthy, and its programs wait', () => {
    const found = best({ cpus: idle, tasks: [init] });
    expect(found).toMatchObject({ rule: 'nothing-wrong', circumstance: true });
    expect(found.sentence).toBe(
      'The kernel does not hang: all CPUs are idle, and init (pid 1) waits for a child to end.',
    );
  });

  test('takes an interrupt while it is idle, of which no time is kept', () => {
    const frames = ['lapic_next_event', { at: 'asm_sysvec', entry: madeEntry({ kind: 'interrupt' }) }, 'do_idle'];
    const cpus = [madeCpu(madeThread({ cpu: 0, pid: 0, frames }))];
    const later = (quietFor: bigint) =>
      best({ cpus, tasks: [init], progress: progress({ cpus: new Map([[0, { quietFor }]]) }) });
    expect(later(seconds(0.1))).toMatchObject({ rule: 'nothing-wrong' });
    expect(later(seconds(5)).rule).not.toBe('nothing-wrong');
  });

  test('has interrupts off everywhere, and no clock tells for how long', () => {
    const cpus = [0, 1].map((cpu) =>
      madeCpu(madeThread({ cpu, pid: 7, frames: ['frob f.c:3'] }), { interruptsOff: true }),
    );
    const just = { quietFor: seconds(0.1), ranFor: seconds(0.1) };
    const found = best({ cpus, progress: progress({ cpus: new Map([0, 1].map((cpu) => [cpu, just])) }) });
    expect(found).toMatchObject({ rule: 'busy-cpu', confidence: 'possible' });
    expect(found.against).toHaveLength(1);
    expect(outcomeOf(found)).toBe('unclear');
  });

  test('still boots', () => {
    const frames = madeThread({
      frames: ['msleep', 'frob_probe', 'frob_init', 'do_one_initcall', 'kernel_init'],
    }).frames;
    const found = best({
      cpus: idle,
      tasks: [{ ...init, frames }],
      progress: progress({ systemState: 'SYSTEM_SCHEDULING' }),
    });
    expect(found.sentence).toBe('The kernel still boots: it is in frob_init(); all CPUs are idle.');
  });

  test('is in firmware, or was stopped', () => {
    const firmware = idle.map((cpu) => ({ ...cpu, state: 'firmware' as const }));
    const before = best({ cpus: firmware, progress: progress({ systemState: 'SYSTEM_BOOTING' }) });
    expect(before).toMatchObject({ rule: 'not-running', circumstance: true });
    expect(before.sentence).toMatch(/^The kernel has not begun: /);
    expect(outcomeOf(before)).toBe('unclear');
    const after = best({ cpus: firmware, progress: progress({ systemState: 'SYSTEM_RUNNING' }) });
    expect(after.sentence).toMatch(/^The kernel does not run any more: /);
    expect(outcomeOf(after)).toBe('broken');
    const stopped = idle.map((cpu) => ({ ...cpu, state: 'stopped' as const }));
    expect(best({ cpus: stopped, progress: progress({ systemState: 'SYSTEM_RESTART' }) }).sentence).toContain(
      'told to restart',
    );
  });

  test('was powered off, or stands for another reason', () => {
    const off = madeCpu(
      madeThread({ cpu: 0, frames: ['acpi_power_off', 'native_machine_power_off', '__do_sys_reboot'] }),
    );
    const told = best({ cpus: [off], progress: progress({ systemState: 'SYSTEM_POWER_OFF' }) });
    expect(told).toMatchObject({ rule: 'not-running', confidence: 'likely' });
    expect(told.sentence).toContain('told to power off');
    expect(best({ cpus: [off], runState: 'shutdown' })).toMatchObject({ rule: 'not-running', circumstance: true });
    const noSpace = best({ cpus: idle, runState: 'io-error' });
    expect([noSpace.rule, outcomeOf(noSpace)]).toEqual(['not-running', 'broken']);
    expect(best({ cpus: idle, runState: 'paused' }).sentence).toMatch(/^The guest is paused, and its kernel does not/);
  });

  test('says something even of nothing', () => {
    expect(best({})).toMatchObject({ rule: 'unclear', circumstance: true });
  });
});

describe('what a CPU does apart from interrupts', () => {
  const irq = (eflags: bigint) => ({
    at: 'asm_sysvec_apic_timer_interrupt',
    entry: madeEntry({ kind: 'interrupt', registers: { eflags } }),
  });
  const own = (frames: Parameters<typeof madeThread>[0]['frames'], isQuiet = false) =>
    ownState(madeCpu(madeThread({ cpu: 0, frames }), { interruptsOff: true }), isQuiet);

  test('is what was interrupted, in the state that it was in', () => {
    expect(own(['tick', irq(0x202n), 'frob'])).toEqual({ nth: 2, interruptsOff: false, isInterrupt: false });
  });

  test('is the interrupt, if no tick came since', () => {
    expect(own(['handler', irq(0x202n), 'frob'], true)).toEqual({ nth: 0, interruptsOff: true, isInterrupt: true });
  });

  test('is the softirq, if it had nothing else to do', () => {
    expect(own(['frob_timer', 'handle_softirqs', irq(0x202n), 'frob'])?.nth).toBe(3);
    expect(own(['frob_timer', 'handle_softirqs', irq(0x202n), 'default_idle', 'do_idle'])?.nth).toBe(0);
  });

  test('is not told by the first instruction of an interrupt', () => {
    expect(own(['vectors', 'frob'])).toEqual({ nth: 1, isInterrupt: false });
    expect(own([])).toBeUndefined();
  });
});
