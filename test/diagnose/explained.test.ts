import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import type { Explanation, FaultingInstruction, ValueMeaning } from '../../src/model/explanation.ts';
import type { CrashReport } from '../../src/model/report.ts';
import { crashReport, frame, lines } from '../report/make.ts';

const instruction = (more: Partial<FaultingInstruction> = {}): FaultingInstruction => ({
  line: { offset: 0, bytes: '8b7020', text: 'mov    0x20(%rax),%esi', marked: true },
  mnemonic: 'mov',
  operands: [{ text: '0x20(%rax)', access: 'read', size: 4, base: 'rax', displacement: 0x20n, address: 0x20n }],
  faulting: 0,
  verdict: 'equal',
  words: 'reads 4 bytes at 0x20 (rax + 0x20); rax is NULL',
  register: 'rax',
  reads: ['rax'],
  writes: ['rsi'],
  ...more,
});

const variable = (name: string, kind: 'local' | 'member') => ({ name, function: 'frob_read', kind });

/** A report whose instruction went wrong by %rax, which held that value. */
function explained(rax: bigint, explanation: Explanation, more: Partial<CrashReport> = {}): CrashReport {
  const registers = [{ mode: 'kernel' as const, values: { rax }, ranges: { rax: lines(106) }, range: lines(104, 115) }];
  return crashReport({ registers, explanation: { instruction: instruction(), ...explanation }, ...more });
}

const meant = (value: bigint, meaning: Pick<ValueMeaning, 'class' | 'words'>): Explanation => ({
  values: [{ register: 'rax', value, certain: true, ...meaning }],
});

const said = (report: CrashReport): string | undefined => diagnose(report)[0]?.sentence;

describe('a NULL pointer', () => {
  test('with all that can be known', () => {
    const report = explained(0n, {
      accessed: variable('ring->head', 'member'),
      wrong: { ...variable('ring', 'local'), location: 'rax', value: 0n },
      origins: [
        { words: 'copied from %rbx', kind: 'copy', certain: true },
        { words: 'returned by frob_get()', kind: 'call', certain: true },
      ],
    });
    const [finding] = diagnose(report);
    expect(finding).toMatchObject({ rule: 'null-member', confidence: 'certain' });
    expect(finding?.sentence).toBe(
      'frob_read() of module frob read ring->head at offset 0x20 through ring, which is in %rax and is NULL.',
    );
    expect(finding?.evidence).toEqual([
      {
        words: 'the instruction `mov 0x20(%rax),%esi` reads 4 bytes at 0x20 (rax + 0x20); rax is NULL',
        firstLine: 105,
        lastLine: 105,
        register: 'rax',
        address: 0n,
      },
      { words: 'that value was returned by frob_get()', firstLine: 105, lastLine: 105 },
    ]);
    expect(finding?.against).toBeUndefined();
  });

  test('with the register, with the member only, with the address only', () => {
    expect(said(explained(0n, {}))).toBe('frob_read() of module frob read offset 0x20 through %rax, which is NULL.');
    expect(said(explained(0n, { accessed: variable('ring->head', 'member') }))).toBe(
      'frob_read() of module frob read ring->head at offset 0x20 through %rax, which is NULL.',
    );
    expect(said(crashReport())).toBe(
      'frob_read() of module frob read address 0x20: NULL plus 0x20, most likely a member at that offset of a structure whose pointer was NULL.',
    );
    expect(said(crashReport({ fault: { address: 0n, access: 'write' } }))).toBe(
      'frob_read() of module frob wrote to address 0x0: a NULL pointer was followed.',
    );
  });

  test('of a member of a member, and on arm64', () => {
    const report = explained(8n, { wrong: variable('lock', 'local') }, { architecture: 'arm64' });
    expect(said(report)).toBe(
      'frob_read() of module frob read offset 0x18 through lock, which is in rax and is NULL plus 0x8.',
    );
  });

  test('in an inlined function, and in one that the culprit called', () => {
    const inlined = [{ function: 'frob_level' }];
    const frames = [frame('frob_read+0xe/0x19 [frob]', 104, { inlined }), frame('frob_write+0x1/0x2 [frob]', 105)];
    expect(said(explained(0n, {}, { frames }))).toMatch(
      /^frob_level\(\) \(inlined into frob_read\(\) of module frob\) read offset 0x20 /,
    );
    const core = [frame('complete+0x1/0x2', 104), frame('frob_read+0xe/0x19 [frob]', 105)];
    const culprit = { function: 'frob_read', module: 'frob', range: lines(105), passed: [] };
    expect(said(explained(0n, {}, { frames: core, culprit }))).toMatch(
      /^complete\(\), called from frob_read\(\) of module frob, read offset 0x20 /,
    );
  });

  test('what speaks against it is told', () => {
    expect(diagnose(crashReport())[0]?.against?.join()).toContain('A small number used as a pointer');
    const other = instruction({ verdict: 'different', words: 'none of its operands is at that address' });
    expect(diagnose(explained(0n, { instruction: other }))[0]?.against).toContain(
      'None of its operands is at that address',
    );
  });

  test('a small number in the register is none', () => {
    expect(diagnose(explained(0x2000n, {}, { fault: { address: 0x2020n } }))[0]?.rule).not.toBe('null-member');
  });
});

