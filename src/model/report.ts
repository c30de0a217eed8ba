import type { CrashHistory, KnownIssue } from './comparison.ts';
import type { ReportDetails } from './details.ts';
import type { SourceExcerpt } from './excerpt.ts';
import type { Explanation, Finding } from './explanation.ts';
import type { Owners } from './owners.ts';
import type { TextRange } from './position.ts';
import type { Severity } from './severity.ts';
import type { SymbolsUsed } from './symbols.ts';

/** Architectures as the kernel's own ARCH names go, the two x86 ones apart. */
export type ArchitectureName =
  | 'x86_64'
  | 'i386'
  | 'arm64'
  | 'arm'
  | 'riscv64'
  | 'ppc64'
  | 's390x'
  | 'mips'
  | 'loongarch64'
  | 'unknown';

/** A position in source code, as printed in a symbolized log or found in debug information. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column?: number;
  /** MD5 of the file when it was compiled, in hex, where debug information has it (clang, DWARF 5). */
  readonly md5?: string;
  /** True if the debug information does not fit, or could not be compared, and was used because the user insisted. */
  readonly unverified?: boolean;
  /** The lines around it, where source was given and the frame matters. */
  readonly excerpt?: SourceExcerpt;
}

/** A function inlined into its frame, innermost first. */
export interface InlineFrame {
  readonly function: string;
  readonly source?: SourceLocation;
}

/** Which stack a frame stands on, by the `<IRQ>` marks and `handle_exception`-like sections of a trace. */
export type StackSection = string;

/** One frame of a stack, as printed. */
export interface Frame {
  /** The name with its compiler suffixes (`foo.isra.0`), absent for a bare address. */
  readonly function?: string;
  /**
   * What is printed instead of `function`, where that is the one behind it: the address that a call returns to which is
   * its function's last instruction.
   */
  readonly printedFunction?: string;
  /** Bytes from the function's start. */
  readonly offset?: number;
  /** Bytes to the next symbol, as kallsyms counts it. */
  readonly size?: number;
  readonly module?: string;
  readonly moduleBuildId?: string;
  /** The address, where it is printed (before 4.10, or as a bare one). */
  readonly address?: bigint;
  /** False for a frame marked `?` or `(unreliable)`: an address found on the stack that may be stale. */
  readonly reliable: boolean;
  /** `IRQ`, `NMI`, `TASK`, `SOFTIRQ`, `EOI`, `#DF` ...: as printed between angle brackets. */
  readonly section?: StackSection;
  readonly source?: SourceLocation;
  readonly inlined?: readonly InlineFrame[];
  /** Where it may be, if several functions of that name and size are in different places; `source` is absent then. */
  readonly candidates?: readonly SourceLocation[];
  /** In code of `__init` functions, which is freed after boot, and not called by what runs them while the kernel boots. */
  readonly initText?: true;
  readonly range: TextRange;
}

/** What a stack of a report is about. */
export const stackRoles = [
  'trap', // where the report was raised: the IP's frame first, then the call trace
  'allocated',
  'freed',
  'related-work', // "Last potentially related work creation", and the second to last
  'origin-created', // KMSAN: where the memory was made
  'origin-stored', // KMSAN: where it was copied on the way
  'race-access', // KCSAN: one of the two accesses
  'lock', // lockdep: where a lock of the chain was taken, or a usage state arose
  'lock-user', // hung tasks, lock holders: where the holder is
  'cpu', // another CPU's stack (NMI backtrace, sysrq-l)
  'task', // another task's stack (sysrq-t, rcu kthread, hung task's others)
  'user', // a user-space stack
  'page-owner', // page_owner: last allocated / last freed
  'other',
] as const;
export type StackRole = (typeof stackRoles)[number];

/** One labelled stack. */
export interface StackTrace {
  readonly role: StackRole;
  /** The line that introduces it, as printed (`Allocated by task 42:`); `Call Trace:` for the trap's. */
  readonly label: string;
  readonly frames: readonly Frame[];
  /** CPU and task it belongs to, where printed. */
  readonly cpu?: number;
  readonly pid?: number;
  readonly comm?: string;
  readonly range: TextRange;
}

