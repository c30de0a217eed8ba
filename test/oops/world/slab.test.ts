import { describeWorld } from './world.ts';

describeWorld('slab and leaks', [
  {
    name: 'slab poison 6.1',
    log: `
@slabrule
BUG kmalloc-64 (Tainted: G           OE     ): Poison overwritten
@dashes
0xffff888103c4e048-0xffff888103c4e048 @offset=72. First byte 0x0 instead of 0x6b
Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77
 __kmem_cache_alloc_node+0x12/0x60
 kmalloc_trace+0x12/0x60
 foo_open+0x12/0x60 [foo]
Freed in foo_release+0x12/0x60 [foo] age=1200 cpu=0 pid=78
 __kmem_cache_free+0x12/0x60
 foo_release+0x12/0x60 [foo]
Slab 0x00000000a1b2c3d4 objects=21 used=18 fp=0x00000000b1b2c3d4 flags=0x17ffffc0010200(slab|head|node=0|zone=2|lastcpupid=0x1fffff)
Object 0x00000000c1b2c3d4 @offset=64 fp=0x0000000000000000

@slab
CPU: 1 PID: 4242 Comm: worker Tainted: G    B      OE      6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme Box/B42, BIOS 1.2 04/01/2024
@trace dump_stack_lvl check_bytes_and_report.cold check_object alloc_debug_processing ___slab_alloc __kmem_cache_alloc_node kmalloc_trace foo_open[foo]
FIX kmalloc-64: Restoring Poison 0xffff888103c4e048-0xffff888103c4e048=0x6b
FIX kmalloc-64: Marking all objects used`,
    says: `
slab/poison-overwritten error UNKNOWN: BUG kmalloc-NUM (Tainted: G OE ): Poison overwritten
lines +1 to 0, x86_64, registers user 21, taint OE, 6.1.0-18-amd64
culprit foo_open, frames dump_stack_lvl check_bytes_and_report.cold check_object alloc_debug_processing ___slab_alloc and 5 more
stack allocated, Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77, cpu 1: __kmem_cache_alloc_node kmalloc_trace foo_open
stack freed, Freed in foo_release+0x12/0x60 [foo] age=1200 cpu=0 pid=78, cpu 0: __kmem_cache_free foo_release
task {cpu 1, pid 4242, comm worker}
details {of slab, cache kmalloc-64, finding Poison overwritten, object 0xc1b2c3d4, objectOffset 64, range {from 0xffff888103c4e048, to 0xffff888103c4e048}, found 0, expected 107, allocatedIn {function foo_open, age 1234, cpu 1, pid 77}, freedIn {function foo_release, age 1200, cpu 0, pid 78}, dump 5 of them}`,
  },
  {
    name: 'slab redzone own cache 6.14',
    log: `
@slabrule
BUG foo_cache (Not tainted): Object corrupt
@dashes
[Right Redzone overwritten] 0xffff888103c4e080-0xffff888103c4e083 @offset=128. First byte 0x41 instead of 0xcc
@slab
@cut
WARNING: CPU: 1 PID: 4242 at mm/slub.c:1145 object_err+0x12/0x60
@modules
@comm12
@regs object_err
@trace check_object free_to_partial_list kfree foo_release[foo]
@end
FIX foo_cache: Restoring Right Redzone 0xffff888103c4e080-0xffff888103c4e083=0xcc`,
    says: `
slab/redzone-overwritten error SLAB-CORRUPTION: BUG foo_cache: Object corrupt
lines +1 to 0, x86_64, registers kernel 30 user 21, 6.16.3, PREEMPT(full)
culprit foo_release, frames object_err check_object free_to_partial_list kfree foo_release and 2 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of slab, cache foo_cache, finding Object corrupt, range {from 0xffff888103c4e080, to 0xffff888103c4e083}, found 65, expected 204, dump 5 of them}`,
  },
  {
    name: 'slab redzone 7.x',
    log: `
[Right Redzone overwritten] 0xffff888103c4e080-0xffff888103c4e083 @offset=128. First byte 0x41 instead of 0xcc
@slabrule
BUG foo_cache (Tainted: G        W         ): Object corrupt
@dashes
Slab 0x00000000a1b2c3d4 objects=21 used=18 fp=0x00000000b1b2c3d4 flags=0x17ffffc0010200(slab|head|node=0|zone=2|lastcpupid=0x1fffff)
Object 0x00000000c1b2c3d4 @offset=64 fp=0x0000000000000000

@slab
@cut
WARNING: mm/slub.c:1239 at object_err+0x12/0x60, CPU#1: worker/4242
@modules
@comm12
@regs object_err
@trace check_object free_to_partial_list kfree foo_release[foo]
@end
FIX foo_cache: Restoring Right Redzone 0xffff888103c4e080-0xffff888103c4e083=0xcc`,
    says: `
slab/redzone-overwritten error SLAB-CORRUPTION: BUG foo_cache: Object corrupt
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_release, frames object_err check_object free_to_partial_list kfree foo_release and 2 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of slab, cache foo_cache, finding Object corrupt, object 0xc1b2c3d4, objectOffset 64, range {from 0xffff888103c4e080, to 0xffff888103c4e083}, found 65, expected 204, dump 5 of them}`,
  },
  {
    name: 'slab redzone 6.12',
    log: `
@slabrule
BUG foo_cache (Tainted: G        W         ): Right Redzone overwritten
@dashes
0xffff888103c4e080-0xffff888103c4e083 @offset=128. First byte 0x41 instead of 0xcc
Slab 0x00000000a1b2c3d4 objects=21 used=18 fp=0x00000000b1b2c3d4 flags=0x17ffffc0010200(slab|head|node=0|zone=2|lastcpupid=0x1fffff)
Object 0x00000000c1b2c3d4 @offset=64 fp=0x0000000000000000

@slab
@comm12
@trace dump_stack_lvl check_bytes_and_report check_object free_to_partial_list kmem_cache_free foo_release[foo]
FIX foo_cache: Restoring Right Redzone 0xffff888103c4e080-0xffff888103c4e083=0xcc
FIX foo_cache: Object at 0x00000000c1b2c3d4 not freed`,
    says: `
slab/redzone-overwritten error SLAB-CORRUPTION: BUG foo_cache: Right Redzone overwritten
lines +1 to 0, x86_64, registers user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_release, frames dump_stack_lvl check_bytes_and_report check_object free_to_partial_list kmem_cache_free and 3 more
task {cpu 1, pid 4242, uid 1000, comm worker}
details {of slab, cache foo_cache, finding Right Redzone overwritten, object 0xc1b2c3d4, objectOffset 64, range {from 0xffff888103c4e080, to 0xffff888103c4e083}, found 65, expected 204, dump 5 of them}`,
  },
  {
    name: 'slab 4.4',
    log: `
@slabrule
BUG kmalloc-64 (Tainted: G    B     OE  ): Freepointer corrupt
@dashes
INFO: Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77
\t___slab_alloc+0x12/0x60
\tfoo_open+0x12/0x60 [foo]
INFO: Freed in foo_release+0x12/0x60 [foo] age=1200 cpu=0 pid=78
\t__slab_free+0x12/0x60
\tfoo_release+0x12/0x60 [foo]
INFO: Slab 0xffffea0000f58080 objects=21 used=18 fp=0xffff88003d603b28 flags=0x100000000000080
INFO: Object 0xffff88003d603b28 @offset=64 fp=0xffff88003d603b80

Bytes b4 ffff88003d603b18: 00 00 00 00 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ....ZZZZZZZZZZZZ
Object ffff88003d603b28: 6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk.kkkkkkk
Redzone ffff88003d603b68: bb bb bb bb bb bb bb bb                          ........
Padding ffff88003d603ba8: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ
CPU: 1 PID: 4242 Comm: worker Tainted: G    B     OE   4.4.0-62-generic #83-Ubuntu
Hardware name: Acme
 0000000000000286 00000000a3b1c2d3 ffff88003d603b28 ffffffff813f7c63
Call Trace:
 [<ffffffff813f7c63>] dump_stack+0x63/0x90
 [<ffffffff81195a9a>] print_trailer+0xfa/0x150
 [<ffffffff81195a9a>] object_err+0x34/0x40
 [<ffffffff81195a9a>] free_debug_processing+0x34/0x40
 [<ffffffff81195a9a>] kfree+0x34/0x40
 [<ffffffff81195a9a>] foo_release+0x34/0x40
FIX kmalloc-64: Object at 0xffff88003d603b28 not freed`,
    says: `
slab/freelist-corrupt error UNKNOWN: BUG kmalloc-NUM (Tainted: G B OE ): Freepointer corrupt
lines +1 to 0, x86_64, taint BOE, 4.4.0-62-generic
culprit foo_release, frames dump_stack print_trailer object_err free_debug_processing kfree and 1 more
stack allocated, INFO: Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77, cpu 1: ___slab_alloc foo_open
stack freed, INFO: Freed in foo_release+0x12/0x60 [foo] age=1200 cpu=0 pid=78, cpu 0: __slab_free foo_release
task {cpu 1, pid 4242, comm worker}
details {of slab, cache kmalloc-64, finding Freepointer corrupt, object 0xffff88003d603b28, objectOffset 64, allocatedIn {function foo_open, age 1234, cpu 1, pid 77}, freedIn {function foo_release, age 1200, cpu 0, pid 78}, dump [Bytes b4 ffff88003d603b18: 00 00 00 00 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a 5a  ....ZZZZZZZZZZZZ; Object ffff88003d603b28: 6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk.kkkkkkk; Redzone ffff88003d603b68: bb bb bb bb bb bb bb bb                          ........; Padding ffff88003d603ba8: 5a 5a 5a 5a 5a 5a 5a 5a                          ZZZZZZZZ]}`,
  },
  {
    name: 'slab object already free 6.1 own cache',
    log: `
@slabrule
BUG foo_cache (Not tainted): Object already free
@dashes
Slab 0x00000000a1b2c3d4 objects=21 used=18 fp=0x00000000b1b2c3d4 flags=0x17ffffc0010200(slab|head|node=0|zone=2|lastcpupid=0x1fffff)
Object 0x00000000c1b2c3d4 @offset=64 fp=0x0000000000000000

@slab
@comm
@trace dump_stack_lvl object_err free_debug_processing __slab_free kmem_cache_free foo_release[foo]
FIX foo_cache: Object at 0x00000000c1b2c3d4 not freed`,
    says: `
slab/object-already-free error SLAB-CORRUPTION: BUG foo_cache: Object already free
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_release, frames dump_stack_lvl object_err free_debug_processing __slab_free kmem_cache_free and 3 more
task {cpu 1, pid 4242, comm worker}
details {of slab, cache foo_cache, finding Object already free, object 0xc1b2c3d4, objectOffset 64, dump 5 of them}`,
  },
  {
    name: 'slab remaining',
    log: `
@slabrule
BUG foo_cache (Tainted: G        W         ): Objects remaining in foo_cache on __kmem_cache_shutdown()
@dashes
Slab 0x00000000a1b2c3d4 objects=21 used=1 fp=0x00000000b1b2c3d4 flags=0x17ffffc0010200(slab|head|node=0|zone=2|lastcpupid=0x1fffff)
@comm
@trace dump_stack_lvl slab_err __kmem_cache_shutdown.cold kmem_cache_destroy foo_exit[foo]
Object 0x00000000c1b2c3d4 @offset=64
Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77
 foo_open+0x12/0x60 [foo]
@cut
kmem_cache_destroy foo_cache: Slab cache still has objects when called from foo_exit+0x12/0x60 [foo]
WARNING: CPU: 1 PID: 4242 at mm/slab_common.c:505 kmem_cache_destroy+0x12/0x60
@modules
@comm
@regs kmem_cache_destroy
@trace foo_exit[foo] __do_sys_delete_module
@end`,
    says: `
slab/objects-remaining error SLAB-CORRUPTION: BUG foo_cache: Objects remaining in foo_cache on __kmem_cache_shutdown()
lines +1 to -33, x86_64, registers user 21, taint W, 6.1.0-18-amd64
culprit foo_exit, frames dump_stack_lvl slab_err __kmem_cache_shutdown.cold kmem_cache_destroy foo_exit and 2 more
stack allocated, Allocated in foo_open+0x12/0x60 [foo] age=1234 cpu=1 pid=77, cpu 1: foo_open
task {cpu 1, pid 4242, comm worker}
details {of slab, cache foo_cache, finding Objects remaining in foo_cache on __kmem_cache_shutdown(), object 0xc1b2c3d4, objectOffset 64, allocatedIn {function foo_open, age 1234, cpu 1, pid 77}}
warning/generic warning WARNING: WARNING in foo_exit
lines +28 to 0, x86_64, registers kernel 30 user 21, 6.1.0-18-amd64
culprit foo_exit, frames kmem_cache_destroy foo_exit __do_sys_delete_module do_syscall_64 entry_SYSCALL_64_after_hwframe
task {cpu 1, pid 4242, comm worker}
details {of warning, file mm/slab_common.c, line 505, function kmem_cache_destroy, cpu 1, pid 4242, message kmem_cache_destroy foo_cache: Slab cache still has objects when called from foo_exit+0x12/0x60 [foo]}
report 1: reporting-trouble`,
  },
  {
    name: 'kmemleak',
    log: `
BUG: memory leak
unreferenced object 0xffff888104a3c000 (size 64):
  comm "worker", pid 77, jiffies 4294937296 (age 12.340s)
  hex dump (first 32 bytes):
    6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk.kkkkkkk
    6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b a5  kkkkkkkk.kkkkkk.
  backtrace:
    [<00000000a1b2c3d4>] kmalloc_trace+0x12/0x60
    [<00000000a1b2c3d4>] foo_open+0x12/0x60 [foo]
    [<00000000a1b2c3d4>] chrdev_open+0x12/0x60`,
    says: `
leak/kmemleak warning LEAK: memory leak in foo_open
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit foo_open, frames kmalloc_trace foo_open chrdev_open
stack allocated, backtrace:: kmalloc_trace foo_open chrdev_open
details {of kmemleak, address 0xffff888104a3c000, size 64, task worker, pid 77, jiffies 4294937296, ageSeconds 12.34, hexDump [6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b 6b  kkkkkkkk.kkkkkkk; 6b 6b 6b 6b 6b 6b 6b 6b 00 6b 6b 6b 6b 6b 6b a5  kkkkkkkk.kkkkkk.]}`,
  },
  {
    name: 'kmemleak hint',
    log: `
kmemleak: 3 new suspected memory leaks (see /sys/kernel/debug/kmemleak)`,
    says: `
leak/kmemleak warning LEAK: kmemleak: new suspected memory leaks
lines +0 to 0, unknown, 6.1.0-18-amd64
culprit none, frames none
details {of kmemleak, hexDump []}`,
  },
]);
