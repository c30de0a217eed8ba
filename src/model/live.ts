import type { FileResult } from './document.ts';
import type { Explanation, Finding } from './explanation.ts';
import type { DecodedField, InlineFrame, SourceLocation } from './report.ts';
import type { SymbolFile } from './symbols.ts';

/** One frame of a stack that was read in a machine. */
export interface LiveFrame {
  /** Where it is: the instruction pointer, or where the call returns to. */
  readonly address: bigint;
  readonly function?: string;
  /** Bytes from the function's start. */
  readonly offset?: number;
  /** Bytes to the next symbol. */
  readonly size?: number;
  readonly module?: string;
  /** The stack that it stands on: `task`, `IRQ`, `SOFTIRQ`, `NMI`, `#DF`, `ENTRY`, `overflow`. */
  readonly stack: string;
  /** False for a guess: an address found on the stack that may be stale. */
  readonly reliable: boolean;
  readonly source?: SourceLocation;
  /** Innermost first. */
  readonly inlined?: readonly InlineFrame[];
  /** Arguments and locals where they are known: `lock = 0xffff888003a4b0c0`. */
  readonly variables?: readonly LiveVariable[];
  /** What the processor was interrupted by here, where this frame is that of an entry from an exception or the like. */
  readonly entry?: LiveEntry;
}

/** A variable of a frame. */
export interface LiveVariable {
  readonly name: string;
  readonly type?: string;
  readonly isArgument: boolean;
  /** Of up to 8 bytes. */
  readonly value?: bigint;
}

export const entryKinds = [
  'page-fault', 'general-protection', 'invalid-opcode', 'divide', 'breakpoint', 'debug', 'double-fault', 'stack-segment',
  'machine-check', 'alignment', 'synchronous', 'serror', 'interrupt', 'nmi', 'system-call', 'other',
] as const; // biome-ignore format: a list
export type EntryKind = (typeof entryKinds)[number];

/** Registers that the kernel saved when it was entered. */
export interface LiveEntry {
  readonly kind: EntryKind;
  /** Address of the `pt_regs`. */
  readonly ptRegs: bigint;
  /** By the names of `RegisterSet.values`: `rip`, `rsp`, `eflags`, `x0`, `pc`, `pstate`. */
  readonly registers: Readonly<Record<string, bigint>>;
  /** Entered from user space. */
  readonly isUser: boolean;
  /** Of x86 the error code, of arm64 ESR_EL1, where they are still known, and from where. */
  readonly errorCode?: bigint;
  /** CR2, FAR_EL1, where they are still known. */
  readonly faultAddress?: bigint;
}

export interface LiveCpu {
  readonly id: number;
  /** As the kernel knows it: `offline` CPUs have nothing else. */
  readonly state: 'idle' | 'kernel' | 'user' | 'firmware' | 'offline' | 'stopped' | 'unknown';
  /** The task that it runs. */
  readonly pid?: number;
  readonly comm?: string;
  readonly interruptsOff?: boolean;
  readonly registers: Readonly<Record<string, bigint>>;
  /** Control and status registers in words, by name. */
  readonly decoded?: Readonly<Record<string, readonly DecodedField[]>>;
  readonly frames: readonly LiveFrame[];
  /** Why the stack ends where it does, if not at its start. */
  readonly endsBecause?: string;
}

export interface LiveTask {
  readonly pid: number;
  /** The thread group's. */
  readonly tgid?: number;
  readonly comm: string;
  readonly address: bigint;
  /** As `ps` has it: R, S, D, I, T, t, Z, X, P. */
  readonly state: string;
  readonly stateBits?: bigint;
  /** The CPU that it runs on, or ran on last. */
  readonly cpu?: number;
  readonly onCpu?: boolean;
  readonly stack?: bigint;
  readonly isKernelThread?: boolean;
  readonly frames: readonly LiveFrame[];
  readonly endsBecause?: string;
}

