/** How a line of a report's own words ends it, if it does. */
export type LineSort =
  | 'part' // belongs to the report
  | 'end' // its end mark; repeated registers or a panic may follow
  | 'last' // nothing of the report follows
  | 'other';

// UBSAN's has no number: ubsan_epilogue() in lib/ubsan.c, since 6.8.
const endMark = /^-{3}\[ end trace (?:[0-9a-f]{8,16} )?\]-{3}/;
const panicEnd = /^-{3}\[ end Kernel panic\b/;

/**
 * Lines of the reports' own lists, tables and sentences, which are no frames, registers or the like.
 * Each names what begins the line; what it takes is told by the file that prints it.
 */
const parts: readonly RegExp[] = [
  // Rules around KASAN, lockdep, slab and KCSAN reports.
  /^[=-]{20,}\s*$/,
  // mm/kasan/report.c
  /^(Read|Write|Free) of size \d|^(Read|Write|Free) (at addr|of addr)|^Pointer tag: |^Memory state around the buggy address/,
  /^The buggy address |^The buggy address belongs|^ which belongs to the (cache|variable)|^The object (was|is) |^(freed |allocated )?\d+-byte region \[/,
  /^[> ]?[0-9a-f]{8,16}: [0-9a-f]{2}( [0-9a-f]{2}){3}|^ {10,}\^|^(KASAN|KFENCE): /,
  /^This frame has \d+ object|^ \[\d+, \d+\) '|^addr [0-9a-f]+ is located in stack|^(Address )?0x?[0-9a-f]+ is located (in stack|\d+ bytes)/,
  /^(flags|raw|head|page|prev|anon|aops|memcg|mapping|shmem|ksm|page_type|pages): ?\S|^page dumped because|^page_owner (tracks|info|free)|^page has been migrated/,
  /^kfence-#\d+: |^(allocated|freed) by task /,
  // mm/kmsan/report.c, kernel/kcsan/report.c
  /^Bytes \d+-\d+ of \d+ are uninitialized|^Memory access of size \d|^Data copied to user address|^Reported by Kernel Concurrency Sanitizer/,
  /^value changed: |^ ?before: |^no value change/,
  // kernel/locking/lockdep.c
  /\bis (trying to (acquire|release) lock|exiting with|freeing|leaving the kernel)|^but task is already holding|^(which lock already|the existing dependency chain|other info that might help|stack backtrace|the shortest dependencies)/,
  /^ *(lock|rlock|sync|<Interrupt>|\*\*\* DEADLOCK|CPU0|----|May be due to|Possible (unsafe|interrupt unsafe)|Chain exists of)\b/,
  /^ *<Interrupt>|^ *\*\*\* DEADLOCK|^ {0,12}-{4}(?: {2,40}-{4})?\s*$|^\s*lock\(|^\s*\S{1,200} --> \S/,
  /^(\d+ locks?|no locks) held by |^ *#\d+: +(\(|[0-9a-f]{8})|^INFO: lockdep is turned off|^Showing all locks held|^ ?\(.{1,300}\)\{[-+.?]{4,8}\}|^[0-9a-f]{8,16} \(.{1,300}\)\{[-+.?]{4,8}\}/,
  /^irq event stamp: |^(hard|soft)irqs last +(enabled|disabled) at|\btakes:\s*$|^inconsistent \{|^\{.{1,40}\} usage|^rcu_scheduler_active = |^RCU used illegally/,
  /^(to a|but this new dependency|and this task is already holding|which would create a new lock dependency|the dependencies between|and interrupts could create)|^ *\.\.\. key +at:|^ *-> \(.{1,300}\)\{|^ops: \d+|^ *\}\s*$|^Preemption disabled at:/,
  /suspicious rcu_dereference|^other info that/,
  // kernel/rcu/tree_stall.h, kernel/watchdog.c, lib/nmi_backtrace.c
  /^(rcu: )?\s*\d+-[.O!?+N]{3,8}:? ?[:(]|^(rcu: )?\s*\(?(detected by|t=\d+ jiffies)|^(rcu: )?\S{0,20} kthread (starved|timer)|^(rcu: )?\s*(Unless|Possible timer|Tasks blocked|Stack dump where|RCU grace-period kthread|blocking rcu_node|hrtimer:)/,
  /^(\S{1,40}: )?Sending NMI from CPU|^After \d{1,4} seconds, these CPUS still haven't responded|^NMI backtrace for cpu|^(\S{1,20}: )?Stall ended|^CPU#\d+ Utilization|^\s*#\d+: +\d+% system/,
  // kernel/hung_task.c, kernel/workqueue.c
  /^ {6}(Not t|T)ainted|^"echo 0 > \/proc\/sys\/kernel\/hung_task|^Showing (busy|backtraces)|^(workqueue|pool) \S{1,60}[: ]|^ {2}(pwq \d|pending:|in-flight:|inactive:|delayed:)|^Future hung task reports/,
  // mm/slub.c
  /^(INFO: |\s)?(Slab|Object|Freed|Allocated|Redzone|Padding|Bytes b4|FIX|Disabling lock debugging|Right Redzone|Tail Redzone|First byte)\b|^(Object|Redzone|Padding|Bytes b4)\s.{0,60}: [0-9a-f]{2} |^FIX \S+: |^BUG \S+ \(|^INFO: 0x[0-9a-f]{8,16}-/,
  // mm/kmemleak.c
  /^ {2}(comm "|hex dump)|^ {4}([0-9a-f]{2} ){4}|^unreferenced object/,
  // mm/oom_kill.c, mm/page_alloc.c, mm/show_mem.c
  /^(Mem-Info:|Node \d+ |lowmem_reserve|active_anon:| (active|inactive|isolated|unevictable|slab|mapped|kernel_misc|sec_pagetables|free|dirty|shmem|bounce|pagetables)[_a-z]*:|\d+ (total pagecache pages|pages )|Swap cache|(Free|Total) swap|Tasks state|\[ {1,3}(pid|tgid)|\[ {0,6}\d+\] +\d+|oom-kill:|Out of memory|Kill(ed)? process \d|Memory cgroup|Unreclaimable slab|memory: usage|swap: usage|kmem: usage|Cgroup|anon \d)/,
  /\binvoked oom-killer|oom_reaper: |page allocation failure|^(Hugepages|HugeTLB|warn_alloc)/,
  // slab_out_of_memory() in mm/slub.c, below a failed allocation
  /^SLUB: Unable to allocate|^ {2}cache: \S{1,64}, object size: \d|^ {2}node \d+: slabs: \d|^Memory allocations:|^ *[\d.]+ [KMGT]?i?B +\d+ \S+:\d+ /,
  // drivers/firmware/efi/cper.c, mce/core.c, pcie/aer.c and err.c; arch/x86/kernel/nmi.c; kernel/irq/spurious.c
  /^(mce: |\{\d+\})?\[Hardware Error\]: |^Dazed and confused|^handlers:$|^\[<[0-9a-f]{8,16}>\] \S|^Disabling IRQ #\d/,
  /^[\w.-]{1,40} [0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-9a-f]: (AER: )?( {1,4}(\[ ?\d{1,2}\] |device \[|TLP Header|Error of this Agent)|Root Port link|Downstream Port link|device recovery|broadcast |can't recover|restart recovery)/,
  // arch: what die() and show_regs() print besides
  /^(Dumping ftrace buffer|\s{0,4}\(ftrace buffer empty\)|Stack: ?|Process |task: |Exception stack\(|Control: |REGS: |LE |BE |Register r?\w+ information|Call Trace:|Thread overran|Unable to handle|Internal error|swapper pgtable|user pgtable)/,
  /^[0-9a-f]{4}: ([0-9a-f]{8} ){2}|^\s{1,4}[0-9a-f]{16}( [0-9a-f]{16})+\s*$|^\s{1,16}[0-9a-f]{8}( [0-9a-f]{8}){3}/,
  /^\s{4}LR = |^--- (interrupt|Exception)|^\[c[0-9a-f]{15}\]|^(Fixing recursive fault|note: .{1,64} exited with|BUG: Bad |addr:[0-9a-f]{8}|file:)/,
  /^\s{8,12}R:\d T:\d IO:\d|^Krnl |^User |^Fault in |^AS:[0-9a-f]{16} |^Failing address/,
  /^(Kernel Offset|PHYS_OFFSET|CPU features|Memory Limit|SMP: (stopping|failed)|Rebooting in \d|Kernel panic - not syncing|Shutting down cpus|sched: Unexpected reschedule)/,
  /^(Hardware name|Workqueue|Modules linked in|CPU: \d+ |Tainted: \[|RIP|Code|CR2|Kdump|preempt_count|in_atomic|Call [Tt]race|Sched domain|Stopper|Insn|Last )/,
  /^(usercopy|list_(add|del)|refcount_t|ODEBUG|UBSAN|shift exponent|index \d+ is out of range|load of |signed integer|unsigned|division|member access|left shift|implicit conversion|memcpy|WARNING|BUG:|kernel BUG|INFO: )/,
];

/** What a line is to a report that it stands in, going by its words. */
export function sortLine(text: string): LineSort {
  if (text.startsWith('---[')) {
    if (endMark.test(text)) return 'end';
    if (panicEnd.test(text)) return 'last';
  }
  const short = text.length > 600 ? text.slice(0, 600) : text;
  return parts.some((p) => p.test(short)) ? 'part' : 'other';
}
