import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { FileResult } from '../../src/model/document.ts';
import type { Finding } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { textFile, textReport, textSummary } from '../../src/report/text.ts';
import { displayWidth } from '../../src/report/width.ts';
import { crashReport, fileResult, frame, inputFacts, lines, plainOptions } from './make.ts';

function screen(file: FileResult, more: Parameters<typeof plainOptions>[0] = {}): string {
  return [...textFile(file, plainOptions(more))].join('');
}

function screenOf(report: Partial<CrashReport>, more: Parameters<typeof plainOptions>[0] = {}): string {
  return screen(fileResult([crashReport(report)]), more);
}

describe('an input without a crash', () => {
  test('is said to be healthy, with what was read', () => {
    expect(screen(fileResult([]))).toBe('No crash in boot.log: 1,204 lines, 1 boot of 6.1.0-50-amd64.\n');
  });

  test('counts boots and names their releases', () => {
    const boots = ['6.1.0', '6.12.0', '6.1.0'].map((release, index) => ({
      firstLine: index * 10 + 1,
      lastLine: index * 10 + 10,
      reason: 'reboot' as const,
      release,
    }));
    expect(screen(fileResult([], { boots }))).toContain('3 boots of 6.1.0 and 6.12.0.');
  });

  test('is not vouched for without a line of a kernel', () => {
    const text = screen(fileResult([], { boots: [], input: { ...inputFacts, kernelLines: false } }));
    expect(text).toBe('Cannot tell: nothing in boot.log was printed by a kernel (1,204 lines read).\n');
  });

  test('is empty', () => {
    const input = { ...inputFacts, bytes: 0, lines: 0, kernelLines: false };
    expect(screen(fileResult([], { path: '-', boots: [], input }))).toBe('Cannot tell: standard input is empty.\n');
  });
});

