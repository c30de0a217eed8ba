/**
 * How lines of a crash begin that the kernel never indents (dump_stack_print_info() of lib/dump_stack.c,
 * show_regs() of the architectures, the headlines). Where they stand behind something, that was put there by a pipe.
 */
export const anchorText =
  /^(?:(?:BUG|WARNING|INFO|UBSAN|KASAN|KCSAN): \S|Call [Tt]race:|[RE]?IP: |RSP: 0|[RE]AX: [0-9a-f]{8}|EFLAGS: |CPU: {1,2}\d+ |Modules linked in:|Hardware name: |Code: [0-9a-f(<]|Workqueue: |Oops: |Internal error: |Unable to handle kernel|Kernel (?:panic - not syncing|BUG|Offset: )|kernel BUG at |general protection fault|-{6,}\[ cut here \]-{6,}|---\[ end |={20,}$|Linux version \d|pc : |lr : |sp : [0-9a-f]{8}|x\d{1,2} ?: [0-9a-f]{16}|pstate: [0-9a-f]{8}|(?:PGD|CR2): |Read of size \d|Write of size \d|Allocated by task|Freed by task|The buggy address|Memory state around|Mem abort info:|Data abort info:|MSR: {1,2}[0-9a-f]{8}|REGS: [0-9a-f]{8}|NIP {1,2}[[\w]|LR {1,2}\[|GPR\d\d: |epc ?: [0-9a-f]{8}|Showing all locks|Comm: |Tainted: |rcu: INFO: |watchdog: BUG: |stack backtrace:|the existing dependency chain|divide error: |invalid opcode: |PANIC: |Unhandled fault: |unreferenced object 0x[0-9a-f]{8}|Command line: |Tainting kernel|FS: {1,2}[0-9a-f]{8}|R\d\d: [0-9a-f]{16}|DR\d: [0-9a-f]|CS: {1,2}[0-9a-f]{4} |\[ (?:BUG|INFO|WARNING): |-{20,}$|\d{1,3} locks? held by |Task dump for CPU \d|NMI backtrace for cpu \d|Dumping ftrace buffer|other info that might help us debug|RIP [[:]|Stack: ?$|Backtrace: ?$|Register [rx]\d{1,2} information: |Process \S{1,32} \(pid: \d|PC is at |LR is at |Freeing unused kernel|(?:task|ti):[0-9a-f]{8} )/;

/** The same, anywhere but at the start of a line. */
export const anchorInside = new RegExp(`(?<=[^\\w.+])${anchorText.source.slice(1)}`);

/** Lines which nothing but a kernel prints. */
export const kernelText =
  /^(?:Linux version \d+\.\d+|Kernel panic - not syncing|Kernel Offset: 0x|-{6,}\[ cut here \]-{6,}|---\[ end (?:trace |Kernel panic)|RIP: [0-9a-f]{4}:|Call [Tt]race:|Booting Linux on physical CPU|(?:watchdog: )?BUG: (?:kernel NULL pointer|unable to handle|KASAN|soft lockup|sleeping function|memory leak)|Internal error: Oops|Unable to handle kernel |Modules linked in:|unreferenced object 0x|\[ INFO: (?:possible|suspicious|inconsistent) |WARNING: (?:possible (?:circular|recursive|irq)|suspicious RCU|CPU: \d)|INFO: (?:task \S{1,32}:\d{1,7} blocked|rcu_\w{1,16} (?:self-)?detected)| {1,8}(?:\? )?(?:\[<[0-9a-f]{8,16}>\] )?(?:\? )?[\w.$]{1,200}\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8})/;

/** A stack frame as the kernel prints it: blanks, perhaps an address, a function with offset and size. */
export const frameText =
  /^ {1,8}(?:\? )?(?:\[<[0-9a-f]{8,16}>\] )?(?:\? )?[\w.$]{1,200}\+0x[0-9a-f]{1,8}\/0x[0-9a-f]{1,8}/;
