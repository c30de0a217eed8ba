import { KtriageError } from '../util/errors.ts';

/** What can be wrong with debug information. */
export type DwarfProblem = 'TRUNCATED' | 'DAMAGED' | 'UNSUPPORTED' | 'TOO-LARGE' | 'SPLIT' | 'SUPPLEMENT';

interface ProblemWords {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

const fetchAgain = 'positions that depend on it are left out; fetch or build the file again if it should be whole';

const words: Readonly<Record<DwarfProblem, ProblemWords>> = {
  TRUNCATED: { code: 'KT-DWARF-TRUNCATED', what: 'debug information is cut off', hint: fetchAgain },
  DAMAGED: { code: 'KT-DWARF-DAMAGED', what: 'debug information is damaged', hint: fetchAgain },
  UNSUPPORTED: {
    code: 'KT-DWARF-UNSUPPORTED',
    what: 'debug information is of a kind that is not known',
    hint: 'positions that depend on it are left out; DWARF 2 to 5 are known, so another compiler or -gdwarf-5 may help',
  },
  'TOO-LARGE': { code: 'KT-DWARF-TOO-LARGE', what: 'debug information asks for too much', hint: fetchAgain },
  SPLIT: {
    code: 'KT-DWARF-SPLIT',
    what: 'debug information is in another file',
    hint: 'functions of that unit are left out; put the .dwo files where the kernel was built, or beside vmlinux',
  },
  SUPPLEMENT: {
    code: 'KT-DWARF-SUPPLEMENT',
    what: 'debug information is shared with another file',
    hint: 'names that are there are left out; install the file that dwz made, which packages have in .dwz',
  },
};

/** An error of debug information that names the section and the offset in it. */
export function dwarfError(problem: DwarfProblem, section: string, offset: number, why: string): KtriageError {
  const { code, what, hint } = words[problem];
  const place = `${section} at 0x${Math.max(0, offset).toString(16)}`;
  return new KtriageError(code, `${what}: ${place}`, why, hint, 'unvouched');
}
