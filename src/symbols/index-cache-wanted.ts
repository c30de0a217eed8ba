/** A file that has been asked about twice without an index. */
export interface WantedIndex {
  readonly path: string;
  /** What stands in place of `/` where packages put debug information. */
  readonly root: string | undefined;
  /** Of indexes. */
  readonly folder: string;
}

/** Of all files that this process has closed. */
const wanted = new Map<string, WantedIndex>();

/** Notes that an index should be made once there is time. */
export function wantIndex(index: WantedIndex): void {
  wanted.set(index.path, index);
}

/**
 * Makes the indexes that were missed: to be called when all answers are out. A second or two of computing for each, in
 * one go: what should be interrupted by a signal must not be caught.
 */
export async function buildWantedIndexes(): Promise<void> {
  const those = [...wanted.values()];
  wanted.clear();
  // All imports wait until there is something to do: whoever asks for the version loads this file.
  for (const { path, root, folder } of those) {
    const [{ Image }, { openIndexCache }, { buildIndex }, { KtriageError }] = await Promise.all([
      import('./image.ts'),
      import('./open-index-cache.ts'),
      import('./index-cache-build.ts'),
      import('../util/errors.ts'),
    ]);
    try {
      const image = await Image.open(path, undefined, root);
      try {
        const cache = openIndexCache(folder, image.files);
        if (cache !== undefined) await buildIndex(image, cache.place);
      } finally {
        image.close();
      }
    } catch (error) {
      // Somebody took it away, or is writing it.
      if (!(error instanceof KtriageError)) throw error;
    }
  }
}
