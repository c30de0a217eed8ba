import { kindOf } from './kinds.ts';

/**
 * The kind of a family whose variants the kernel names in the headline (`BUG: KASAN: slab-use-after-free`,
 * `BUG: KFENCE: use-after-free read`, `UBSAN: shift-out-of-bounds`): `family/other` for a variant not listed.
 */
export function variantKind(family: string, text: string): string {
  const words = text.trim().toLowerCase();
  // "double-free or invalid-free" was KASAN's wording up to 6.1; KFENCE writes "invalid read", "invalid write".
  if (family === 'kasan' && words.startsWith('double-free or')) return 'kasan/invalid-free';
  if (family === 'kfence' && /^invalid (?:read|write)$/.test(words)) return 'kfence/invalid-access';
  if (family === 'kcsan' && words.startsWith('assert:')) return 'kcsan/assert';
  if (family === 'ubsan' && words.startsWith('undefined behaviour')) return 'ubsan/undefined-behaviour';
  const variant = words.replace(/ (?:read|write)$/, '').replaceAll(' ', '-');
  const name = `${family}/${variant}`;
  return kindOf(name) === undefined ? `${family}/other` : name;
}

/** report_ubsan_failure() in lib/ubsan.c: with CONFIG_UBSAN_TRAP a check is a trap, and has these words. */
const ubsanTraps: readonly (readonly [string, string])[] = [
  ['array index out of bounds', 'ubsan/array-index-out-of-bounds'],
  ['shift out of bounds', 'ubsan/shift-out-of-bounds'],
  ['divide/remainder overflow', 'ubsan/division-overflow'],
  ['unreachable code', 'ubsan/unreachable'],
  ['loading invalid value', 'ubsan/invalid-load'],
  ['alignment assumption', 'ubsan/alignment-assumption'],
  ['type mismatch', 'ubsan/object-size-mismatch'],
  ['integer truncation', 'ubsan/integer-truncation'],
  ['integer negation overflow', 'ubsan/negation-overflow'],
  ['integer ', 'ubsan/signed-integer-overflow'],
];

/** The kind of a trap of UBSAN, by what follows `UBSAN: `. */
export function ubsanTrapKind(text: string): string {
  return ubsanTraps.find(([words]) => text.startsWith(words))?.[1] ?? 'ubsan/other';
}

/** Kinds of panics by what follows `Kernel panic - not syncing: `, first match wins. */
const panicMessages: readonly (readonly [RegExp, string])[] = [
  [/^Attempted to kill init!/, 'panic/init-killed'],
  [/^No (?:working )?init found|^Requested init .* failed|^No init/i, 'panic/no-init'],
  [
    /^VFS: Unable to mount root|^VFS: Unable to open root|^Unable to mount root|^No filesystem could mount root/i,
    'panic/no-root',
  ],
  [/^stack-protector: /, 'panic/stack-protector'],
  [/^corrupted stack end detected/, 'panic/stack-end'],
  [/stack overflow/i, 'oops/stack-overflow'],
  [
    /^Fatal exception|^Fatal Exception|^Aiee, killing interrupt handler|^Oops - BUG|^Attempted to kill the idle/,
    'panic/fatal-exception',
  ],
  [/panic_on_warn set/, 'panic/warning'],
  [/^hung_task: /, 'panic/hung-task'],
  [/^softlockup: /, 'panic/soft-lockup'],
  [/Hard LOCKUP|hard LOCKUP/, 'panic/hard-lockup'],
  [/^RCU Stall/, 'panic/rcu-stall'],
  [/^Out of memory|^Out of Memory|^System is deadlocked on memory|panic_on_oom|^out of memory/, 'panic/out-of-memory'],
  [
    /machine check|Machine check|^Fatal hardware error|^mce|^MCE|^Uncorrected hardware|^(?:EDAC|UE) /i,
    'panic/machine-check',
  ],
  [/^Asynchronous SError|^SError/, 'panic/serror'],
  [/\bNMI\b/, 'panic/nmi'],
  [/^bad mode|^Bad mode|^Unhandled exception/, 'oops/bad-mode'],
  [/^sysrq triggered crash/, 'panic/sysrq'],
];

/** The kind of a panic, by its message. */
export function panicKind(message: string): string {
  for (const [pattern, kind] of panicMessages) if (pattern.test(message)) return kind;
  return 'panic/generic';
}

/**
 * Kinds by the text behind `Internal error: ` (arch/arm64/kernel/traps.c, arch/arm/mm/fault.c).
 * arm64 faults print their name here again: `Internal error: synchronous external abort: 96000410`.
 */
const internalErrors: readonly (readonly [RegExp, string])[] = [
  [/^Oops - CFI/, 'oops/cfi'],
  [/^Oops - BTI/, 'oops/bti'],
  [/^Oops - FPAC|^Oops - .*pointer auth/i, 'oops/pointer-authentication'],
  [/^Oops - GCS/, 'oops/guarded-control-stack'],
  [/^Oops - BUG/, 'bug/kernel-bug'],
  [/^Oops - (?:[Uu]ndefined instruction|illegal instruction)|^undefined instruction/, 'oops/undefined-instruction'],
  [/^Oops - bad mode|^Oops - Bad mode/, 'oops/bad-mode'],
  [/[Ss]ynchronous (?:external|parity)|external abort/, 'oops/synchronous-external-abort'],
  [/^SError/, 'oops/serror'],
  [/alignment fault|alignment exception|SP\/PC alignment/, 'oops/alignment'],
  [/tag check fault|^Oops - MTE/, 'oops/tag-check'],
  [/stack overflow/, 'oops/stack-overflow'],
];

/** The kind of an arm or arm64 oops, by what follows `Internal error: `. */
export function internalErrorKind(text: string): string {
  for (const [pattern, kind] of internalErrors) if (pattern.test(text)) return kind;
  return 'oops/internal-error';
}

/** Kinds by what slab debugging says behind `BUG <cache> (<taint>): ` (mm/slub.c). */
const slabFindings: readonly (readonly [RegExp, string])[] = [
  [/^Poison overwritten|^Poison/, 'slab/poison-overwritten'],
  [/[Rr]edzone|kmalloc Redzone/, 'slab/redzone-overwritten'],
  [/[Pp]adding/, 'slab/padding-overwritten'],
  [/^Object already free/, 'slab/object-already-free'],
  [/^Invalid object pointer|^Attempt to free|^Wrong slab cache/, 'slab/invalid-free'],
  [/[Ff]reelist|[Ff]reepointer|Freechain|free chain/, 'slab/freelist-corrupt'],
  [/^Objects remaining/, 'slab/objects-remaining'],
];

/** The kind of a slab report, by what was found. */
export function slabKind(text: string): string {
  for (const [pattern, kind] of slabFindings) if (pattern.test(text)) return kind;
  return 'slab/corruption';
}

/**
 * The kind of a line `Unable to handle kernel ...`, by what follows these words: arm64
 * (arch/arm64/mm/fault.c), arm, riscv, s390 and mips wordings.
 */
export function unableToHandleKind(text: string): string {
  if (text.startsWith('NULL pointer dereference')) return 'oops/null-deref';
  if (text.startsWith('execut')) return 'oops/nx-exec';
  if (text.startsWith('write to read-only memory')) return 'oops/read-only-write';
  if (text.startsWith('read from unreadable memory')) return 'oops/unreadable';
  if (text.startsWith('access to user memory')) return 'oops/user-access';
  if (/^(?:paging request|pointer dereference|data access|page fault)/.test(text)) return 'oops/page-fault';
  return 'oops/other';
}
