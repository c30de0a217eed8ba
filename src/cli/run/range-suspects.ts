import type { FileResult } from '../../model/document.ts';
import type { RangeNames } from '../../ownership/range-names.ts';
import { usageError } from '../errors.ts';

/** Adds to results what --range asks for. */
export type AddSuspects = (result: FileResult) => Promise<FileResult>;

/**
 * Opens the range that was named; undefined if none was.
 * @throws KtriageError KT-USAGE without a folder to look in, KT-RANGE-* if there is no such range.
 */
export async function openSuspects(
  range: RangeNames | undefined,
  folders: readonly string[] = [],
  signal: AbortSignal,
): Promise<AddSuspects | undefined> {
  if (range === undefined) return undefined;
  if (folders.length === 0)
    throw usageError(
      '--range needs --source',
      'the commits are looked for in a git checkout of the source',
      'add --source FOLDER',
    );
  const { RangeSearch } = await import('../../ownership/range.ts');
  const search = await RangeSearch.open({ folders, range, signal });
  return async (result) => {
    if (signal.aborted) return result;
    try {
      return await search.withSuspects(result);
    } catch (error) {
      // What was found before is told all the same; that it was interrupted, the exit status says.
      if (signal.aborted) return result;
      throw error;
    }
  };
}
