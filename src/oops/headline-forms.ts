import { headlineOf } from './headlines.ts';

/**
 * The whole form of headlines, as the kernel prints them: a line of such a form is a report's, whatever follows.
 * Tried on the line from the headline's text on. A line without it (prose, source code, a message with a word of
 * the kernel's in it) begins a report only if the rest of one follows.
 */
const forms: Readonly<Record<string, readonly RegExp[]>> = {
  'BUG:': [
    // mm/kasan/report.c: print_error_description(), up to 4.x with " at addr"; symbolized logs have a place, no offset
    /^BUG: KASAN: [a-z-]{3,40}(?: or [a-z-]{3,40})? in [\w.$]{1,120}(?:\+0x|[/(\s]{1,2}\S{1,200}:\d)/,
    /^BUG: KASAN: [\w -]{3,60} on address (?:0x)?[0-9a-f]{4}/,
    // mm/kmsan/report.c, mm/kfence/report.c, kernel/kcsan/report.c
    /^BUG: (?:KMSAN|KFENCE|KCSAN): [\w :()-]{3,80} in [\w.$]{1,120}(?:\+0x| \S{1,200}:\d| \/ [\w.$]|$)/,
    // arch/x86/mm/fault.c: show_fault_oops()
    /^BUG: unable to handle kernel (?:paging request|NULL pointer dereference) at (?:virtual address )?[0-9a-f( ]{4}/,
    /^BUG: unable to handle page fault for address: [0-9a-f]{8}/,
    /^BUG: kernel NULL pointer dereference, address: [0-9a-f]{8}/,
    // arch/powerpc/mm/fault.c: bad_page_fault()
    /^BUG: (?:>?Unable to handle kernel|Kernel NULL pointer dereference) [\w ()]{0,60}at (?:0x)?[0-9a-f]{4}/,
    // kernel/locking/spinlock_debug.c: spin_dump(), rwlock_bug()
    /^BUG: (?:spin|rw)lock [a-z ]{3,40} on CPU#\d/i,
    // kernel/watchdog.c
    /^BUG: soft lockup - CPU#\d{1,5} stuck for \d{1,9}s!/,
    // kernel/locking/lockdep.c
    /^BUG: (?:bad unlock balance detected|held lock freed|lock held when returning to user space|\S.{0,80} still has locks held)! ?\]?$/,
    /^BUG: Invalid wait context ?\]?$/,
    // kernel/sched/core.c
    /^BUG: scheduling while atomic: .{1,64}\/\d{1,10}\/0x[0-9a-f]/,
    /^BUG: sleeping function called from invalid context at \S{1,200}:\d/,
    // lib/smp_processor_id.c
    /^BUG: using [\w+]{3,60}\(\) in preemptible \[[0-9a-f]{8}\] code: /,
    // kernel/fork.c: check_mm()
    /^BUG: Bad rss-counter state mm:/,
    /^BUG: non-zero (?:pgtables_bytes|nr_ptes|nr_pmds) on freeing mm: -?\d/,
    // fs/dcache.c: umount_check()
    /^BUG: Dentry .{1,300} still in use \(-?\d{1,10}\) {1,2}?\[unmount of /,
    // mm/page_alloc.c, mm/memory.c, mm/filemap.c
    /^BUG: Bad page (?:state|map|cache) in process .{1,64} {1,2}p(?:fn|te):/,
    // kernel/workqueue.c
    /^BUG: workqueue lockup - pool/,
    /^BUG: workqueue leaked (?:lock or atomic|atomic, lock or RCU): /,
    // mm/kmemleak.c is made by the fuzzer's tools
    /^BUG: memory leak$/,
    // arch/x86/kernel/traps.c: handle_stack_overflow()
    /^BUG: (?:[\w#!]{1,20} )?stack guard page was hit at /,
    // include/asm-generic/bug.h
    /^BUG: failure at \S{1,200}:\d{1,7}\/\w{1,100}\(\)!/,
  ],
  'WARNING:': [
    // kernel/panic.c: __warn(); since 6.19 lib/bug.c has the place first
    /^WARNING: CPU: \d{1,5} PID: \d{1,10} at /,
    /^WARNING: (?:\[[^\]]{1,200}\] )?\S{1,200}:\d{1,7} at (?:0x[0-9a-f]|[\w.$]{1,120}(?:\+0x|,|$))/,
    /^WARNING: at \S{1,200}:\d{1,7} [\w.$]{1,120}[+(]/,
    // arch/x86/kernel/unwind_frame.c
    /^WARNING: kernel stack (?:regs|frame pointer) at .{1,200} has bad /,
    // kernel/locking/lockdep.c, since 4.11
    /^WARNING: (?:possible (?:circular locking dependency|recursive locking|irq lock inversion dependency) detected|inconsistent lock state|suspicious RCU usage\.?|Nested lock was not taken|[A-Z]{4,8}(?:-READ)?-safe -> [A-Z]{4,8}(?:-READ)?-unsafe lock order detected)$/,
    /^WARNING: (?:bad unlock balance detected|held lock freed|lock held when returning to user space|\S.{0,80} still has locks held)!$/,
  ],
  'INFO:': [
    // kernel/hung_task.c: check_hung_task()
    /^INFO: task .{1,64}:\d{1,10} (?:<[^>]{1,64}> )?(?:blocked (?:in I\/O wait )?|can't die )for more than \d/,
    // kernel/rcu/tree_stall.h, tree_exp.h, tasks.h
    /^INFO: rcu_\w{1,24} (?:self-)?detected (?:expedited )?stalls? (?:on (?:CPU|tasks)|\()/,
    // kernel/locking/lockdep.c
    /^INFO: trying to register non-static key\.$/,
    /^INFO: [a-zA-Z_ >()-]{5,80}\.? \]$/,
  ],
  // arch/*/mm/fault.c: die_kernel_fault() and its like
  'Unable to handle kernel': [
    /^Unable to handle kernel [\w ()-]{3,60} at virtual (?:address |addr 0x)[0-9a-f]{4}/,
    /^Unable to handle kernel [a-z ]{3,40} in virtual (?:kernel|user) address space$/,
    // What a log printed through itself left of it.
    /^Unable to handle kernel [\w ()-]{3,60} at \[/,
  ],
  // arch/x86/kernel/traps.c and dumpstack.c: the trap's name, the error code and the die counter
  'general protection fault': [
    /^general protection fault(?:, (?:probably|maybe) for [\w -]{3,40} 0x[0-9a-f]{1,16})?: (?:[0-9a-f]{4} )?\[#\d/,
  ],
  'stack segment: ': [/^stack segment: [0-9a-f]{4} \[#\d/],
  'divide error:': [/^divide[ _]error: [0-9a-f]{4} \[#\d/],
  'invalid opcode:': [/^invalid opcode: [0-9a-f]{4} \[#\d/],
  'int3:': [/^int3: [0-9a-f]{4} \[#\d/],
  'PANIC: double fault': [/^PANIC: double fault, (?:error_code|gdt)/],
  // kernel/panic.c: panic()
  'Kernel panic': [/^Kernel panic - not syncing(?::|$)/],
  'rust_kernel: panicked': [/^rust_kernel: panicked at /],
  // lib/bug.c: report_bug()
  'kernel BUG': [/^kernel BUG at (?:\S{1,300}:\d{1,7}|[0-9a-f]{8,16})!/],
  'Kernel BUG': [/^Kernel BUG (?:at |\[#\d)/],
  // mm/slub.c: slab_bug()
  'BUG kmalloc-': [/^BUG kmalloc-\S{1,64}(?: \((?:Not tainted|Tainted)[^)]{0,80}\))?: \S/],
  // lib/ubsan.c: ubsan_prologue()
  'UBSAN:': [/^UBSAN: [\w -]{3,60} in \S{1,300}:\d/],
  // net/core/dev.c: netdev_wait_allrefs_any()
  'unregister_netdevice: waiting for': [
    /^unregister_netdevice: waiting for \S{1,40} to become free\. Usage count = -?\d/,
  ],
  // fs/super.c: generic_shutdown_super(); fs/open.c: filp_close()
  'VFS:': [/^VFS: Busy inodes after unmount of \S/, /^VFS: Close: file count is 0(?: \(f_op=|$)/],
  // arch/arm/mm/fault.c: do_DataAbort(); arch/arm64/kernel/traps.c: __die()
  'Unhandled fault:': [/^Unhandled fault: .{1,80} \(0x[0-9a-f]{1,8}\) at /],
  'Internal error:': [/^Internal error: .{1,100}: [0-9a-f]{1,16} \[#\d/],
};

/** True if a line has the whole form of a headline, from its headline's text on. */
export function hasForm(text: string): boolean {
  const headline = headlineOf(text);
  // What the common title rules have no headline for is told by its whole form to begin with.
  if (headline === undefined) return true;
  const rest = text.slice(headline.at).trimEnd();
  return forms[headline.header]?.some((form) => form.test(rest)) ?? false;
}
