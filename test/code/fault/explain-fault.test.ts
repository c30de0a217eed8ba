import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { createArm64Disassembler } from '../../../src/code/arm64/disassembler.ts';
import { explainFault, explainUnreadable } from '../../../src/code/explain-fault.ts';
import type { Disassembler } from '../../../src/code/instruction.ts';
import { X86Disassembler } from '../../../src/code/x86/disassembler.ts';
import type { FaultingInstruction } from '../../../src/model/explanation.ts';
import type { CrashReport, FaultInfo } from '../../../src/model/report.ts';
import { bytes } from '../bytes.ts';
import { made } from './reports.ts';

const x86 = new X86Disassembler('x86_64');
let arm: Disassembler;
beforeAll(async () => {
  arm = await createArm64Disassembler();
});

function explain(report: CrashReport, code: Uint8Array, disassembler: Disassembler): FaultingInstruction {
  const instruction = disassembler.decode(code, 0, 0n);
  if (instruction === undefined) throw new Error('nothing decoded');
  return explainFault(report, { line: { offset: 0, bytes: '', text: instruction.text, marked: true }, instruction });
}

type Values = Readonly<Record<string, bigint>>;

/** A page fault of x86-64; `access` decides the error code. */
function pageFault(code: string, address: bigint, access: 'read' | 'write', values: Values): FaultingInstruction {
  const fault: FaultInfo = { address, access, errorCode: access === 'write' ? 2n : 0n };
  const report = made('x86_64', `BUG: unable to handle page fault for address: ${address.toString(16)}`, fault, values);
  return explain(report, bytes(code), x86);
}

function protection(code: string, values: Values, fault: FaultInfo = {}, more: Partial<CrashReport> = {}) {
  const headline = 'general protection fault: 0000 [#1] SMP';
  return explain(made('x86_64', headline, { errorCode: 0n, ...fault }, values, more), bytes(code), x86);
}

/** A data abort of arm64 (level 1 translation fault, read), or what the syndrome says. */
function abort(word: number, address: bigint | undefined, values: Values, esr = 0x96000005n): FaultingInstruction {
  const code = new Uint8Array(4);
  new DataView(code.buffer).setUint32(0, word, true);
  const access = (esr & 0x40n) === 0n ? 'read' : 'write';
  const fault: FaultInfo = { esr, access, ...(address !== undefined && { address }) };
  return explain(made('arm64', 'Unable to handle kernel paging request', fault, values), code, arm);
}

