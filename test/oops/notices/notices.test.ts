import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../../src/model/log-line.ts';
import { kindOf } from '../../../src/oops/kinds/kinds.ts';
import { NoticeCollector, noticeLiterals, noticeOf } from '../../../src/oops/notices/notices.ts';
import { noticeRules } from '../../../src/oops/notices/rules.ts';

let number = 0;
function line(text: string, context = 'console', more: Partial<LogLine> = {}): LogLine {
  number += 1;
  return {
    text,
    context,
    range: { firstLine: number, lastLine: number, firstByte: number, endByte: number + 1 },
    ...more,
  };
}

describe('single lines', () => {
  test.each([
    [
      'a.out[3311]: segfault at 10 ip 000055d2c1a1b139 sp 00007ffd3c5f1a20 error 4 in a.out[55d2c1a1b000+1000]',
      'user/segfault',
    ],
    ['traps: a.out[3327] trap divide error ip:55f0 sp:7ffe error:0 in a.out[55f0a000+1000]', 'user/trap'],
    ['traps: a.out[3327] general protection fault ip:55f0 sp:7ffe error:0 in a.out[55f0a000+1000]', 'user/trap'],
    [
      'a.out[33]: unhandled level 2 translation fault (11) at 0x00000010, esr 0x92000046, in a.out[400000+1000]',
      'user/segfault',
    ],
    ['sysrq: Show State', 'trace/sysrq'],
    ['SysRq : Show Blocked State', 'trace/sysrq'],
    ['NMI backtrace for cpu 1', 'trace/nmi-backtrace'],
    ['NMI backtrace for cpu 0 skipped: idling at native_safe_halt+0xb/0x20', 'trace/nmi-backtrace'],
    ['FAULT_INJECTION: forcing a failure.', 'trace/fault-injection'],
    ['a: vmalloc: allocation failure: 8589934588 bytes, mode:0x14080c0(GFP_KERNEL)', 'memory/vmalloc-failure'],
    ['mce: [Hardware Error]: CPU 0: Machine Check: 0 Bank 5: 8c00004000010092', 'hardware/corrected-error'],
    ['EDAC MC0: 1 CE memory read error on CPU_SrcID#0_MC#0_Chan#1_DIMM#0', 'hardware/edac-corrected'],
    [
      'pcieport 0000:00:1c.0: PCIe Bus Error: severity=Corrected, type=Physical Layer, (Receiver ID)',
      'hardware/aer-corrected',
    ],
    ['pcieport 0000:00:1c.0: AER: PCIe Bus Error: severity=Correctable, type=Physical Layer', 'hardware/aer-corrected'],
    ['Uhhuh. NMI received for unknown reason 3d on CPU 0.', 'hardware/nmi-unknown'],
    ['CPU3: Core temperature above threshold, cpu clock throttled (total events = 1)', 'hardware/thermal'],
    [
      'DMAR: [DMA Read NO_PASID] Request device [02:00.0] fault addr 0x7f000 [fault reason 0x06]',
      'hardware/iommu-fault',
    ],
    ['Memory failure: 0x12345: recovery action for dirty LRU page: Recovered', 'hardware/memory-failure'],
    [
      "clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable because the skew is too large:",
      'hardware/clocksource-unstable',
    ],
    ['workqueue: drv_work hogged CPU for >10000us 4 times, consider switching to WQ_UNBOUND', 'hang/workqueue-hog'],
    ['sched: RT throttling activated', 'hang/rt-throttling'],
    [
      'EXT4-fs error (device sda1): ext4_lookup:1584: inode #2: comm ls: deleted inode referenced: 12',
      'filesystem/error',
    ],
    ['EXT4-fs (sda1): Remounting filesystem read-only', 'filesystem/shutdown'],
    ['XFS (sda1): Corruption of in-memory data (0x8) detected. Shutting down filesystem.', 'filesystem/shutdown'],
    ['BTRFS error (device sda1 state EA): parent transid verify failed', 'filesystem/error'],
  ])('%s', (text, kind) => {
    expect(noticeOf(line(text))?.kind).toBe(kind);
    expect(noticeLiterals.some((literal) => text.includes(literal))).toBe(true);
  });

  test.each([
    'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
    'mce: [Hardware Error]: Machine check events logged',
    'EDAC MC: Ver: 3.0.0',
    'sysrq: sysrq state machine',
    'SysRq : HELP : loglevel(0-9) reboot(b) crash(c)',
    'EXT4-fs (sda2): INFO: recovery required on readonly filesystem',
    'DMAR: DRHD base: 0x000000fed90000 flags: 0x0',
    'EXT4-fs (vda1): mounted filesystem with ordered data mode',
  ])('none: %s', (text) => {
    expect(noticeOf(line(text))).toBeUndefined();
  });

  test('a segfault has details, a title and its place', () => {
    const text =
      'my prog[3311]: segfault at 10 ip 000055d2c1a1b139 sp 00007ffd3c5f1a20 error 4 in libx.so[55d2c1a1b000+1000]';
    const at = line(text, 'T3311', { seconds: 12.5 });
    expect(noticeOf(at)).toEqual({
      kind: 'user/segfault',
      title: 'segfault of my prog in libx.so',
      range: at.range,
      seconds: 12.5,
      details: {
        of: 'user-fault',
        fault: 'segfault',
        task: 'my prog',
        pid: 3311,
        address: 0x10n,
        ip: 0x55d2c1a1b139n,
        sp: 0x7ffd3c5f1a20n,
        errorCode: 4n,
        image: 'libx.so',
      },
    });
  });

  test("what another program printed is not the kernel's", () => {
    expect(noticeOf(line('sched: RT throttling activated', '', { kernel: false }))).toBeUndefined();
  });

  test('every kind is a notice of the catalogue', () => {
    for (const rule of noticeRules) expect(kindOf(rule.kind)?.severity, rule.kind).toBe('notice');
  });
});

