import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isCount } from '../../src/code/count-register.ts';
import { followBack, type Step } from '../../src/code/follow.ts';
import { originsOf } from '../../src/code/follow-words.ts';
import { decodeAll, functionCode } from '../../src/code/function-code.ts';
import { type FunctionText, textOfDump } from '../../src/code/function-text.ts';
import type { Disassembler } from '../../src/code/instruction.ts';
import { loadDisassembler } from '../../src/code/load-disassembler.ts';
import { bytes } from './bytes.ts';

async function disassembler(architecture: Disassembler['architecture']): Promise<Disassembler> {
  const found = await loadDisassembler(architecture);
  if (found === undefined) throw new Error(`nothing disassembles ${architecture}`);
  return found;
}

/** A whole function from its bytes. */
async function whole(code: string, architecture: Disassembler['architecture'] = 'x86_64'): Promise<FunctionText> {
  const instructions = decodeAll(await disassembler(architecture), bytes(code), 0x1000n);
  const text = textOfDump(architecture, instructions, true, 'foo');
  return { ...text, code: functionCode(architecture, instructions, { fromEntry: true, isWhole: true }) };
}

interface Told {
  readonly steps: readonly Step[];
  /** `kind: words`, with `?` where it is not certain. */
  readonly told: readonly string[];
}

/** Where a register's value came from that the last instruction reads. */
async function origins(
  code: string,
  register: string,
  {
    architecture = 'x86_64',
    value,
  }: { readonly architecture?: Disassembler['architecture']; readonly value?: bigint } = {},
): Promise<Told> {
  const text = await whole(code, architecture);
  const fault = text.code.instructions.length - 1;
  const steps = followBack(text.code, { from: fault, register, ...(value !== undefined && { value }) }, text.calls);
  const told = originsOf(steps, { text, fault }).map(
    ({ kind, words, certain }) => `${kind}${certain ? '' : '?'}: ${words}`,
  );
  return { steps, told };
}