describe('values that tell', () => {
  const fault = (address: bigint) => ({ fault: { address, access: 'read' as const } });

  test.each<[string, bigint, Pick<ValueMeaning, 'class' | 'words'>, string]>([
    [
      'error-pointer',
      -12n,
      { class: 'errno', words: '-ENOMEM (-12)' },
      'is the error -ENOMEM (-12): it was not checked with IS_ERR().',
    ],
    [
      'error-pointer',
      -12n,
      { class: 'errno', words: '-ENOMEM (-12)' },
      'through ring, which is in %rax and is the error',
    ],
    [
      'use-after-free',
      0x6b6b_6b6b_6b6b_6b6bn,
      { class: 'slab-poison', words: 'freed slab memory (0x6b)' },
      'it was loaded from memory after that was freed.',
    ],
    [
      'uninitialized',
      0x5a5a_5a5a_5a5a_5a5an,
      { class: 'slab-poison', words: 'slab memory not yet written (0x5a)' },
      'it was never written.',
    ],
    [
      'deleted-list-entry',
      0xdead_0000_0000_0100n,
      { class: 'list-poison', words: 'LIST_POISON1, what list_del() leaves in next' },
      'holds 0xdead000000000100 (LIST_POISON1): the value that list_del() leaves in next of an entry it takes out of a list.',
    ],
    [
      'text-in-pointer',
      0x6f6c_6c65_6820_6f68n,
      { class: 'text-string', words: 'the text "ho hello"' },
      'a string was written over a pointer.',
    ],
  ])('%s', (rule, signed, meaning, words) => {
    const value = BigInt.asUintN(64, signed);
    const wrong = { ...variable('ring', 'local'), location: 'rax', value };
    const report = explained(
      value,
      { ...meant(value, meaning), wrong },
      { kind: 'oops/page-fault', ...fault(BigInt.asUintN(64, value + 0x20n)) },
    );
    const [finding] = diagnose(report);
    expect(finding?.rule).toBe(rule);
    expect(finding?.sentence).toContain(words);
  });

  test('a flipped bit is possible only, and leads nothing', () => {
    const value = 0x7fff_8880_1234_0000n;
    const words = { class: 'bit-flip', words: '0xffff888012340000 with bit 63 flipped' } as const;
    const findings = diagnose(explained(value, meant(value, words), { kind: 'oops/general-protection', fault: {} }));
    expect(findings.find(({ rule }) => rule === 'bit-flip')?.confidence).toBe('possible');
    expect(findings[0]?.rule).toBe('general-protection');
  });

  test('vmalloc memory that a function got itself is freed', () => {
    const value = 0xffff_c900_0004_d000n;
    const origins = [{ words: 'returned by vmalloc_noprof()', kind: 'call', certain: true }] as const;
    const report = explained(value, { origins }, { kind: 'oops/page-fault', ...fault(value + 0x20n) });
    expect(diagnose(report)[0]).toMatchObject({ rule: 'use-after-free', confidence: 'likely' });
  });

  test('a division names its divisor', () => {
    const idiv = instruction({ mnemonic: 'idiv', operands: [], register: 'rsi', reads: ['rax', 'rdx', 'rsi'] });
    const registers = [{ mode: 'kernel' as const, values: { rsi: 0n }, ranges: {}, range: lines(1) }];
    const report = crashReport({ kind: 'oops/divide-error', fault: {}, registers, explanation: { instruction: idiv } });
    expect(diagnose(report)[0]).toMatchObject({
      confidence: 'certain',
      sentence: 'frob_read() of module frob divided by zero: the divisor in %rsi is 0.',
    });
  });

  test('what could not be fetched is not shown as an instruction', () => {
    const fetch = instruction({ verdict: 'fetch', words: 'no instruction can be fetched at NULL', operands: [] });
    const fn = variable('ops->read', 'member');
    const explanation = { instruction: fetch, accessed: fn };
    const [finding] = diagnose(explained(0n, explanation, { fault: { address: 0n, access: 'execute' } }));
    expect(finding?.sentence).toBe('frob_read() of module frob called ops->read, which is NULL.');
    expect(finding?.evidence[0]?.words).toBe('no instruction can be fetched at NULL');
  });
});

