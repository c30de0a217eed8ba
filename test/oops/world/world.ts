import { describe, expect, test } from 'vitest';
import { LiveAnalysis } from '../../../src/analyze/analyze.ts';
import type { FileResult } from '../../../src/model/document.ts';
import type { TextRange } from '../../../src/model/position.ts';
import type { CrashReport, Frame } from '../../../src/model/report.ts';
import { expand } from './expand.ts';

/** What a machine says while it boots, and after: none of it is a report. */
const before = [
  'Linux version 6.1.0-18-amd64 (build@example.org) (gcc-12 12.2.0, GNU ld 2.40) #1 SMP PREEMPT_DYNAMIC',
  'Command line: BOOT_IMAGE=/vmlinuz root=UUID=0a1b ro panic=30 slub_debug=FZPU hung_task_panic=0',
  'BIOS-provided physical RAM map:',
  'BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable',
  'x86/fpu: Supporting XSAVE feature 0x001: "x87 floating point registers"',
  'Kernel command line: BOOT_IMAGE=/vmlinuz root=UUID=0a1b ro panic=30',
  'mce: CPU0: Thermal monitoring enabled (TM1)',
  'NMI watchdog: Enabled. Permanently consumes one hw-PMU counter.',
  'pcieport 0000:00:1c.0: AER: enabled with IRQ 24',
  'EDAC MC: Ver: 3.0.0',
  'GHES: APEI firmware first mode is enabled by APEI bit and WHEA _OSC.',
  'systemd[1]: Started Journal Service.',
  'EXT4-fs (vda1): mounted filesystem with ordered data mode. Quota mode: none.',
];
const after = [
  'usb 1-1: new high-speed USB device number 4 using xhci_hcd',
  'e1000e 0000:00:19.0 eth0: NIC Link is Up 1000 Mbps Full Duplex, Flow Control: Rx/Tx',
  'audit: type=1400 audit(1700000000.123:42): apparmor="DENIED" operation="open" pid=811 comm="foo"',
  'systemd-journald[301]: Received client request to flush runtime journal.',
  'br0: port 2(veth1) entered forwarding state',
  'perf: interrupt took too long (3142 > 3131), lowering kernel.perf_event_max_sample_rate to 63000',
];

const stamp = (seconds: number, caller: string): string => {
  const [whole = '', micros = ''] = seconds.toFixed(6).split('.');
  const id = caller === '' ? '' : `[${caller.padStart(6)}] `;
  return `[${whole.padStart(5)}.${micros}]${id === '' ? ' ' : id}`;
};

/** How `dmesg` shows a case, and where in it the case's own lines are (counted from 1). */
export interface Shown {
  readonly log: string;
  readonly first: number;
  readonly last: number;
}

export function show(text: string, caller: string): Shown {
  const own = expand(text);
  const boot = before.map((line, i) => stamp(i / 8, caller === '' ? '' : 'T1') + line);
  const mine = own.map((line, i) => stamp(812.345678 + i / 10_000, caller) + line);
  const later = after.map((line, i) => stamp(840 + i, caller === '' ? '' : `T${800 + i}`) + line);
  return {
    log: `${[...boot, ...mine, ...later].join('\n')}\n`,
    first: boot.length + 1,
    last: boot.length + own.length,
  };
}

export function analyse(log: string): FileResult {
  const live = new LiveAnalysis('world.log');
  live.push(Buffer.from(log, 'latin1'));
  return live.end();
}

/** One log, and what is to be said of it: the lines that `summary` makes. */
export interface WorldCase {
  readonly name: string;
  readonly log: string;
  readonly says: string;
}

/** Values in words; what is long is only counted. */
function brief(value: unknown, most = 99): string {
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  if (Array.isArray(value)) {
    return value.length > 4 ? `${value.length} of them` : `[${value.map((one) => brief(one, 8)).join('; ')}]`;
  }
  if (typeof value !== 'object' || value === null) return String(value);
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (entries.length > most) return `${entries.length} of them`;
  return `{${entries.map(([key, one]) => `${key} ${brief(one, 12)}`).join(', ')}}`;
}

const names = (frames: readonly Frame[]): string =>
  [
    ...frames.slice(0, 5).map((f) => `${f.reliable ? '' : '?'}${f.function ?? brief(f.address)}`),
    ...(frames.length > 5 ? [`and ${frames.length - 5} more`] : []),
  ].join(' ');

function present(words: readonly (string | false | undefined)[]): string {
  return words.filter((word) => word !== undefined && word !== false && word !== '').join(', ');
}

/** Where lines stand, counted from the case's own first and last ones. */
const lines = ({ firstLine, lastLine }: TextRange, { first, last }: Shown): string =>
  `lines +${firstLine - first} to ${lastLine - last}`;

function reportSays(report: CrashReport, shown: Shown): string[] {
  const { task, fault, kernel, culprit } = report;
  const sets = report.registers?.map((set) => `${set.mode} ${Object.keys(set.values).length}`);
  return [
    `${report.kind} ${report.severity} ${report.type}: ${report.title}`,
    present([
      lines(report.range, shown),
      report.corruptedReason,
      report.architecture,
      sets === undefined ? undefined : `registers ${sets.join(' ')}`,
      report.taintFlags !== undefined && report.taintFlags.length > 0 && `taint ${report.taintFlags.join('')}`,
      kernel?.release,
      kernel?.preemptModel,
    ]),
    `culprit ${culprit?.function ?? 'none'}, frames ${names(report.frames) || 'none'}`,
    ...report.stacks
      .filter((stack) => stack.role !== 'trap')
      .map(
        (stack) =>
          `stack ${present([stack.role, stack.label, stack.cpu === undefined ? undefined : `cpu ${stack.cpu}`, stack.comm])}: ${names(stack.frames)}`,
      ),
    ...(task === undefined ? [] : [`task ${brief(task)}`]),
    ...(fault === undefined ? [] : [`fault ${brief({ ...fault, fields: fault.fields?.length })}`]),
    ...(report.details === undefined ? [] : [`details ${brief(report.details)}`]),
    ...(report.panic === undefined ? [] : [`panic ${report.panic.message}`]),
  ];
}

/** All that matters of an analysis, in words; the same whatever the log is decorated with. */
export function summary(result: FileResult, shown: Shown): string[] {
  return [
    ...result.reports.flatMap((report) => reportSays(report, shown)),
    ...result.incidents.flatMap(({ follow }) => follow.map(({ report, why }) => `report ${report}: ${why}`)),
    ...result.notices.map((notice) =>
      present([
        `notice ${notice.kind}: ${notice.title}`,
        lines(notice.range, shown),
        notice.details === undefined ? undefined : `details ${brief(notice.details)}`,
      ]),
    ),
    ...(result.input.cutOff ? ['cut off'] : []),
  ];
}

/** Runs a table of cases, each without and with caller ids. */
export function describeWorld(title: string, cases: readonly WorldCase[]): void {
  describe.each(cases)(`${title}: $name`, ({ log, says }) => {
    test.each([
      ['with stamps', ''],
      ['with caller ids', 'T4242'],
    ])('%s', (_, caller) => {
      const shown = show(log, caller);
      expect(summary(analyse(shown.log), shown).join('\n')).toBe(says.trim());
    });
  });
}
