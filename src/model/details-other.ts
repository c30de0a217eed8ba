import type { DecodedField } from './report.ts';

/** print_mce() in arch/x86/kernel/cpu/mce/core.c, CPER records, EDAC lines */
export interface MachineCheckDetails {
  readonly of: 'machine-check';
  readonly cpu?: number;
  readonly bank?: number;
  readonly mcgStatus?: bigint;
  readonly status?: bigint;
  readonly address?: bigint;
  readonly misc?: bigint;
  readonly tsc?: bigint;
  /** `PROCESSOR 0:306d4 TIME ... SOCKET 0 APIC 0 microcode 2b`. */
  readonly processor?: string;
  readonly socket?: number;
  readonly apic?: number;
  readonly microcode?: string;
  /** Architectural bits of the status (Intel SDM vol. 3B, 17.3.2.2; AMD APM vol. 2, 9.3.2). */
  readonly fields?: readonly DecodedField[];
  /** CPER: severity, section type, and the lines of the section. */
  readonly severity?: string;
  readonly sections?: readonly string[];
  /** EDAC: where the memory is, as printed. */
  readonly location?: string;
}

/** aer_print_error() in drivers/pci/pcie/aer.c; IOMMU faults */
export interface BusErrorDetails {
  readonly of: 'bus-error';
  readonly bus: 'pcie' | 'iommu';
  readonly driver?: string;
  readonly device?: string;
  readonly severity?: string;
  readonly type?: string;
  /** Which agent: `Receiver ID`, `Requester ID`. */
  readonly agent?: string;
  /** `vendor:device` as printed. */
  readonly id?: string;
  readonly status?: bigint;
  readonly mask?: bigint;
  /** Names of the error bits, with `(First)` taken off. */
  readonly errors: readonly string[];
  readonly address?: bigint;
}

/** kernel/irq/spurious.c */
export interface IrqDetails {
  readonly of: 'irq';
  readonly irq?: number;
  readonly handlers: readonly string[];
}

/** __warn() in kernel/panic.c */
export interface WarningDetails {
  readonly of: 'warning';
  readonly file?: string;
  readonly line?: number;
  readonly function?: string;
  readonly cpu?: number;
  readonly pid?: number;
  /** The condition between brackets (late 2025 on). */
  readonly condition?: string;
  /** What WARN() was given to say. */
  readonly message?: string;
}

/** BUG() */
export interface KernelBugDetails {
  readonly of: 'kernel-bug';
  readonly file?: string;
  readonly line?: number;
  /** What was said right before it: `usercopy: Kernel memory exposure attempt ...`, `kernel: skb_over_panic: ...`. */
  readonly message?: string;
}

/** lib/list_debug.c */
export interface ListCorruptionDetails {
  readonly of: 'list-corruption';
  readonly operation?: 'add' | 'del';
  /** The whole line. */
  readonly message: string;
  readonly expected?: bigint;
  readonly found?: bigint;
  /** Poison found: the entry was deleted before, or its memory freed. */
  readonly poison?: string;
  readonly file?: string;
  readonly line?: number;
}

/** lib/refcount.c */
export interface RefcountDetails {
  readonly of: 'refcount';
  readonly problem: 'saturated' | 'underflow' | 'use-after-free' | 'leak' | 'other';
  readonly message: string;
}

/** lib/debugobjects.c */
export interface DebugObjectDetails {
  readonly of: 'debug-object';
  /** `free`, `init`, `activate`, `assert_init` ... */
  readonly operation?: string;
  readonly state?: string;
  readonly object?: bigint;
  readonly objectType?: string;
  /** The callback. */
  readonly hint?: string;
}

/** kernel/panic.c */
export interface PanicDetails {
  readonly of: 'panic';
  readonly message: string;
  /** Attempted to kill init: the wait status, and what it means. */
  readonly exitCode?: number;
  readonly exitMeaning?: string;
  /** Unable to mount root: the device, and the partitions found. */
  readonly rootDevice?: string;
  readonly partitions?: readonly string[];
}

/** netdev_wait_allrefs() in net/core/dev.c */
export interface NetdevReferenceDetails {
  readonly of: 'netdev-reference';
  readonly device?: string;
  readonly usageCount?: number;
}

/** show_signal_msg() in arch/x86/mm/fault.c, arch/arm64/kernel/traps.c and others */
export interface UserFaultDetails {
  readonly of: 'user-fault';
  readonly task?: string;
  readonly pid?: number;
  /** `segfault`, `general protection fault`, `unhandled level 2 translation fault`. */
  readonly fault: string;
  readonly address?: bigint;
  readonly ip?: bigint;
  readonly sp?: bigint;
  readonly errorCode?: bigint;
  /** The file and, where printed, its range in memory. */
  readonly image?: string;
}
