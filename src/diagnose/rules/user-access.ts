import { hex } from '../../util/words.ts';
import { accessDoubt, accessEvidence, accessThrough, didAt } from '../access.ts';
import type { Conclusion, Rule } from '../rule.ts';
import type { Subject } from '../subject.ts';

/** Addresses of per-CPU variables count from 0 on x86-64 (up to 6.14); all of them together are smaller. */
const mostPerCpu = 0x10_0000n;

/** An address that is part of the code and no pointer's: code has no constant addresses there but those. */
function percpuWords(subject: Subject, address: bigint): Conclusion | undefined {
  const { instruction, report } = subject;
  const operand = instruction?.operands[instruction.faulting ?? -1];
  if (report.architecture !== 'x86_64' || operand === undefined || address >= mostPerCpu) return undefined;
  const isConstant = (operand.base === undefined || operand.base === 'rip') && operand.index === undefined;
  if (!isConstant || operand.segment !== undefined) return undefined;
  return {
    confidence: 'likely',
    sentence: `${subject.who} ${didAt(subject)} address ${hex(address)}, which the code itself has: that of a per-CPU variable, used without the base of a CPU (this_cpu_ptr(), per_cpu_ptr()).`,
    evidence: accessEvidence(subject),
    against: [accessDoubt(subject), 'It may be a constant that somebody made an address of.'],
  };
}

/** The kernel touched user memory by itself: SMAP, PAN. */
export const userAccess: Rule = {
  name: 'user-access',
  tier: 'cause',
  find(subject) {
    const { access, address, report, pointer } = subject;
    if (!subject.isKind('oops/') && subject.details('kasan') === undefined) return undefined;
    if (access === 'execute' || address === undefined || address < 0x1_0000n || report.fault?.mode === 'user')
      return undefined;
    const meaning = subject.addressMeaning;
    if (meaning?.class !== 'user') return undefined;
    const refused =
      subject.isKind('oops/user-access') || /user-memory-access/.test(subject.details('kasan')?.bug ?? '');
    const guard = /which (SMAP|PAN) does not/.exec(meaning.words)?.[1];
    const perCpu = percpuWords(subject, address);
    if (perCpu !== undefined) return perCpu;
    const known = pointer.register !== undefined || pointer.variable !== undefined;
    const state = 'points to user space';
    const does = known
      ? accessThrough(subject, state, 'a pointer to user space')
      : `${accessThrough(subject, '', '')} of user space`;
    return {
      confidence: refused ? 'certain' : 'likely',
      sentence: refused
        ? `${subject.who} ${does}, outside of the functions for that (copy_from_user() and its like).`
        : `${subject.who} ${does}, where nothing is mapped: a pointer is damaged, or one of user space was used directly.`,
      evidence: [
        ...accessEvidence(subject),
        guard === undefined
          ? undefined
          : { ...subject.said(`${guard} does not let the kernel touch user space outside of copy functions`), address },
      ],
      against: [accessDoubt(subject), 'A kernel pointer that was overwritten may look like an address of user space.'],
    };
  },
};
