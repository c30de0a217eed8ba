import { expect, test } from 'vitest';
import { LiveAnalysis } from '../../src/analyze/analyze.ts';

/** Every string in a value, keys left out. */
function stringsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(stringsOf);
}

const log = `Gerät läuft
[    0.000000] Linux version 6.1.0-größe (wér@日本) #1 SMP
[    0.000000] Command line: root=LABEL=Gerät
[    5.000001] INFO: task Gerät-日本:12 blocked for more than 120 seconds.
[    5.000002]       Not tainted 6.1.0-größe #1
[    5.000003] "echo 0 > /proc/sys/kernel/hung_task_timeout_secs" disables this message.
[    5.000004] task:Gerät-日本      state:D stack:0     pid:12    ppid:2      flags:0x00004000
[    5.000005] Workqueue: wörk größe_fn
[    5.000006] Call Trace:
[    5.000007]  __schedule+0x1/0x20
[    5.000008]  bar_open+0x1/0x20 [größe]
[    9.000001] Gerät[99]: segfault at 0 ip 00005581 sp 00007ffc error 4 in Gerät[5581+1000]
[   10.000001] BUG: KASAN: slab-use-after-free in foo+0x1/0x20
[   10.000002] Read of size 8 at addr ffff888012345678 by task Gerät/42
[   10.000003] CPU: 0 PID: 42 Comm: Gerät Not tainted 6.1.0-größe #1
[   10.000004] Hardware name: Gerät 日本/Größe
[   10.000005] Call Trace:
[   10.000006]  foo+0x1/0x20
[   10.000007]  bar+0x1/0x20
[   10.000008] Allocated by task 42 (Gerät):
[   10.000009]  foo+0x1/0x20
[   10.000010]  bar+0x1/0x20
[   11.000001] Kernel panic - not syncing: Gerät kaputt
`;

test('what a log says in UTF-8 is text everywhere in the result, decoded once', () => {
  const analysis = new LiveAnalysis('x');
  analysis.push(Buffer.from(log, 'utf8'));
  const result = analysis.end();
  expect(result.reports.map((r) => r.kind)).toEqual(['hang/hung-task', 'kasan/slab-use-after-free']);
  const strings = stringsOf(result);
  expect(strings.filter((s) => s.includes('Gerät')).length).toBeGreaterThan(5);
  // UTF-8 that was taken for Latin-1 shows as one of these.
  expect(strings.filter((s) => /[\xc3\xe6][\x80-\xbf]/.test(s))).toEqual([]);
});

test('bytes that are no UTF-8 become replacement characters, and nothing else changes', () => {
  const analysis = new LiveAnalysis('x');
  analysis.push(Buffer.from('[    1.000000] BUG: Bad rss-counter state mm:1 comm:Ger\xe4t type:MM 1\n', 'latin1'));
  const [report] = analysis.end().reports;
  expect(report?.headline).toContain('comm:Ger\ufffdt');
});
