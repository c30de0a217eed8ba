import type { EntryKind, LiveEntry } from '../../model/live.ts';
import type { Thread } from '../thread.ts';

/** An exception that a thread took, and what became of it. */
export interface Fault {
  readonly thread: Thread;
  /** Index of the entry's frame; what was interrupted begins behind it. */
  readonly nth: number;
  readonly entry: LiveEntry;
  readonly judgement: Judgement;
}

export interface Judgement {
  readonly fatal: boolean;
  /** In words, to go on from "it is fatal, as" and "it is harmless, as". */
  readonly why: string;
  /** `certain` where the kernel itself gave up, or cannot but. */
  readonly isSure: boolean;
}

/** Entries that are no faults: what the hardware or user space asks for. */
export const neverFaults: ReadonlySet<EntryKind> = new Set(['interrupt', 'nmi', 'system-call']);

/** Exceptions that are meant, mostly: only those that the kernel dies of count. */
export const harmlessKinds: ReadonlySet<EntryKind> = new Set(['debug', 'breakpoint']);

/** Functions that only run when an exception ends badly (arch/x86/mm/fault.c, arch/x86/kernel/dumpstack.c, arch/arm64/mm/fault.c). */
export const dyingFunctions =
  /^(?:page_fault_oops|no_context|show_fault_oops|pgtable_bad|die_kernel_fault|__do_kernel_fault|(?:__)?die(?:_addr|_header|_body)?|oops_(?:begin|enter|end|exit)|__show_regs|show_regs\w*|notify_die|arm64_notify_die|do_serror|bad_mode|panic_bad_stack|__stack_chk_fail|handle_stack_overflow|handle_bad_stack|make_task_dead|rewind_stack_(?:and_make_dead|do_exit)|crash_kexec|__crash_kexec|panic|vpanic|nmi_panic)$/;

/** Functions that bring in a page: as long as one of them runs, nothing is lost. */
export const servingFunctions =
  /^(?:handle_mm_fault|__handle_mm_fault|handle_pte_fault|do_(?:anonymous_page|fault|read_fault|cow_fault|shared_fault|swap_page|wp_page|numa_page)|__do_fault|filemap_fault|filemap_map_pages|hugetlb_fault|handle_userfault|lock_mm_and_find_vma|lock_vma_under_rcu|__folio_lock_or_retry|migration_entry_wait\w*)$/;
