import { join } from 'node:path';
import { openRandomAccess } from '../io/random-access.ts';
import { KtriageError } from '../util/errors.ts';
import { makefileVersion } from './release.ts';

/** The version stands in the first lines. */
const headBytes = 4096;

/** A kernel's source tree. */
export interface Tree {
  readonly root: string;
  /** `6.1.176`. */
  readonly version: string;
}

/** The tree at a folder, if there is one: what it is of, its Makefile says. */
export function treeOf(root: string): Tree | undefined {
  try {
    const file = openRandomAccess(join(root, 'Makefile'));
    try {
      const bytes = Buffer.alloc(headBytes);
      const version = makefileVersion(bytes.subarray(0, file.readInto(bytes, 0)).toString('latin1'));
      return version === undefined ? undefined : { root, version };
    } finally {
      file.close();
    }
  } catch (error) {
    if (error instanceof KtriageError) return undefined;
    throw error;
  }
}
