import type { Rule } from '../rule.ts';

/** Functions by which a crash is asked for: drivers/tty/sysrq.c, drivers/misc/lkdtm. */
const sysrq = /^(?:sysrq_handle_crash|write_sysrq_trigger)$/;
const lkdtm = /^lkdtm_[A-Z]\w*$/;

/** A crash that somebody asked for. */
export const requestedCrash: Rule = {
  name: 'requested-crash',
  tier: 'cause',
  find(subject) {
    const names = subject.functions();
    const test = names.find((name) => lkdtm.test(name));
    if (test !== undefined) {
      return {
        confidence: 'certain',
        sentence: `The test module lkdtm was told to make this crash (${test}()): nothing is broken.`,
        evidence: [subject.headline()],
      };
    }
    if (!subject.isKind('panic/sysrq') && !names.includes('sysrq_handle_crash')) return undefined;
    const frame = subject.report.frames.find((each) => each.function !== undefined && sysrq.test(each.function));
    const { task } = subject.report;
    const who =
      task?.comm === undefined ? 'somebody' : `${task.comm}${task.pid === undefined ? '' : ` (PID ${task.pid})`}`;
    const written = names.includes('write_sysrq_trigger');
    return {
      confidence: 'certain',
      sentence: written
        ? `${who === 'somebody' ? 'Somebody' : who} asked for this crash by writing c to /proc/sysrq-trigger: nothing is broken.`
        : 'Somebody asked for this crash by sysrq c: nothing is broken.',
      evidence: [
        subject.headline(),
        frame === undefined
          ? undefined
          : { words: `${frame.function ?? ''}() stands on the stack`, firstLine: frame.range.firstLine },
      ],
    };
  },
};
