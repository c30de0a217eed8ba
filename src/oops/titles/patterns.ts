import type { SearchStep } from './rule.ts';

/** Pieces that several rules share. */

/** An address in brackets, as older kernels print it before a function. */
const address = String.raw`(?:\[<?(?:0x)?[0-9a-f]+>?\] ?)`;
const name = '([A-Za-z0-9_]+)[.+]';

/** `at: func+0x1/0x2`, also `at: [<address>] func+0x1/0x2`. */
export const atFunction = new RegExp(`at: ${address}?${name}`);
/** `at: [<address>] func`. */
export const atAddressFunction = new RegExp(`at: ${address}${name}`);
/** `[<address>] func`. */
export const addressFunction = new RegExp(`${address}${name}`);

/** Where warnings have their function: the IP line's and what is below it, else the first trace. */
export const warningSearch: { from: readonly SearchStep[]; orFrom: readonly SearchStep[] } = {
  from: ['IP or interrupt', 'T*'],
  orFrom: ['T'],
};

/** A path below the source tree, with its line: `net/core/dev.c:12`. */
export const sourcePlace = String.raw`[-/A-Za-z0-9_.]+\.[a-z]+:[0-9]+`;

export const badAccess = ['bad-access in {F}'] as const;