describe('a usual report', () => {
  test('fits a screen of 24 lines and has the answer first', () => {
    const text = screen(fileResult([crashReport()]));
    const all = text.split('\n');
    expect(all.length).toBeLessThanOrEqual(24);
    expect(all[2]).toBe('error: A NULL pointer was dereferenced in frob_read of module frob.');
  });

  test('says where, why, on what and what to do next', () => {
    const text = screen(fileResult([crashReport()]));
    expect(text).toContain('Where:    frob_read+0xe/0x19 [frob]\n');
    expect(text).toContain('read address 0x20.');
    expect(text).toContain('frob_read+0xe/0x19 [frob] <- culprit');
    expect(text).toContain('Task:     init, PID 96, CPU 1');
    expect(text).toContain('6.1.0-50-amd64 #1 Debian 6.1.176-1 on QEMU Standard PC');
    expect(text).toContain('Tainted (OE): out-of-tree module loaded, unsigned module loaded');
    expect(text).toContain('oops/null-deref, signature 0123456789abcdef, lines 100 to 140');
    expect(text).toContain('ktriage explain oops/null-deref');
  });

  test('proposes the same call again, with the files that were named', () => {
    const given = [
      ['--vmlinux', 'vmlinux'],
      ['--modules', 'my modules'],
    ] as const;
    const text = screen(fileResult([crashReport()], { path: 'a.log' }), { given });
    expect(text).toContain("ktriage analyze --all --vmlinux vmlinux --modules 'my modules' a.log\n");
  });

  test('folds what is noise and says so', () => {
    const text = screen(fileResult([crashReport()]));
    expect(text).not.toContain('do_syscall_64');
    expect(text).not.toContain('do_set_pte');
    expect(text).toContain('… 1 unreliable and 2 of entry code not shown (--all)');
  });

  test('shows everything when asked to', () => {
    const text = screen(fileResult([crashReport()]), { all: true });
    for (const part of ['do_syscall_64', '? do_set_pte', 'rbx    ffffffffc02dd160', '31 c0 <8b> 70', 'bad-access in']) {
      expect(text).toContain(part);
    }
    expect(text).not.toContain('--all');
  });

  test('a deep stack is cut with a mark, the culprit shown in any case', () => {
    const deep = Array.from({ length: 40 }, (_, index) => frame(`f${index}+0x1/0x2`, 200 + index));
    const text = screenOf({ frames: deep, culprit: { function: 'f30', range: lines(230), passed: [] } });
    expect(text).toContain('f30+0x1/0x2 <- culprit');
    expect(text).toContain('… 31 more frames not shown (--all)');
  });

  test('frames by which the report was made are folded', () => {
    const frames = ['dump_stack', 'kasan_report', 'victim', 'caller'].map((name, index) =>
      frame(`${name}+0x1/0x2`, index + 1),
    );
    const passed = ['dump_stack', 'kasan_report'].map((name) => ({ function: name, rule: 'reports' }));
    const text = screenOf({ frames, culprit: { function: 'victim', passed } });
    expect(text).toContain('Where:    victim+0x1/0x2\n');
    expect(text).not.toContain('kasan_report');
    expect(text).toContain('… 2 of generic code not shown');
  });

  test('a helper in which the processor trapped is named, and stays in the stack', () => {
    const frames = ['memcpy', 'victim'].map((name, index) => frame(`${name}+0x1/0x2`, index + 1));
    const [ip] = frames;
    const text = screenOf({
      frames,
      culprit: { function: 'victim', passed: [{ function: 'memcpy', rule: 'copies' }] },
      registers: [{ mode: 'kernel', values: {}, ranges: {}, range: lines(1), ...(ip ? { ip } : {}) }],
    });
    expect(text).toContain('Where:    victim+0x1/0x2, trapped in memcpy+0x1/0x2\n');
    expect(text).toContain('Stack:    memcpy+0x1/0x2\n');
  });

  test('who jumped to nowhere is shown where only the link register knew', () => {
    const lr = frame('jumper+0x1c/0x30', 3);
    const text = screenOf({
      frames: [{ address: 0n, reliable: true, range: lines(9) }, frame('outer+0x1/0x2', 10)],
      culprit: { function: 'jumper', range: lr.range, passed: [] },
      registers: [{ mode: 'kernel', values: { pc: 0n }, ranges: { pc: lines(2) }, lr, range: lines(2) }],
    });
    expect(text).toContain('Where:    jumper+0x1c/0x30\n');
    expect(text).toContain('          jumper+0x1c/0x30 <- culprit, by the link register\n          outer+0x1/0x2\n');
  });

  test('a function that calls itself is shown once, with how often', () => {
    const names = ['recurse+0x1/0x9', ...Array.from({ length: 9 }, () => 'recurse+0x4/0x9'), 'begin+0x1/0x2'];
    const frames = names.map((name, index) => frame(name, index + 1));
    const report = { kind: 'oops/stack-overflow', frames, culprit: { function: 'recurse', passed: [] } };
    const text = screenOf(report);
    expect(text).toContain('recurse+0x4/0x9\n          … the same 8 more times\n          begin+0x1/0x2\n');
    expect(screenOf(report, { all: true }).match(/recurse\+0x4\/0x9/g)).toHaveLength(9);
  });

  test('how the kernel came from an overflow to its report is folded', () => {
    const names = ['recurse+0x1/0x9', 'dump_backtrace+0x1/0x2', 'panic+0x1/0x2', 'recurse+0x1/0x9', 'begin+0x1/0x2'];
    const text = screenOf({
      frames: names.map((name, index) => frame(name, index + 1)),
      culprit: { function: 'recurse', range: lines(1), passed: [] },
    });
    expect(text).toContain('recurse+0x1/0x9 <- culprit\n          begin+0x1/0x2\n');
    expect(text).toContain('… 3 of generic code not shown');
  });

  test('inlined functions and source lines are shown where the log has them', () => {
    const source = { file: 'fs/frob.c', line: 12 };
    const frames = [
      frame('a+0x1/0x2', 1, { source, inlined: [{ function: 'tiny', source: { file: 'x.h', line: 3 } }] }),
    ];
    const text = screenOf({ frames, culprit: { function: 'a', passed: [] } });
    expect(text).toContain('tiny at x.h:3 (inlined into the next)');
    expect(text).toContain('a+0x1/0x2 at fs/frob.c:12 <- culprit');
    expect(text).not.toContain('lacks source lines');
  });
});

describe('trust', () => {
  test('a damaged report says how', () => {
    const text = screenOf({ corrupted: true, corruptedReason: 'two reports are mixed' });
    expect(text).toContain('Fair: by the common title rules the report is corrupted (two reports');
  });

  test('without a stack there is less to believe', () => {
    const text = screenOf({ frames: [], stacks: [] });
    expect(text).toContain('Fair:');
    expect(text.replace(/\s+/g, ' ')).toContain('The log lacks a call trace.');
  });

  test('an input that ends in a report is said to', () => {
    const text = screen(fileResult([crashReport()], { input: { ...inputFacts, cutOff: true } }));
    expect(text).toContain('Fair: the log ends in the middle of this report.');
  });
});

test('of a holder it is told what it does, not that it sleeps', () => {
  const text = screenOf({
    stacks: [
      {
        role: 'lock-user',
        label: 'task:holder state:S pid:41',
        frames: ['__schedule', 'schedule', '__wait_for_common', 'frob_hold', 'kthread'].map((name) =>
          frame(`${name}+0x1/0x2`, 121),
        ),
        range: lines(120),
      },
    ],
  });
  expect(text).toContain('Also:     task:holder state:S pid:41: frob_hold');
});

