import { describe, expect, test } from 'vitest';
import type { CrashReport } from '../../src/model/report.ts';
import { LogAnalysis, type LogFindings, lineMatters } from '../../src/oops/log-analysis.ts';
import { linesOf } from './helpers.ts';

function analyse(...written: string[]): LogFindings {
  const analysis = new LogAnalysis();
  for (const line of linesOf(...written)) analysis.line(line);
  return analysis.finish(written.length);
}

const at = (seconds: number, lines: readonly string[]) =>
  lines.map((text) => (text.includes('|') ? text : `|${seconds}|${text}`).replace(/^\|/, 'T1|'));
const oops = (task: string, f = 'foo') => [
  'BUG: kernel NULL pointer dereference, address: 0000000000000020',
  'Oops: 0000 [#1] PREEMPT SMP NOPTI',
  `CPU: 0 PID: ${task} Comm: a Not tainted 6.1.0-1 #1`,
  `RIP: 0010:${f}+0x1/0x20`,
  'Call Trace:',
  ' <TASK>',
  ` ${f}_caller+0x1/0x20`,
  ' </TASK>',
  '---[ end trace 0000000000000000 ]---',
];
const warning = (f: string) => [
  '------------[ cut here ]------------',
  `WARNING: CPU: 0 PID: 9 at net/core/${f}.c:12 ${f}+0x1/0x20`,
  'CPU: 0 PID: 9 Comm: a Not tainted 6.1.0-1 #1',
  `RIP: 0010:${f}+0x1/0x20`,
  'Call Trace:',
  ` ${f}_caller+0x1/0x20`,
  '---[ end trace 0000000000000000 ]---',
];
const kinds = (found: LogFindings) => found.reports.map((r) => r.kind);

describe('what a panic prints again', () => {
  const segfault = 'demo[42]: segfault at 0 ip 0000000000401000 sp 00007ffd101e9b78 error 14 in demo[401000+1000]';
  const panic = ['Kernel panic - not syncing: Fatal exception', 'Kernel Offset: disabled'];
  const log = [...at(5.123456, oops('7')), ...at(5.2, [segfault]), ...at(5.3, panic)];

  test('is told once', () => {
    const { reports, incidents, notices } = analyse(...log, ...log, ...at(5.4, ['Rebooting in 1 seconds..']));
    expect(reports).toHaveLength(1);
    expect(reports[0]?.repeats).toBeUndefined();
    expect(incidents[0]?.follow).toEqual([]);
    expect(incidents[0]?.ending.map((e) => e.text)).toEqual([...panic, 'Rebooting in 1 seconds..']);
    expect(notices.map((n) => n.kind)).toEqual(['user/segfault']);
  });

  test('but not what happens again', () => {
    expect(analyse(...log, ...at(5.5, oops('7'))).reports).toHaveLength(2);
  });
});

describe('whose lines they are', () => {
  test('the source file of a later report is not blamed for an earlier one', () => {
    const { reports } = analyse(...at(5, oops('7')), ...at(6, warning('netfoo')));
    expect(reports.map((r) => r.guiltyFile)).toEqual([undefined, 'net/core/netfoo.c']);
  });

  test('nor where the report names one itself, but its trace none', () => {
    const { reports } = analyse(
      ...at(5, ['kernel BUG at lib/list_debug.c:65!', ...oops('7').slice(1)]),
      ...at(6, warning('netfoo')),
    );
    expect(reports[0]?.guiltyFile).toBe('lib/list_debug.c');
  });

  test('a source file with its whole path', () => {
    const { reports } = analyse(...at(5, ['kernel BUG at /drv/oops.c:103!', ...oops('7').slice(1)]));
    expect(reports[0]?.guiltyFile).toBe('/drv/oops.c');
  });

  test('arm64 prints registers before it says that the stack overflowed', () => {
    const { reports } = analyse(
      'Insufficient stack space to handle exception!',
      'ESR: 0x0000000096000047 -- DABT (current EL)',
      'FAR: 0xffff80000827fe70',
      'CPU: 0 PID: 93 Comm: init Not tainted 6.1.0 #1',
      'pstate: 00000005 (nzcv daif -PAN -UAO -TCO -DIT -SSBS BTYPE=--)',
      'pc : recurse+0x1c/0xa0',
      'lr : recurse+0x94/0xa0',
      'sp : ffff80000827fe70',
      'x29: ffff8000082800a0 x28: ffff377c483e8000 x27: 0000000000000000',
      'Kernel panic - not syncing: kernel stack overflow',
      'CPU: 0 PID: 93 Comm: init Not tainted 6.1.0 #1',
      'Call trace:',
      ' panic+0x184/0x364',
      ' recurse+0x1c/0xa0',
      '---[ end Kernel panic - not syncing: kernel stack overflow ]---',
    );
    expect(reports.map((r) => [r.range.firstLine, r.startLine, r.range.lastLine])).toEqual([[1, 10, 15]]);
  });
});

