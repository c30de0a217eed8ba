import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hangReport } from '../../../src/analyze/hang/report.ts';
import { logOf, withHang } from '../../../src/analyze/hang/result.ts';
import { guestInput } from '../../../src/model/document.ts';
import type { LiveDocument } from '../../../src/model/live.ts';
import type { CrashReport } from '../../../src/model/report.ts';
import { signatureOf } from '../../../src/oops/signature.ts';
import { addressOf, cpu, entry, frame, hang, logOfLines, mutexPair, silentHang, task, usual } from './make.ts';

const resultOf = (document: LiveDocument) => withHang(logOf(document, guestInput(document.target)), document);

function reportOf(document: LiveDocument): CrashReport {
  const found = hangReport(document, logOf(document, guestInput(document.target)));
  if (found === undefined) throw new Error('there is no hang');
  return found.report;
}

const oops = [
  '[    2.000000] BUG: kernel NULL pointer dereference, address: 0000000000000020',
  '[    2.000001] #PF: supervisor read access in kernel mode',
  '[    2.000002] Oops: 0000 [#1] PREEMPT SMP',
  '[    2.000003] CPU: 1 PID: 7 Comm: frobd Not tainted 6.1.0 #1',
  '[    2.000004] RIP: 0010:frob_die+0x20/0x80',
  '[    2.000005] Call Trace:',
  '[    2.000006]  <TASK>',
  '[    2.000007]  frob_work+0x20/0x80',
  '[    2.000008]  kthread+0xe9/0x110',
  '[    2.000009]  ret_from_fork+0x22/0x30',
  '[    2.000010]  </TASK>',
  '[    2.000011] ---[ end trace 0000000000000000 ]---',
];

describe('a fault whose report never came', () => {
  const report = reportOf(silentHang());

  test('is called as its report would have been, and the deadlock is another name of it', () => {
    expect(report).toMatchObject({
      title: 'BUG: unable to handle kernel NULL pointer dereference in frob_poll',
      kind: 'oops/null-deref',
      type: 'NULL-POINTER-DEREFERENCE',
      frame: 'frob_poll',
      severity: 'fatal',
      unprinted: true,
      culprit: { function: 'frob_left', module: 'frob' },
      task: { cpu: 1, pid: 42, comm: 'frobd', irqsDisabled: true },
      kernel: { release: '6.1.0', version: '#1 SMP Debian', kaslrOffset: 0x1c00_0000n },
      modules: ['frob'],
    });
    expect(report.guiltyFile).toBe('drivers/frob.c');
    expect(report.altTitles).toContain('possible deadlock in frob_write');
    expect(report.altTitles).toContain('bad-access in frob_poll');
  });

  test('has the stack and the registers of the fault, to what it interrupted, then the whole stack', () => {
    expect(report.frames.map((each) => each.function)).toEqual([
      'frob_poll',
      '__hrtimer_run_queues',
      'hrtimer_interrupt',
    ]);
    expect(report.registers?.[0]).toMatchObject({ mode: 'kernel', values: { rax: 0n }, ip: { function: 'frob_poll' } });
    expect(report.fault).toMatchObject({ address: 0x20n, access: 'read', mode: 'kernel', errorCode: 0n });
    expect(report.explanation).toEqual({ missing: ['the code could not be read'] });
    expect(report.stacks.map(({ role, frames }) => [role, frames.length])).toEqual([
      ['trap', 3],
      ['lock-user', 12],
    ]);
  });

  test('stands behind the last line of the log, a line for each frame', () => {
    expect(report.startLine).toBe(3);
    const lines = report.reportText.trimEnd().split('\n');
    expect(lines[0]).toBe('ktriage live: CPU 1 deadlocked on itself: frob_write waits for frob.lock.');
    expect(lines[1]).toBe('Stack of CPU 1 (frobd, pid 42):');
    expect(report.range).toMatchObject({ firstLine: 3, lastLine: 2 + lines.length });
    for (const { function: name, range } of report.frames)
      expect(lines[range.firstLine - 3]).toContain(`${name}+0x20/0x80`);
    expect(lines).toContain(' --- page fault, address 0x20, pt_regs at 0xffffc900000d0e78');
    const { result, lines: own } = resultOf(silentHang());
    expect(own).toEqual(lines);
    expect(result.input).toMatchObject({ lines: 2 + lines.length, kernelLines: true, cutOff: false });
  });

  test('is the same in another boot: other addresses, CPU, task, and code that was interrupted', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: 0n, max: 0x3fff_ffffn }),
        fc.integer({ min: 1, max: 4095 }),
        fc.integer({ min: 1, max: 99_999 }),
        fc.array(fc.constantFrom('vfs_read', 'do_syscall_64', 'ext4_map_blocks', 'memcpy'), { maxLength: 5 }),
        (slide, cpuId, pid, interrupted) => {
          const again = reportOf(silentHang({ slide: slide << 21n, cpu: cpuId, pid }, interrupted));
          expect([again.title, again.altTitles, again.kind, again.signature]).toEqual([
            report.title,
            report.altTitles,
            report.kind,
            report.signature,
          ]);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('has the signature that a log with that stack would have', () => {
    const names = ['frob_poll', '__hrtimer_run_queues', 'hrtimer_interrupt'].map((name) => ({
      function: name,
      reliable: true,
      range: report.range,
    }));
    expect(report.signature).toBe(signatureOf('oops/null-deref', names, { function: 'frob_poll', passed: [] }, 'x'));
  });
});

