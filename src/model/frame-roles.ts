import { bareName } from './blame.ts';
import type { CrashReport, Frame, StackRole } from './report.ts';

/** Stacks beside the trap's whose functions did something to what broke. */
export const tellingStacks: ReadonlySet<StackRole> = new Set([
  'allocated',
  'freed',
  'related-work',
  'origin-created',
  'origin-stored',
  'race-access',
  'lock',
  'lock-user',
]);

/**
 * Functions through which a task gets into the kernel or a thread begins: every stack ends in them and none of them
 * says anything. From arch/x86/entry, arch/arm64/kernel/entry-common.c, syscall.c and their like, 4.x to 7.x.
 */
const entryFunctions =
  /^(?:entry_(?:SYSCALL|SYSENTER|INT80)\w*|do_syscall_\w+|do_fast_syscall_\w+|do_SYSENTER_\w+|do_int80\w*|x64_sys_call|ia32_sys_call|system_call\w*|tracesys\w*|sysenter_\w+|ret_from_fork\w*|ret_fast_syscall|ret_slow_syscall|el[01]t?_?(?:64|32)?_?(?:sync|svc|irq)\w*|el0_(?:svc|da|ia|interrupt)\w*|do_el0_svc\w*|invoke_syscall|__?sys_trace_return|vector_swi|handle_exception|ret_from_(?:exception|syscall)\w*|do_trap_ecall_u|syscall_(?:common|exit|enter)\w*|handle_syscall|do_syscall|system_call_\w+|__do_syscall|secondary_startup_64\w*|__secondary_switched|start_kernel|x86_64_start_\w+|verify_cpu|common_startup_64|asm_(?:exc|sysvec|common|load)_\w+)$/;

/** Frames by which memory is made and freed, and by which KASAN notes it: what matters in such a stack comes after them. */
const allocationFunctions =
  /^(?:_*kasan_\w+|save_stack\w*|set_track\w*|stack_trace_save\w*|stack_depot_\w+|poison_\w+|__?k[mzc]alloc\w*|kv?[mzc]alloc\w*|kmalloc\w*|__kmalloc\w*|kmem_cache_\w+|__kmem_cache_\w+|slab_\w+|__slab_\w+|k?vfree|kfree\w*|__kfree|do_slab_free|cache_\w+|kmemleak_\w+|__?create_object|create_object|kfence_\w+|__kfence_\w+|metadata_update_state|__?alloc_pages\w*|kmsan_\w+|__msan_\w+|post_alloc_hook|prep_new_page|get_page_from_freelist|dump_stack\w*|__call_rcu_common|call_rcu\w*)$/;

/** True for the frames of an allocator at the top of an `Allocated by` or `Freed by` stack. */
export function isAllocatorFrame(frame: Frame): boolean {
  return frame.function !== undefined && allocationFunctions.test(bareName(frame.function));
}

/** Frames by which a lock is taken: what matters in the stack of a lock comes after them. */
const lockFunctions =
  /^(?:_{0,2}lock_acquire\w*|_{0,2}(?:ww_|rt_)?mutex_lock\w*|_raw_(?:spin|read|write)_\w+|_{0,2}raw_spin_\w+|do_raw_\w+|spin_lock\w*|down_(?:read|write)\w*|_{0,2}rwsem_\w+|percpu_down_\w+|mark_lock\w*|__lock_acquire|validate_chain|check_\w+)$/;

/** True for the frames of a locking function. */
export function isLockFrame(frame: Frame): boolean {
  return frame.function !== undefined && lockFunctions.test(bareName(frame.function));
}

/** Frames in which a task sleeps: what it waits for is what comes after them. */
const waitFunctions =
  /^(?:__switch_to\w*|_{0,2}(?:io_|preempt_)?schedule\w*|_{0,2}(?:folio_|bit_|out_of_line_)?wait_(?:for|on)\w*|do_wait_for_\w+|[mu]sleep\w*|usleep_range\w*|\w{0,8}nanosleep)$/;

/** True for the frames by which a task that holds a lock sleeps, or waits for another one. */
export function isWaitFrame(frame: Frame): boolean {
  return frame.function !== undefined && (waitFunctions.test(bareName(frame.function)) || isLockFrame(frame));
}

/** True for functions by which a stack got into the kernel, or a thread began. */
export const isEntryFunction = (name: string): boolean => entryFunctions.test(bareName(name));

/** True for the frames by which a stack got into the kernel. */
export function isEntryFrame(frame: Frame): boolean {
  return frame.function !== undefined && isEntryFunction(frame.function);
}

const panicFunctions = /^(?:v?panic|nmi_panic|dump_backtrace|show_stack|dump_stack\w*|die|__die|oops_end)$/;

/**
 * How many frames at the top are the way from the trap to its report, and the trap's own once more: 0 if the trace
 * begins where the trap was. arm64 prints a stack overflow's trace from panic() on (panic_bad_stack()).
 */
export function reportingTop({ frames }: CrashReport): number {
  const [ip] = frames;
  const again = frames.findIndex(
    (frame, index) =>
      index > 1 && frame.function !== undefined && frame.function === ip?.function && frame.offset === ip.offset,
  );
  const between = frames.slice(1, Math.max(again, 1));
  return between.some((frame) => frame.function !== undefined && panicFunctions.test(frame.function)) ? again : 0;
}