test.each([
  ['Oops - Undefined instruction: 0000000002000000', 'oops/undefined-instruction'],
  ['Oops - BTI: 0000000034000002', 'oops/bti'],
  ['Oops - CFI: 00000000f2008228', 'oops/cfi'],
  ['Oops: 0000000096000004', 'oops/internal-error'],
])('arm64: Internal error: %s', (words, kind) => {
  const trace = ['pc : foo+0x1/0x20', 'lr : bar+0x1/0x20', 'Call trace:', ' foo+0x1/0x20', ' bar+0x1/0x20'];
  expect(kinds(analyse(...at(5, [`Internal error: ${words} [#1] SMP`, ...trace])))).toEqual([kind]);
});

describe('incidents', () => {
  test('an oops and the panic that it brings about are one report', () => {
    const { reports, incidents } = analyse(
      ...at(5, [
        ...oops('7'),
        'Kernel panic - not syncing: Fatal exception',
        '---[ end Kernel panic - not syncing: Fatal exception ]---',
      ]),
    );
    expect(reports).toHaveLength(1);
    expect(reports[0]?.severity).toBe('fatal');
    expect(reports[0]?.panicked).toBe(true);
    expect(reports[0]?.panic?.message).toContain('Fatal exception');
    expect(incidents[0]?.ending.map((e) => e.text)).toContain('Kernel panic - not syncing: Fatal exception');
  });

  test('the same warning again is a repeat; beyond four they are counted', () => {
    const many = Array.from({ length: 25 }, (_, i) => at(100 * i, warning('foo'))).flat();
    const { reports, incidents } = analyse(...many);
    expect(incidents).toHaveLength(1);
    expect(incidents[0]?.follow.every((f) => f.why === 'repeat')).toBe(true);
    expect(reports).toHaveLength(5);
    expect(reports[0]?.repeats).toBe(20);
  });

  test('two warnings have nothing to do with each other', () => {
    const { incidents } = analyse(...at(5, warning('foo')), ...at(500, warning('bar')));
    expect(incidents.map((i) => i.root)).toEqual([0, 1]);
  });

  test('hung tasks after an oops follow from it', () => {
    const hung = [
      'INFO: task b:12 blocked for more than 120 seconds.',
      'task:b state:D stack:0 pid:12 ppid:2 flags:0x0',
      'Call Trace:',
      ' __schedule+0x1/0x20',
      ' bar_open+0x1/0x20',
      ' baz+0x1/0x20',
    ];
    const { reports, incidents } = analyse(...at(5, oops('7')), ...at(200, hung));
    expect(kinds({ reports } as LogFindings)).toEqual(['oops/null-deref', 'hang/hung-task']);
    expect(incidents).toEqual([expect.objectContaining({ root: 0, follow: [{ report: 1, why: 'stuck-behind' }] })]);
    expect(reports[1]?.incident).toBe(0);
  });
});

describe('boots', () => {
  const banner = 'T1|0|Linux version 6.1.0-1 (x@y) (gcc 12) #1 SMP';

  test('where the log begins again, and why', () => {
    const { boots } = analyse(
      banner,
      'T1|3|a',
      'T1|90|reboot: Restarting system',
      'firmware',
      banner.replace('6.1.0-1', '6.2.0'),
      'T1|2|b',
      banner,
    );
    expect(boots.map((b) => [b.firstLine, b.lastLine, b.reason, b.release])).toEqual([
      [1, 4, 'log-start', '6.1.0-1'],
      [5, 6, 'reboot', '6.2.0'],
      [7, 7, 'reset', '6.1.0-1'],
    ]);
  });

  test('a panic of the next boot is a report of its own, though its clock says the same', () => {
    const dies = [
      banner,
      'T1|5|Kernel panic - not syncing: VFS: Unable to mount root fs on unknown-block(8,2)',
      'T1|5|Call Trace:',
      'T1|5| dump_stack+0x1/0x2',
    ];
    const { reports, boots } = analyse(...dies, ...dies);
    expect(reports.map((r) => [r.kind, r.boot])).toEqual([
      ['panic/no-root', 0],
      ['panic/no-root', 1],
    ]);
    expect(boots[1]?.reason).toBe('panic-reboot');
  });

  test("the release is the boot banner's where the report has none", () => {
    const { reports } = analyse(banner, 'T1|5|Kernel panic - not syncing: foo');
    expect(reports[0]?.kernel?.release).toBe('6.1.0-1');
  });
});