describe('faults of other kinds', () => {
  const faulting = (
    kind: Parameters<typeof entry>[1],
    { at, code }: { at?: number; code?: number },
    architecture: string,
  ): CrashReport => {
    const ptRegs = 0x1000n;
    const more = {
      ...(at !== undefined && { faultAddress: BigInt(at) }),
      ...(code !== undefined && { errorCode: BigInt(code) }),
    };
    const frames = [frame('die'), entry('asm_exc', kind, ptRegs, more), frame('frob_poll [frob]'), frame('kthread')];
    const document = hang(
      { rule: 'fatal-fault', evidence: [{ words: 'pt_regs', address: ptRegs }], location: { function: 'frob_poll' } },
      { cpus: [cpu(frames)] },
    );
    return reportOf({ ...document, kernel: { ...document.kernel, architecture } });
  };
  test.each<[Parameters<typeof entry>[1], { at?: number; code?: number }, string, string, string]>([
    [
      'page-fault',
      { at: 0xdead_0000, code: 2 },
      'x86_64',
      'oops/page-fault',
      'BUG: unable to handle kernel paging request in frob_poll',
    ],
    [
      'page-fault',
      { at: 0xdead_0000, code: 0x10 },
      'x86_64',
      'oops/nx-exec',
      'BUG: unable to handle kernel paging request in frob_poll',
    ],
    ['page-fault', {}, 'x86_64', 'oops/page-fault', 'BUG: unable to handle kernel paging request in frob_poll'],
    [
      'synchronous',
      { at: 0x20, code: 0x9600_0004 },
      'arm64',
      'oops/null-deref',
      'BUG: unable to handle kernel NULL pointer dereference in frob_poll',
    ],
    ['synchronous', { code: 0xf200_0800 }, 'arm64', 'bug/kernel-bug', 'kernel BUG in frob_poll'],
    ['synchronous', { code: 0x0200_0000 }, 'arm64', 'oops/undefined-instruction', 'Internal error in frob_poll'],
    ['general-protection', {}, 'x86_64', 'oops/general-protection', 'general protection fault in frob_poll'],
    ['invalid-opcode', {}, 'x86_64', 'bug/kernel-bug', 'kernel BUG in frob_poll'],
    ['breakpoint', {}, 'x86_64', 'oops/int3', 'int3 in frob_poll'],
    ['divide', {}, 'x86_64', 'oops/divide-error', 'divide error in frob_poll'],
    ['stack-segment', {}, 'x86_64', 'oops/stack-segment', 'stack segment fault in frob_poll'],
    ['double-fault', {}, 'x86_64', 'oops/double-fault', 'PANIC: double fault in frob_poll'],
    ['serror', {}, 'arm64', 'oops/serror', 'Internal error in frob_poll'],
    ['other', {}, 'x86_64', 'oops/internal-error', 'Internal error in frob_poll'],
  ])('%s %j of %s is %s', (kind, more, architecture, expected, title) => {
    const report = faulting(kind, more, architecture);
    expect([report.kind, report.title]).toEqual([expected, title]);
  });
});

