import { family } from './family.ts';

/** Panics by their message (kernel/panic.c and its callers). */
export const panicKinds = family(
  'panic',
  { severity: 'fatal', document: 'admin-guide/kdump/kdump.rst' },
  {
    generic: {
      summary: 'The kernel stopped, for the reason that its message gives.',
      explanation:
        'panic() was called: the machine is halted, reboots, or a crash kernel takes over. Look for its message in the source, and at the report before it, which may be the cause.',
    },
    'init-killed': {
      summary: 'The first process (PID 1) ended.',
      explanation:
        'Without init there is no user space. The exit code is a wait status: 0x0000000b is signal 11 (segmentation fault), 0x00000007 bus error, 0x00000100 exit(1). Look at what init printed last, at missing libraries or a wrong architecture of the root file system, and at a kernel oops of PID 1 before.',
      document: 'admin-guide/init.rst',
    },
    'no-init': {
      summary: 'No program could be started as init.',
      explanation:
        'The root file system was mounted, but none of /sbin/init, /etc/init, /bin/init, /bin/sh could be run. Look at the init= parameter, the interpreter and libraries, the architecture, and the console.',
      document: 'admin-guide/init.rst',
    },
    'no-root': {
      summary: 'The root file system could not be mounted.',
      explanation:
        'The kernel lists the partitions that it found before the message. Empty list: the driver of the disk is missing (module not in the initramfs) or the disk did not appear. Otherwise root= is wrong or the file system is not built in. unknown-block(8,2) means that the name could not be resolved at all.',
      document: 'filesystems/ramfs-rootfs-initramfs.rst',
    },
    'stack-protector': {
      summary: 'A function found its stack canary overwritten.',
      explanation:
        'Something wrote beyond a local array of the function named, or of one that it called. Look at the buffers on its stack and at lengths from outside. Builds that mix compilers or wrongly shared canaries at boot give it too.',
      document: 'security/self-protection.rst',
    },
    'stack-end': {
      summary: 'The last word of a stack of a task was overwritten, noticed by the scheduler.',
      explanation:
        'The magic value at the end of the stack is gone: the stack overflowed at some time before, and memory below it is damaged. Look for deep call chains and large local variables of that task.',
      document: 'mm/vmalloced-kernel-stacks.rst',
    },
    'fatal-exception': {
      summary: 'The kernel stopped after an oops (in an interrupt, in the idle task, or as panic_on_oops says).',
      explanation:
        'The report of the oops stands before this line and is what matters. If it is missing here, the log lost it.',
    },
    warning: {
      summary: 'The kernel stopped after a warning, as panic_on_warn says.',
      explanation: 'The warning before this line is what matters. If it is missing here, the log lost it.',
    },
    'hung-task': {
      summary: 'The kernel stopped because of hung tasks, as hung_task_panic says.',
      explanation: 'The reports of hung tasks before this line are what matters.',
      document: 'admin-guide/lockup-watchdogs.rst',
    },
    'soft-lockup': {
      summary: 'The kernel stopped because of a soft lockup, as softlockup_panic says.',
      explanation: 'The report of the soft lockup before this line is what matters.',
      document: 'admin-guide/lockup-watchdogs.rst',
    },
    'hard-lockup': {
      summary: 'The kernel stopped because of a hard lockup.',
      explanation:
        'A CPU took no interrupts for some ten seconds. Its stack shows where it spins with interrupts off: a spin lock that is never released, or a loop on a device.',
      document: 'admin-guide/lockup-watchdogs.rst',
    },
    'rcu-stall': {
      summary: 'The kernel stopped because of an RCU stall, as panic_on_rcu_stall says.',
      explanation: 'The report of the stall before this line is what matters.',
      document: 'RCU/stallwarn.rst',
    },
    'out-of-memory': {
      summary: 'The kernel stopped because there was no memory left and nothing to kill.',
      explanation:
        'Either panic_on_oom is set, or every process is exempt from being killed ("System is deadlocked on memory"). The memory dump before it tells who holds the memory: unreclaimable slab and kernel pages point at a leak in the kernel, anon pages at processes, shmem at tmpfs.',
      document: 'admin-guide/mm/concepts.rst',
    },
    'machine-check': {
      summary: 'The hardware reported an error that cannot be recovered from.',
      explanation:
        'A machine check, APEI or EDAC record before this line tells the bank, status and address. It is the hardware (memory, caches, a bus, a device), its firmware or its clocks and voltages, and rarely the kernel.',
      document: 'arch/x86/x86_64/machinecheck.rst',
    },
    nmi: {
      summary: 'The kernel stopped because of a non-maskable interrupt.',
      explanation:
        'The NMI came from the hardware (parity, PCI SERR, a watchdog of the board, a button of the management controller) and a setting says to panic then. Look at the log of the board (IPMI SEL).',
    },
    serror: {
      summary: 'The kernel stopped because of an asynchronous error from the bus (arm64 SError).',
      explanation:
        'The registers before this line are of the moment when the error arrived, which is later than its cause. Look at accesses to devices without clock or power, and at RAS records.',
    },
    sysrq: {
      summary: 'Somebody asked for the crash (sysrq c).',
      explanation:
        'Echoing c into /proc/sysrq-trigger or pressing the keys crashes the kernel on purpose, to get a dump. Nothing is broken; look why it was asked for.',
      document: 'admin-guide/sysrq.rst',
    },
  },
);