describe('incidents', () => {
  test('what followed comes after the root, with counts', () => {
    const panic = crashReport({
      title: 'kernel panic: Fatal exception',
      kind: 'panic/fatal-exception',
      severity: 'fatal',
      startLine: 150,
    });
    const hung = crashReport({ title: 'INFO: task hung in frob', kind: 'hang/hung-task', startLine: 160 });
    const text = screen(
      fileResult([crashReport({ repeats: 299 }), crashReport(), panic, hung, hung], {
        incidents: [
          {
            root: 0,
            follow: [
              { report: 1, why: 'repeat' },
              { report: 2, why: 'panic-after' },
              { report: 3, why: 'stuck-behind' },
              { report: 4, why: 'stuck-behind' },
            ],
            ending: [{ text: 'Rebooting in 5 seconds..', range: lines(170) }],
            boot: 0,
          },
        ],
      }),
    );
    expect(text).toContain('in frob_read of module frob, and the\n  kernel panicked.');
    expect(text).toContain('After:    And 300 more of the same.');
    expect(text).toContain('Then the kernel panicked: kernel panic: Fatal exception (line 150)');
    expect(text).toContain('Then, stuck behind it: INFO: task hung in frob (line 160, 2 times)');
    expect(text).toContain('Then: Rebooting in 5 seconds.. (line 170)');
    expect(text).not.toContain('Incident 1');
  });

  test('what comes again is counted where it belongs, and whom it befell is told', () => {
    const hung = (comm: string, pid: number, signature: string): CrashReport =>
      crashReport({
        title: `INFO: task hung in ${signature.charAt(0)}`,
        kind: 'hang/hung-task',
        signature: signature.padEnd(16, signature),
        task: { comm, pid },
        details: { of: 'hung-task', task: comm, pid, seconds: 120, state: 'D' },
        culprit: {
          function: 'frob_read',
          passed: [
            { function: '__schedule', rule: 'scheduler: where a blocked task always stands' },
            { function: 'mutex_lock', rule: 'generic locking' },
            { function: 'stale', rule: 'unreliable frame' },
          ],
        },
      });
    const reports = [hung('cat', 7, 'a'), hung('dd', 8, 'a'), hung('cp', 9, 'b'), hung('cp', 9, 'b')];
    const follow = (['repeat', 'stuck-behind', 'repeat'] as const).map((why, index) => ({ report: index + 1, why }));
    const text = screen(fileResult(reports, { incidents: [{ root: 0, follow, ending: [], boot: 0 }] }));
    expect(text).toContain('And 1 more of the same, also of dd (PID 8).');
    expect(text).toContain('INFO: task hung in b (line 100, 2 times)');
  });

  test('several are numbered, and one that was shown is not shown again', () => {
    const other = crashReport({ signature: 'fedcba9876543210', title: 'WARNING in other' });
    const text = screen(fileResult([crashReport(), other, crashReport()]));
    expect(text).toContain('boot.log: 3 incidents in');
    expect(text).toContain('Incident 3 of 3');
    expect(text).toContain('The same as incident 1; not shown again (--all).');
    expect(text.match(/^Stack:/gm)).toHaveLength(2);
  });

  test('those beyond the limit are counted', () => {
    const many = Array.from({ length: 5 }, (_, index) => crashReport({ signature: `${index}`.padStart(16, '0') }));
    const text = screen(fileResult(many), { limit: 2 });
    expect(text.match(/^Incident/gm)).toHaveLength(2);
    expect(text).toContain('… 3 more incidents (--limit 0 shows all)');
    expect(screen(fileResult(many), { limit: 0 }).match(/^Incident/gm)).toHaveLength(5);
  });
});

test('a report by itself, as watch prints it', () => {
  const text = [...textReport(crashReport(), 'boot.log', plainOptions())].join('');
  expect(text).toMatch(/^error: A NULL pointer/);
});

test('several inputs are summed up', () => {
  const text = [...textSummary({ files: 4, withCrash: 1, unclear: 1 }, plainOptions())].join('');
  expect(text).toBe('\n4 inputs: 1 with crashes, 2 without and 1 that no kernel wrote.\n');
});

