import type { RulePages } from './page.ts';

/** Checks of the kernel, panics, hardware. */
export const checkPages: RulePages<
  | 'bug-check'
  | 'warning-check'
  | 'undefined-behavior'
  | 'panic'
  | 'requested-crash'
  | 'init-died'
  | 'no-init'
  | 'no-root'
  | 'machine-check'
  | 'bus-error'
  | 'external-abort'
  | 'unhandled-interrupt'
> = {
  'bug-check': {
    summary: 'A BUG() or BUG_ON() was reached.',
    meaning: 'Something is as its author held to be impossible, and the kernel refused to go on.',
    recognized: 'The kernel says so, with file and line: certain. With --source the condition is shown.',
    against: 'The file may be a header: then the function that it is inlined into matters.',
    next: 'Read the condition and ask which caller breaks it.',
  },
  'warning-check': {
    summary: 'A WARN() was reached.',
    meaning: 'Something is as its author thought it could not be; the kernel goes on.',
    recognized: 'The kernel says so, with file and line, and since late 2025 with the condition: certain.',
    against: 'Some warnings are about what user space or a device does.',
    next: 'Read the condition and its message. What comes after may be a consequence.',
  },
  'undefined-behavior': {
    summary: 'The code did something that C leaves undefined.',
    meaning: 'A shift that is too wide, a signed overflow, a value that its type does not have.',
    recognized: 'The check of UBSAN: certain.',
    against: 'The kernel is compiled so that many of these are harmless.',
    next: 'Ask where the value comes from and who should have checked it.',
  },
  panic: {
    summary: 'The kernel panicked, for the reason that it gives.',
    meaning: 'Either it cannot go on, or a setting says that it must not.',
    recognized: 'The message of the panic: certain. Settings that make a panic of something else are named.',
    against: 'What was reported before it is mostly the cause.',
    next: 'Look at what comes right before.',
  },
  'requested-crash': {
    summary: 'Somebody asked for this crash.',
    meaning: 'sysrq c, or the test module lkdtm, crash a kernel on purpose.',
    recognized: 'Their functions stand on the stack, or the panic says so: certain.',
    against: 'Nothing; but ask why it was asked for.',
    next: 'A watchdog or an operator may have done it because of a hang: look at what comes before.',
  },
  'init-died': {
    summary: 'init, the first process, ended.',
    meaning: 'The kernel cannot run without it. The cause is in user space.',
    recognized: 'The message of the panic; a fault of a program right before it in the log is told: certain.',
    against: 'A kernel that damages the memory of init does it too.',
    next: 'The code tells how it ended: a signal (11 is SIGSEGV) or its exit status.',
  },
  'no-init': {
    summary: 'No init program could be started.',
    meaning: 'The root file system is there, and nothing on it can be run.',
    recognized: 'The message of the panic: certain.',
    against: 'It may be the wrong root file system.',
    next: 'Check init=, the file, its mode, architecture and dynamic loader.',
  },
  'no-root': {
    summary: 'The root file system could not be mounted.',
    meaning: 'The device, its driver, or the file system is missing.',
    recognized: 'The message of the panic, with the list of partitions that were found: certain.',
    against: 'A device that comes late needs rootwait.',
    next: 'An empty list: the driver of the disk is not in kernel or initramfs. Else compare root= with the list.',
  },
  'machine-check': {
    summary: 'The hardware reported an error.',
    meaning: 'Memory, a cache, a bus or the processor failed. It is no fault of the kernel.',
    recognized: 'A machine check, or a record of the firmware: certain.',
    against: 'Firmware has had errors that make such records.',
    next: 'rasdaemon or mcelog name the module; look whether it is always the same place.',
  },
  'bus-error': {
    summary: 'A device had an error on its bus.',
    meaning: 'A PCIe link or transaction failed, or a device accessed memory that the IOMMU does not give it.',
    recognized: 'AER or the IOMMU say so: certain.',
    against: 'Drivers cause them too: a wrong DMA address, a register that is not there.',
    next: 'Look at slot, cable, power saving (ASPM) and firmware; for IOMMU faults at the DMA mappings of the driver.',
  },
  'external-abort': {
    summary: 'The bus or memory answered an access with an error.',
    meaning: 'A device is off or not there, or memory has an error.',
    recognized: 'A synchronous external abort or an SError (arm64): likely.',
    against: 'An SError comes late: the instruction that was interrupted has nothing to do with it.',
    next: 'Is the clock and the power of the device on where its registers are accessed?',
  },
  'unhandled-interrupt': {
    summary: 'An interrupt came that no handler took.',
    meaning: 'A device raises it and its driver does not see that, or it is another device on the same line.',
    recognized: 'The kernel switched the line off and says so: certain.',
    against: 'The device may be one without a driver.',
    next: 'Look at who shares the line (/proc/interrupts), and try irqpoll.',
  },
};
