import type { HangRuleName } from '../hang-rule-names.ts';
import type { RulePage } from './page.ts';

/** What `ktriage live` concludes of a machine that stands still. */
export const livePages: Readonly<Record<HangRuleName, RulePage>> = {
  'lock-cycle': {
    summary: 'Threads wait for each other, or one for itself.',
    meaning:
      'Each waits for a lock that the next one has, so none ever goes on. Of one thread alone: it took the lock before, often below an interrupt or a fault on the same CPU.',
    recognized:
      'Who waits is read off the stacks, which lock off variables, registers and the list of waiters in the lock. Who has it says its owner field; of spinlocks the code of the functions on the stacks: certain.',
    against: 'A spinlock has no owner: that a function still has it follows from its code, which may have other ways.',
    next: 'Look at the lines where each took its lock. Of a lock that interrupts take too, interrupts have to be off.',
  },
  'dead-holder': {
    summary: 'A lock is owned by a task that is dead.',
    meaning: 'A task died (an oops) with the lock held. Nobody will ever give it back.',
    recognized: 'The owner field points at a task that is gone or dead, and others sleep for the lock: certain.',
    against: 'Memory of a dead task may have become that of another one, which then seems to own it.',
    next: 'The oops is the cause: ktriage live dmesg, or the log.',
  },
  'fatal-fault': {
    summary: 'A fault that nothing can be done about, whose report has not come out.',
    meaning: 'The kernel read, wrote or ran what it must not, and hangs on the way to saying so.',
    recognized:
      'The pt_regs of an exception are on a stack, taken in kernel code. Certain where the kernel is reporting it, likely where it has no entry for that instruction in its exception table.',
    against: 'Faults that a kernel is prepared for, and those of user space, are never counted.',
    next: 'Look at the line and the value told; ktriage live regs ADDR decodes the pt_regs.',
  },
  panicked: {
    summary: 'The kernel has panicked and stays in panic().',
    meaning: 'It gave up, and was not told to restart (panic=).',
    recognized: 'A CPU is in panic(): certain. The cause is a fault on the same stack, else what the log began with.',
    against: 'The last report need not be the first trouble.',
    next: 'Read the printk buffer: ktriage live dmesg. It has also what no console printed.',
  },
  'not-running': {
    summary: 'No CPU executes the kernel any more, or yet.',
    meaning:
      'All CPUs are in firmware or a boot loader, or were stopped by a halt, power-off, restart or panic; or QEMU lets the guest stand.',
    recognized:
      'By where the CPUs are, and by system_state: likely. If the kernel has not begun yet, it cannot be told whether it ever will: every guest is in firmware for a moment.',
    against: 'A call into firmware looks the same for its moment.',
    next: 'Look at the machine: firmware settings, what should have restarted it.',
  },
  'busy-cpu': {
    summary: 'A CPU does not let anybody else run.',
    meaning:
      'Kernel code runs on it with interrupts or preemption off, or in an RCU reader, or simply without a pause.',
    recognized:
      'How long is read off the time its task came to it, the tick that is due, and the grace period of RCU that waits for it. Certain with interrupts off and no tick for seconds, or where the log has a lockup; else likely or possible. Where nothing tells how long, the guest is looked at up to three times, half a second apart: likely, if it has not moved and took no tick. A CPU that spins for a lock that no stack tells to be taken is told so too.',
    against: 'A virtual CPU that the host did not run; a long operation that ends.',
    next: 'Look at the loop at that line; attach again to see whether it is still there.',
  },
  'lost-wakeup': {
    summary: 'Tasks sleep for something that has happened.',
    meaning: 'The lock is free, or the completion is complete, yet nobody woke who waits for it.',
    recognized: 'By the words of the lock, with sleepers in its list for longer than a second: likely.',
    against: 'Between giving a lock back and waking there is a moment; CPUs in such code rule this out.',
    next: 'Look at who gives it back: a missing barrier, or a lock that was initialized again while in use.',
  },
  blocked: {
    summary: 'Threads wait for what another one has, and that one does something else.',
    meaning: 'The holder sleeps, or is busy, with it held. Its line is where to look.',
    recognized:
      'The holder by the owner field, by the code of its functions, or by what RCU and CPUs wait for: likely.',
    against: 'It may be slow rather than stuck.',
    next: 'Look what the holder waits for: ktriage live stacks.',
  },
  'slow-fault': {
    summary: 'Tasks sleep in a page fault that is only slow.',
    meaning: 'The page does not come: a disk, a file system or a driver does not answer. The fault itself is no bug.',
    recognized:
      'A fault of user space, or one that the kernel is prepared for, on the stack of a task in D state: likely.',
    against: 'It may come yet.',
    next: 'Look at the function that brings the page, and at the device behind it.',
  },
  'stuck-tasks': {
    summary: 'Tasks sleep without being interruptible, and nobody is known to have what they want.',
    meaning: 'They wait for I/O, a completion or an event.',
    recognized: 'By their state: likely of programs after 10 seconds, else possible.',
    against: 'Disks may be slow; some threads of the kernel sleep so by habit.',
    next: 'Look who should wake them: the function after which the wait is named.',
  },
  'nothing-wrong': {
    summary: 'The kernel does not hang.',
    meaning: 'All CPUs are idle or in user space, and no task is stuck. If nothing happens, user space waits.',
    recognized: 'By where the CPUs are: likely.',
    against: 'A device that answers nothing, or a lost interrupt, leaves everybody idle too.',
    next: 'Look what init and the programs wait for: ktriage live tasks.',
  },
  unclear: {
    summary: 'Not enough is known to say why it hangs.',
    meaning: 'No kernel was found, or nothing that was seen explains a hang.',
    recognized: 'No other rule applies.',
    against: 'A kernel that is simply busy for a moment.',
    next: 'Attach again and compare; ktriage live stacks shows everything.',
  },
};
