import { describeWorld } from './world.ts';

describeWorld('checks', [
  {
    name: 'warn 6.1',
    log: `
@cut
foo: bad state 3
WARNING: CPU: 1 PID: 4242 at drivers/foo/foo.c:120 foo_set+0x12/0x60 [foo]
@modules
@comm
@regs foo_set+0x12/0x60[foo]
@trace foo_ioctl[foo] __x64_sys_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING in foo_set
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_set, frames foo_set foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, message foo: bad state 3}`,
  },
  {
    name: 'warn late-2025',
    log: `
@cut
foo: bad state 3
WARNING: drivers/foo/foo.c:120 at foo_set+0x12/0x60 [foo], CPU#1: worker/4242
@modules
CPU: 1 UID: 1000 PID: 4242 Comm: worker Tainted: G        W           6.19.0 #7 PREEMPT(full) 
Tainted: [W]=WARN
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@regs foo_set+0x12/0x60[foo]
@trace foo_ioctl[foo] __x64_sys_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING in foo_set
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.19.0, PREEMPT(full)
culprit foo_set, frames foo_set foo_ioctl __x64_sys_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, message foo: bad state 3}`,
  },
  {
    name: 'warn late-2025 cond',
    log: `
@cut
WARNING: [state > MAX] drivers/foo/foo.c:120 at foo_set+0x12/0x60, CPU#1: kworker/1:2/4242
@modules
CPU: 1 UID: 1000 PID: 4242 Comm: kworker/1:2 Not tainted 6.19.0 #7 PREEMPT(voluntary) 
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
Workqueue: events foo_work
@regs foo_set+0x12/0x60
@ktrace foo_work process_one_work worker_thread
@end`,
    says: `
warning/generic warning WARNING: WARNING in foo_set
lines +0 to 0, x86_64, registers kernel 30, 6.19.0, PREEMPT(voluntary)
culprit foo_set, frames foo_set foo_work process_one_work worker_thread kthread and 1 more
task {workqueue events foo_work, cpu 1, pid 4242, uid 1000, comm kworker/1:2}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, condition state > MAX}`,
  },
  {
    name: 'warn 7.x cond on its own line',
    log: `
@cut
state > MAX
WARNING: drivers/foo/foo.c:120 at foo_set+0x12/0x60, CPU#1: worker/4242
@modules
@comm12
@regs foo_set+0x12/0x60
@trace foo_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING in foo_set
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_set, frames foo_set foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, message state > MAX}`,
  },
  {
    name: 'warn no file 7.x',
    log: `
@cut
WARNING: at foo_set+0x12/0x60, CPU#1: worker/4242
@modules
@comm12
@regs foo_set+0x12/0x60
@trace foo_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING: at foo_set, CPU: worker/NUM
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_set, frames foo_set foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of warning, function foo_set, cpu 1, pid 4242}`,
  },
  {
    name: 'warn arm64',
    log: `
@cut
WARNING: CPU: 3 PID: 4242 at drivers/foo/foo.c:120 foo_set+0x24/0x60 [foo]
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_set+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_set+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl
@end`,
    says: `
warning/generic warning WARNING: WARNING in foo_set
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64
culprit foo_set, frames foo_set foo_ioctl __arm64_sys_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 3, pid 4242}`,
  },
  {
    name: 'warn 4.9',
    log: `
@cut
WARNING: CPU: 1 PID: 4242 at /build/linux-4.9/drivers/foo/foo.c:120 foo_set+0x12/0x60 [foo]
foo: bad state 3
Modules linked in: foo(OE)
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE   4.9.0-8-amd64 #1 Debian 4.9.130-2
Hardware name: Acme
 0000000000000000 ffffffffb4733284 ffffa0c0c0a3bc28 ffff8b5f364a0000
Call Trace:
 [<ffffffffb4733284>] ? dump_stack+0x5c/0x78
 [<ffffffffb447a0be>] ? __warn+0xbe/0xe0
 [<ffffffffb447a13f>] ? warn_slowpath_fmt+0x5f/0x80
 [<ffffffffc04d10b2>] ? foo_set+0x12/0x60 [foo]
 [<ffffffffc04d10b2>] ? foo_ioctl+0x12/0x60 [foo]
---[ end trace a1b2c3d4e5f60718 ]---`,
    says: `
warning/generic warning WARNING: WARNING in corrupted
lines +0 to 0, no function to blame was found, x86_64, taint OE, 4.9.0-8-amd64
culprit none, frames ?dump_stack ?__warn ?warn_slowpath_fmt ?foo_set ?foo_ioctl
task {cpu 1, pid 4242, comm worker}
details {of warning, file /build/linux-4.9/drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, message foo: bad state 3}`,
  },
  {
    name: 'refcount uaf',
    log: `
@cut
refcount_t: addition on 0; use-after-free.
WARNING: CPU: 1 PID: 4242 at lib/refcount.c:25 refcount_warn_saturate+0x74/0x110
@modules
@comm
@regs refcount_warn_saturate+0x74/0x110
@trace foo_get[foo] foo_ioctl[foo]
@end`,
    says: `
warning/refcount warning REFCOUNT_WARNING: WARNING: refcount bug in foo_get
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_get, frames refcount_warn_saturate foo_get foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of refcount, problem use-after-free, message addition on 0; use-after-free.}`,
  },
  {
    name: 'refcount underflow late',
    log: `
@cut
refcount_t: underflow; use-after-free.
WARNING: lib/refcount.c:28 at refcount_warn_saturate+0x74/0x110, CPU#1: worker/4242
@modules
@comm12
@regs refcount_warn_saturate+0x74/0x110
@trace foo_put[foo] foo_ioctl[foo]
@end`,
    says: `
warning/refcount warning REFCOUNT_WARNING: WARNING: refcount bug in foo_put
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_put, frames refcount_warn_saturate foo_put foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of refcount, problem underflow, message underflow; use-after-free.}`,
  },
  {
    name: 'refcount saturated',
    log: `
@cut
refcount_t: saturated; leaking memory.
WARNING: CPU: 1 PID: 4242 at lib/refcount.c:22 refcount_warn_saturate+0x74/0x110
@modules
@comm
@regs refcount_warn_saturate+0x74/0x110
@trace foo_get[foo] foo_ioctl[foo]
@end`,
    says: `
warning/refcount warning REFCOUNT_WARNING: WARNING: refcount bug in foo_get
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_get, frames refcount_warn_saturate foo_get foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of refcount, problem saturated, message saturated; leaking memory.}`,
  },
  {
    name: 'refcount dec leak',
    log: `
@cut
refcount_t: decrement hit 0; leaking memory.
WARNING: CPU: 1 PID: 4242 at lib/refcount.c:31 refcount_warn_saturate+0x74/0x110
@modules
@comm
@regs refcount_warn_saturate+0x74/0x110
@trace foo_dec[foo] foo_ioctl[foo]
@end`,
    says: `
warning/refcount warning REFCOUNT_WARNING: WARNING: refcount bug in foo_dec
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_dec, frames refcount_warn_saturate foo_dec foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of refcount, problem leak, message decrement hit 0; leaking memory.}`,
  },
  {
    name: 'list bug',
    log: `
list_add corruption. prev->next should be next (ffff888104a3c000), but was dead000000000100. (prev=ffff888104a3c100).
@cut
kernel BUG at lib/list_debug.c:32!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs __list_add_valid_or_report+0x12/0x60
@trace foo_add[foo] foo_ioctl[foo]
@modules
@end
@regs __list_add_valid_or_report+0x12/0x60`,
    says: `
bug/list-corruption error MEMORY_SAFETY_BUG: BUG: corrupted list in foo_add
lines +1 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_add, frames __list_add_valid_or_report foo_add foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
details {of list-corruption, operation add, message list_add corruption. prev->next should be next (ffff888104a3c000), but was dead000000000100. (prev=ffff888104a3c100)., expected 0xffff888104a3c000, found 0xdead000000000100, poison LIST_POISON1: the entry was deleted before, file lib/list_debug.c, line 32}`,
  },
  {
    name: 'list bug 4.19',
    log: `
list_del corruption, ffff888104a3c000->next is LIST_POISON1 (dead000000000100)
@cut
kernel BUG at lib/list_debug.c:47!
invalid opcode: 0000 [#1] SMP PTI
@comm
@regs __list_del_entry_valid.cold.1
@trace foo_del[foo] foo_ioctl[foo]
@modules
@end`,
    says: `
bug/list-corruption error MEMORY_SAFETY_BUG: BUG: corrupted list in foo_del
lines +1 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_del, frames __list_del_entry_valid.cold.1 foo_del foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [SMP; PTI], errorCode 0x0}
details {of list-corruption, operation del, message list_del corruption, ffff888104a3c000->next is LIST_POISON1 (dead000000000100), found 0xdead000000000100, poison LIST_POISON1: the entry was deleted before, file lib/list_debug.c, line 47}`,
  },
  {
    name: 'list warn',
    log: `
@cut
list_del corruption. next->prev should be ffff888104a3c000, but was 6b6b6b6b6b6b6b6b. (next=ffff888104a3c100)
WARNING: CPU: 1 PID: 4242 at lib/list_debug.c:62 __list_del_entry_valid_or_report+0x12/0x60
@modules
@comm
@regs __list_del_entry_valid_or_report+0x12/0x60
@trace foo_del[foo] foo_ioctl[foo]
@end`,
    says: `
warning/list-corruption warning WARNING: WARNING in foo_del
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_del, frames __list_del_entry_valid_or_report foo_del foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of list-corruption, operation del, message list_del corruption. next->prev should be ffff888104a3c000, but was 6b6b6b6b6b6b6b6b. (next=ffff888104a3c100), expected 0xffff888104a3c000, found 0x6b6b6b6b6b6b6b6b, poison freed slab memory (0x6b), file lib/list_debug.c, line 62}`,
  },
  {
    name: 'list double add',
    log: `
@cut
list_add double add: new=ffff888104a3c000, prev=ffff888104a3c000, next=ffff888104a3c100.
WARNING: CPU: 1 PID: 4242 at lib/list_debug.c:35 __list_add_valid_or_report+0x12/0x60
@modules
@comm
@regs __list_add_valid_or_report+0x12/0x60
@trace foo_add[foo] foo_ioctl[foo]
@end`,
    says: `
warning/list-corruption warning WARNING: WARNING in foo_add
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_add, frames __list_add_valid_or_report foo_add foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of list-corruption, message , file lib/list_debug.c, line 35}`,
  },
  {
    name: 'list null',
    log: `
@cut
list_del corruption, ffff888104a3c000->next is NULL
WARNING: CPU: 1 PID: 4242 at lib/list_debug.c:49 __list_del_entry_valid_or_report+0x12/0x60
@modules
@comm
@regs __list_del_entry_valid_or_report+0x12/0x60
@trace foo_del[foo] foo_ioctl[foo]
@end`,
    says: `
warning/list-corruption warning WARNING: WARNING in foo_del
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_del, frames __list_del_entry_valid_or_report foo_del foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of list-corruption, operation del, message list_del corruption, ffff888104a3c000->next is NULL, file lib/list_debug.c, line 49}`,
  },
  {
    name: 'list with mem_dump_obj',
    log: `
 slab kmalloc-64 start ffff888104a3c000 pointer offset 8 size 64 allocated at foo_open+0x12/0x60 [foo]
    __kmem_cache_alloc_node+0x12/0x60
    foo_open+0x12/0x60 [foo]
list_del corruption. prev->next should be ffff888104a3c000, but was ffff888104a3c200. (prev=ffff888104a3c100)
@cut
kernel BUG at lib/list_debug.c:59!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs __list_del_entry_valid_or_report+0x12/0x60
@trace foo_del[foo] foo_ioctl[foo]
@modules
@end`,
    says: `
bug/list-corruption error MEMORY_SAFETY_BUG: BUG: corrupted list in foo_del
lines +4 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_del, frames __list_del_entry_valid_or_report foo_del foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
details {of list-corruption, operation del, message list_del corruption. prev->next should be ffff888104a3c000, but was ffff888104a3c200. (prev=ffff888104a3c100), expected 0xffff888104a3c000, found 0xffff888104a3c200, file lib/list_debug.c, line 59}`,
  },
  {
    name: 'odebug',
    log: `
@cut
ODEBUG: free active (active state 0) object: ffff888104a3c000 object type: timer_list hint: foo_timeout+0x0/0x60 [foo]
WARNING: CPU: 1 PID: 4242 at lib/debugobjects.c:514 debug_print_object+0x7d/0xb0
@modules
@comm
@regs debug_print_object+0x7d/0xb0
@trace debug_check_no_obj_freed kfree foo_release[foo]
@end`,
    says: `
warning/odebug warning WARNING: WARNING: ODEBUG bug in foo_release
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_release, frames debug_print_object debug_check_no_obj_freed kfree foo_release do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of debug-object, operation free, state active, object 0xffff888104a3c000, objectType timer_list, hint foo_timeout+0x0/0x60 [foo]}`,
  },
  {
    name: 'odebug old',
    log: `
@cut
WARNING: CPU: 1 PID: 4242 at lib/debugobjects.c:263 debug_print_object+0x7d/0xb0
ODEBUG: free active (active state 0) object type: timer_list hint: foo_timeout+0x0/0x60 [foo]
Modules linked in: foo
CPU: 1 PID: 4242 Comm: worker Not tainted 4.9.0-8-amd64 #1
Hardware name: Acme
Call Trace:
 [<ffffffffb4733284>] dump_stack+0x5c/0x78
 [<ffffffffb447a0be>] __warn+0xbe/0xe0
 [<ffffffffb447a13f>] warn_slowpath_fmt+0x5f/0x80
 [<ffffffffc04d10b2>] debug_print_object+0x85/0xa0
 [<ffffffffc04d10b2>] debug_check_no_obj_freed+0x185/0x1a0
 [<ffffffffc04d10b2>] kfree+0x85/0xa0
 [<ffffffffc04d10b2>] foo_release+0x12/0x60 [foo]
---[ end trace a1b2c3d4e5f60718 ]---`,
    says: `
warning/odebug warning WARNING: WARNING: ODEBUG bug in foo_release
lines +0 to 0, x86_64, 4.9.0-8-amd64
culprit foo_release, frames dump_stack __warn warn_slowpath_fmt debug_print_object debug_check_no_obj_freed and 2 more
task {cpu 1, pid 4242, comm worker}
details {of debug-object, operation free, state active, objectType timer_list, hint foo_timeout+0x0/0x60 [foo]}`,
  },
  {
    name: 'fortify panic 6.1',
    log: `
detected buffer overflow in memcpy
@cut
kernel BUG at lib/string_helpers.c:1027!
invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm
@regs fortify_panic+0xf/0x11
@trace foo_copy.cold foo_ioctl[foo]
@modules
@end`,
    says: `
bug/fortify error BUG: kernel BUG in foo_copy
lines +1 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64, PREEMPT
culprit foo_copy, frames fortify_panic foo_copy.cold foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
details {of kernel-bug, file lib/string_helpers.c, line 1027, message detected buffer overflow in memcpy}`,
  },
  {
    name: 'fortify 6.10+ with panic',
    log: `
@cut
memcpy: detected buffer overflow: 12 byte write of buffer size 8
WARNING: CPU: 1 PID: 4242 at lib/string_helpers.c:1032 __fortify_report+0x45/0x50
@modules
@comm12
@regs __fortify_report+0x45/0x50
@trace __fortify_panic foo_copy.cold foo_ioctl[foo]
@end
@cut
kernel BUG at lib/string_helpers.c:1040!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs __fortify_panic+0xd/0xf
@trace foo_copy.cold foo_ioctl[foo]
@modules
@end
@regs __fortify_panic+0xd/0xf`,
    says: `
warning/fortify warning WARNING: WARNING in foo_copy
lines +0 to -45, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_copy, frames __fortify_report __fortify_panic foo_copy.cold foo_ioctl do_syscall_64 and 1 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of warning, file lib/string_helpers.c, line 1032, function __fortify_report, cpu 1, pid 4242, message memcpy: detected buffer overflow: 12 byte write of buffer size 8}
bug/fortify error BUG: kernel BUG in foo_copy
lines +35 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_copy, frames __fortify_panic foo_copy.cold foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
details {of kernel-bug, file lib/string_helpers.c, line 1040}
report 1: same-task-after`,
  },
  {
    name: 'field-spanning write warn',
    log: `
@cut
memcpy: detected field-spanning write (size 12) of single field "&foo->name" at drivers/foo/foo.c:120 (size 8)
WARNING: CPU: 1 PID: 4242 at drivers/foo/foo.c:120 foo_set+0x12/0x60 [foo]
@modules
@comm
@regs foo_set+0x12/0x60[foo]
@trace foo_ioctl[foo]
@end`,
    says: `
warning/fortify warning WARNING: WARNING in foo_set
lines +0 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_set, frames foo_set foo_ioctl do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of warning, file drivers/foo/foo.c, line 120, function foo_set, cpu 1, pid 4242, message memcpy: detected field-spanning write (size 12) of single field "&foo->name" at drivers/foo/foo.c:120 (size 8)}`,
  },
  {
    name: 'usercopy',
    log: `
usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 12, size 128)!
@cut
kernel BUG at mm/usercopy.c:102!
invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm
@regs usercopy_abort+0x6c/0x6e
@trace __check_heap_object __check_object_size foo_read[foo] vfs_read
@modules
@end`,
    says: `
bug/usercopy error BUG: BUG: bad usercopy in foo_read
lines +1 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64, PREEMPT
culprit foo_read, frames usercopy_abort __check_heap_object __check_object_size foo_read vfs_read and 2 more
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}
details {of kernel-bug, file mm/usercopy.c, line 102, message usercopy: Kernel memory exposure attempt detected from SLUB object 'kmalloc-64' (offset 12, size 128)!}`,
  },
  {
    name: 'bug x86 old',
    log: `
@cut
kernel BUG at drivers/foo/foo.c:120!
invalid opcode: 0000 [#1] SMP
Modules linked in: foo(OE)
CPU: 1 PID: 4242 Comm: worker Tainted: G           OE   4.9.0-8-amd64 #1 Debian 4.9.130-2
Hardware name: Acme
task: ffff8b5f364a0000 task.stack: ffffa0c0c0a38000
RIP: 0010:[<ffffffffc04d1021>]  [<ffffffffc04d1021>] foo_set+0x21/0x60 [foo]
RSP: 0018:ffffa0c0c0a3be40  EFLAGS: 00000246
RAX: 0000000000000000 RBX: ffff888104a3c000 RCX: 0000000000000000
Stack:
 ffffffffc04d1021 0000000000000000 ffff8b5f364a0000 ffffffffb47331b2
Call Trace:
 [<ffffffffc04d10b2>] ? foo_ioctl+0x32/0x60 [foo]
 [<ffffffffb461bc12>] ? do_vfs_ioctl+0xa2/0x620
Code: 48 89 e5 41 54 53 48 89 fb 48 83 ec 10 <0f> 0b 
RIP  [<ffffffffc04d1021>] foo_set+0x21/0x60 [foo]
 RSP <ffffa0c0c0a3be40>
---[ end trace a1b2c3d4e5f60718 ]---`,
    says: `
bug/kernel-bug error BUG: kernel BUG in foo_set
lines +0 to 0, a stack has no frames, x86_64, registers kernel 8, taint OE, 4.9.0-8-amd64
culprit foo_set, frames foo_set ?foo_ioctl ?do_vfs_ioctl
task {cpu 1, pid 4242, comm worker}
fault {oopsCount 1, oopsFlags [SMP], errorCode 0x0}
details {of kernel-bug, file drivers/foo/foo.c, line 120}`,
  },
  {
    name: 'bug arm64',
    log: `
@cut
kernel BUG at drivers/foo/foo.c:120!
Internal error: Oops - BUG: 00000000f2000800 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_set+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_set+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl
Code: f9400260 b4000080 (d4210000) 17fffff4
@end`,
    says: `
bug/kernel-bug error BUG: kernel BUG in foo_set
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_set, frames foo_set foo_ioctl __arm64_sys_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0xf2000800, esr 0xf2000800, fields 4}
details {of kernel-bug, file drivers/foo/foo.c, line 120}`,
  },
]);