describe('a deadlock', () => {
  test('of two is the same whichever is seen first', () => {
    const [one, other] = [reportOf(mutexPair('deposit')), reportOf(mutexPair('withdraw'))];
    expect(one.title).toBe('possible deadlock in frob_deposit');
    expect(one.kind).toBe('hang/deadlock');
    expect(one.altTitles).toContain('possible deadlock in frob_withdraw');
    expect([other.title, other.altTitles, other.signature]).toEqual([one.title, one.altTitles, one.signature]);
    // Where it points to is what the verdict says.
    expect([one.culprit?.function, other.culprit?.function]).toEqual(['frob_deposit', 'frob_withdraw']);
    expect(one.stacks.map(({ role, pid }) => [role, pid])).toEqual([
      ['trap', 7],
      ['lock-user', 8],
    ]);
  });

  test('with itself is of that thread alone, whoever else waits at the same place', () => {
    const stack = [frame('_raw_spin_lock'), frame('frob_add [frob]'), frame('frob_interest [frob]')];
    const alone = hang(
      {
        rule: 'lock-cycle',
        evidence: [{ words: 'waits', address: addressOf('frob_add') }],
        location: { function: 'frob_add' },
      },
      { cpus: [cpu(stack)] },
    );
    const others = { ...alone, cpus: [...alone.cpus, cpu([...stack.slice(0, 2), frame('frob_other')], { id: 3 })] };
    const [one, two] = [reportOf(alone), reportOf(others)];
    expect(one.title).toBe('possible deadlock in frob_add');
    expect([two.title, two.signature]).toEqual([one.title, one.signature]);
  });
});

describe('what the kernel would find itself', () => {
  const sleeping = (...names: readonly string[]): LiveDocument =>
    hang(
      { rule: 'blocked', location: { function: names.at(-1) ?? '' } },
      {
        tasks: [
          task(
            'frob',
            7,
            ['__schedule', 'schedule', ...names, 'kthread', 'ret_from_fork'].map((name) => frame(name)),
          ),
        ],
      },
    );

  test('is a hung task', () => {
    expect(reportOf(sleeping('frob_read'))).toMatchObject({
      title: 'INFO: task hung in frob_read',
      kind: 'hang/hung-task',
      type: 'HANG',
      altTitles: ['hang in frob_read'],
    });
  });

  test('is named by the verdict where the rules of titles pass over all functions', () => {
    expect(reportOf(sleeping('frob_wait'))).toMatchObject({
      title: 'INFO: task hung in frob_wait',
      altTitles: ['INFO: task hung in ret_from_fork', 'hang in frob_wait'],
    });
  });

  test.each([
    [true, 'hang/hard-lockup', 'hard lockup in frob_spin'],
    [false, 'hang/soft-lockup', 'BUG: soft lockup in frob_spin'],
  ])('is a lockup, interrupts off: %s', (interruptsOff, kind, title) => {
    const frames = [frame('frob_spin [frob]'), frame('kthread'), frame('ret_from_fork')];
    const sentence = `CPU 1 runs frob_spin${interruptsOff ? ' with interrupts off' : ''} and does not give it away.`;
    const looping = { rule: 'busy-cpu', sentence, location: { function: 'frob_spin' } };
    const found = reportOf(hang(looping, { cpus: [cpu(frames, { interruptsOff })] }));
    // A tick that is on top of it by chance, with interrupts off as ticks have.
    const tick = [
      frame('lapic_next_event', usual, { stack: 'IRQ' }),
      entry('asm_sysvec_apic_timer_interrupt', 'interrupt', 1n),
    ];
    const ticking = reportOf(hang(looping, { cpus: [cpu([...tick, ...frames])] }));
    expect([ticking.title, ticking.signature]).toEqual([found.title, found.signature]);
    const spinning = { ...looping, sentence: 'CPU 1 has spun for 5 s in frob_spin for a lock.' };
    expect(reportOf(hang(spinning, { cpus: [cpu(frames, { interruptsOff })] })).title).toBe(title);
    expect(found).toMatchObject({ kind, title, registers: [{ values: { rip: 0x10n } }] });
    expect(found.registers?.[0]?.ip).toBeUndefined();
  });

  test('is inlined into what it is told for, without what that is made of', () => {
    const pause = { function: 'cpu_relax', source: { file: 'arch/x86/include/asm/processor.h', line: 19 } };
    const spin = { function: 'frob_loop', source: { file: 'drivers/frob.c', line: 7 } };
    const frames = [frame('frob_spin', usual, { inlined: [pause, spin], source: { file: 'drivers/frob.c', line: 9 } })];
    const at = (name: string) =>
      reportOf(hang({ rule: 'busy-cpu', location: { function: name } }, { cpus: [cpu(frames)] })).frames[0]?.inlined;
    expect(at('frob_loop')).toEqual([spin]);
    expect(at('frob_spin')).toEqual([]);
  });
});