describe('where a value came from', () => {
  const passed = { by: 'frob_ioctl', to: 'frob_read', index: 0, parameter: 'ring' } as const;

  test('the caller that passed it is named', () => {
    expect(said(explained(0n, { passed: [{ ...passed, expression: 'frob->ring', value: 0n }] }))).toBe(
      'frob_read() of module frob read offset 0x20 through %rax, which is NULL: frob_ioctl() passed frob->ring, which is NULL, to frob_read() as ring.',
    );
    expect(said(explained(0n, { passed: [{ ...passed, value: 0n }] }))).toContain(
      ': frob_ioctl() passed NULL to frob_read() as ring.',
    );
    expect(said(explained(0n, { passed: [passed] }))).toMatch(/which is NULL\.$/);
  });

  test('poison that the code itself has is not said to be of a list', () => {
    const report = explained(0xdead_0000_0000_0100n, {
      ...meant(0xdead_0000_0000_0100n, { class: 'list-poison', words: 'LIST_POISON1, what list_del() leaves in next' }),
      origins: [{ words: 'the constant 0xdead000000000100', kind: 'constant', certain: true }],
    });
    const [finding] = diagnose(report);
    expect(finding?.confidence).toBe('certain');
    expect(finding?.sentence).toMatch(
      /holds 0xdead000000000100 \(LIST_POISON1\), a constant that the code itself has\.$/,
    );
  });

  test('what a check of KASAN looked at is the address, and not its shadow', () => {
    const operand = {
      text: '(%rdx,%rax,1)',
      access: 'read',
      size: 1,
      displacement: 0n,
      address: 0xdfff_fc00_0000_0008n,
    } as const;
    const checked = instruction({ verdict: 'shadow', operands: [operand], words: 'a check of KASAN' });
    const report = crashReport({
      kind: 'oops/general-protection',
      headline: 'general protection fault: 0000 [#1] SMP KASAN',
      fault: {},
      explanation: { instruction: { ...checked, register: 'rdi' } },
      registers: [{ mode: 'kernel', values: { rdi: 0x40n }, ranges: {}, range: lines(104, 115) }],
    });
    expect(diagnose(report)[0]).toMatchObject({ rule: 'null-member' });
    expect(said(report)).toContain('NULL plus 0x40');
  });
});

describe('a lock that is wanted', () => {
  const stuck = (explanation: Explanation): CrashReport =>
    crashReport({
      kind: 'hang/soft-lockup',
      fault: {},
      registers: [],
      details: { of: 'lockup', detector: 'soft', cpu: 1, seconds: 22, task: 'frobd', pid: 7 },
      frames: [frame('native_queued_spin_lock_slowpath+0x1/0x2', 101), frame('frob_read+0x5/0x9 [frob]', 102)],
      explanation,
    });
  const lock = {
    name: 'frob_lock',
    by: { function: 'frob_read', file: 'frob.c', line: 9 },
    through: '_raw_spin_lock',
  } as const;
  const taken = { function: 'frob_read', file: 'frob.c', line: 7, calls: 0, certain: true } as const;

  test('is named', () => {
    expect(said(stuck({ lock }))).toBe(
      'CPU 1 has not scheduled for 22 seconds, running frobd (PID 7): frob_read() of module frob spins for the spinlock frob_lock that does not come free.',
    );
  });

  test('and taken before by the same function, or by a caller', () => {
    expect(diagnose(stuck({ lock: { ...lock, taken } }))[0]).toMatchObject({
      confidence: 'certain',
      sentence:
        'CPU 1 has not scheduled for 22 seconds, running frobd (PID 7): frob_read() of module frob spins for the spinlock frob_lock, which it took itself at frob.c:7 and did not give back: it waits for itself.',
    });
    const [finding] = diagnose(stuck({ lock: { ...lock, taken: { ...taken, function: 'frob_ioctl', calls: 2 } } }));
    expect(finding?.confidence).toBe('likely');
    expect(finding?.sentence).toContain('which frob_ioctl() below it on the stack took at frob.c:7');
    expect(finding?.against).toEqual(['A function that was called since may have given the lock back.']);
  });

  test('a mutex that a task waits for', () => {
    const report = crashReport({
      kind: 'hang/hung-task',
      fault: {},
      registers: [],
      details: { of: 'hung-task', task: 'cat', pid: 42, seconds: 120 },
      frames: [
        frame('__schedule+0x1/0x2', 101),
        frame('mutex_lock+0x1/0x2', 102),
        frame('frob_read+0x5/0x9 [frob]', 103),
      ],
      explanation: { lock: { ...lock, through: 'mutex_lock' } },
    });
    expect(said(report)).toBe(
      'cat (PID 42) has waited more than 120 seconds for the mutex frob_lock in frob_read() of module frob.',
    );
  });

  test('CPUs that wait for others to answer are not what is stuck', () => {
    const report = {
      ...stuck({}),
      frames: [frame('csd_lock_wait+0x1/0x2', 101), frame('frob_read+0x5/0x9 [frob]', 102)],
    };
    expect(said(report)).toContain(
      'frob_read() of module frob waits in csd_lock_wait() for other CPUs to answer: one of those is stuck.',
    );
  });
});

