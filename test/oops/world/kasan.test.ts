import { describeWorld } from './world.ts';

describeWorld('KASAN', [
  {
    name: 'kasan slab 6.6',
    log: `
@rule
BUG: KASAN: slab-use-after-free in foo_read+0x12/0x60 [foo]
Read of size 8 at addr ffff888104a3c010 by task worker/4242

@comm
@trace dump_stack_lvl print_report kasan_report foo_read[foo] vfs_read

Allocated by task 77:
@stack kasan_save_stack kasan_set_track __kasan_kmalloc kmalloc_trace foo_open[foo] chrdev_open

Freed by task 78 on cpu 1 at 812.340000s:
@stack kasan_save_stack kasan_set_track kasan_save_free_info __kasan_slab_free kfree foo_release[foo]

Last potentially related work creation:
@stack kasan_save_stack __kasan_record_aux_stack insert_work foo_queue[foo]

The buggy address belongs to the object at ffff888104a3c000
 which belongs to the cache kmalloc-64 of size 64
The buggy address is located 16 bytes inside of
 freed 64-byte region [ffff888104a3c000, ffff888104a3c040)

The buggy address belongs to the physical page:
page:00000000a1b2c3d4 refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x104a3c
flags: 0x200000000000200(slab|node=0|zone=2)
page_type: 0xffffffff()
raw: 0200000000000200 ffff888100042640 dead000000000122 0000000000000000
raw: 0000000000000000 0000000080200020 00000001ffffffff 0000000000000000
page dumped because: kasan: bad access detected

Memory state around the buggy address:
 ffff888104a3bf00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
 ffff888104a3bf80: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
>ffff888104a3c000: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc
                         ^
 ffff888104a3c080: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc
 ffff888104a3c100: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
@rule
Disabling lock debugging due to kernel taint`,
    says: `
kasan/slab-use-after-free error KASAN-USE-AFTER-FREE-READ: KASAN: slab-use-after-free Read in foo_read
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_read, frames dump_stack_lvl print_report kasan_report foo_read vfs_read and 2 more
stack allocated, Allocated by task 77:: kasan_save_stack kasan_set_track __kasan_kmalloc kmalloc_trace foo_open and 1 more
stack freed, Freed by task 78 on cpu 1 at 812.340000s:, cpu 1: kasan_save_stack kasan_set_track kasan_save_free_info __kasan_slab_free kfree and 1 more
stack related-work, Last potentially related work creation:: kasan_save_stack __kasan_record_aux_stack insert_work foo_queue
task {cpu 1, pid 4242, comm worker}
details {of kasan, bug slab-use-after-free, access read, size 8, address 0xffff888104a3c010, task worker, pid 4242, object {address 0xffff888104a3c000, cache kmalloc-64, size 64, relation 16 bytes inside of, distance 16, state freed}, shadow 5 of them, marked 2, markedMeaning freed object}`,
  },
  {
    name: 'kasan double-free',
    log: `
@rule
BUG: KASAN: double-free in foo_release+0x12/0x60 [foo]
Free of addr ffff888104a3c000 by task worker/4242

@comm12
@trace dump_stack_lvl print_report kasan_report_invalid_free check_slab_allocation __kasan_slab_pre_free kfree foo_release[foo] __fput

Allocated by task 77:
@stack kasan_save_stack kasan_save_track __kasan_kmalloc foo_open[foo]

Freed by task 78:
@stack kasan_save_stack kasan_save_track kasan_save_free_info __kasan_slab_free kfree foo_release[foo]

The buggy address belongs to the object at ffff888104a3c000
 which belongs to the cache kmalloc-64 of size 64
The buggy address is located 0 bytes inside of
 64-byte region [ffff888104a3c000, ffff888104a3c040)

The buggy address belongs to the physical page:
page: refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x104a3c
flags: 0x200000000000000(node=0|zone=2)
page_type: f5(slab)
raw: 0200000000000200 ffff888100042640 dead000000000122 0000000000000000
raw: 0000000000000000 0000000080200020 00000001ffffffff 0000000000000000
page dumped because: kasan: bad access detected

Memory state around the buggy address:
 ffff888104a3bf00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
>ffff888104a3c000: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc
                   ^
 ffff888104a3c080: fa fb fb fb fb fb fb fb fc fc fc fc fc fc fc fc
@rule`,
    says: `
kasan/double-free error KASAN-INVALID-FREE: KASAN: invalid-free in foo_release
lines +1 to 0, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_release, frames dump_stack_lvl print_report kasan_report_invalid_free check_slab_allocation __kasan_slab_pre_free and 5 more
stack allocated, Allocated by task 77:: kasan_save_stack kasan_save_track __kasan_kmalloc foo_open
stack freed, Freed by task 78:: kasan_save_stack kasan_save_track kasan_save_free_info __kasan_slab_free kfree and 1 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of kasan, bug double-free, access free, address 0xffff888104a3c000, task worker, pid 4242, object {address 0xffff888104a3c000, cache kmalloc-64, size 64, relation 0 bytes inside of, distance 0}, shadow [{address 0xffff888104a3bf00, bytes 16 of them, bad false}; {address 0xffff888104a3c000, bytes 16 of them, bad true}; {address 0xffff888104a3c080, bytes 16 of them, bad false}], marked 0, markedMeaning freed object, its release is known}`,
  },
  {
    name: 'kasan stack',
    log: `
@rule
BUG: KASAN: stack-out-of-bounds in foo_parse+0x12/0x60
Write of size 4 at addr ffffc90000a3bd9c by task worker/4242

@comm
@trace dump_stack_lvl print_report kasan_report foo_parse foo_ioctl

The buggy address belongs to stack of task worker/4242
 and is located at offset 60 in frame:
 foo_parse+0x0/0x60

This frame has 2 objects:
 [32, 36) 'len'
 [48, 60) 'name'

The buggy address belongs to the virtual mapping at
 [ffffc90000a38000, ffffc90000a41000) created by:
 kernel_clone+0x1c/0x60

The buggy address belongs to the physical page:
page:00000000a1b2c3d4 refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x104a3c
flags: 0x200000000000200(node=0|zone=2)
raw: 0200000000000200 ffff888100042640 dead000000000122 0000000000000000
raw: 0000000000000000 0000000080200020 00000001ffffffff 0000000000000000
page dumped because: kasan: bad access detected

Memory state around the buggy address:
 ffffc90000a3bd00: 00 00 00 00 00 00 00 00 00 00 00 00 f1 f1 f1 f1
>ffffc90000a3bd80: 04 f2 00 04 f3 f3 00 00 00 00 00 00 00 00 00 00
                            ^
 ffffc90000a3be00: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
@rule`,
    says: `
kasan/stack-out-of-bounds error KASAN-WRITE: KASAN: stack-out-of-bounds Write in foo_parse
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_parse, frames dump_stack_lvl print_report kasan_report foo_parse foo_ioctl and 4 more
task {cpu 1, pid 4242, comm worker}
details {of kasan, bug stack-out-of-bounds, access write, size 4, address 0xffffc90000a3bd9c, task worker, pid 4242, stack {task worker, pid 4242, function foo_parse, offset 60, variables [{name len, from 32, to 36}; {name name, from 48, to 60}]}, shadow [{address 0xffffc90000a3bd00, bytes 16 of them, bad false}; {address 0xffffc90000a3bd80, bytes 16 of them, bad true}; {address 0xffffc90000a3be00, bytes 16 of them, bad false}], marked 3, markedMeaning only the first 4 bytes accessible}`,
  },
  {
    name: 'kasan global',
    log: `
@rule
BUG: KASAN: global-out-of-bounds in foo_get+0x12/0x60
Read of size 1 at addr ffffffffc04d3024 by task worker/4242

@comm
@trace dump_stack_lvl print_report kasan_report foo_get foo_ioctl

The buggy address belongs to the variable:
 foo_table+0x24/0x20 [foo]

Memory state around the buggy address:
 ffffffffc04d2f80: 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
>ffffffffc04d3000: 00 00 00 00 f9 f9 f9 f9 00 00 00 00 00 00 00 00
                               ^
@rule`,
    says: `
kasan/global-out-of-bounds error KASAN-READ: KASAN: global-out-of-bounds Read in foo_get
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_get, frames dump_stack_lvl print_report kasan_report foo_get foo_ioctl and 3 more
task {cpu 1, pid 4242, comm worker}
details {of kasan, bug global-out-of-bounds, access read, size 1, address 0xffffffffc04d3024, task worker, pid 4242, variable {name foo_table, size 32}, shadow [{address 0xffffffffc04d2f80, bytes 16 of them, bad false}; {address 0xffffffffc04d3000, bytes 16 of them, bad true}], marked 4, markedMeaning global redzone}`,
  },
  {
    name: 'kasan sw tags arm64',
    log: `
@rule
BUG: KASAN: slab-use-after-free in foo_read+0x12/0x60
Read at addr f4ff0000c1f2e010 by task worker/4242
Pointer tag: [f4], memory tag: [fe]

CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@trace64 show_stack dump_stack_lvl print_report kasan_report __do_kernel_fault do_tag_check_fault do_mem_abort el1_abort el1h_64_sync_handler el1h_64_sync foo_read vfs_read

Allocated by task 77:
@stack kasan_save_stack kasan_save_track kasan_save_alloc_info __kasan_slab_alloc kmem_cache_alloc foo_open

Freed by task 78:
@stack kasan_save_stack kasan_save_track kasan_save_free_info kmem_cache_free foo_release

The buggy address belongs to the object at ffff0000c1f2e000
 which belongs to the cache foo_cache of size 64
The buggy address is located 16 bytes inside of
 64-byte region [ffff0000c1f2e000, ffff0000c1f2e040)

The buggy address belongs to the physical page:
page: refcount:1 mapcount:0 mapping:0000000000000000 index:0x0 pfn:0x101f2e
flags: 0xbfffe0000000000(node=0|zone=2|lastcpupid=0x1ffff|kasantag=0x0)
page_type: f5(slab)
raw: 0200000000000200 ffff888100042640 dead000000000122 0000000000000000
raw: 0000000000000000 0000000080200020 00000001ffffffff 0000000000000000
page dumped because: kasan: bad access detected

Memory state around the buggy address:
 ffff0000c1f2de00: fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe
 ffff0000c1f2df00: fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe
>ffff0000c1f2e000: fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe
                      ^
 ffff0000c1f2e100: fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe fe
@rule`,
    says: `
kasan/slab-use-after-free error KASAN-USE-AFTER-FREE-READ: KASAN: slab-use-after-free Read in foo_read
lines +1 to 0, arm64, 6.12.9-arm64
culprit foo_read, frames show_stack dump_stack_lvl print_report kasan_report __do_kernel_fault and 10 more
stack allocated, Allocated by task 77:: kasan_save_stack kasan_save_track kasan_save_alloc_info __kasan_slab_alloc kmem_cache_alloc and 1 more
stack freed, Freed by task 78:: kasan_save_stack kasan_save_track kasan_save_free_info kmem_cache_free foo_release
task {cpu 3, pid 4242, uid 0, comm worker}
details {of kasan, bug slab-use-after-free, access read, address 0xf4ff0000c1f2e010, task worker, pid 4242, object {address 0xffff0000c1f2e000, cache foo_cache, size 64, relation 16 bytes inside of, distance 16}, pointerTag 244, memoryTag 254, shadow [{address 0xffff0000c1f2de00, bytes 16 of them, bad false}; {address 0xffff0000c1f2df00, bytes 16 of them, bad false}; {address 0xffff0000c1f2e000, bytes 16 of them, bad true}; {address 0xffff0000c1f2e100, bytes 16 of them, bad false}], marked 1}`,
  },
  {
    name: 'kasan hw invalid-access',
    log: `
@rule
BUG: KASAN: invalid-access in foo_read+0x12/0x60
Write at addr f4ff0000c1f2e010 by task worker/4242
Pointer tag: [f4], memory tag: [fe]

CPU: 3 PID: 4242 Comm: worker Not tainted 6.1.9-arm64 #1
Hardware name: Acme Board (DT)
@trace64 dump_backtrace show_stack dump_stack_lvl print_report kasan_report __do_kernel_fault do_tag_check_fault do_mem_abort el1_abort el1h_64_sync_handler el1h_64_sync foo_read vfs_read
@rule`,
    says: `
kasan/invalid-access error KASAN-UNKNOWN: KASAN: invalid-access Write in foo_read
lines +1 to 0, arm64, 6.1.9-arm64
culprit foo_read, frames dump_backtrace show_stack dump_stack_lvl print_report kasan_report and 11 more
task {cpu 3, pid 4242, comm worker}
details {of kasan, bug invalid-access, access write, address 0xf4ff0000c1f2e010, task worker, pid 4242, pointerTag 244, memoryTag 254}`,
  },
  {
    name: 'kasan null arm64/x86 gpf',
    log: `
Oops: general protection fault, probably for non-canonical address 0xdffffc0000000003: 0000 [#1] PREEMPT SMP KASAN NOPTI
KASAN: null-ptr-deref in range [0x0000000000000018-0x000000000000001f]
@comm12
@regs foo_read+0x12/0x60[foo]
@trace vfs_read ksys_read
@modules
@end
@regs foo_read+0x12/0x60[foo]`,
    says: `
oops/general-protection error DoS: general protection fault in foo_read
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; KASAN; NOPTI], errorCode 0x0, address 0xdffffc0000000003, fields 1}
details {of kasan, bug null-ptr-deref, range {from 0x18, to 0x1f}}`,
  },
  {
    name: 'kasan wild 4.9',
    log: `
@rule
BUG: KASAN: use-after-free in foo_read+0x12/0x60 at addr ffff88003d603b28
Read of size 8 by task worker/4242
CPU: 1 PID: 4242 Comm: worker Not tainted 4.9.0-8-amd64 #1
Hardware name: Acme
 ffff8b5f364a0000 0000000000000000 ffff8b5f364a0000 ffffffffb4733284
Call Trace:
 [<ffffffffb4733284>] dump_stack+0x5c/0x78
 [<ffffffffb45b72a1>] kasan_object_err+0x21/0x70
 [<ffffffffb45b7537>] kasan_report_error+0x1f7/0x500
 [<ffffffffc04d10b2>] foo_read+0x12/0x60 [foo]
 [<ffffffffb45d2a1a>] vfs_read+0x3a/0x60
Object at ffff88003d603b20, in cache kmalloc-64 size: 64
Allocated:
PID = 77
 [<ffffffffb45b72a1>] save_stack_trace+0x16/0x20
 [<ffffffffc04d10b2>] foo_open+0x12/0x60 [foo]
Freed:
PID = 78
 [<ffffffffb45b72a1>] save_stack_trace+0x16/0x20
 [<ffffffffc04d10b2>] foo_release+0x12/0x60 [foo]
Memory state around the buggy address:
 ffff88003d603a00: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
>ffff88003d603b00: fc fc fc fc fb fb fb fb fb fb fb fb fc fc fc fc
                                  ^
 ffff88003d603b80: fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc fc
@rule`,
    says: `
kasan/use-after-free error KASAN-USE-AFTER-FREE-READ: KASAN: use-after-free Read in foo_read
lines +1 to 0, x86_64, 4.9.0-8-amd64
culprit foo_read, frames dump_stack kasan_object_err kasan_report_error foo_read vfs_read
stack allocated, Allocated:: save_stack_trace foo_open
stack freed, Freed:: save_stack_trace foo_release
task {cpu 1, pid 4242, comm worker}
details {of kasan, bug use-after-free, access read, size 8, address 0xffff88003d603b28, task worker, pid 4242, object {address 0xffff88003d603b20, cache kmalloc-64, size 64}, shadow [{address 0xffff88003d603a00, bytes 16 of them, bad false}; {address 0xffff88003d603b00, bytes 16 of them, bad true}; {address 0xffff88003d603b80, bytes 16 of them, bad false}], marked 5, markedMeaning freed object}`,
  },
]);