describe('what no stack tells of', () => {
  test('has a title without numbers, and the kind of its rule', () => {
    expect(reportOf(hang({ rule: 'not-running', sentence: 'All 4 CPUs are in firmware.' }))).toMatchObject({
      title: 'no CPU runs the kernel',
      kind: 'hang/not-running',
      frames: [],
      stacks: [],
    });
    const odd = reportOf(hang({ rule: 'blocked', sentence: 'frob (pid 77) waits for 0xffff8880 for 5.2 s.' }));
    expect(odd.title).toBe('frob waits for # for # s');
  });

  test('points to where the log says that it began', () => {
    const stack = ['__schedule', 'schedule', '__mutex_lock', 'frob_wait', 'kthread'].map((name) => frame(name));
    const document = hang(
      {
        rule: 'dead-holder',
        evidence: [{ words: 'waits', address: addressOf('frob_wait') }],
        location: { function: 'frob_die' },
      },
      { tasks: [task('frob', 9, stack)], log: logOfLines(...oops) },
    );
    const { result } = resultOf(document);
    const report = result.reports.at(-1);
    expect(report).toMatchObject({
      culprit: { function: 'frob_die', range: { firstLine: 5 } },
      kind: 'hang/hung-task',
    });
    expect(report?.frames[0]?.function).toBe('frob_die');
    expect(report?.stacks.map(({ role }) => role)).toEqual(['trap', 'lock-user']);
    // The oops is a bug of its own.
    expect(result.incidents.map(({ root }) => root)).toEqual([1, 0]);

    const gone = reportOf({ ...document, log: logOfLines('[    1.000000] nothing') });
    expect(gone.culprit).toMatchObject({ function: 'frob_wait' });
  });
});

