import type { DecodedInstruction } from '../instruction.ts';
import type { ValueContext } from '../values/context.ts';
import { hex } from '../values/context.ts';
import type { RegisterValues } from './register-values.ts';
import { valueWords } from './words.ts';

/** What an instruction that traps on purpose says. */
export interface TrapWords {
  readonly words: string;
  readonly register?: string;
}

/** Why code has such an instruction, by the report: `oops`, `warning`, `bug` ... */
function purpose(kind: string): string {
  if (kind.startsWith('warning/') || kind.startsWith('refcount/')) return 'a WARN() in the source';
  if (kind.startsWith('bug/')) return 'a BUG() in the source';
  return 'placed by BUG(), WARN() or by the compiler for code that is never reached';
}

/**
 * Checks of clang's undefined behaviour sanitizer as they are numbered in the trap
 * (clang/lib/CodeGen/SanitizerHandler.h; enum ubsan_checks in lib/ubsan.h).
 */
const sanitizerChecks: readonly string[] = [
  'addition overflow',
  'built-in function called with zero',
  'failed CFI check',
  'failed CFI check',
  'division by zero, or its overflow',
  'dynamic type',
  'float conversion overflow',
  'function type mismatch',
  'implicit conversion',
  'invalid built-in',
  'invalid Objective-C cast',
  'invalid value loaded',
  'code that is never reached',
  'missing return',
  'multiplication overflow',
  'negation overflow',
  'null argument',
  'null return',
  'null argument',
  'null return',
  'array index out of bounds',
  'pointer overflow',
  'shift out of bounds',
  'subtraction overflow',
  'type mismatch',
  'alignment assumption',
  'variable-length array bound',
  'local access out of bounds',
];

function sanitizerWords(number: number): string {
  const check = sanitizerChecks[number];
  return `a trap of the undefined behaviour sanitizer${check === undefined ? '' : `: ${check}`}`;
}

/** x86: ud0, ud1, ud2, int3 and what else raises #UD, #BP or #DE. */
export function x86TrapWords(instruction: DecodedInstruction, kind: string): TrapWords | undefined {
  switch (instruction.mnemonic) {
    case 'ud2':
      return { words: `ud2, ${purpose(kind)}` };
    case 'ud1': {
      // `ud1 0x14(%eax),%eax`: arch/x86/include/asm/bug.h as of 6.13, decode_bug().
      // As of 6.19 `ud1 (%edx),%reg` is a WARN() with arguments (__WARN_trap()).
      const [memory] = instruction.memory;
      if (memory?.base === 'rax') return { words: sanitizerWords(Number(memory.displacement & 0xffn)) };
      return { words: `ud1, ${purpose(kind)}` };
    }
    case 'ud0':
      return { words: 'ud0, which is undefined on purpose' };
    case 'udb':
      return { words: 'udb, a failed check of the kind of function that is called (FineIBT)' };
    case 'int3':
    case 'int1':
      return {
        words: `${instruction.mnemonic}, a breakpoint: of kprobes or kgdb, in freed or never used code, or in code that is being patched`,
      };
    default:
      return undefined;
  }
}

/** A divisor as it is written: `%ecx`, `%rcx`, `%r8d`, `%cl`. */
const divisor = /^i?div\w?\s+%(\w{2,4})$/;

const fullNames: readonly (readonly [RegExp, string, 8 | 16 | 32 | 64])[] = [
  [/^r([a-d]x|[sd]i|[sb]p)$/, 'r$1', 64],
  [/^e([a-d]x|[sd]i|[sb]p)$/, 'r$1', 32],
  [/^([a-d]x|[sd]i|[sb]p)$/, 'r$1', 16],
  [/^([a-d])l$/, 'r$1x', 8],
  [/^([sd]i|[sb]p)l$/, 'r$1', 8],
  [/^(r\d{1,2})$/, '$1', 64],
  [/^(r\d{1,2})d$/, '$1', 32],
  [/^(r\d{1,2})w$/, '$1', 16],
  [/^(r\d{1,2})b$/, '$1', 8],
];

/** #DE: the divisor is zero, or the quotient does not fit. */
export function divideWords(instruction: DecodedInstruction, registers: RegisterValues): TrapWords {
  const written = divisor.exec(instruction.text)?.[1];
  if (written === undefined) {
    return { words: `${instruction.mnemonic}: the divisor is 0, or the quotient is too large` };
  }
  for (const [pattern, name, bits] of fullNames) {
    if (!pattern.test(written)) continue;
    const full = written.replace(pattern, name);
    const register = registers.bits === 64 ? full : full.replace(/^r/, 'e');
    const value = registers.get(register);
    if (value === undefined) return { words: `divides by ${written}`, register };
    const used = BigInt.asUintN(bits, value);
    if (used === 0n) return { words: `divides by ${written}, which is 0`, register };
    return { words: `divides by ${written}, which is ${hex(used)}: the quotient is too large for the register` };
  }
  return { words: `divides by ${written}` };
}

/** Numbers of brk that kernels use (arch/arm64/include/asm/brk-imm.h), gcc and clang for traps of their own. */
const breakNumbers: Readonly<Record<number, string>> = {
  1: 'a trap of the compiler (__builtin_trap, clang)',
  1000: 'a trap of the compiler (__builtin_trap, gcc)',
  4: 'a kprobe',
  5: 'a uprobe',
  6: 'the single step of a kprobe',
  7: 'a kretprobe',
  256: 'a fault on purpose: code that must not run, as a BPF program that is gone',
  1024: 'a breakpoint of kgdb',
  1025: 'a breakpoint of kgdb compiled in',
};

/** arm64: brk, by its number. */
export function breakWords(number: number, kind: string, registers: RegisterValues, context: ValueContext): TrapWords {
  const named = breakNumbers[number];
  if (named !== undefined) return { words: `brk ${hex(BigInt(number))}, ${named}` };
  if (number === 0x800) return { words: `brk 0x800, ${purpose(kind)}` };
  if (number >= 0x900 && number <= 0x93f) {
    // KASAN_ESR_* in arch/arm64/kernel/traps.c; the address is in x0.
    const size = 1 << (number & 0xf);
    const address = registers.get('x0');
    const where = address === undefined ? '' : ` at ${valueWords(address, context)}`;
    const what = (number & 0x10) !== 0 ? 'a write' : 'a read';
    return {
      words: `brk ${hex(BigInt(number))}: KASAN found ${what} of ${size} bytes${where} (x0) bad`,
      register: 'x0',
    };
  }
  if (number >= 0x5500 && number <= 0x55ff) return { words: sanitizerWords(number & 0xff) };
  if (number >= 0x8000 && number <= 0xbfff) {
    // CFI_BRK_IMM_TARGET and CFI_BRK_IMM_TYPE.
    const register = `x${number & 0x1f}`;
    const target = registers.get(register);
    const where = target === undefined ? '' : ` (${valueWords(target, context)})`;
    return { words: `a failed CFI check: ${register}${where} is not a function of the type that is called`, register };
  }
  return { words: `brk ${hex(BigInt(number))}` };
}