describe('page faults of x86', () => {
  const object = 0xffff888004500000n;

  test('a member of a structure at NULL', () => {
    const told = pageFault('8b 70 20', 0x20n, 'read', { rax: 0n });
    expect(told).toMatchObject({ verdict: 'equal', faulting: 0, register: 'rax', mnemonic: 'mov' });
    expect(told.words).toBe('reads 4 bytes at 0x20 (rax + 0x20); rax is NULL');
    expect(told.operands).toEqual([
      { text: '0x20(%rax)', access: 'read', size: 4, base: 'rax', displacement: 0x20n, address: 0x20n },
    ]);
  });

  test('an access that reaches into the next page', () => {
    const told = pageFault('48 8b 07', object + 0x1000n, 'read', { rdi: object + 0xffcn });
    expect(told).toMatchObject({ verdict: 'within', faulting: 0, register: 'rdi' });
    expect(told.words).toContain('where the next page begins');
  });

  test('an index that leads astray', () => {
    // mov (%rdi,%rax,8),%rdx
    const told = pageFault('48 8b 14 c7', object + 0x100_0000_0000n * 8n, 'read', {
      rdi: object,
      rax: 0x100_0000_0000n,
    });
    expect(told).toMatchObject({ verdict: 'equal', register: 'rax' });
  });

  test('an index into an array that is not there', () => {
    expect(pageFault('48 8b 14 c7', 0x28n, 'read', { rdi: 0n, rax: 5n })).toMatchObject({ register: 'rdi' });
  });

  test('an index that is no pointer', () => {
    // mov %dx,(%rdi,%rax,1)
    const told = pageFault('66 89 14 07', object + 0x1_0000_00b8n, 'write', { rdi: object, rax: 0x1_0000_00b8n });
    expect(told).toMatchObject({ verdict: 'equal', register: 'rax' });
    expect(told.words).toContain('; rax is 0x1000000b8, which is added to rdi');
  });

  test('of two small registers the one that is no count', () => {
    // mov 0x10(%rsi,%rdi,1),%rax
    const code = bytes('48 8b 44 3e 10');
    const instruction = x86.decode(code, 0, 0n);
    if (instruction === undefined) throw new Error('nothing decoded');
    const marked = { line: { offset: 0, bytes: '', text: instruction.text }, instruction };
    const fault: FaultInfo = { address: 0x30n, access: 'read', errorCode: 0n };
    const report = made('x86_64', 'BUG: kernel NULL pointer dereference', fault, { rsi: 0x20n, rdi: 0n });
    expect(explainFault(report, marked).register).toBe('rsi');
    const isCount = (register: string): boolean => register === 'rsi';
    expect(explainFault(report, marked, { isCount })).toMatchObject({
      register: 'rdi',
      words: 'reads 8 bytes at 0x30 (rsi + rdi + 0x10); rdi is NULL',
    });
  });

  test('per-CPU data', () => {
    // mov %gs:(%rax),%rdx
    const values = { rax: 0x1_0000_0000n, gs_base: 0xffff88807dc00000n };
    const told = pageFault('65 48 8b 10', 0xffff88817dc00000n, 'read', values);
    expect(told).toMatchObject({ verdict: 'equal', register: 'rax' });
    expect(told.operands[0]).toMatchObject({ segment: 'gs', text: '%gs:(%rax)' });
    const unknown = pageFault('65 48 8b 10', 0xffff88817dc00000n, 'read', { rax: 0n });
    expect(unknown).toMatchObject({ verdict: 'unknown', faulting: 0 });
    expect(unknown.words).toContain('the base of gs is not printed');
  });

  test('relative to the instruction pointer, where that is printed or known', () => {
    // mov 0x10(%rip),%rax: 7 bytes.
    const told = pageFault('48 8b 05 10 00 00 00', 0xffffffff81000017n, 'read', { rip: 0xffffffff81000000n });
    expect(told).toMatchObject({ verdict: 'equal' });
    expect(pageFault('48 8b 05 10 00 00 00', 0x17n, 'read', {}).verdict).toBe('unknown');
  });

  test('a copy under way: the registers have moved on', () => {
    const values = { rdi: object, rsi: object + 0xfc0n, rcx: 0x100n, eflags: 0x246n };
    const told = pageFault('f3 a4', object + 0x1000n, 'read', values);
    expect(told).toMatchObject({ verdict: 'within', register: 'rsi' });
    expect(told.operands[told.faulting ?? -1]).toMatchObject({ access: 'read', base: 'rsi' });
    const down = pageFault('f3 a4', object + 0x10n, 'write', {
      rdi: object + 0x20n,
      rsi: 0x5000n,
      rcx: 0x100n,
      eflags: 0x646n,
    });
    expect(down).toMatchObject({ verdict: 'within', register: 'rdi' });
    expect(pageFault('f3 a4', object, 'write', { ...values, rsi: 0x10n })).toMatchObject({
      verdict: 'equal',
      register: 'rdi',
    });
  });

  test('the stack of calls, and their targets', () => {
    const rsp = 0xffffc90000bf0000n;
    expect(pageFault('53', rsp - 8n, 'write', { rsp })).toMatchObject({ verdict: 'equal', register: 'rsp' });
    // call *0x10(%rax)
    const told = pageFault('ff 50 10', 0x10n, 'read', { rsp, rax: 0n });
    expect(told).toMatchObject({ verdict: 'equal', register: 'rax' });
  });

  test('registers that are not those of the fault', () => {
    const told = pageFault('8b 70 20', 0x5000n, 'read', { rax: object });
    expect(told.verdict).toBe('different');
    expect(told.faulting).toBeUndefined();
    expect(told.words).toContain('not 0x5000');
    expect(pageFault('48 89 c3', 0x5000n, 'read', { rax: 0n }).words).toContain('accesses no memory');
  });

  test('a write where the instruction only reads', () => {
    expect(pageFault('8b 70 20', 0x20n, 'write', { rax: 0n }).words).toContain('though the processor reports a write');
  });

  test('32-bit addresses wrap around', () => {
    const report = made(
      'i386',
      'BUG: unable to handle page fault for address: 00000010',
      { address: 0x10n, access: 'read' },
      { eax: 0xfffffff0n },
    );
    const told = explain(report, bytes('8b 40 20'), new X86Disassembler('i386'));
    expect(told).toMatchObject({ verdict: 'equal', register: 'eax' });
  });
});