describe('the collector', () => {
  const asks = (task: string): string =>
    `${task} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0`;

  test('gathers the OOM of a cgroup from its own context', () => {
    const collector = new NoticeCollector();
    const first = line(asks('hog'), 'T612', { seconds: 3 });
    collector.line(first);
    collector.line(line('memory: usage 65536kB, limit 65536kB, failcnt 12', 'T612'));
    collector.line(line('unrelated', 'T1'));
    collector.line(
      line(
        'oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,oom_memcg=/a.slice,task=hog,pid=612,uid=0',
        'T612',
      ),
    );
    const last = line('Memory cgroup out of memory: Killed process 612 (hog) total-vm:9kB, anon-rss:8kB', 'T612');
    collector.line(last);
    collector.finish();
    const [notice, ...others] = collector.take();
    expect(others).toEqual([]);
    expect(notice).toMatchObject({
      kind: 'memory/cgroup-oom',
      title: 'Memory cgroup out of memory: Killed process hog of /a.slice',
      seconds: 3,
      range: { firstLine: first.range.firstLine, lastLine: last.range.lastLine },
      details: { invoker: 'hog', cgroupUsage: { failures: 12 }, killed: { pid: 612, anonRss: 8 } },
    });
    expect(collector.take()).toEqual([]);
  });

  test('a global OOM is no notice', () => {
    const collector = new NoticeCollector();
    collector.line(line(asks('hog')));
    collector.line(line('Out of memory: Killed process 612 (hog) total-vm:9kB'));
    expect(collector.take()).toEqual([]);
  });

  test('victims who die with the first one, and the reaper, belong to it; others end it', () => {
    const collector = new NoticeCollector();
    const killed = (pid: number, name: string): string =>
      `Memory cgroup out of memory: Killed process ${pid} (${name}) total-vm:9kB, anon-rss:8kB`;
    collector.line(line(asks('hog'), 'T1'));
    collector.line(line(killed(1, 'hog'), 'T1'));
    collector.line(line('Tasks in /a.slice are going to be killed due to memory.oom.group set', 'T1'));
    const last = line(killed(2, 'helper'), 'T1');
    collector.line(last);
    expect(collector.take()).toEqual([]);
    collector.line(line(asks('hog'), 'T1'));
    expect(collector.take()).toMatchObject([
      {
        title: 'Memory cgroup out of memory: Killed process hog and 1 more',
        range: { lastLine: last.range.lastLine },
        details: { killed: { pid: 1 }, alsoKilled: [{ pid: 2, task: 'helper' }] },
      },
    ]);
    for (let i = 0; i < 60; i++) collector.line(line('unrelated', 'T2'));
    collector.finish();
    expect(collector.take()).toEqual([]);
  });

  test('the last line alone is one', () => {
    const collector = new NoticeCollector();
    collector.line(line('Memory cgroup out of memory: Kill process 612 (hog) score 900 or sacrifice child'));
    collector.finish();
    expect(collector.take()).toMatchObject([
      { kind: 'memory/cgroup-oom', details: { killed: { pid: 612, task: 'hog' } } },
    ]);
  });

  test('keeps within bounds and never throws', () => {
    const text = fc.oneof(
      fc.string({ maxLength: 100 }),
      fc.constantFrom(...noticeLiterals),
      fc.constantFrom(
        asks('a'),
        'Memory cgroup out of memory: Killed process 1 (a)',
        'Out of memory: Killed process 1 (a)',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(fc.tuple(text, fc.constantFrom('T1', 'T2', 'C0', 'console', '')), { maxLength: 40 }),
        (lines) => {
          const collector = new NoticeCollector();
          for (const [one, context] of lines) collector.line(line(one, context));
          collector.finish();
          expect(collector.take().length).toBeLessThanOrEqual(lines.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
