import { describe, expect, test } from 'vitest';
import { kindOf } from '../../../src/oops/kinds/kinds.ts';
import { ownHeaders, ownRules, yieldsTo } from '../../../src/oops/titles/rules-own.ts';
import { titleReport } from '../../../src/oops/titles/title.ts';

const headerOf = (text: string): string | undefined => ownHeaders.find((own) => own.matches(text))?.name;

describe('headlines', () => {
  test.each([
    ['stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE|__GFP_COMP|__GFP_ZERO), order=0', 'oom'],
    ['Out of memory: Killed process 612 (stress) total-vm:900kB, anon-rss:800kB', 'oom-kill'],
    ['Out of memory: Kill process 612 (stress) score 912 or sacrifice child', 'oom-kill'],
    ['swapper/1: page allocation failure: order:4, mode:0x40820(GFP_ATOMIC|__GFP_COMP)', 'allocation-failure'],
    ['cp: page allocation stalls for 12012ms, order:0, mode:0x14200ca', 'allocation-stall'],
    ['mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400', 'machine-check'],
    ['{7}[Hardware Error]: event severity: fatal', 'ghes'],
    ['EDAC MC0: 1 UE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0', 'edac'],
    ['pcieport 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer', 'aer'],
    ['pcieport 0000:00:1c.0: AER: PCIe Bus Error: severity=Uncorrectable (Non-Fatal), type=Physical Layer', 'aer'],
    ['NMI: PCI system error (SERR) for reason b1 on CPU 0.', 'nmi'],
    ['irq 9: nobody cared (try booting with the "irqpoll" option)', 'irq'],
    ['NMI watchdog: Watchdog detected hard LOCKUP on cpu 2', 'hard-lockup'],
    ['watchdog: CPU3: Watchdog detected hard LOCKUP on cpu 2', 'hard-lockup'],
    ['watchdog: CPU 1 self-detected hard LOCKUP @ spin+0x10/0x20', 'hard-lockup'],
    [
      'smp: csd: Detected non-responsive CSD lock (#1) on CPU#2, waiting 5000000003 ns for CPU#00 foo+0x0/0x10(foo).',
      'csd-lock',
    ],
    ['BUG mycache (Not tainted): Poison overwritten', 'slab'],
    ['BUG Acpi-State (Tainted: G    B      ): Freelist Pointer check fails', 'slab'],
    ['Oops: Kernel access of bad area, sig: 11 [#1]', 'ppc-oops'],
    ['Oops - illegal instruction [#1]', 'riscv-trap'],
    ['Reserved instruction in kernel code[#1]:', 'mips-trap'],
    ['illegal operation: 0001 ilc:1 [#1] SMP', 's390-check'],
    ['segment not present: 0000 [#1] SMP', 'x86-trap'],
    ['Oops: alignment check: 0000 [#1] SMP NOPTI', 'x86-trap'],
    ['PANIC: early exception 0x0e IP 10:ffffffff81f01234 error 0 cr2 0x10', 'early-exception'],
  ])('%s', (text, name) => {
    expect(headerOf(text)).toBe(name);
  });

  test.each([
    'Memory cgroup out of memory: Killed process 12 (a) total-vm:1kB',
    'ODEBUG: Out of memory. ODEBUG disabled',
    'mce: [Hardware Error]: Machine check events logged',
    'mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: 8c00004000010092',
    'EDAC MC: Ver: 3.0.0',
    'EDAC MC0: 1 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0',
    'pcieport 0000:00:1c.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)',
    'BERT: [Hardware Error]: Skipped 1 error records',
    'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
    'INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.322 msecs',
    'CONFIG_HARDLOCKUP_DETECTOR=y',
    'rsync -a tools/testing/selftests/lkdtm/HARDLOCKUP.sh',
    'MDS CPU bug present and SMT on, data leak possible.',
    '[Firmware Bug]: TSC_DEADLINE disabled due to Errata',
    'BUG kmalloc-64 (Not tainted): Poison overwritten', // a headline of specs/titles.md
    'BUG sock_cache (Not tainted): kasan: bad access detected', // announces a KASAN report of old kernels
    'traps: a.out[12] trap divide error ip:55f0aa1c9140 sp:7ffe7e1b2c30 error:0 in a.out[55f0aa1c9000+1000]',
    'read-only file system: 0001',
  ])('none: %s', (text) => {
    expect(headerOf(text)).toBeUndefined();
  });

  test('hold their literal, and every one has a rule whose kinds are in the catalogue', () => {
    for (const own of ownHeaders)
      expect(
        ownRules.some((rule) => rule.header === own.name),
        own.name,
      ).toBe(true);
    for (const rule of ownRules) {
      expect(
        ownHeaders.some((own) => own.name === rule.header),
        rule.header,
      ).toBe(true);
      if (typeof rule.kind === 'string') expect(kindOf(rule.kind), rule.kind).toBeDefined();
    }
  });

  test('give way to the panic or warning that they end in', () => {
    expect(yieldsTo('hard-lockup', 'Kernel panic - not syncing: Hard LOCKUP')).toBe(true);
    expect(yieldsTo('hard-lockup', 'WARNING: at kernel/watchdog.c:352 watchdog_check+0x1/0x2')).toBe(true);
    expect(yieldsTo('machine-check', 'Kernel panic - not syncing: Fatal machine check')).toBe(true);
    expect(yieldsTo('machine-check', 'BUG: kernel NULL pointer dereference, address: 0')).toBe(false);
    expect(yieldsTo('no such', 'Kernel panic - not syncing: x')).toBe(false);
  });
});