/** The registers of one `pt_regs`, as printed. */
export interface RegisterSet {
  readonly mode: 'kernel' | 'user';
  /** Names in lower case as the architecture's manuals spell them (`rax`, `eflags`, `cr2`, `x0`, `pstate`, `sp`, `pc`). */
  readonly values: Readonly<Record<string, bigint>>;
  /** Where each register's line stands. */
  readonly ranges: Readonly<Record<string, TextRange>>;
  /** The instruction pointer as printed, when symbolic. */
  readonly ip?: Frame;
  /** The link register as printed, when symbolic. */
  readonly lr?: Frame;
  /** The code segment of the IP line (`0010`), x86 only. */
  readonly codeSegment?: number;
  /** What is printed in words behind a register (`pstate`: `nZCv daif -PAN`). */
  readonly words?: Readonly<Record<string, string>>;
  /** Control, status and segment registers in words, by name. */
  readonly decoded?: Readonly<Record<string, readonly DecodedField[]>>;
  /** Another CPU's, printed along with the report (NMI backtraces). */
  readonly cpu?: number;
  readonly range: TextRange;
}

/** A field of an error code or syndrome register, in words. */
export interface DecodedField {
  readonly name: string;
  readonly value: string;
  readonly meaning?: string;
}

/** The processor's word on why it trapped. */
export interface FaultInfo {
  /** The address that could not be accessed (CR2, FAR, or the headline's). */
  readonly address?: bigint;
  readonly access?: 'read' | 'write' | 'execute';
  readonly mode?: 'kernel' | 'user';
  /** x86 page-fault error code, or the number behind `Oops:`. */
  readonly errorCode?: bigint;
  /** arm64 ESR_EL1. */
  readonly esr?: bigint;
  /** ESR or error-code fields in words, in printed or natural order. */
  readonly fields?: readonly DecodedField[];
  /** `Oops: 0000 [#1] PREEMPT SMP NOPTI`: the die counter and the words behind it. */
  readonly oopsCount?: number;
  readonly oopsFlags?: readonly string[];
}

/** A printed page-table entry, outermost first: `pgd`, `p4d`, `pud`, `pmd`, `pte`. */
export interface PageTableEntry {
  readonly level: string;
  readonly value: bigint;
  /** Its bits in words; absent where the architecture's entries are not known. */
  readonly fields?: readonly DecodedField[];
}

/** What printed page-table entries come to. */
export interface PageMapping {
  /** `guarded`: the kernel made it not present though it keeps what it was (KFENCE, debug_pagealloc). */
  readonly state: 'mapped' | 'unmapped' | 'guarded' | 'swapped' | 'reserved' | 'incomplete';
  /** The level at which the walk ended. */
  readonly level: string;
  /** In words: `the page is mapped read-only`. */
  readonly words: string;
  /** Bytes of the page, where it is mapped. */
  readonly size?: number;
  /** The page's physical address. */
  readonly physical?: bigint;
  /** What all levels together allow, where it is mapped. */
  readonly writable?: boolean;
  /** By the kernel. */
  readonly executable?: boolean;
  /** User space can access it. */
  readonly user?: boolean;
}

/** A `Code:` line. */
export interface CodeDump {
  /** Bytes in the order of memory; for arm and arm64 the words as printed, in hex. */
  readonly units: readonly string[];
  /** Bytes per unit: 1 on x86, 4 on arm64 (2 or 4 on arm). */
  readonly unitSize: number;
  /** Index of the marked unit, absent if none is. */
  readonly marked?: number;
  readonly mode: 'kernel' | 'user';
  readonly range: TextRange;
}

/** A module of the `Modules linked in:` line. */
export interface LinkedModule {
  readonly name: string;
  /** Its taint letters (`OE`), and `+`/`-` while being loaded or unloaded. */
  readonly flags?: string;
  readonly buildId?: string;
}

/** Who was running. */
export interface TaskInfo {
  readonly cpu?: number;
  readonly pid?: number;
  readonly tgid?: number;
  readonly uid?: number;
  readonly comm?: string;
  readonly workqueue?: string;
  readonly preemptCount?: number;
  readonly inAtomic?: boolean;
  readonly irqsDisabled?: boolean;
  /** Words about the interrupt state as printed (`hardirqs last enabled at` is not one of them). */
  readonly interruptState?: string;
}

