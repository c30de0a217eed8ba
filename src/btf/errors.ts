import { KtriageError } from '../util/errors.ts';

/** What can be wrong with the BTF of a kernel or module. */
export type BtfProblem = 'MISSING' | 'DAMAGED' | 'UNSUPPORTED' | 'BASE';

interface ProblemWords {
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

const words: Readonly<Record<BtfProblem, ProblemWords>> = {
  MISSING: {
    code: 'KT-BTF-MISSING',
    what: 'has no BTF',
    hint: 'a kernel has it with CONFIG_DEBUG_INFO_BTF=y, its modules with CONFIG_DEBUG_INFO_BTF_MODULES=y',
  },
  DAMAGED: {
    code: 'KT-BTF-DAMAGED',
    what: 'has BTF that is damaged',
    hint: 'the file is cut off or was changed: fetch or build it again',
  },
  UNSUPPORTED: {
    code: 'KT-BTF-UNSUPPORTED',
    what: 'has BTF of a form that is not known',
    hint: 'version 1 is known, as kernels from 4.18 to 7.2 have it; a newer ktriage may know more',
  },
  BASE: {
    code: 'KT-BTF-BASE',
    what: 'has BTF that only continues that of its kernel',
    hint: 'name the vmlinux of the very build that the module is from',
  },
};

/** An error of the BTF that a file, or a guest, has. */
export function btfError(problem: BtfProblem, file: string, why: string): KtriageError {
  const { code, what, hint } = words[problem];
  return new KtriageError(code, `${file} ${what}`, why, hint, 'unvouched');
}
