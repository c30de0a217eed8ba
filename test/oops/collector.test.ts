import { describe, expect, test } from 'vitest';
import type { LogLine } from '../../src/model/log-line.ts';
import { ReportCollector } from '../../src/oops/collector.ts';
import type { FinishedReport } from '../../src/oops/open-report.ts';

/** Lines written as `context|text`, or only text for kernel lines without caller ids; the clock ticks a millisecond a line. */
function lines(...texts: string[]): LogLine[] {
  return texts.map((text, i) => {
    const [, context, rest] = /^([TC][0-9]+|)\|(.*)$/.exec(text) ?? [undefined, 'console', text];
    const range = { firstLine: i + 1, lastLine: i + 1, firstByte: 0, endByte: 0 };
    return { range, text: rest ?? '', context: context ?? '', seconds: 10 + i / 1000, kernel: true };
  });
}

function collect(input: readonly LogLine[]): FinishedReport[] {
  const reports: FinishedReport[] = [];
  const collector = new ReportCollector({ started: () => {}, headline: () => {}, report: (r) => reports.push(r) });
  for (const line of input) collector.line(line);
  collector.finish();
  return reports;
}

const oops = [
  'BUG: kernel NULL pointer dereference, address: 0',
  'RIP: 0010:foo+0x1/0x2',
  'Call Trace:',
  ' bar+0x1/0x2',
];
const ofTask = (task: string, report: readonly string[]) => report.map((text) => `${task}|${text}`);

describe('which lines a report has', () => {
  test('those of its context, without questionable ones and the notice of lock debugging', () => {
    const [report, ...others] = collect(
      lines(
        'T1|before',
        'T2|beside',
        `T1|${oops[0]}`,
        'T2|eth0: up',
        'T1| ? baz+0x1/0x2',
        'T1|Disabling lock debugging due to kernel taint',
        'T1| bar+0x1/0x2',
      ),
    );
    expect(others).toEqual([]);
    expect(report?.texts).toEqual([oops[0], ' bar+0x1/0x2']);
    expect(report?.raw.lines.map((l) => l.text)).toContain(' ? baz+0x1/0x2');
    expect(report?.textsBefore).toEqual(['before']);
  });

  test("other CPUs' backtraces once they are asked for", () => {
    const [report] = collect(
      lines(
        'T1|INFO: task a:1 blocked for more than 120 seconds.',
        'C1|not yet',
        'T1|Sending NMI from CPU 0 to CPUs 1:',
        'C1| foo+0x1/0x2',
      ),
    );
    expect(report?.texts.at(-1)).toBe(' foo+0x1/0x2');
    expect(report?.texts).not.toContain('not yet');
  });

  test('a line that is printed again is no headline', () => {
    const cut = lines('BUG: cut', 'BUG: whole');
    const [report] = collect(cut.map((line, i) => (i === 0 ? { ...line, replayed: true } : line)));
    expect(report?.texts).toEqual(['BUG: whole']);
  });

  test('the panic that follows belongs to the oops, and ends its text when it is late', () => {
    const panic = 'Kernel panic - not syncing: Fatal exception';
    const soon = collect(lines(...oops, panic, 'after'));
    expect(soon).toHaveLength(1);
    expect(soon[0]?.texts).toEqual([...oops, panic, 'after']);
    const frames = Array.from({ length: 30 }, (_, i) => ` f${i}+0x1/0x2`);
    const late = collect(lines(...oops, ...frames, panic, 'after'));
    expect(late[0]?.texts).toEqual([...oops, ...frames]);
  });
});

describe('where one report ends and the next begins', () => {
  test('without caller ids the title window ends at the next headline', () => {
    const [first, second] = collect(lines(...oops, 'WARNING: CPU: 0 PID: 1 at a.c:1 f+0x1/0x2', 'x'));
    expect(first?.windowLength).toBe(oops.length);
    expect(first?.raw.lines).toHaveLength(oops.length);
    expect(second?.texts).toHaveLength(2);
  });

  test('with caller ids each task has its own', () => {
    const interleaved = ofTask('T1', oops).flatMap((line, i) => [line, ofTask('T2', oops)[i] ?? '']);
    const [first, second] = collect(lines(...interleaved));
    expect(first?.texts).toEqual(oops);
    expect(second?.texts).toEqual(oops);
  });

  test('a panic long after is a report of its own', () => {
    const later = lines(...oops, 'Kernel panic - not syncing: other').map((line, i) =>
      i === oops.length ? { ...line, seconds: 5000 } : line,
    );
    expect(collect(later).map((r) => r.header)).toEqual(['BUG:', 'Kernel panic']);
  });

  test('what slab debugging knows of the object is part of its report', () => {
    const slab = collect(
      lines(
        'BUG kmalloc-64 (Not tainted): Redzone overwritten',
        'INFO: Allocated in foo age=1 cpu=0 pid=1',
        'INFO: Freed in bar age=1 cpu=0 pid=1',
      ),
    );
    expect(slab).toHaveLength(1);
  });

  test('reports are told in the order of their headlines', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `BUG: number ${i}`);
    expect(collect(lines(...many)).map((r) => r.texts[0])).toEqual(many);
  });
});