describe('the log of a machine', () => {
  test('is told without a hang where nothing is wrong', () => {
    for (const outcome of ['healthy', 'unclear'] as const) {
      const { result, lines } = resultOf({ ...silentHang(), outcome, log: logOfLines(...oops) });
      expect(lines).toEqual([]);
      expect(result.reports).toHaveLength(1);
      expect(result.path).toBe('<guest> :1234');
    }
  });

  test('may be none', () => {
    const { log: _log, ...document } = silentHang();
    expect(resultOf(document).result).toMatchObject({
      reports: [{ startLine: 1, boot: 0 }],
      input: { kernelLines: true },
    });
  });

  test('is the report itself, of a kernel that panicked', () => {
    const panic = [...oops, '[    2.100000] Kernel panic - not syncing: Fatal exception'];
    const frames = [frame('panic'), frame('oops_end')];
    const { result, lines } = resultOf(
      hang(
        { rule: 'panicked', sentence: 'The kernel has panicked.' },
        { cpus: [cpu(frames)], log: logOfLines(...panic) },
      ),
    );
    expect(lines).toEqual([]);
    const [root] = result.reports;
    expect(root).toMatchObject({
      title: 'BUG: unable to handle kernel NULL pointer dereference in frob_die',
      severity: 'fatal',
      panicked: true,
      findings: [{ rule: 'panicked' }],
    });
    expect(root?.unprinted).toBeUndefined();
  });

  test('has reports that follow from the hang: what got stuck behind it, and the beginning of its own', () => {
    const hung = [
      '[  130.000000] INFO: task frob-deposit:7 blocked for more than 120 seconds.',
      '[  130.000001] task:frob-deposit state:D stack:0 pid:7 ppid:2 flags:0x00004000',
      '[  130.000002] Call Trace:',
      '[  130.000003]  <TASK>',
      '[  130.000004]  __schedule+0x20/0x80',
      '[  130.000005]  frob_deposit+0x20/0x80 [frob]',
      '[  130.000006]  kthread+0x20/0x80',
      '[  130.000007]  </TASK>',
    ];
    const { result } = resultOf({ ...mutexPair('deposit'), log: logOfLines(...hung) });
    expect(result.incidents).toEqual([{ root: 1, follow: [{ report: 0, why: 'stuck-behind' }], ending: [], boot: 0 }]);
    expect(result.reports.map(({ incident }) => incident)).toEqual([0, 0]);

    const begun = logOfLines('[    2.000000] BUG: kernel NULL pointer dereference, address: 0000000000000020');
    const silent = resultOf({ ...silentHang(), log: begun }).result;
    expect(silent.incidents.map(({ follow }) => follow)).toEqual([[{ report: 0, why: 'reporting-trouble' }]]);
  });

  test('may be a console beside it, at whose last line the hang stands', () => {
    const log = { ...logOf(silentHang(), 'console.log') };
    const running = { harness: 'kselftest', test: 'mm: hugetlb' };
    const { result } = withHang(log, silentHang(), { isBeside: true, running });
    expect(result.input).toEqual(log.input);
    expect(result.reports[0]).toMatchObject({
      startLine: 2,
      endLine: 2,
      range: { firstLine: 2, lastLine: 2 },
      running,
    });
  });
});

test('a document of nonsense never throws', () => {
  const name = fc.constantFrom('', 'a', 'kthread', 'x'.repeat(300), '\u001b[31m', 'frob_die', '*/+.');
  const live = fc.record({
    address: fc.bigInt({ min: 0n, max: 4n }),
    function: name,
    stack: fc.constantFrom('task', 'IRQ', ''),
    reliable: fc.boolean(),
    entry: fc.constantFrom(entry('a', 'page-fault', 2n).entry, entry('a', 'other', 3n).entry, undefined),
  });
  const frames = fc
    .array(live, { maxLength: 6 })
    .map((all) => all.map(({ entry: its, ...rest }) => (its === undefined ? rest : { ...rest, entry: its })));
  fc.assert(
    fc.property(
      fc.constantFrom('lock-cycle', 'fatal-fault', 'panicked', 'busy-cpu', 'blocked', 'of another version'),
      fc.array(fc.bigInt({ min: 0n, max: 4n }), { maxLength: 4 }),
      name,
      fc.array(frames, { maxLength: 3 }),
      fc.string(),
      fc.boolean(),
      (rule, addresses, place, stacks, sentence, isDrawn) => {
        const evidence = addresses.map((address) => ({ words: 'x', address }));
        const document = hang(
          { rule, sentence, evidence, location: { function: place }, ...(isDrawn && { drawing: ['x'] }) },
          { cpus: stacks.map((each, id) => cpu(each, { id })), log: logOfLines(...oops) },
        );
        const { result } = resultOf(document);
        for (const report of result.reports) {
          expect(report.title).not.toBe('');
          expect(report.signature).toMatch(/^[0-9a-f]{16}$/);
        }
      },
    ),
    { numRuns: 200 },
  );
});