describe('instructions that cannot be fetched', () => {
  const headline = 'BUG: kernel NULL pointer dereference, address: 0000000000000000';

  test('without code', () => {
    const report = made('x86_64', headline, { address: 0n, access: 'execute', errorCode: 16n }, { rax: 0n, rbx: 5n });
    expect(explainUnreadable(report)).toMatchObject({ verdict: 'fetch', register: 'rax', operands: [], reads: [] });
  });

  test('a register that is one of several tells nothing', () => {
    const report = made('x86_64', headline, { address: 0n, access: 'execute', errorCode: 16n }, { rax: 0n, rbx: 0n });
    expect(explainUnreadable(report)?.register).toBeUndefined();
  });

  test('data is no instruction', () => {
    const values = { x0: 0xffff800008a00000n, x1: 3n };
    const told = abort(0x39400001, 0xffff800008a00000n, values, 0x8600000fn);
    expect(told).toMatchObject({ verdict: 'fetch', register: 'x0', operands: [], writes: [] });
    expect(told.words).toContain('mapped but not executable');
  });

  test('only fetches are', () => {
    const report = made('x86_64', headline, { address: 0n, access: 'read' }, {});
    expect(explainUnreadable(report)).toBeUndefined();
  });
});

describe('general protection', () => {
  test('an address that is not canonical', () => {
    const told = protection('8b 70 20', { rax: 0xdead000000000100n });
    expect(told).toMatchObject({ verdict: 'not-canonical', faulting: 0, register: 'rax' });
    expect(told.words).toContain('0xdead000000000120 (rax + 0x20), which is not canonical');
  });

  test('canonical with five levels of page tables', () => {
    const values = { rax: 0xff11000012345678n };
    expect(protection('8b 70 20', { ...values, cr4: 0n }).verdict).toBe('not-canonical');
    expect(protection('8b 70 20', { ...values, cr4: 0x1000n }).verdict).toBe('different');
  });

  test('a check of KASAN', () => {
    // cmpb $0x0,(%rdx,%rax,1)
    const values = { rax: 0xdffffc0000000000n, rdx: 4n, rdi: 0x20n };
    const told = protection('80 3c 02 00', values, { address: 0xdffffc0000000004n });
    expect(told).toMatchObject({ verdict: 'shadow', faulting: 0, register: 'rdi' });
    expect(told.words).toContain('before an access at 0x20 to 0x27');
  });

  test('its own loads are no checks', () => {
    // mov (%rdx,%rax,1),%rcx
    const told = protection('48 8b 0c 02', { rax: 0xdffffc0000000000n, rdx: 4n });
    expect(told.verdict).toBe('not-canonical');
  });

  test('MSRs', () => {
    const told = protection('0f 30', { rcx: 0x48n, rax: 4n, rdx: 1n });
    expect(told).toMatchObject({ verdict: 'unknown', register: 'rcx' });
    expect(told.words).toContain('writes 0x100000004 to MSR 0x48 (SPEC_CTRL)');
    expect(protection('0f 32', { rcx: 0x1234n }).words).toContain('reads MSR 0x1234, which');
  });

  test('alignment', () => {
    // movaps %xmm0,0x8(%rdi)
    const told = protection('0f 29 47 08', { rdi: 0xffff888004500000n });
    expect(told).toMatchObject({ faulting: 0, register: 'rdi' });
    expect(told.words).toContain('needs a multiple of 16');
  });

  test('calls through a bad pointer', () => {
    const told = protection('ff d0', { rax: 0x6b6b6b6b6b6b6b6bn, rsp: 0xffffc90000bf0000n });
    expect(told).toMatchObject({ verdict: 'not-canonical', register: 'rax' });
  });
});

