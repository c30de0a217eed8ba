import { accessEvidence } from '../access.ts';
import type { Rule } from '../rule.ts';

/** x86 #DE: also of quotients that do not fit (Intel SDM vol. 3A, 7.15). */
export const divideByZero: Rule = {
  name: 'divide-by-zero',
  tier: 'cause',
  find(subject) {
    if (!subject.isKind('oops/divide-error')) return undefined;
    const { pointer, instruction } = subject;
    const name = pointer.register ?? instruction?.reads.find((each) => !/^[re]?[ad]x$/.test(each));
    const value = name === undefined ? undefined : subject.registers?.values[name];
    // Divisors of 32 bits leave what is above them.
    const zero = value !== undefined && BigInt.asUintN(32, value) === 0n;
    const variable = pointer.variable?.name;
    const divisor = name === undefined ? undefined : subject.registerWords(name);
    const what =
      variable === undefined
        ? divisor === undefined
          ? ''
          : `: the divisor in ${divisor} is 0`
        : `: ${variable}, the divisor, is 0${divisor === undefined ? '' : ` (in ${divisor})`}`;
    return {
      confidence: zero ? 'certain' : 'likely',
      sentence: `${subject.who} divided by zero${zero ? what : ''}.`,
      evidence: [...accessEvidence(subject)],
      against: [zero ? undefined : 'A quotient too large for its register raises the same fault.'],
    };
  },
};
