import { hex } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** aer_print_error() in drivers/pci/pcie/aer.c; faults of IOMMUs */
export const busError: Rule = {
  name: 'bus-error',
  tier: 'cause',
  find(subject) {
    const details = subject.details('bus-error');
    if (details === undefined) return undefined;
    const { device, id, driver, severity, type, agent, bus, errors, address } = details;
    const kind = [severity, type, agent].filter((part) => part !== undefined).join(', ');
    const what =
      bus === 'pcie'
        ? `had a PCIe error${kind === '' ? '' : ` (${kind})`}`
        : `accessed memory that the IOMMU does not give it${kind === '' ? '' : ` (${kind})`}`;
    return {
      confidence: 'certain',
      sentence: `Device ${device ?? '(not named)'}${id === undefined ? '' : ` [${id}]`}${driver === undefined ? '' : ` of driver ${driver}`} ${what}${errors.length === 0 ? '' : `: ${errors.slice(0, 6).join(', ')}`}.`,
      evidence: [
        subject.headline(),
        address === undefined ? undefined : { ...subject.said(`the address was ${hex(address)}`), address },
      ],
    };
  },
};
