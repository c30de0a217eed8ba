import { listed } from '../../util/words.ts';
import type { Rule } from '../rule.ts';

/** Letters of modules that are not of the kernel's own tree, or do not fit it. */
const foreign = /[POCEFN]/;

const flagWords: Readonly<Record<string, string>> = {
  P: 'proprietary',
  O: 'out of tree',
  C: 'from staging',
  E: 'unsigned',
  F: 'loaded by force',
  N: 'of a test',
};

/** The one to blame is in a module that is not the kernel's own, or one was loaded by force. */
export const moduleTaint: Rule = {
  name: 'module-taint',
  tier: 'circumstance',
  find(subject) {
    const { culprit, linkedModules = [], taintFlags = [], symbols } = subject.report;
    const refused =
      symbols?.modules?.filter(({ match, module }) => match === 'refused' && module === culprit?.module) ?? [];
    const named = linkedModules.find(({ name }) => name === culprit?.module);
    const flags = [...(named?.flags ?? '')].filter((flag) => foreign.test(flag));
    const words = flags.flatMap((flag) => flagWords[flag] ?? []);
    if (words.length > 0 && named !== undefined) {
      return {
        confidence: flags.includes('F') ? 'likely' : 'possible',
        sentence: `The module ${named.name} is ${listed(words)}${flags.includes('F') ? ': its structures may not be those of this kernel' : ": its maker is to be asked, not the kernel's"}.`,
        evidence: [
          { words: `its letters in the list of modules are (${named.flags ?? ''})` },
          ...refused.map(({ path, reasons }) => ({ words: `${path} is another build: ${reasons.join(', ')}` })),
        ],
      };
    }
    // TAINT_FORCED_MODULE, TAINT_CPU_OUT_OF_SPEC, TAINT_OVERRIDDEN_ACPI_TABLE: each changes what can be trusted.
    if (!taintFlags.includes('F')) return undefined;
    return {
      confidence: 'possible',
      sentence: 'A module was loaded by force (tainted F): its structures may not be those of this kernel.',
      evidence: [{ words: 'the kernel is tainted F' }],
      against: ['The stack does not show that module.'],
    };
  },
};
