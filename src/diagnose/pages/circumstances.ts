import type { RulePages } from './page.ts';

/** What is no cause, and matters. */
export const circumstancePages: RulePages<'in-interrupt' | 'broken-before' | 'module-taint' | 'hardware-taint'> = {
  'in-interrupt': {
    summary: 'It happened in an interrupt.',
    meaning:
      'The task that ran was only interrupted, and the kernel cannot end it in place of the interrupt: it panics.',
    recognized: 'The stack is marked <IRQ>, <SOFTIRQ> or <NMI>: certain; the panic says so: likely.',
    against: 'Tasks whose preempt count is wrong are taken for interrupts.',
    next: 'Look at the stack up to the mark only.',
  },
  'broken-before': {
    summary: 'The kernel had an oops before.',
    meaning:
      'After an oops a task is gone with its locks held and its work undone: what comes later may follow from that.',
    recognized: 'Taint D, or the number behind Oops. Never more than possible.',
    against: 'Both may have nothing to do with each other.',
    next: 'Look at the first one.',
  },
  'module-taint': {
    summary: 'The module to blame is not of the kernel, or was loaded by force.',
    meaning: 'Modules out of tree, from staging, proprietary or unsigned are maintained elsewhere.',
    recognized: 'The letters behind the module in "Modules linked in". Likely for a forced load, else possible.',
    against: 'A module may only meet what others did.',
    next: 'Ask its maker, and try without it. Check that it was built for this very kernel.',
  },
  'hardware-taint': {
    summary: 'Taint makes hardware or memory a suspect.',
    meaning: 'A machine check (M), a page in a bad state (B), or a processor out of its specification (S) came before.',
    recognized: 'The letters of the taint. Never more than possible.',
    against: 'Taint stays until the next boot.',
    next: 'Look for the first report of it in the log.',
  },
};
