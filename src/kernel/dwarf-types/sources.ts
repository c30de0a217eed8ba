/**
 * Files of the kernel's source whose compilation units have, together, all structures and enumerations that are read of a
 * kernel: those that define the ones that no header has, and those that include the rest. Names are of several versions.
 */
const files = [
  'init/main.c',
  'kernel/exit.c',
  'kernel/extable.c',
  'kernel/futex.c',
  'kernel/futex/core.c',
  'kernel/futex/waitwake.c',
  'kernel/irq_work.c',
  'kernel/locking/mutex.c',
  'kernel/locking/percpu-rwsem.c',
  'kernel/locking/rtmutex.c',
  'kernel/locking/rtmutex_api.c',
  'kernel/locking/rwsem.c',
  'kernel/locking/rwsem-xadd.c',
  'kernel/locking/semaphore.c',
  'kernel/module.c',
  'kernel/module/main.c',
  'kernel/module/sysfs.c',
  'kernel/printk/printk.c',
  'kernel/rcu/tree.c',
  'kernel/rcu/tiny.c',
  'kernel/rcu/update.c',
  'kernel/sched/build_utility.c',
  'kernel/sched/core.c',
  'kernel/sched/swait.c',
  'kernel/sched/wait.c',
  'kernel/smp.c',
  'kernel/stop_machine.c',
  'kernel/time/hrtimer.c',
  'kernel/time/tick-sched.c',
  'kernel/workqueue.c',
  'mm/filemap.c',
  'mm/page_alloc.c',
  'mm/vmalloc.c',
  'arch/arm64/kernel/process.c',
  'arch/arm64/kernel/stacktrace.c',
  'arch/arm64/kernel/traps.c',
  'arch/arm64/mm/fault.c',
  'arch/x86/kernel/cpu/common.c',
  'arch/x86/kernel/dumpstack_64.c',
  'arch/x86/kernel/irq_64.c',
  'arch/x86/kernel/process_64.c',
  'arch/x86/kernel/unwind_orc.c',
  'arch/x86/mm/extable.c',
  'arch/x86/mm/cpu_entry_area.c',
];

const wanted: ReadonlySet<string> = new Set(files);
/** Folders of the longest of them. */
const mostFolders = 4;

/** Whether a unit is one of them: `kernel/smp.c`, `/build/linux-6.1/kernel/smp.c`, `../kernel/smp.c`. */
export function isWantedUnit(name: string): boolean {
  const parts = name.split('/');
  for (let count = 2; count <= mostFolders + 1 && count <= parts.length; count++)
    if (wanted.has(parts.slice(-count).join('/'))) return true;
  return false;
}