describe('x86-64', () => {
  test('an argument', async () => {
    // mov 0x20(%rsi),%eax
    expect((await origins('8b 46 20', 'rsi')).told).toEqual(['argument: second argument of foo()']);
  });

  test('through a copy that calls preserve', async () => {
    // push %rbx; mov %rdi,%rbx; call; mov 0x20(%rbx),%eax
    expect((await origins('53 48 89 fb e8 00 00 00 00 8b 43 20', 'rbx')).told).toEqual([
      'copy: copied from %rdi',
      'argument: first argument of foo()',
    ]);
  });

  test('what a call returned', async () => {
    // call; mov %rax,%rcx; mov (%rcx),%edx
    expect((await origins('e8 00 00 00 00 48 89 c1 8b 11', 'rcx')).told).toEqual([
      'copy: copied from %rax',
      'call: returned by a called function',
    ]);
  });

  test('a load', async () => {
    // mov 0x18(%rdi),%rax; mov 0x8(%rax),%edx
    const { told, steps } = await origins('48 8b 47 18 8b 50 08', 'rax');
    expect(told).toEqual(['load: loaded from memory at %rdi plus 0x18']);
    expect(steps[0]).toMatchObject({ kind: 'load', nth: 0, size: 8 });
  });

  test('a constant', async () => {
    // xor %eax,%eax; mov 0x20(%rax),%esi
    expect((await origins('31 c0 8b 70 20', 'rax')).told).toEqual(['constant: the constant 0']);
  });

  test('a spill to the stack and back, with the stack moved between', async () => {
    // sub $0x18,%rsp; mov %rdi,0x8(%rsp); push %rbx; call; mov 0x10(%rsp),%rax; mov (%rax),%edx
    const code = '48 83 ec 18 48 89 7c 24 08 53 e8 00 00 00 00 48 8b 44 24 10 8b 10';
    expect((await origins(code, 'rax')).told).toEqual([
      'copy: read back from the stack into %rax',
      'copy: put on the stack from %rdi',
      'argument: first argument of foo()',
    ]);
  });

  test('push and pop', async () => {
    // push %rsi; pop %rax; mov (%rax),%edx
    expect((await origins('56 58 8b 10', 'rax')).told).toEqual([
      'copy: read back from the stack into %rax',
      'copy: put on the stack from %rsi',
      'argument: second argument of foo()',
    ]);
  });

  test('a slot that something else is written over', async () => {
    // mov %rdi,0x8(%rsp); movl $1,0xc(%rsp); mov 0x8(%rsp),%rax; mov (%rax),%edx
    const { told } = await origins('48 89 7c 24 08 c7 44 24 0c 01 00 00 00 48 8b 44 24 08 8b 10', 'rax');
    expect(told.at(-1)).toBe('unknown: on the stack, put there in a way that is not known');
  });

  test('%rbp is a register as any other where it is no frame pointer', async () => {
    // mov 0x8(%rbp),%rax; mov (%rax),%edx
    expect((await origins('48 8b 45 08 8b 10', 'rax')).told).toEqual(['load: loaded from memory at %rbp plus 0x8']);
  });

  test('arithmetic goes on with the base', async () => {
    // lea 0x10(%rdi,%rsi,8),%rax; mov (%rax),%edx
    expect((await origins('48 8d 44 f7 10 8b 10', 'rax')).told).toEqual([
      'arithmetic: the sum of %rdi, %rsi times 8, 0x10',
      'argument: first argument of foo()',
    ]);
  });

  test('zero-extension', async () => {
    // mov %edi,%eax; mov (%rax),%edx
    expect((await origins('89 f8 8b 10', 'rax')).told).toEqual([
      'copy: copied from the low 32 bits of %rdi',
      'argument: first argument of foo()',
    ]);
  });

  // test %esi,%esi; je 1f; mov %rdx,%rdi; 1: mov (%rdi),%eax
  const join = '85 f6 74 03 48 89 d7 8b 07';
  test('where branches join it is not certain', async () => {
    expect((await origins(join, 'rdi')).told).toEqual([
      'copy?: copied from %rdx; by another branch as it was when the function was called',
      'argument?: third argument of foo()',
    ]);
  });

  test('a constant that it is not is left out where branches join', async () => {
    // xor %eax,%eax; test %esi,%esi; je 1f; mov $5,%eax; 1: mov (%rax),%ecx
    const code = '31 c0 85 f6 74 05 b8 05 00 00 00 8b 08';
    expect((await origins(code, 'rax', { value: 0n })).told).toEqual(['constant: the constant 0']);
    expect((await origins(code, 'rax')).told).toEqual([
      'constant?: the constant 0x5; by another branch by "xor %eax,%eax"',
    ]);
  });

  test('a loop', async () => {
    // 1: mov (%rdi),%rdi; test %rdi,%rdi; jne 1b; ... of the list's next: the load itself is what it comes from.
    const { told } = await origins('48 8b 3f 48 85 ff 75 f8 48 8b 3f', 'rdi');
    expect(told).toEqual(['load: loaded from memory at %rdi']);
  });

  test('behind an exchange nothing is known', async () => {
    // cmove %rsi,%rdi; mov (%rdi),%eax
    expect((await origins('48 0f 44 fe 8b 07', 'rdi')).told).toEqual(['unknown: set by "cmove %rsi,%rdi"']);
  });

  test('code that nothing leads to', async () => {
    // xor %edi,%edi; jmp over; mov (%rdi),%eax
    expect((await origins('31 ff eb 02 8b 07', 'rdi')).told).toEqual([
      'unknown?: %rdi was set before a jump to this code, from where is not known',
    ]);
  });

  test('with the bytes of a log alone nothing is certain', async () => {
    const instructions = decodeAll(await disassembler('x86_64'), bytes('48 89 f8 8b 10'), 0n);
    const text = textOfDump('x86_64', instructions, false, 'foo');
    const steps = followBack(text.code, { from: 1, register: 'rax' }, text.calls);
    expect(originsOf(steps, { text, fault: 1 })).toEqual([
      { kind: 'copy', words: 'copied from %rdi', offset: -3, certain: false },
      { kind: 'unknown', words: '%rdi was set before the code that the log has', certain: false },
    ]);
  });
});

describe('i386', () => {
  test('arguments in registers', async () => {
    // mov %eax,%ebx; mov 0x8(%ebx),%ecx
    expect((await origins('89 c3 8b 4b 08', 'ebx', { architecture: 'i386' })).told).toEqual([
      'copy: copied from %eax',
      'argument: first argument of foo()',
    ]);
  });
});

/** Words of arm64 as they lie in memory. */
const words = (...each: number[]): string =>
  each.map((word) => [0, 8, 16, 24].map((shift) => ((word >>> shift) & 0xff).toString(16)).join(' ')).join(' ');

