import { isEntryFrame } from '../model/frame-roles.ts';
import type { CrashReport, Frame } from '../model/report.ts';
import { baseName, signatureName } from '../util/function-name.ts';

/** Further down stacks are those of all that came the same way. */
const maxNames = 12;

/** What of a report is compared: what a document of an earlier run has, too. */
export type ComparableFrame = Pick<Frame, 'function' | 'reliable'> & {
  readonly inlined?: readonly { readonly function: string }[];
};

/** Functions of a stack from the culprit's on, innermost first, each once where it calls itself. */
export function stackNames(
  frames: readonly ComparableFrame[],
  culprit: Pick<NonNullable<CrashReport['culprit']>, 'function'> | undefined,
): string[] {
  const all = frames
    .filter((frame) => frame.reliable && !isEntryFrame({ ...frame, inlined: [], range }))
    .flatMap((frame) => [...(frame.inlined ?? []).map((inner) => inner.function), frame.function ?? ''])
    .filter((name) => name !== '');
  const start = culprit === undefined ? 0 : all.findIndex((name) => baseName(name) === culprit.function);
  const names: string[] = [];
  for (const name of all.slice(Math.max(start, 0))) {
    const plain = signatureName(name);
    if (names.at(-1) !== plain) names.push(plain);
    if (names.length === maxNames) break;
  }
  return names;
}

/** Roles of frames do not depend on where they stand. */
const range = { firstLine: 0, lastLine: 0, firstByte: 0, endByte: 0 };
