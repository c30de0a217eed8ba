import type { CrashReport, Frame } from '../model/report.ts';
import type { NotFound, SymbolsUsed } from '../model/symbols.ts';
import { howToGet, type KernelWords } from './how-to-get.ts';

/** A kernel whose vmlinux is at none of so many places. */
export function notFound(kernel: KernelWords, places: number): NotFound {
  const { release } = kernel;
  return { ...(release !== undefined && { release }), places, how: howToGet(kernel) };
}

/** The same in words, as one of the reasons why source lines are missing. */
export function notFoundWords({ release, places }: NotFound): string {
  const of = release === undefined ? '' : ` of ${release}`;
  if (places === 0) return `no vmlinux${of} was found: the log does not say which kernel it is of`;
  return `no vmlinux${of} was found in ${places} ${places === 1 ? 'place' : 'places'}`;
}

/** The same where there is a vmlinux with symbols only. */
export const symbolsOnlyWords = (path: string): string => `${path} has symbols and no debug information`;

/** True if the kernel's debug information would say more of a report: logs that were symbolized by others have lines. */
export function lacksLines(frames: readonly Frame[]): boolean {
  return frames.some(({ module }) => module === undefined) && !frames.some(({ source }) => source !== undefined);
}

/** What a report gets for which nothing was found at all. */
export function symbolsNotFound(
  { kernel = {}, stacks, frames }: CrashReport,
  places: () => number,
): SymbolsUsed | undefined {
  const all = [...frames, ...stacks.filter(({ role }) => role !== 'user').flatMap((stack) => stack.frames)];
  if (!lacksLines(all)) return undefined;
  const what = notFound(kernel, places());
  return {
    missing: [notFoundWords(what), ...modulesNotFound(all.flatMap(({ module }) => module ?? []))],
    notFound: what,
  };
}

/** Modules of which there is no file, in words; empty if there are no modules. */
export function modulesNotFound(names: Iterable<string>): string[] {
  const distinct = [...new Set(names)];
  if (distinct.length === 0) return [];
  return [`no file was found of ${distinct.length > 1 ? 'modules' : 'module'} ${distinct.join(', ')}`];
}
