import { header, type OwnHeader } from './own-header.ts';
import type { TitleRule } from './rule.ts';

/** Exceptions of x86 beside those of `specs/titles.md` (DO_ERROR and die() in arch/x86/kernel/traps.c). */
const x86Trap =
  /^(?:Oops: )?(segment not present|invalid TSS|coprocessor segment overrun|alignment check|bounds|overflow|device not available|fpu exception|simd exception|math fault|spurious interrupt bug|unexpected #V[CE]|control protection fault|iret exception|bad pc value|unknown trap|trap|Missing ENDBR|machine check|stack guard page|invalid operand|Oops): [0-9a-f]{4}(?: ilc:\d)? \[#\d{1,6}\]/m;

/** `die()` calls of arch/mips/kernel/traps.c, unaligned.c and arch/loongarch/kernel/traps.c. */
const mipsTrap =
  /^(Kernel bug detected|Reserved instruction in kernel code|Break instruction in kernel code|Trap instruction in kernel code|Unhandled kernel unaligned access(?: or invalid instruction)?|Kernel unaligned (?:instruction )?access|Kernel ade access|Kernel ale access|Kernel bce access|do_\w{1,16} invoked from kernel context!|Caught Machine Check exception[^[\n]{0,40}|Oops|Unexpected (?:TLB|exception)[^[\n]{0,40}|FPU (?:exception|unavailable)[^[\n]{0,40}|Illegal instruction in kernel code) ?\[#\d{1,6}\]:?/m;

/** `die()` calls of arch/riscv/kernel/traps.c; `kernel BUG` and faults have headlines of their own. */
const riscvTrap = /^(Oops - [a-z][a-z ()-]{2,60}) \[#\d{1,6}\]/m;

/** `die()` of arch/powerpc/kernel/traps.c ends in the signal. */
const ppcOops = /^Oops: ([A-Za-z][^\n]{1,60}?), sig: \d{1,3} \[#\d{1,6}\]/m;

/** Program checks of arch/s390/kernel/traps.c; `monitor event` belongs to `kernel BUG at`. */
const s390Check = /^(?!monitor event|Oops)([a-z][a-z-]{1,20}(?: [a-z-]{1,20}){0,4}): [0-9a-f]{4} ilc:\d \[#\d{1,6}\]/m;

/** early_fixup_exception() in arch/x86/mm/extable.c, and the assembly of arch/x86/kernel/head_64.S before 4.6. */
const early = /^PANIC: early exception (?:0x)?([0-9a-f]{2}) (?:IP|rip) [0-9a-f]{1,4}:[0-9a-f]{8,16} /m;

/** Unhandled aborts of arch/arm64 that end in a panic are told under that; these lines come before it. */
export const oopsHeaders: readonly OwnHeader[] = [
  header('x86-trap', ' [#', x86Trap),
  header('mips-trap', '[#', mipsTrap),
  header('riscv-trap', 'Oops - ', riscvTrap),
  header('ppc-oops', ', sig: ', ppcOops),
  header('s390-check', ' ilc:', s390Check),
  header('early-exception', 'PANIC: early exception', early),
];

/** Names of traps that have a kind of their own. */
const trapKinds: readonly (readonly [RegExp, string])[] = [
  [/^Kernel bug detected|^Exception in kernel mode/, 'bug/kernel-bug'],
  [
    /^(?:alignment check|Unhandled kernel unaligned|Kernel unaligned|Kernel ale)|misaligned|specification exception/,
    'oops/alignment',
  ],
  [
    /^(?:Reserved|Illegal) instruction|illegal (?:instruction|operation)|operation exception/i,
    'oops/undefined-instruction',
  ],
  [/^(?:control protection|Missing ENDBR)/, 'oops/control-protection'],
  [/^stack guard page/, 'oops/stack-guard-page'],
  [/divide exception/, 'oops/divide-error'],
  [/^Kernel access of bad area|^Kernel ade|addressing exception|protection exception|access fault/, 'oops/page-fault'],
  [/^(?:Machine check|machine check|Caught Machine Check)/, 'hardware/machine-check'],
];

/** The kind of a trap, by the name that the kernel gives it. */
export function trapKind(name: string): string {
  for (const [pattern, kind] of trapKinds) if (pattern.test(name)) return kind;
  return name === 'Oops' ? 'oops/other' : 'oops/trap';
}

/** The name is the title, without the numbers behind it. */
function trapRule(name: string, find: RegExp, prefix = ''): TitleRule {
  return {
    header: name,
    find,
    title: (match) => `${prefix}${match[1] ?? ''} in {F}`,
    from: ['IP', 'T'],
    kind: (match) => trapKind(match[1]?.replace(/^Oops - /, '') ?? ''),
    type: 'DoS',
  };
}

export const oopsRules: readonly TitleRule[] = [
  trapRule('x86-trap', x86Trap),
  trapRule('mips-trap', mipsTrap),
  trapRule('riscv-trap', riscvTrap),
  trapRule('ppc-oops', ppcOops, 'Oops: '),
  trapRule('s390-check', s390Check),
  {
    header: 'early-exception',
    find: early,
    title: (match) => `PANIC: early exception 0x${match[1] ?? ''}`,
    exempt: true,
    kind: 'oops/early-exception',
    type: 'DoS',
  },
];