describe('silence', () => {
  test.each([
    ['firmware', 'WARNING: BL1: cortex_a72: CPU workaround was missing!'],
    ['a service', 'sshd[812]: WARNING: this is not supported'],
    ['a compiler', 'drivers/foo.c:12:10: fatal error: bar.h: No such file or directory'],
    ['a shell', "+ grep -q 'Kernel panic - not syncing: ' console.log"],
    ['a test', 'not ok 3 - BUG: expected 4 got 5'],
    ['a boot parameter', 'Kernel command line: root=/dev/sda panic=10 softlockup_panic=1'],
    ['a sysctl', 'kernel.panic_on_oops = 1'],
    [
      'a user program',
      'traps: a.out[3311] general protection fault ip:55d2c1a1b139 sp:7ffd3c5f1a20 error:0 in a.out[55d2c1a1b000+1000]',
    ],
  ])('on %s', (_, line) => {
    expect(analyse('T1|1|Linux version 6.1.0', 'T1|2|eth0: up', `||${line}`, 'T1|3|eth0: down').reports).toEqual([]);
    expect(analyse(line, 'next').reports).toEqual([]);
  });

  test('on a message that was printed twice', () => {
    const printed = at(5, oops('7'));
    expect(analyse(...printed, 'T1|90|test: dmesg follows', ...printed).reports).toHaveLength(1);
  });
});

test('what each report is told when it is complete is what the document says', () => {
  const told: CrashReport[] = [];
  const analysis = new LogAnalysis((report) => told.push(report));
  const written = [...at(5, oops('7')), ...at(9, warning('bar'))];
  for (const line of linesOf(...written)) analysis.line(line);
  const { reports } = analysis.finish(written.length);
  expect(told.map((r) => r.title)).toEqual(reports.map((r) => r.title));
});

test('a raw line matters for what may begin with it', () => {
  const matters = (raw: string, following?: string) => lineMatters(raw, () => following);
  expect(matters('[    1.0] BUG: foo', 'x')).toBe(true);
  expect(matters('[    1.0] ODEBUG: Out of memory. ODEBUG disabled')).toBe(false);
  expect(matters('Nov 20 05:20:12 host kernel: Out of memory: Killed process 1 (a) total-vm:1kB')).toBe(true);
  expect(matters('[    1.0] EXT4-fs (sda2): INFO: recovery required on readonly filesystem')).toBe(false);
  expect(matters('INFO: listening', 'next\nlines')).toBe(false);
  expect(matters('INFO: listening')).toBe(true);
  expect(matters('WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2', 'Modules linked in:\nCPU: 0 PID: 1 Comm: a')).toBe(true);
  expect(matters('[    1.0] Linux version 6.1')).toBe('line');
});

test('a panic takes over what was said of its cause', () => {
  const { reports } = analyse(
    ...at(5, [
      'sh invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=0',
      'CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0-1 #1',
      'Call Trace:',
      ' dump_header+0x1/0x20',
      ' out_of_memory+0x1/0x20',
      'Mem-Info:',
      'Kernel panic - not syncing: Out of memory: compulsory panic_on_oom is enabled',
      'CPU: 0 PID: 7 Comm: sh Not tainted 6.1.0-1 #1',
      'Call Trace:',
      ' dump_stack+0x1/0x20',
      ' panic+0x1/0x20',
      ' out_of_memory+0x1/0x20',
    ]),
  );
  expect(reports).toHaveLength(1);
  expect(reports[0]).toMatchObject({ kind: 'panic/out-of-memory', severity: 'fatal', startLine: 7 });
  expect(reports[0]?.range.firstLine).toBe(1);
  expect(reports[0]?.details).toMatchObject({ of: 'out-of-memory', order: 0 });
});