describe('members that share their place', () => {
  const union = { accessed: { ...variable('page->mapping', 'member'), alternatives: ['page->pp', 'page->zone_data'] } };
  const at = (text: string, state: 'same' | 'changed'): CrashReport =>
    explained(0n, union, {
      frames: [
        {
          ...frame('frob_read+0x5/0x9 [frob]', 101),
          source: {
            file: 'frob.c',
            line: 9,
            excerpt: { path: 'frob.c', firstLine: 8, lines: ['{', text, '}'], state, note: 'n' },
          },
        },
      ],
    });

  test('are all told, unless the line of source has only one of them', () => {
    const all = 'read page->mapping (or page->pp or page->zone_data, in the same place) at offset 0x20';
    expect(said(explained(0n, union))).toContain(all);
    expect(said(at('  use(page->pp->pool);', 'same'))).toContain('read page->pp at offset 0x20');
    expect(said(at('  use(page->pp, page->mapping);', 'same'))).toContain(all);
    expect(said(at('  use(page->pp->pool);', 'changed'))).toContain(all);
  });
});

describe('where nothing is mapped', () => {
  test('beyond what a pointer points to, as its index is too large', () => {
    const address = 0xffff8880_0450_0000n + 0x1_0000_00b8n;
    const report = explained(
      0x1_0000_00b8n,
      {
        instruction: instruction({
          operands: [
            {
              text: '(%rdi,%rax,1)',
              access: 'write',
              size: 2,
              base: 'rdi',
              index: 'rax',
              scale: 1,
              displacement: 0n,
              address,
            },
          ],
          words: `writes 2 bytes at 0x${address.toString(16)} (rdi + rax); rax is 0x1000000b8, which is added to rdi`,
        }),
      },
      { kind: 'oops/page-fault', fault: { address, access: 'write' } },
    );
    expect(said(report)).toMatch(
      /where nothing is mapped: perhaps beyond the end of what %rdi points to, as %rax, which is added, is 0x1000000b8\.$/,
    );
  });

  test('at an address that the code has itself: of a per-CPU variable', () => {
    const operand = {
      text: '0x3fcf1d65(%rip)',
      access: 'read',
      size: 4,
      base: 'rip',
      displacement: 0x3fcf1d65n,
    } as const;
    const { register: _none, ...constant } = instruction({
      operands: [operand],
      verdict: 'unknown',
      words: 'faulted at 0x34000; rip is not printed, so its own address is not known',
    });
    const report = explained(
      1n,
      { instruction: constant },
      { kind: 'oops/page-fault', fault: { address: 0x34000n, access: 'read' } },
    );
    expect(said(report)).toBe(
      'frob_read() of module frob read address 0x34000, which the code itself has: that of a per-CPU variable, used without the base of a CPU (this_cpu_ptr(), per_cpu_ptr()).',
    );
    const segmented = { ...constant, operands: [{ ...operand, segment: 'gs' }] };
    expect(said({ ...report, explanation: { instruction: segmented } })).not.toContain('per-CPU variable');
  });
});
