import { hex } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** Machine checks, records of the firmware, EDAC. */
export const machineCheck: Rule = {
  name: 'machine-check',
  tier: 'cause',
  find(subject) {
    const details = subject.details('machine-check');
    if (details === undefined) return undefined;
    const { cpu, socket, bank, location, status, address, severity, sections, fields = [] } = details;
    const where = [
      cpu === undefined ? '' : `CPU ${cpu}`,
      socket === undefined ? '' : `socket ${socket}`,
      bank === undefined ? '' : `bank ${bank}`,
      location ?? '',
    ].filter((each) => each !== '');
    const meanings = fields.flatMap(({ meaning }) => (meaning === undefined ? [] : [meaning]));
    const memory = address === undefined ? '' : `, at physical address ${hex(address)}`;
    return {
      confidence: 'certain',
      sentence: `The hardware reported ${severity === undefined ? 'an' : /^[aeiou]/.test(severity) ? `an ${severity}` : `a ${severity}`} error${where.length === 0 ? '' : ` (${where.join(', ')})`}${memory}: it is no fault of the kernel.`,
      evidence: [
        status === undefined
          ? subject.headline()
          : subject.said(`the status is ${hex(status)}${meanings.length === 0 ? '' : `: ${meanings.join(', ')}`}`),
        sections === undefined || sections.length === 0
          ? undefined
          : subject.said(`it says: ${sections.slice(0, 3).join('; ')}`),
      ],
    };
  },
};
