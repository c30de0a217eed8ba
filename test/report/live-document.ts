import type { LiveDocument, LiveFrame } from '../../src/model/live.ts';

const frame = (name: string, more: Partial<LiveFrame> = {}): LiveFrame => ({
  address: 0xffff_ffff_8100_1000n,
  function: name,
  offset: 16,
  size: 64,
  stack: 'task',
  reliable: true,
  ...more,
});

const registers = { rip: 0xffff_ffff_8100_1000n, eflags: 0x2n };

/** A document with every key that the model has. */
export const fullDocument: LiveDocument = {
  schema: 'ktriage/live/v1',
  target: ':1234',
  outcome: 'broken',
  trigger: { words: 'an oops', function: 'oops_enter', address: 0x10n, cpu: 1 },
  verdict: {
    rule: 'self-deadlock',
    confidence: 'likely',
    sentence: 'CPU 1 deadlocked on itself',
    evidence: [{ words: 'frob_lock at 0x20 holds 0x1', address: 0x20n, register: 'rdi' }],
    drawing: ['CPU 0   CPU 1', 'lock(a)'],
    against: ['it may yet go on'],
    location: { function: 'frob_irq', file: 'drivers/frob.c', line: 7 },
    otherLocations: [{ function: 'frob_write', file: 'drivers/frob.c', line: 5 }],
  },
  findings: [{ rule: 'other', confidence: 'certain', sentence: 'CPU 0 is idle', evidence: [], circumstance: true }],
  kernel: {
    architecture: 'x86_64',
    release: '6.1.0',
    banner: 'Linux version 6.1.0',
    buildId: 'ab12',
    slide: 0x1c00_0000n,
    physicalBase: 0x100_0000n,
    how: 'the interrupt descriptor table of CPU 0',
  },
  symbols: {
    vmlinux: { path: '/boot/vmlinux', buildId: 'ab12', match: 'certain', reasons: ['the build ID is the same'] },
    missing: ['modules: no file of frob'],
  },
  cpus: [
    { id: 0, state: 'idle', pid: 0, comm: 'swapper/0', registers, frames: [frame('default_idle')] },
    {
      id: 1,
      state: 'kernel',
      pid: 42,
      comm: 'frobd',
      interruptsOff: true,
      registers,
      decoded: { eflags: [{ name: 'IF', value: '0', meaning: 'interrupts off' }] },
      frames: [
        frame('native_queued_spin_lock_slowpath', { stack: 'IRQ' }),
        frame('frob_write', {
          stack: 'IRQ',
          module: 'frob',
          source: {
            file: 'drivers/frob.c',
            line: 7,
            column: 3,
            excerpt: {
              path: '/s/frob.c',
              firstLine: 6,
              lines: ['{', '  frob();'],
              column: 3,
              state: 'same',
              note: 'n',
            },
          },
          inlined: [{ function: 'frob_inner', source: { file: 'frob.h', line: 2 } }],
          variables: [{ name: 'lock', type: 'spinlock_t *', isArgument: true, value: 0x20n }],
        }),
        frame('asm_exc_page_fault', {
          stack: 'IRQ',
          entry: {
            kind: 'page-fault',
            ptRegs: 0xffff_c900_000d_0e78n,
            registers,
            isUser: false,
            errorCode: 0n,
            faultAddress: 0x20n,
          },
        }),
        frame('stale', { reliable: false }),
      ],
      endsBecause: 'the frame pointer leads nowhere',
    },
  ],
  tasks: [
    {
      pid: 7,
      tgid: 7,
      comm: 'waiter',
      address: 0xffff_8880_0000_1000n,
      state: 'D',
      stateBits: 2n,
      cpu: 1,
      onCpu: false,
      stack: 0xffff_c900_0000_0000n,
      isKernelThread: true,
      frames: [frame('__schedule'), frame('mutex_lock'), frame('frob_read')],
      endsBecause: 'x',
    },
  ],
  pageFaults: [
    {
      cpu: 1,
      pid: 42,
      comm: 'frobd',
      ptRegsAddress: 0xffff_c900_000d_0e78n,
      registers,
      isUser: false,
      faultAddress: 0x20n,
      errorCode: 0n,
      frames: [frame('frob_irq')],
      fatal: true,
      why: 'page_fault_oops is reporting it',
      explanation: { missing: ['the code could not be read'] },
    },
    { ptRegsAddress: 1n, registers, isUser: true, frames: [], fatal: false, why: 'a page is being read in' },
  ],
  locks: [
    {
      kind: 'spinlock',
      address: 0x20n,
      name: 'frob_lock',
      value: '0x1',
      holders: [
        { cpu: 1, pid: 42, comm: 'frobd', function: 'frob_irq', source: { file: 'a.c', line: 1 }, how: 'code' },
      ],
      waiters: [{ cpu: 1 }, { pid: 7, comm: 'waiter' }],
    },
  ],
  modules: [
    {
      name: 'frob',
      address: 0xffff_ffff_c000_0000n,
      bytes: 20_480,
      state: 'coming',
      file: { path: '/frob.ko', module: 'frob', match: 'certain', reasons: [] },
    },
  ],
  log: {
    lines: ['[    1.000000] one', '[    2.000000] two'],
    neverPrinted: 1,
    result: {
      path: 'printk buffer',
      reports: [],
      incidents: [],
      boots: [],
      notices: [],
      input: { bytes: 1, decorations: [], kernelLines: true, cutOff: false },
    },
  },
  stoppedMs: 1234,
  isLeftRunning: true,
  problems: ['the stack of pid 9 is gone'],
};
