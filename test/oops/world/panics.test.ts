import { describeWorld } from './world.ts';

describeWorld('panics', [
  {
    name: 'stack protector',
    log: `
Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: foo_parse+0x12/0x60 [foo]
@comm
@trace dump_stack_lvl panic __stack_chk_fail foo_parse[foo]
Kernel Offset: disabled
---[ end Kernel panic - not syncing: stack-protector: Kernel stack is corrupted in: foo_parse+0x12/0x60 [foo] ]---`,
    says: `
panic/stack-protector fatal DoS: kernel panic: stack is corrupted in foo_parse
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit foo_parse, frames dump_stack_lvl panic __stack_chk_fail foo_parse do_syscall_64 and 1 more
task {cpu 1, pid 4242, comm worker}
details {of panic, message stack-protector: Kernel stack is corrupted in: foo_parse+0x12/0x60 [foo]}
panic stack-protector: Kernel stack is corrupted in: foo_parse+0x12/0x60 [foo]`,
  },
  {
    name: 'root',
    log: `
List of all partitions:
0100            4096 ram0 
 (driver?)
fd00        10485760 vda 
 driver: virtio_blk
  fd01        10484736 vda1 0a1b2c3d-01

No filesystem could mount root, tried: 
 ext4

Kernel panic - not syncing: VFS: Unable to mount root fs on "/dev/vdb1" or unknown-block(8,2)
CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme
@ktrace dump_stack_lvl panic mount_root_generic mount_root prepare_namespace kernel_init_freeable kernel_init
Kernel Offset: disabled
---[ end Kernel panic - not syncing: VFS: Unable to mount root fs on "/dev/vdb1" or unknown-block(8,2) ]---`,
    says: `
panic/no-root fatal DoS: kernel panic: VFS: Unable to mount root fs on "/dev/vdb1" or unknown-block(NUM,NUM)
lines +10 to 0, x86_64, 6.1.0-18-amd64
culprit mount_root_generic, frames dump_stack_lvl panic mount_root_generic mount_root prepare_namespace and 4 more
task {cpu 0, pid 1, comm swapper/0}
details {of panic, message VFS: Unable to mount root fs on "/dev/vdb1" or unknown-block(8,2), rootDevice /dev/vdb1, partitions [fd00        10485760 vda; fd01        10484736 vda1 0a1b2c3d-01]}
panic VFS: Unable to mount root fs on "/dev/vdb1" or unknown-block(8,2)`,
  },
  {
    name: 'init killed',
    log: `
Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b
CPU: 0 PID: 1 Comm: systemd Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme
@trace dump_stack_lvl panic do_exit do_group_exit get_signal arch_do_signal_or_restart exit_to_user_mode_prepare
Kernel Offset: disabled
---[ end Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b ]---`,
    says: `
panic/init-killed fatal DoS: kernel panic: Attempted to kill init!
lines +0 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit do_exit, frames dump_stack_lvl panic do_exit do_group_exit get_signal and 4 more
task {cpu 0, pid 1, comm systemd}
details {of panic, message Attempted to kill init! exitcode=0x0000000b, exitCode 11, exitMeaning killed by SIGSEGV}
panic Attempted to kill init! exitcode=0x0000000b`,
  },
  {
    name: 'no init',
    log: `
Kernel panic - not syncing: No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.
CPU: 0 PID: 1 Comm: swapper/0 Not tainted 6.1.0-18-amd64 #1  Debian 6.1.76-1
Hardware name: Acme
@ktrace dump_stack_lvl panic kernel_init
---[ end Kernel panic - not syncing: No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance. ]---`,
    says: `
panic/no-init fatal DoS: kernel panic: No working init found. Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst f
lines +0 to 0, x86_64, 6.1.0-18-amd64
culprit kernel_init, frames dump_stack_lvl panic kernel_init kthread ret_from_fork
task {cpu 0, pid 1, comm swapper/0}
details {of panic, message No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.}
panic No working init found.  Try passing init= option to kernel. See Linux Documentation/admin-guide/init.rst for guidance.`,
  },
  {
    name: 'rust',
    log: `
rust_kernel: panicked at drivers/foo/foo.rs:120:12:
index out of bounds: the len is 4 but the index is 4
@cut
kernel BUG at rust/helpers/bug.c:7!
Oops: invalid opcode: 0000 [#1] PREEMPT SMP NOPTI
@comm12
@regs rust_helper_BUG+0x8/0x10
@trace rust_begin_unwind core::panicking::panic_fmt core::panicking::panic_bounds_check foo_rust_ioctl
@modules
@end`,
    says: `
rust/panic error UNKNOWN: index out of bounds: the len is NUM but the index is NUM in rust_begin_unwind
lines +0 to 0, x86_64, registers kernel 30 user 21, taint W, 6.16.3, PREEMPT(full)
culprit foo_rust_ioctl, frames rust_helper_BUG rust_begin_unwind core::panicking::panic_fmt core::panicking::panic_bounds_check foo_rust_ioctl and 2 more
task {cpu 1, pid 4242, uid 1000, comm worker}
fault {oopsCount 1, oopsFlags [PREEMPT; SMP; NOPTI], errorCode 0x0}`,
  },
  {
    name: 'sysrq crash',
    log: `
sysrq: Trigger a crash
Kernel panic - not syncing: sysrq triggered crash
@comm
@trace dump_stack_lvl panic sysrq_handle_crash __handle_sysrq write_sysrq_trigger proc_reg_write vfs_write
Kernel Offset: disabled
---[ end Kernel panic - not syncing: sysrq triggered crash ]---`,
    says: `
panic/sysrq fatal DoS: kernel panic: sysrq triggered crash
lines +1 to 0, x86_64, registers user 21, 6.1.0-18-amd64
culprit sysrq_handle_crash, frames dump_stack_lvl panic sysrq_handle_crash __handle_sysrq write_sysrq_trigger and 4 more
task {cpu 1, pid 4242, comm worker}
details {of panic, message sysrq triggered crash}
panic sysrq triggered crash
notice trace/sysrq: sysrq: Trigger a crash, lines +0 to -25`,
  },
]);
