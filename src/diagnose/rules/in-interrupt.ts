import type { Rule } from '../rule.ts';

/** What an oops in an interrupt means: the kernel cannot kill a task for it (oops_end(), make_task_dead()). */
export const inInterrupt: Rule = {
  name: 'in-interrupt',
  tier: 'circumstance',
  find(subject) {
    const { report } = subject;
    if (!subject.isKind('oops/', 'bug/')) return undefined;
    const message = report.panic?.message ?? '';
    // A double fault is counted as an NMI, and so is an overflow of the stack.
    const said =
      /in interrupt/.test(message) &&
      !subject.isKind('oops/stack-guard-page', 'oops/stack-overflow', 'oops/double-fault');
    const section = report.frames.find((frame) => frame.section !== undefined && /IRQ|NMI/.test(frame.section));
    if (!said && section === undefined) return undefined;
    const which = section?.section === 'NMI' ? 'an NMI' : section?.section === 'SOFTIRQ' ? 'a softirq' : 'an interrupt';
    return {
      confidence: section === undefined ? 'likely' : 'certain',
      sentence: `It happened in ${which}: the task that ran has nothing to do with it, and the kernel cannot go on.`,
      evidence: [
        section === undefined
          ? subject.said(`the panic says: ${message}`)
          : { words: `the stack is marked <${section.section ?? ''}>`, firstLine: section.range.firstLine },
      ],
      against: [section === undefined ? 'A task with interrupts counted as off is called so, too.' : undefined],
    };
  },
};
