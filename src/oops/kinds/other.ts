import { family } from './family.ts';

/** fs/super.c, fs/open.c, fs/dcache.c and what file systems say */
const filesystemKinds = family(
  'filesystem',
  { severity: 'error', document: 'filesystems/vfs.rst' },
  {
    'busy-inodes': {
      summary: 'A file system was unmounted while inodes of it were in use.',
      explanation:
        'Somebody holds references to inodes that are now orphaned; their next use is a use after free. The file system name is in the line. Look for a missing iput().',
    },
    'file-count': {
      summary: 'A file was closed whose reference count is zero already.',
      explanation: 'One reference too many was dropped: the file may have been freed and reused.',
    },
    'dentry-in-use': {
      summary: 'A file system was unmounted while a directory entry of it was in use.',
      explanation:
        'A dentry reference leaked; the line names the entry and the file system. Look for a missing dput().',
    },
    shutdown: {
      summary: 'A file system stopped itself, or became read-only.',
      severity: 'notice',
      explanation:
        'Errors of the device or of its own structures made it stop so as not to do more harm. The kernel is well; look at I/O errors before, then check the file system.',
      document: 'filesystems/index.rst',
    },
    error: {
      summary: 'A file system found an error in its structures on disk.',
      severity: 'notice',
      explanation: 'The function, inode and process are given. Look at I/O errors before, then check the file system.',
      document: 'filesystems/index.rst',
    },
  },
);

const rustKinds = family(
  'rust',
  { severity: 'error', document: 'rust/general-information.rst' },
  {
    panic: {
      summary: 'Rust code of the kernel panicked.',
      explanation:
        'An index out of bounds, an overflow, unwrap() of nothing or an explicit panic. The place in the source is in the headline, the message on the next line. The kernel then does BUG().',
    },
  },
);

const bootKinds = family(
  'boot',
  { severity: 'fatal', document: 'admin-guide/bug-hunting.rst' },
  {
    reboot: {
      summary: 'The kernel began to boot again without having said why.',
      explanation:
        'The log shows the decompressor once more: a triple fault, a reset by hardware, watchdog or hypervisor, or a panic whose words were lost. Look at the last lines before, and at the log of the board or host.',
    },
  },
);

/** Faults of programs, told by the kernel (arch/<arch>/mm/fault.c, show_unhandled_signals). */
const userKinds = family(
  'user',
  { severity: 'notice', document: 'admin-guide/sysctl/kernel.rst' },
  {
    segfault: {
      summary: 'A program accessed memory that it does not have.',
      explanation:
        'The kernel tells of it, and is well. The line gives program, address, instruction pointer and library; the error bits are 1 protection, 2 write, 4 user, 16 instruction fetch. A core dump says more.',
    },
    trap: {
      summary: 'A program raised a processor exception.',
      explanation: 'A division by zero, an illegal instruction or the like in user space. The kernel is well.',
    },
  },
);

/** Dumps that somebody asked for. */
const traceKinds = family(
  'trace',
  { severity: 'notice', document: 'admin-guide/sysrq.rst' },
  {
    sysrq: {
      summary: 'Somebody used a magic SysRq key.',
      explanation: 'The kernel was asked for a dump of tasks, CPUs, memory or locks, or for an emergency action.',
    },
    'nmi-backtrace': {
      summary: 'The stack of a CPU, asked for by another one.',
      explanation: 'Printed with lockups, stalls and sysrq l. By itself it is no error.',
    },
    'fault-injection': {
      summary: 'A failure was injected on purpose.',
      explanation:
        'A test makes allocations, I/O or user copies fail to try error paths. What breaks right after it is a bug of the error path.',
      document: 'fault-injection/fault-injection.rst',
    },
  },
);

const otherKinds = family(
  'other',
  { severity: 'warning', document: 'admin-guide/bug-hunting.rst' },
  {
    bug: {
      summary: 'A line "BUG:" of the kernel in words that are not known.',
      severity: 'error',
      explanation: 'Look for the words in the kernel source; the stack after it tells who came there.',
    },
    info: {
      summary: 'A line "INFO:" of the kernel in words that are not known.',
      explanation: 'Look for the words in the kernel source; the stack after it tells who came there.',
    },
    fuzzer: {
      summary: 'The fuzzer itself failed (syzkaller).',
      explanation: 'SYZFAIL and SYZFATAL come from the executor of syzkaller, not from the kernel.',
      document: 'https://github.com/google/syzkaller',
    },
    'go-runtime': {
      summary: 'A program written in Go stopped.',
      explanation: 'Its runtime found a fatal error or a panic. It is not the kernel, but it ended the test.',
    },
    trusty: {
      summary: 'The Trusty secure operating system panicked.',
      severity: 'fatal',
      explanation: 'The secure side of an arm machine stopped; Linux cannot use it any more.',
      document: 'https://source.android.com/docs/security/features/trusty',
    },
    unknown: {
      summary: 'A report in words that are not known.',
      severity: 'error',
      explanation: 'The line looks like a headline of a crash report. Read it and what follows.',
    },
  },
);

export const otherFamilies = [
  ...filesystemKinds,
  ...rustKinds,
  ...bootKinds,
  ...userKinds,
  ...traceKinds,
  ...otherKinds,
];