describe('titles', () => {
  const titled = (...report: string[]): { title: string; kind: string; type: string } => {
    const header = headerOf(report[0] ?? '');
    const { title, kind, type } = titleReport({ header: header ?? '', report, windowLength: report.length });
    return { title, kind, type };
  };
  const asks = 'stress invoked oom-killer: gfp_mask=0x140dca(GFP_HIGHUSER_MOVABLE), order=0, oom_score_adj=0';

  test('a global OOM is named after its victim', () => {
    expect(titled(asks, 'Mem-Info:', 'Out of memory: Killed process 612 (hog) total-vm:9kB')).toEqual({
      title: 'Out of memory: Killed process hog',
      kind: 'memory/oom',
      type: 'OOM',
    });
  });

  test('an OOM of a cgroup is another kind', () => {
    const report = titled(
      asks,
      'memory: usage 65536kB, limit 65536kB, failcnt 12',
      'Memory cgroup out of memory: Killed process 612 (hog) total-vm:9kB',
    );
    expect(report.kind).toBe('memory/cgroup-oom');
  });

  test('an OOM is not taken for the one behind it', () => {
    const group = [
      'memory: usage 65536kB, limit 65536kB, failcnt 12',
      'Memory cgroup out of memory: Killed process 7 (x) total-vm:9kB',
    ];
    const machine = [
      'oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,global_oom,task_memcg=/,task=hog,pid=612,uid=0',
    ];
    expect(titled(asks, ...machine, asks, ...group).kind).toBe('memory/oom');
    expect(titled(asks, ...group, asks, ...machine).kind).toBe('memory/cgroup-oom');
    expect(titled(asks, 'Mem-Info:', asks, ...group).kind).toBe('memory/oom');
  });

  test('an OOM whose end is missing is named after who asked', () => {
    expect(titled(asks, 'Mem-Info:').title).toBe('Out of memory: stress invoked oom-killer');
  });

  test('an allocation failure is named after who allocated', () => {
    const report = titled(
      'modprobe: page allocation failure: order:9, mode:0x40dc0(GFP_KERNEL|__GFP_COMP), nodemask=(null)',
      'CPU: 0 PID: 1 Comm: modprobe',
      'Call Trace:',
      ' dump_stack_lvl+0x44/0x5c',
      ' warn_alloc+0x12f/0x1b0',
      ' __alloc_pages_slowpath.constprop.0+0xcbd/0xcf0',
      ' __alloc_pages+0x305/0x330',
      ' mydrv_probe+0x21/0x1000 [mydrv]',
      ' do_one_initcall+0x56/0x220',
    );
    expect(report.title).toBe('page allocation failure in mydrv_probe');
    expect(report.kind).toBe('memory/allocation-failure');
  });

  test('a hard lockup is named after where the CPU was', () => {
    const report = titled(
      'watchdog: Watchdog detected hard LOCKUP on cpu 1',
      'Modules linked in: mydrv(O)',
      'CPU: 1 PID: 77 Comm: reader Not tainted 6.12.0 #1',
      'RIP: 0010:mydrv_spin+0x14/0x30 [mydrv]',
      'Call Trace:',
      ' <TASK>',
      ' mydrv_read+0x21/0x40 [mydrv]',
      ' vfs_read+0xa1/0x300',
    );
    expect(report).toEqual({ title: 'hard lockup in mydrv_spin', kind: 'hang/hard-lockup', type: 'HANG' });
  });

  test.each([
    ['mce: [Hardware Error]: CPU 3: Machine Check Exception: 5 Bank 4: be00000000800400', 'hardware/machine-check'],
    ['EDAC MC0: 1 UE memory read error on unknown memory', 'hardware/edac-uncorrected'],
    ['{7}[Hardware Error]: event severity: recoverable', 'hardware/ghes-recoverable'],
    ['p 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Data Link Layer', 'hardware/aer-fatal'],
    [
      'p 0000:00:1c.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Data Link Layer',
      'hardware/aer-uncorrected',
    ],
    ['irq 9: nobody cared (try booting with the "irqpoll" option)', 'hardware/irq-nobody-cared'],
    ['BUG mycache (Not tainted): Poison overwritten', 'slab/poison-overwritten'],
    ['Oops: Exception in kernel mode, sig: 5 [#1]', 'bug/kernel-bug'],
    ['Oops - load address misaligned [#1]', 'oops/alignment'],
    ['fixpoint divide exception: 0009 ilc:2 [#1]', 'oops/divide-error'],
    ['rcu: rcu_preempt kthread starved for 10502 jiffies! g10601 f0x0', 'rcu/kthread-starved'],
  ])('%s', (line, kind) => {
    const report = titled(line);
    expect(report.kind).toBe(kind);
    expect(report.title).not.toBe('');
    expect(kindOf(report.kind)).toBeDefined();
  });
});