describe('other traps of x86', () => {
  const trap = (headline: string, code: string, values: Values, more: Partial<CrashReport> = {}) =>
    explain(made('x86_64', headline, { errorCode: 0n }, values, more), bytes(code), x86);

  test('division', () => {
    expect(trap('divide error: 0000 [#1]', 'f7 ff', { rdi: 0xff_0000_0000n })).toMatchObject({
      register: 'rdi',
      words: 'divides by edi, which is 0',
    });
    const overflow = trap('divide error: 0000 [#1]', 'f7 ff', { rdi: 0xffffffffn });
    expect(overflow.words).toContain('too large');
    expect(overflow.register).toBeUndefined();
    expect(trap('divide_error: 0000 [#1]', '41 f7 f8', { r8: 0n }).register).toBe('r8');
  });

  test.each([
    ['0f 0b', 'bug/kernel-bug', 'ud2, a BUG() in the source'],
    ['0f 0b', 'warning/generic', 'ud2, a WARN() in the source'],
    ['67 48 0f b9 3a', 'warning/refcount', 'ud1, a WARN() in the source'],
    ['67 0f b9 40 16', 'ubsan/other', 'a trap of the undefined behaviour sanitizer: shift out of bounds'],
    ['0f ff c3', 'oops/invalid-opcode', 'ud0, which is undefined on purpose'],
    ['0f 01 cf', 'oops/invalid-opcode', 'this processor does not have encls, or it is switched off'],
  ])('%s', (code, kind, words) => {
    expect(trap('invalid opcode: 0000 [#1]', code, {}, { kind }).words).toBe(words);
  });

  test('a stack that is used up', () => {
    const headline = 'BUG: TASK stack guard page was hit at 00000000fd84b1bd';
    const values = { rsp: 0xffffd493803efee8n, rdi: 0xffffd493803efee8n, rcx: 0x40n, cr2: 0xffffd493803efed8n };
    const told = trap(headline, 'f3 48 ab', values);
    expect(told).toMatchObject({ faulting: 0, register: 'rsp' });
    expect(told.words).toContain('the stack is used up');
    expect(trap(headline, '53', { rsp: 0xffffd493803f0000n, cr2: 0xffffd493803efff8n }).verdict).toBe('equal');
    expect(trap('PANIC: double fault, error_code: 0x0', '53', { rsp: 0x1000n, cr2: 0xff0n }).words).toContain(
      'no kernel stack',
    );
  });

  test('nothing that faulted', () => {
    expect(trap('watchdog: BUG: soft lockup', 'eb fe', {}).words).toContain('no fault');
  });
});