describe('arm64', () => {
  const architecture = 'arm64';
  const ldrX1X0 = 0xf9400001; // ldr x1, [x0]
  const ldrX1X19 = 0xf9400261; // ldr x1, [x19]
  const bl = 0x94000400; // bl, far away

  test('through a copy that calls preserve', async () => {
    // mov x19, x0; bl; ldr x1, [x19]
    expect((await origins(words(0xaa0003f3, bl, ldrX1X19), 'x19', { architecture })).told).toEqual([
      'copy: copied from x0',
      'argument: first argument of foo()',
    ]);
  });

  test('what a call returned', async () => {
    expect((await origins(words(bl, ldrX1X0), 'x0', { architecture })).told).toEqual([
      'call: returned by a called function',
    ]);
  });

  test('the second of a pair', async () => {
    // ldp x1, x0, [x2, #16]; ldr x1, [x0]
    const { told, steps } = await origins(words(0xa9410041, ldrX1X0), 'x0', { architecture });
    expect(told).toEqual(['load: loaded from memory at x2 plus 0x18']);
    expect(steps[0]).toMatchObject({ kind: 'load', offset: 8, size: 8 });
  });

  test('a pair on the stack', async () => {
    // stp x0, x1, [sp, #-16]!; ldp x3, x0, [sp]; ldr x1, [x0]
    expect((await origins(words(0xa9bf07e0, 0xa94003e3, ldrX1X0), 'x0', { architecture })).told).toEqual([
      'copy: read back from the stack into x0',
      'copy: put on the stack from x1',
      'argument: second argument of foo()',
    ]);
  });

  test('what is shifted is added to the other', async () => {
    // add x2, x0, x2, lsl #4; ldr x0, [x2, #16]
    expect((await origins(words(0x8b021002, 0xf9400840), 'x2', { architecture })).told).toEqual([
      'arithmetic?: computed from x0 by "add x2, x0, x2, lsl #4"',
      'argument: first argument of foo()',
    ]);
  });

  test('a constant in parts is one', async () => {
    // mov x0, #0x100; movk x0, #0xdead, lsl #48; ldr x1, [x0]
    const value = 0xdead000000000100n;
    expect((await origins(words(0xd2802000, 0xf2fbd5a0, ldrX1X0), 'x0', { architecture, value })).told).toEqual([
      'constant: the constant 0xdead000000000100',
    ]);
  });
});

describe('a loop', () => {
  // mov %rdi,%rax; jmp 9; 5: add $1,%rax; 9: cmpb $0,(%rax); jne 5; ret
  const loop = '48 89 f8 eb 04 48 83 c0 01 80 38 00 75 f7 c3';
  const fault = 3;

  async function waysWith(rdi: bigint | undefined): Promise<readonly string[]> {
    const text = await whole(loop);
    const registers = (name: string): bigint | undefined => (name === 'rdi' ? rdi : undefined);
    const steps = followBack(text.code, { from: fault, register: 'rax', value: 0x104n, registers }, text.calls);
    return originsOf(steps, { text, fault }).map(({ words }) => words);
  }

  test('is gone round once', async () => {
    expect(await waysWith(undefined)).toEqual([
      'the sum of %rax, 0x1; by another branch by "mov %rdi,%rax"',
      'copied from %rdi; by another branch by "add $0x1,%rax"',
      'first argument of foo()',
    ]);
  });

  test('has not begun where what was copied is still the same', async () => {
    expect(await waysWith(0x104n)).toEqual([
      'copied from %rdi; by another branch by "add $0x1,%rax"',
      'first argument of foo()',
    ]);
  });

  test('has gone on where it is not', async () => {
    expect((await waysWith(0x100n))[0]).toBe('the sum of %rax, 0x1');
  });
});

test('what was multiplied or widened is no pointer', async () => {
  // mov %esi,%esi; shl $4,%rsi; mov 0x10(%rsi,%rdi,1),%rax
  const text = await whole('89 f6 48 c1 e6 04 48 8b 44 3e 10');
  expect(['rsi', 'rdi'].map((register) => isCount({ text, fault: 2 }, register))).toEqual([true, false]);
  // In code that may be reached from elsewhere nothing is known.
  const dump = { ...text, code: { ...text.code, isWhole: false } };
  expect(isCount({ text: dump, fault: 2 }, 'rsi')).toBe(false);
});

test('whatever the bytes are, it ends and does not throw', async () => {
  for (const architecture of ['x86_64', 'i386', 'arm64'] as const) {
    const disassembly = await disassembler(architecture);
    const registers = { x86_64: ['rax', 'rdi', 'rsp'], i386: ['eax', 'esp'], arm64: ['x0', 'sp', 'x29'] }[architecture];
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 4, maxLength: 200 }),
        fc.constantFrom(...registers),
        fc.boolean(),
        fc.nat(),
        (code, register, isWhole, at) => {
          const instructions = decodeAll(disassembly, code, 0n);
          const text = {
            ...textOfDump(architecture, instructions, true, 'foo'),
            code: functionCode(architecture, instructions, { fromEntry: true, isWhole }),
          };
          const fault = at % instructions.length;
          const steps = followBack(text.code, { from: fault, register, throughLoads: true }, text.calls);
          expect(steps.length).toBeLessThanOrEqual(8);
          expect(originsOf(steps, { text, fault })).toHaveLength(steps.length);
        },
      ),
      { numRuns: 150 },
    );
  }
});
