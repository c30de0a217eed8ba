import { describe, expect, test } from 'vitest';
import { analyse, show } from './world.ts';

/** Lines of healthy kernels, and of programs, that have a report's words in them. */
describe('nothing for what only looks like a report', () => {
  test.each([
    'Memory: 2012345K/2080632K available (14339K kernel code, 2331K rwdata, 9036K rodata)',
    'mce: CPU supports 9 MCE banks',
    'mce: [Hardware Error]: Machine check events logged',
    'MCE: In-kernel MCE decoding enabled.',
    'EDAC MC0: Giving out device to module sb_edac controller Haswell SrcID#0_Ha#0: DEV 0000:ff:12.0 (INTERRUPT)',
    'EDAC amd64: ECC disabled in the BIOS or no ECC capability, module will not load.',
    'ERST: Error Record Serialization Table (ERST) support is initialized.',
    'HEST: Table parsing has been initialized.',
    'GHES: Failed to enable APEI firmware first mode.',
    'BERT: Boot Error Record Table support is disabled. Enable it by using bert_enable as kernel parameter.',
    'pcieport 0000:00:1c.0: AER: enabled with IRQ 122',
    'pcieport 0000:00:1c.0: DPC: enabled with IRQ 122',
    'acpi PNP0A08:00: _OSC: OS now controls [PCIeHotplug PME AER PCIeCapability LTR DPC]',
    'rcu: Preemptible hierarchical RCU implementation.',
    'rcu: RCU calculated value of scheduler-enlistment delay is 25 jiffies.',
    'rcu: INFO: Stall ended before state dump start',
    'watchdog: Delayed init of the lockup detector failed: -19',
    'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
    'INFO: NMI handler (perf_event_nmi_handler) took too long to run: 1.234 msecs',
    'perf: interrupt took too long (2502 > 2500), lowering kernel.perf_event_max_sample_rate to 79750',
    'kmemleak: Kernel memory leak detector initialized (mem pool available: 15679)',
    'kasan: KernelAddressSanitizer initialized',
    'kfence: initialized - using 2097152 bytes for 255 objects at 0x(____ptrval____)-0x(____ptrval____)',
    'kcsan: enabled early',
    'lockdep: MAX_LOCKDEP_SUBCLASSES:  8',
    'ODEBUG: Out of memory. ODEBUG disabled',
    'SLUB: HWalign=64, Order=0-3, MinObjects=0, CPUs=4, Nodes=1',
    'oom_reaper: reaped process 4242 (worker), now anon-rss:0kB, file-rss:0kB, shmem-rss:0kB',
    'Out of memory handling is up to the program',
    'page_pool_release_retry() stalled pool shutdown: id 3, 1 inflight 60 sec',
    'PM: hibernation: Allocated 1234 pages for snapshot',
    'x86/CET detected: Indirect Branch Tracking',
    'traps: a.out[811] trap int3 ip:55d2c1a1b139 sp:7ffd3c5f1a20 error:0 in a.out[55d2c1a1b000+1000]',
    'sysctl: kernel.hung_task_panic = 0',
    'hung_task: unit tests passed',
    'Modules linked in: foo bar',
    'workqueue: Failed to create a rescuer kthread for wq "foo": -EINTR',
    'BTRFS info (device vda1): using crc32c checksum algorithm',
    'unreferenced object of class foo',
    'foo: 3 pages in use (Not tainted): all fine',
  ])('%s', (text) => {
    for (const caller of ['', 'T4242']) expect(analyse(show(text, caller).log).reports).toEqual([]);
  });
});

describe('events that come right after another', () => {
  test.each([
    [
      'global OOM kills',
      'a invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\nOut of memory: Killed process 11 (a) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0',
      'b invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0\nOut of memory: Killed process 12 (b) total-vm:9kB, anon-rss:8kB, file-rss:0kB, shmem-rss:0kB, UID:0 pgtables:4kB oom_score_adj:0',
    ],
    [
      'errors of PCI devices',
      'nvme 0000:01:00.0: PCIe Bus Error: severity=Uncorrected (Fatal), type=Transaction Layer, (Receiver ID)',
      'nvme 0000:02:00.0: PCIe Bus Error: severity=Uncorrected (Non-Fatal), type=Transaction Layer, (Receiver ID)',
    ],
    [
      'records of the firmware',
      '{1}[Hardware Error]: event severity: recoverable\n{1}[Hardware Error]:   section_type: memory error',
      '{2}[Hardware Error]: event severity: recoverable\n{2}[Hardware Error]:   section_type: PCIe error',
    ],
    [
      'findings in slabs',
      '@slabrule\nBUG foo_cache (Not tainted): Poison overwritten\n@dashes\n@slab',
      '@slabrule\nBUG bar_cache (Not tainted): Right Redzone overwritten\n@dashes\n@slab',
    ],
  ])('%s are reports of their own', (_, one, other) => {
    const shown = show(`${one}\n${other}`, 'T4242');
    const { reports } = analyse(shown.log);
    expect(reports).toHaveLength(2);
    expect(reports[0]?.range.lastLine).toBeLessThan(reports[1]?.range.firstLine ?? 0);
    expect(new Set(reports.map((r) => r.title)).size).toBe(2);
  });
});