/** A page fault on some stack. */
export interface LivePageFault {
  /** Whose stack it is: a CPU's, or a sleeping task's. */
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly ptRegsAddress: bigint;
  readonly registers: Readonly<Record<string, bigint>>;
  readonly isUser: boolean;
  readonly faultAddress?: bigint;
  readonly errorCode?: bigint;
  /** Of it: the faulting instruction first, then what led there. */
  readonly frames: readonly LiveFrame[];
  /** It cannot end well. */
  readonly fatal: boolean;
  /** Why it is fatal or not, in words. */
  readonly why: string;
  /** The instruction and the wrong value, of fatal ones. */
  readonly explanation?: Explanation;
}

/** Who waits for a lock, or holds it. */
export interface LockParty {
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly function?: string;
  readonly source?: SourceLocation;
  /** How it is known: `the owner field`, `its stack`. */
  readonly how?: string;
}

export const lockKinds = [
  'spinlock', 'raw-spinlock', 'rwlock', 'mutex', 'rwsem', 'percpu-rwsem', 'rt-mutex', 'semaphore', 'completion', 'wait-queue', 'futex',
  'folio', 'rcu', 'ipi', 'stop-machine', 'workqueue', 'seqlock', 'bit-lock', 'other',
] as const; // biome-ignore format: a list
export type LockKind = (typeof lockKinds)[number];

/** Something that is waited for. */
export interface LiveLock {
  readonly kind: LockKind;
  readonly address?: bigint;
  /** `ktlab_port.lock`, `&port->lock`. */
  readonly name?: string;
  /** What its words hold, as read. */
  readonly value?: string;
  readonly holders: readonly LockParty[];
  readonly waiters: readonly LockParty[];
}

/** What one looks at first: why it hangs. */
export interface Verdict extends Finding {
  readonly location?: VerdictLocation;
  /** Other places that it is about as much: where a lock was taken that is waited for at `location`. */
  readonly otherLocations?: readonly VerdictLocation[];
}

/** A place of the source that a verdict points to. */
export interface VerdictLocation {
  readonly function: string;
  readonly file?: string;
  readonly line?: number;
}

export interface LiveKernel {
  readonly architecture: string;
  readonly release?: string;
  readonly banner?: string;
  readonly buildId?: string;
  readonly slide?: bigint;
  readonly physicalBase?: bigint;
  /** What told where it is. */
  readonly how?: string;
}

export interface LiveModule {
  readonly name: string;
  readonly address: bigint;
  readonly bytes: number;
  readonly state?: 'live' | 'coming' | 'going' | 'unformed';
  readonly file?: SymbolFile;
}

export const liveOutcomes = [
  'broken', // it hangs, or hit something fatal: the verdict says what
  'healthy', // nothing is wrong with it that could be seen
  'unclear', // not enough could be read to say either: no kernel was found, no vmlinux
] as const;
export type LiveOutcome = (typeof liveOutcomes)[number];

/** Why a machine that was waited for stopped. */
export interface LiveTrigger {
  /** `panic`, `a soft lockup`, `ktlab_port_irq`. */
  readonly words: string;
  /** The function that it stopped in. */
  readonly function?: string;
  readonly address?: bigint;
  readonly cpu?: number;
}

/** What was found in a machine that stood still. */
export interface LiveDocument {
  readonly schema: 'ktriage/live/v1';
  readonly target: string;
  readonly outcome: LiveOutcome;
  /** Of `--wait`: what it stopped at. */
  readonly trigger?: LiveTrigger;
  readonly verdict: Verdict;
  /** Further findings, the likelier first. */
  readonly findings: readonly Verdict[];
  readonly kernel: LiveKernel;
  readonly symbols?: { readonly vmlinux?: SymbolFile; readonly missing?: readonly string[] };
  readonly cpus: readonly LiveCpu[];
  readonly tasks: readonly LiveTask[];
  readonly pageFaults: readonly LivePageFault[];
  readonly locks: readonly LiveLock[];
  readonly modules: readonly LiveModule[];
  /** The printk buffer, analysed as a log; its lines. */
  readonly log?: { readonly lines: readonly string[]; readonly neverPrinted?: number; readonly result?: FileResult };
  /** Milliseconds that the machine stood still because of us. */
  readonly stoppedMs: number;
  /** It runs on: false if it stood before, or is held. */
  readonly isLeftRunning?: boolean;
  /** What could not be read or found out, and why. */
  readonly problems: readonly string[];
}