/** Reports whose every text is whatever a log can hold. */
const hostileReport = fc
  .record({
    title: fc.string({ unit: 'binary', maxLength: 200 }),
    comm: fc.string({ unit: 'binary' }),
    label: fc.string({ unit: 'binary' }),
    line: fc.string({ unit: 'binary', maxLength: 400 }),
    name: fc.string({ unit: 'binary', maxLength: 60 }),
  })
  .map(({ title, comm, label, line, name }) => {
    const frames = [frame('a+0x1/0x2', 1, { function: name, module: name, section: label })];
    return crashReport({
      title,
      altTitles: [title],
      kind: title,
      frames,
      stacks: [{ role: 'freed', label, frames, comm, range: lines(1) }],
      culprit: { function: name, module: comm, passed: [{ function: name, rule: line }] },
      task: { comm, workqueue: line },
      kernel: { release: title, hardware: line, commandLine: line },
      running: { userLine: line, test: title },
      corrupted: true,
      corruptedReason: line,
      panic: { message: line, range: lines(2) },
      taints: [line],
    });
  });

describe('whatever a log holds', () => {
  test('nothing reaches the terminal that acts on it', () => {
    fc.assert(
      fc.property(hostileReport, fc.boolean(), (report, all) => {
        const text = screen(fileResult([report]), { all });
        expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
      }),
    );
  });

  test('no line is wider than the terminal but for a word that cannot be broken', () => {
    fc.assert(
      fc.property(hostileReport, fc.integer({ min: 20, max: 160 }), fc.boolean(), (report, width, all) => {
        for (const line of screen(fileResult([report]), { width, all }).split('\n')) {
          const words = line.replace(/^ *(?:[A-Z]\w*: +)?/, '').split(' ');
          // Commands to copy are never broken.
          const whole = words.length === 1 || line.includes('ktriage ') || /[0-9a-f]{16}$/.test(line);
          expect(displayWidth(line) <= width || whole, line).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('findings', () => {
  const lead: Finding = {
    rule: 'null-member',
    confidence: 'certain',
    sentence: 'frob_read() read ring->head.',
    evidence: [
      { words: 'the kernel said: BUG: kernel NULL pointer dereference', firstLine: 100, lastLine: 100 },
      { words: 'the instruction `mov 0x20(%rax),%esi` reads 4 bytes', firstLine: 105, lastLine: 105, register: 'rax' },
    ],
    against: ['It may be an index.'],
  };
  const rest: Finding[] = [
    { rule: 'bit-flip', confidence: 'possible', sentence: 'A bit is wrong.', evidence: [], against: ['Code does so.'] },
    { rule: 'in-interrupt', confidence: 'certain', sentence: 'It was one.', evidence: [], circumstance: true },
    { rule: 'module-taint', confidence: 'possible', sentence: 'It is foreign.', evidence: [], circumstance: true },
  ];

  test('the best one is what the screen begins with, then what it rests on', () => {
    const text = screenOf({ findings: [lead, ...rest] });
    expect(text).toContain('error: frob_read() read ring->head.\n');
    expect(text.replace(/\s+/g, ' ')).toContain(
      'Why: The instruction `mov 0x20(%rax),%esi` reads 4 bytes. Error code 0x0: not-present page. It was one. Stack:',
    );
    expect(text).not.toMatch(/A bit is wrong|It is foreign|It may be an index|The kernel said/);
  });

  test('--all lists the others, where each stands, and what speaks against it', () => {
    const text = screenOf({ findings: [lead, ...rest] }, { all: true }).replace(/\s+/g, ' ');
    expect(text).toContain('Findings: null-member (certain): what this report begins with.');
    expect(text).toContain('reads 4 bytes (line 105). Against it: It may be an index.');
    expect(text).toContain('bit-flip (possible): A bit is wrong. Against it: Code does so.');
    expect(text).toContain('module-taint (possible): It is foreign.');
    expect(text).toContain('ktriage explain null-member');
  });

  test('what is likely only is said to be so, and what is possible only leads nothing', () => {
    expect(screenOf({ findings: [{ ...lead, confidence: 'likely' }] })).toContain('error: Likely: frob_read() read');
    const text = screenOf({ findings: rest });
    expect(text).toContain('error: A NULL pointer was dereferenced in frob_read of module frob.');
  });

  test('a drawing keeps its columns, and a panic is told', () => {
    const drawing = ['CPU0        CPU1', '----        ----'];
    const panic = { message: 'Fatal exception', range: lines(140) };
    const text = screenOf({ findings: [{ ...lead, drawing }], panic });
    expect(text).toContain('            CPU0        CPU1\n            ----        ----\n');
    expect(text).toContain('ring->head. The kernel panicked.\n');
  });

  test('nothing of a log does anything to a terminal', () => {
    const evil = { ...lead, sentence: 'a\x1b[31m.', evidence: [{ words: 'b\x1b]0;x\x07' }], drawing: ['c\x1b[2J'] };
    for (const all of [true, false]) expect(screenOf({ findings: [evil] }, { all })).not.toMatch(/\x1b|\x07/);
  });
});
