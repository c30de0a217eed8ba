import { describeWorld } from './world.ts';

describeWorld('sanitizers', [
  {
    name: 'kfence uaf',
    log: `
@rule
BUG: KFENCE: use-after-free read in foo_read+0x12/0x60 [foo]

Use-after-free read at 0x00000000a1b2c3d4 (in kfence-#24):
 foo_read+0x12/0x60 [foo]
@stack vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe

kfence-#24: 0x00000000a1b2c300-0x00000000a1b2c31f, size=32, cache=kmalloc-32

allocated by task 77 on cpu 6 at 0.232070s:
@stack foo_open[foo] chrdev_open

freed by task 78 on cpu 6 at 0.232199s:
@stack foo_release[foo] __fput

@comm
@rule`,
    says: `
kfence/use-after-free error KFENCE-USE-AFTER-FREE-READ: KFENCE: use-after-free read in foo_read
lines +1 to 0, no stack has frames, x86_64, 6.1.0-18-amd64
culprit foo_read, frames foo_read vfs_read ksys_read do_syscall_64 entry_SYSCALL_64_after_hwframe
stack allocated, allocated by task 77 on cpu 6 at 0.232070s:, cpu 6: foo_open chrdev_open
stack freed, freed by task 78 on cpu 6 at 0.232199s:, cpu 6: foo_release __fput
task {cpu 1, pid 4242, comm worker}
details {of kfence, bug use-after-free read, access read, address 0xa1b2c3d4, number 24, object {address 0xa1b2c300, size 32, cache kmalloc-32}}`,
  },
  {
    name: 'kfence oob',
    log: `
@rule
BUG: KFENCE: out-of-bounds write in foo_write+0x12/0x60

Out-of-bounds write at 0x00000000a1b2c3d4 (1B left of kfence-#17):
 foo_write+0x12/0x60
@stack vfs_write

kfence-#17: 0x00000000a1b2c3d5-0x00000000a1b2c3f4, size=32, cache=foo_cache

allocated by task 77 on cpu 6 at 0.232070s (0.012000s ago):
@stack foo_open chrdev_open

@comm12
@rule`,
    says: `
kfence/out-of-bounds error KFENCE-WRITE: KFENCE: out-of-bounds write in foo_write
lines +1 to 0, no stack has frames, x86_64, taint W, 6.16.3, PREEMPT(full)
culprit foo_write, frames foo_write vfs_write
stack allocated, allocated by task 77 on cpu 6 at 0.232070s (0.012000s ago):, cpu 6: foo_open chrdev_open
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of kfence, bug out-of-bounds write, access write, address 0xa1b2c3d4, side left, distance 1, number 17, object {address 0xa1b2c3d5, size 32, cache foo_cache}}`,
  },
  {
    name: 'kfence corruption',
    log: `
@rule
BUG: KFENCE: memory corruption in foo_release+0x12/0x60

Corrupted memory at 0x00000000a1b2c3d4 [ 0xac . . . . . ! . . ] (in kfence-#156):
 foo_release+0x12/0x60
@stack __fput task_work_run

kfence-#156: 0x00000000a1b2c300-0x00000000a1b2c348, size=73, cache=kmalloc-96

allocated by task 77 on cpu 6 at 0.232070s:
@stack foo_open chrdev_open

@comm
@rule`,
    says: `
kfence/memory-corruption error KFENCE-MEMORY-CORRUPTION: KFENCE: memory corruption in foo_release
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_release, frames foo_release __fput task_work_run
stack allocated, allocated by task 77 on cpu 6 at 0.232070s:, cpu 6: foo_open chrdev_open
task {cpu 1, pid 4242, comm worker}
details {of kfence, bug memory corruption, address 0xa1b2c3d4, number 156, object {address 0xa1b2c300, size 73, cache kmalloc-96}, corruptedBytes 9 of them}`,
  },
  {
    name: 'kfence invalid free',
    log: `
@rule
BUG: KFENCE: invalid free in foo_release+0x12/0x60

Invalid free of 0x00000000a1b2c3d4 (in kfence-#156):
 foo_release+0x12/0x60
@stack __fput task_work_run

kfence-#156: 0x00000000a1b2c300-0x00000000a1b2c348, size=73, cache=kmalloc-96

allocated by task 77 on cpu 6 at 0.232070s:
@stack foo_open chrdev_open

@comm
@rule`,
    says: `
kfence/invalid-free error KFENCE-INVALID-FREE: KFENCE: invalid free in foo_release
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_release, frames foo_release __fput task_work_run
stack allocated, allocated by task 77 on cpu 6 at 0.232070s:, cpu 6: foo_open chrdev_open
task {cpu 1, pid 4242, comm worker}
details {of kfence, bug invalid free, address 0xa1b2c3d4, number 156, object {address 0xa1b2c300, size 73, cache kmalloc-96}}`,
  },
  {
    name: 'kfence invalid read',
    log: `
@rule
BUG: KFENCE: invalid read in foo_read+0x12/0x60

Invalid read at 0x00000000a1b2c3d4:
 foo_read+0x12/0x60
@stack vfs_read ksys_read

@comm
@rule`,
    says: `
kfence/invalid-access error KFENCE-READ: KFENCE: invalid read in foo_read
lines +1 to 0, no stack has frames, x86_64, 6.1.0-18-amd64
culprit foo_read, frames foo_read vfs_read ksys_read
task {cpu 1, pid 4242, comm worker}
details {of kfence, bug invalid read, access read, address 0xa1b2c3d4}`,
  },
  {
    name: 'kmsan',
    log: `
=====================================================
BUG: KMSAN: uninit-value in foo_check+0x12/0x60 net/foo/foo.c:120
 foo_check+0x12/0x60 net/foo/foo.c:120
 foo_rcv+0x12/0x60 net/foo/foo.c:220
 netif_receive_skb+0x12/0x60 net/core/dev.c:5600

Uninit was stored to memory at:
 skb_put_data+0x12/0x60
 foo_build+0x12/0x60 net/foo/foo.c:20

Uninit was created at:
 slab_post_alloc_hook+0x12/0x60 mm/slub.c:3900
 kmem_cache_alloc_node+0x12/0x60 mm/slub.c:3950
 foo_alloc+0x12/0x60 net/foo/foo.c:12

Bytes 4-7 of 16 are uninitialized
Memory access of size 16 starts at ffff888104a3c000

CPU: 1 PID: 4242 Comm: worker Not tainted 6.1.0-18-amd64 #1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
=====================================================`,
    says: `
kmsan/uninit-value error KMSAN-UNINIT-VALUE: KMSAN: uninit-value in foo_check
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_check, frames foo_check foo_rcv netif_receive_skb
stack origin-stored, Uninit was stored to memory at:: skb_put_data foo_build
stack origin-created, Uninit was created at:: slab_post_alloc_hook kmem_cache_alloc_node foo_alloc
task {cpu 1, pid 4242, comm worker}
details {of kmsan, bug uninit-value, bytes {from 4, to 7, size 16}, address 0xffff888104a3c000}`,
  },
  {
    name: 'kmsan infoleak local',
    log: `
=====================================================
BUG: KMSAN: kernel-infoleak in _copy_to_user+0x12/0x60
@stack instrument_copy_to_user _copy_to_user foo_ioctl[foo] __se_sys_ioctl

Local variable info created at:
 foo_ioctl+0x12/0x60 [foo]
 __se_sys_ioctl+0x12/0x60

Bytes 12-15 of 24 are uninitialized
Memory access of size 24 starts at ffff888104a3c000
Data copied to user address 00007ffd4a0c1e48

@comm12
=====================================================`,
    says: `
kmsan/kernel-infoleak error KMSAN-INFO-LEAK: KMSAN: kernel-infoleak in foo_ioctl
lines +1 to 0, x86_64, taint W, 6.16.3, PREEMPT(full)
culprit instrument_copy_to_user, frames instrument_copy_to_user _copy_to_user foo_ioctl __se_sys_ioctl
stack origin-created, Local variable info created at:: foo_ioctl __se_sys_ioctl
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of kmsan, bug kernel-infoleak, bytes {from 12, to 15, size 24}, address 0xffff888104a3c000, userAddress 0x7ffd4a0c1e48, variable info}`,
  },
  {
    name: 'kcsan race',
    log: `
@rule
BUG: KCSAN: data-race in foo_inc / foo_read

write to 0xffffffffc04d3010 of 8 bytes by task 77 on cpu 0:
 foo_inc+0x12/0x60
@stack foo_ioctl __x64_sys_ioctl

read to 0xffffffffc04d3010 of 8 bytes by interrupt on cpu 1:
 foo_read+0x12/0x60
@stack foo_timer call_timer_fn

value changed: 0x0000000000000005 -> 0x0000000000000006

Reported by Kernel Concurrency Sanitizer on:
@comm
@rule`,
    says: `
kcsan/data-race error KCSAN-DATARACE: KCSAN: data-race in foo_inc / foo_read
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_inc, frames foo_inc foo_ioctl __x64_sys_ioctl
stack race-access, write to 0xffffffffc04d3010 of 8 bytes by task 77 on cpu 0:, cpu 0: foo_inc foo_ioctl __x64_sys_ioctl
stack race-access, read to 0xffffffffc04d3010 of 8 bytes by interrupt on cpu 1:, cpu 1: foo_read foo_timer call_timer_fn
task {cpu 1, pid 4242, comm worker}
details {of kcsan, functions [foo_inc; foo_read], accesses [{access write, words [], function foo_inc, address 0xffffffffc04d3010, size 8, pid 77, cpu 0}; {access read, words [], function foo_read, address 0xffffffffc04d3010, size 8, cpu 1, interrupt true}], unknownOrigin false, oldValue 0x5, newValue 0x6}`,
  },
  {
    name: 'kcsan unknown',
    log: `
@rule
BUG: KCSAN: data-race in foo_read

race at unknown origin, with read to 0xffffffffc04d3010 of 8 bytes by task 4242 on cpu 1:
 foo_read+0x12/0x60
@stack foo_ioctl __x64_sys_ioctl

value changed: 0x0000000000000005 -> 0x0000000000000006

Reported by Kernel Concurrency Sanitizer on:
@comm
@rule`,
    says: `
kcsan/data-race error KCSAN-DATARACE: KCSAN: data-race in foo_read
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_read, frames foo_read foo_ioctl __x64_sys_ioctl
stack race-access, race at unknown origin, with read to 0xffffffffc04d3010 of 8 bytes by task 4242 on cpu 1:, cpu 1: foo_read foo_ioctl __x64_sys_ioctl
task {cpu 1, pid 4242, comm worker}
details {of kcsan, functions [foo_read], accesses [{access read, words [], function foo_read, address 0xffffffffc04d3010, size 8, pid 4242, cpu 1}], unknownOrigin true, oldValue 0x5, newValue 0x6}`,
  },
  {
    name: 'kcsan assert',
    log: `
@rule
BUG: KCSAN: assert: race in foo_del / foo_check

write (marked) to 0xffffffffc04d3010 of 4 bytes by task 77 on cpu 0:
 foo_del+0x12/0x60
@stack foo_ioctl __x64_sys_ioctl

assert no accesses to 0xffffffffc04d3010 of 4 bytes by task 4242 on cpu 1:
 foo_check+0x12/0x60
@stack foo_ioctl __x64_sys_ioctl

Reported by Kernel Concurrency Sanitizer on:
@comm
@rule`,
    says: `
kcsan/assert error KCSAN-ASSERT: KCSAN: assert: race in foo_del / foo_check
lines +1 to 0, x86_64, 6.1.0-18-amd64
culprit foo_del, frames foo_del foo_ioctl __x64_sys_ioctl
stack race-access, write (marked) to 0xffffffffc04d3010 of 4 bytes by task 77 on cpu 0:, cpu 0: foo_del foo_ioctl __x64_sys_ioctl
stack race-access, assert no accesses to 0xffffffffc04d3010 of 4 bytes by task 4242 on cpu 1:, cpu 1: foo_check foo_ioctl __x64_sys_ioctl
task {cpu 1, pid 4242, comm worker}
details {of kcsan, functions [foo_del; foo_check], accesses [{access write, words [marked], function foo_del, address 0xffffffffc04d3010, size 4, pid 77, cpu 0}; {access read, words [assert; no; accesses], function foo_check, address 0xffffffffc04d3010, size 4, pid 4242, cpu 1}], unknownOrigin false}`,
  },
  {
    name: 'ubsan oob 6.1',
    log: `
================================================================================
UBSAN: array-index-out-of-bounds in drivers/foo/foo.c:120:12
index 4 is out of range for type 'u32 [4]'
@comm
@trace dump_stack_lvl ubsan_epilogue __ubsan_handle_out_of_bounds.cold foo_set[foo] foo_ioctl[foo]
================================================================================`,
    says: `
ubsan/array-index-out-of-bounds warning MEMORY_SAFETY_UBSAN: UBSAN: array-index-out-of-bounds in foo_set
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_set, frames dump_stack_lvl ubsan_epilogue __ubsan_handle_out_of_bounds.cold foo_set foo_ioctl and 2 more
task {cpu 1, pid 4242, comm worker}
details {of ubsan, check array-index-out-of-bounds, file drivers/foo/foo.c, line 120, column 12, message index 4 is out of range for type 'u32 [4]', index 4, type u32 [4]}`,
  },
  {
    name: 'ubsan 6.12 no rule, end',
    log: `
@cut
UBSAN: shift-out-of-bounds in drivers/foo/foo.c:120:12
shift exponent 64 is too large for 64-bit type 'long unsigned int'
@comm12
@trace dump_stack_lvl ubsan_epilogue __ubsan_handle_shift_out_of_bounds.cold foo_set[foo] foo_ioctl[foo]
---[ end trace ]---`,
    says: `
ubsan/shift-out-of-bounds warning UBSAN: UBSAN: shift-out-of-bounds in foo_set
lines +0 to 0, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_set, frames dump_stack_lvl ubsan_epilogue __ubsan_handle_shift_out_of_bounds.cold foo_set foo_ioctl and 2 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of ubsan, check shift-out-of-bounds, file drivers/foo/foo.c, line 120, column 12, message shift exponent 64 is too large for 64-bit type 'long unsigned int', type long unsigned int}`,
  },
  {
    name: 'ubsan trap arm64',
    log: `
Internal error: UBSAN: integer subtraction overflow: 00000000f2005515 [#1] PREEMPT SMP
@modules
CPU: 3 UID: 0 PID: 4242 Comm: worker Not tainted 6.12.9-arm64 #1
Hardware name: Acme Board (DT)
@a64 foo_set+0x24/0x60[foo] foo_ioctl+0x40/0x80[foo]
Call trace:
 foo_set+0x24/0x60 [foo] (P)
@stack foo_ioctl[foo] __arm64_sys_ioctl
Code: f9400260 b4000080 (d42aa2a0) 17fffff4
@end`,
    says: `
ubsan/signed-integer-overflow error UBSAN: UBSAN: integer subtraction overflow: ADDR [#NUM] PREEMPT SMP
lines +0 to 0, arm64, registers kernel 32, 6.12.9-arm64, PREEMPT
culprit foo_set, frames foo_set foo_ioctl __arm64_sys_ioctl
task {cpu 3, pid 4242, uid 0, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP], errorCode 0xf2005515, esr 0xf2005515, fields 4}
details {of ubsan, check integer subtraction overflow}`,
  },
  {
    name: 'ubsan old',
    log: `
================================================================================
UBSAN: Undefined behaviour in drivers/foo/foo.c:120:12
signed integer overflow:
2147483647 + 1 cannot be represented in type 'int'
CPU: 1 PID: 4242 Comm: worker Not tainted 4.19.0-8-amd64 #1
Hardware name: Acme
@trace4 dump_stack ubsan_epilogue handle_overflow __ubsan_handle_add_overflow foo_add
================================================================================`,
    says: `
ubsan/undefined-behaviour warning UBSAN: UBSAN: undefined-behaviour in foo_add
lines +1 to 0, x86_64, 4.19.0-8-amd64
culprit foo_add, frames dump_stack ubsan_epilogue handle_overflow __ubsan_handle_add_overflow foo_add
task {cpu 1, pid 4242, comm worker}
details {of ubsan, check Undefined behaviour, file drivers/foo/foo.c, line 120, column 12, message signed integer overflow:}`,
  },
]);
