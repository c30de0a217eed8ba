import { doAfterwards } from '../util/afterwards.ts';
import { KtriageError } from '../util/errors.ts';

/** A file that has been asked about twice without an index. */
export interface WantedIndex {
  readonly path: string;
  /** What stands in place of `/` where packages put debug information. */
  readonly root: string | undefined;
  /** Of indexes. */
  readonly folder: string;
}

const wanted = new Map<string, WantedIndex>();

/**
 * Has an index made afterwards, when all answers are out: a second or two of computing, in one go. What should be
 * interrupted by a signal then must not be caught any more.
 */
export function wantIndex(index: WantedIndex): void {
  if (wanted.size === 0) doAfterwards(makeWanted);
  wanted.set(index.path, index);
}

async function makeWanted(): Promise<void> {
  const { makeIndex } = await import('./index-cache-build.ts');
  const those = [...wanted.values()];
  wanted.clear();
  for (const each of those) {
    try {
      await makeIndex(each);
    } catch (error) {
      // Somebody took the file away, or is writing it.
      if (!(error instanceof KtriageError)) throw error;
    }
  }
}