/** What kernel on what machine. */
export interface KernelInfo {
  readonly release?: string;
  /** The build part, `#1 SMP PREEMPT_DYNAMIC Debian 6.1.176-1`. */
  readonly version?: string;
  readonly buildId?: string;
  readonly preemptModel?: string;
  readonly hardware?: string;
  /** The `Kernel Offset:` line's offset, 0n for `disabled`. */
  readonly kaslrOffset?: bigint;
  readonly commandLine?: string;
}

/** A candidate for the culprit that was passed over. */
export interface PassedFrame {
  readonly function: string;
  /** Which rule passed it over, in words. */
  readonly rule: string;
}

/** The function to blame, with the way to it. */
export interface Culprit {
  readonly function: string;
  readonly module?: string;
  readonly range?: TextRange;
  readonly passed: readonly PassedFrame[];
}

/** What ran when it happened, where the log says so. */
export interface RunContext {
  /** The harness: `kselftest`, `ktap`, `ltp`, `xfstests`, `blktests`, `kunit`. */
  readonly harness?: string;
  readonly test?: string;
  /** The module whose loading was under way. */
  readonly loadingModule?: string;
  /** The last line of another program before the report. */
  readonly userLine?: string;
  readonly userLineNumber?: number;
}

/** The panic that a report ended in. */
export interface PanicInfo {
  readonly message: string;
  readonly range: TextRange;
}

/** One crash report. Names that stand in `specs/titles.md` mean what it says. */
export interface CrashReport {
  readonly title: string;
  readonly altTitles: readonly string[];
  /** The crash category, `UNKNOWN` where there is none. */
  readonly type: string;
  /** `family/variant`, of the list that `ktriage explain --list` prints. */
  readonly kind: string;
  readonly severity: Severity;
  readonly corrupted: boolean;
  readonly corruptedReason?: string;
  readonly suppressed: boolean;
  readonly panicked: boolean;
  /** The report breaks off: what always has an end mark lacks it, or a dump has begun and nothing is in it. */
  readonly unfinished?: true;
  /** No kernel printed it: it was found in a machine that hangs, and its lines are ours. */
  readonly unprinted?: true;
  /** The title function. */
  readonly frame?: string;
  readonly culprit?: Culprit;
  /** 16 hex digits over kind and normalized frames. */
  readonly signature: string;
  readonly executor?: { readonly proc: number; readonly id: number };
  /** Line of the headline, and of the last headline of any kind in the log. */
  readonly startLine: number;
  readonly endLine: number;
  /** The report's own lines: from a `cut here` or the headline to its last line. */
  readonly range: TextRange;
  readonly headline: string;
  readonly reportText: string;
  readonly guiltyFile?: string;
  readonly architecture: ArchitectureName;
  /** The trap's stack: the IP's frame first. The same as the stack of role `trap`. */
  readonly frames: readonly Frame[];
  readonly stacks: readonly StackTrace[];
  readonly registers?: readonly RegisterSet[];
  readonly fault?: FaultInfo;
  readonly pageTable?: readonly PageTableEntry[];
  /** What these entries come to, where the architecture's are known. */
  readonly pageMapping?: PageMapping;
  readonly code?: readonly CodeDump[];
  readonly modules?: readonly string[];
  readonly linkedModules?: readonly LinkedModule[];
  readonly taintFlags?: readonly string[];
  readonly taints?: readonly string[];
  readonly task?: TaskInfo;
  readonly kernel?: KernelInfo;
  /** Seconds since boot of the headline. */
  readonly seconds?: number;
  readonly details?: ReportDetails;
  readonly panic?: PanicInfo;
  readonly running?: RunContext;
  /** Index into the file's `boots`. */
  readonly boot?: number;
  /** Index into the file's `incidents`. */
  readonly incident?: number;
  /** How often the same report came again in the same boot and was counted here. */
  readonly repeats?: number;
  /** The debug information that source positions were taken from; absent where none was sought. */
  readonly symbols?: SymbolsUsed;
  /** The faulting instruction, values and variables. */
  readonly explanation?: Explanation;
  /** What rules conclude, the best first. */
  readonly findings?: readonly Finding[];
  /** Whose code it is; absent where no source tree with a MAINTAINERS was given. */
  readonly owners?: Owners;
  /** Whether earlier runs had it; absent where there are none to hold it against. */
  readonly history?: CrashHistory;
  /** The entry of a known-issues file by which it is no news, and does not count. */
  readonly knownIssue?: KnownIssue;
}
