import type { CrashReport } from '../../model/report.ts';

/** What sort of trap a report is of. */
export type TrapKind =
  | 'access' // a page fault or data abort: `address` is what could not be accessed
  | 'fetch' // of an instruction
  | 'protection' // #GP: the processor names no address
  | 'stack-segment' // #SS
  | 'divide'
  | 'undefined' // no such instruction, or one that is undefined on purpose
  | 'breakpoint'
  | 'alignment'
  | 'stack-alignment'
  | 'tag-check'
  | 'external'
  | 'double-fault'
  | 'pointer-authentication'
  | 'branch-target'
  | 'system-register'
  | 'none'; // the processor was interrupted there, or the kernel stopped of its own

/** The trap of a report, with what the processor said of it. */
export interface Trap {
  readonly kind: TrapKind;
  readonly address?: bigint;
  readonly access?: 'read' | 'write' | 'execute';
  /** arm64: the low 16 bits of the syndrome, which of brk are its number. */
  readonly comment?: number;
}

/** First match wins: arch/x86/kernel/traps.c, arch/x86/mm/fault.c and their wordings since 2.6. */
const headlines: readonly (readonly [RegExp, TrapKind])[] = [
  [/\bgeneral protection\b/, 'protection'],
  [/\bstack segment\b/, 'stack-segment'],
  [/\bdivide[ _]error\b/, 'divide'],
  [/\balignment check\b|\bsplit lock\b/, 'alignment'],
  [/\bdouble fault\b/, 'double-fault'],
  [/\bstack guard page was hit\b/, 'double-fault'],
  [/\bcontrol protection\b|\bMissing ENDBR\b/, 'branch-target'],
  [/\bint3\b/, 'breakpoint'],
  [/\binvalid opcode\b/, 'undefined'],
  [/\bNULL pointer dereference\b|\bunable to handle\b|\bpaging request\b|\bpage fault for address\b/i, 'access'],
];

/** Exception classes of ESR_EL1 (Arm ARM, D24.2.40). */
const classes: Readonly<Record<number, TrapKind>> = {
  0: 'undefined',
  13: 'branch-target',
  14: 'undefined',
  24: 'system-register',
  28: 'pointer-authentication',
  32: 'fetch',
  33: 'fetch',
  34: 'fetch',
  36: 'access',
  37: 'access',
  38: 'stack-alignment',
  47: 'external',
  60: 'breakpoint',
};

/** Fault status codes of data aborts that tell more than that it was one. */
const statuses: Readonly<Record<number, TrapKind>> = { 16: 'external', 17: 'tag-check', 33: 'alignment' };

function kindOfSyndrome(esr: bigint): TrapKind {
  const kind = classes[Number((esr >> 26n) & 0x3fn)] ?? 'none';
  return kind === 'access' ? (statuses[Number(esr & 0x3fn)] ?? kind) : kind;
}

function kindOf({ headline, fault }: CrashReport): TrapKind {
  if (fault?.esr !== undefined) return kindOfSyndrome(fault.esr);
  const named = headlines.find(([pattern]) => pattern.test(headline))?.[1];
  const kind = named ?? (fault?.address === undefined ? 'none' : 'access');
  return kind === 'access' && fault?.access === 'execute' ? 'fetch' : kind;
}

/** The trap that a report is of. CR2 counts only where it is this fault's: it stays from the last one otherwise. */
export function trapOf(report: CrashReport): Trap {
  const { fault, registers } = report;
  const { details } = report;
  // KFENCE's guard pages are hit by a page fault, which it reports in words of its own (mm/kfence/report.c).
  if (details?.of === 'kfence' && details.address !== undefined && details.access !== undefined) {
    return { kind: 'access', address: details.address, access: details.access };
  }
  const kind = kindOf(report);
  const cr2 = registers?.find(({ mode }) => mode === 'kernel')?.values.cr2;
  const usesCr2 = kind === 'access' || kind === 'fetch' || kind === 'double-fault';
  const address = fault?.address ?? (usesCr2 ? cr2 : undefined);
  const comment = fault?.esr === undefined ? undefined : Number(fault.esr & 0xffffn);
  return {
    kind,
    ...(address !== undefined && { address }),
    ...(fault?.access !== undefined && { access: fault.access }),
    ...(comment !== undefined && { comment }),
  };
}