describe('aborts of arm64', () => {
  test('the second of a pair', () => {
    const told = abort(0xa9400440, 0xffff800008a01000n, { x2: 0xffff800008a00ff8n });
    expect(told).toMatchObject({ verdict: 'within', register: 'x2' });
  });

  test('pre-index adds first, post-index afterwards', () => {
    expect(abort(0xf85f8c43, 0x8n, { x2: 0x10n })).toMatchObject({ verdict: 'equal', register: 'x2' });
    const told = abort(0xf8408441, 0x10n, { x2: 0x10n });
    expect(told).toMatchObject({ verdict: 'equal', register: 'x2' });
    expect(told.operands[0]?.text).toBe('[x2], #8');
  });

  test('an index of 32 bits', () => {
    const values = { x0: 0xffff000000000000n, x1: 0x1234_ffff_ffffn };
    expect(abort(0xb8615802, 0xffff0003fffffffcn, values).verdict).toBe('equal');
    expect(abort(0xf861d802, 0xfffefffffffffff8n, values).verdict).toBe('equal');
  });

  test('addresses with a tag', () => {
    const values = { x2: 0xf3ff000004500000n };
    const told = abort(0xf9400440, 0xffff000004500008n, values);
    expect(told.verdict).toBe('equal');
    expect(told.words).toContain('tag');
    const checked = abort(0xf9400440, 0xf3ff000004500008n, values, 0x96000011n);
    expect(checked.words).toContain('its tag is not that of the memory');
  });

  test('a check of KASAN of an older kernel, whose shadow is elsewhere', () => {
    // ldrsb w1, [x2, x1]
    const values = { x2: 3n, x1: 0xdfffa00000000000n, x0: 0x18n };
    const told = abort(0x38e16841, 0xdfffa00000000003n, values);
    expect(told).toMatchObject({ verdict: 'shadow', register: 'x0' });
    expect(told.words).toContain('at 0x18 to 0x1f');
  });

  test('exclusives that are not aligned', () => {
    const told = abort(0x885ffc60, 0xffff000004500002n, { x3: 0xffff000004500002n }, 0x96000021n);
    expect(told).toMatchObject({ verdict: 'equal', register: 'x3' });
    expect(told.words).toContain('needs a multiple of 4');
  });

  test('cache maintenance', () => {
    const told = abort(0xd50b7e21, 0xffff000004500040n, { x1: 0xffff000004500044n }, 0x96000145n);
    expect(told).toMatchObject({ verdict: 'within', register: 'x1' });
  });

  test.each([
    [0xd4210000, 'brk 0x800, placed by BUG(), WARN() or by the compiler for code that is never reached', undefined],
    [0xd4212660, 'brk 0x933: KASAN found a write of 8 bytes at NULL (x0) bad', 'x0'],
    [0xd42aa2c0, 'a trap of the undefined behaviour sanitizer: shift out of bounds', undefined],
    [0xd4304500, 'a failed CFI check: x8 (NULL) is not a function of the type that is called', 'x8'],
    [0xd4200020, 'brk 0x1, a trap of the compiler (__builtin_trap, clang)', undefined],
    [0x00000000, 'udf, an undefined instruction: placed on purpose, or no code (it is made of zeros)', undefined],
  ])('%x', (word, words, register) => {
    const told = abort(word, undefined, { x0: 0n, x8: 0n }, word === 0 ? 0x2000000n : 0xf2000800n);
    expect(told).toMatchObject({ verdict: 'unknown', words });
    expect(told.register).toBe(register);
  });

  test('pointer authentication', () => {
    expect(abort(0xd50323bf, undefined, {}, 0x72000000n)).toMatchObject({ verdict: 'unknown', register: 'x30' });
  });
});

describe('hostile reports', () => {
  const headlines = ['general protection fault', 'BUG: unable to handle', 'double fault', 'divide error', 'int3', 'x'];
  const value = fc.bigInt({ min: 0n, max: (1n << 64n) - 1n });

  test('any code with any registers has a verdict', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 15 }),
        fc.dictionary(
          fc.constantFrom('rax', 'rcx', 'rsp', 'rdi', 'rsi', 'x0', 'x2', 'gs_base', 'cr2', 'eflags'),
          value,
        ),
        fc.constantFrom(...headlines),
        fc.option(value, { nil: undefined }),
        fc.boolean(),
        (code, values, headline, address, isArm) => {
          const fault: FaultInfo = {
            ...(address !== undefined && { address }),
            ...(isArm && { esr: address ?? 0x96000005n }),
          };
          const report = made(isArm ? 'arm64' : 'x86_64', headline, fault, values);
          const told = explain(report, code, isArm ? arm : x86);
          expect(told.words).not.toBe('');
          if (told.faulting !== undefined) expect(told.operands[told.faulting]).toBeDefined();
        },
      ),
      { numRuns: 2000 },
    );
  });
});
