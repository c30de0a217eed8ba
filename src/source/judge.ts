import type { ExcerptState } from '../model/excerpt.ts';
import { assertNever } from '../util/errors.ts';

/** Where a position lies in the file that was found. */
export type Placement =
  | 'inside' // in the function that it should be in
  | 'outside' // that function is elsewhere in the file
  | 'blank' // no code is there
  | 'beyond' // the file has no such line
  | 'unknown';

/** What is known of a file beside the build. */
export interface SourceFacts {
  readonly line: number;
  readonly lineCount: number;
  readonly function?: string;
  readonly placement: Placement;
  /** Whether the checksum in the debug information is the file's. */
  readonly sameChecksum?: boolean;
  /** The revision that the kernel was built from, where git knows it. */
  readonly revision?: { readonly name: string; readonly exact: boolean; readonly same: boolean };
  /** The file is not as it was committed. */
  readonly uncommitted?: boolean;
  /** The tree's version, and whether it can be the kernel's. */
  readonly tree?: { readonly version: string; readonly isOfRelease: boolean; readonly kernel: string };
  /** What was built, and whether the file was written after that. */
  readonly built?: { readonly what: 'kernel' | 'module'; readonly writtenAfter: boolean };
}

export interface Judgement {
  readonly state: Exclude<ExcerptState, 'missing'>;
  readonly note: string;
}

/** What is wrong with the line. */
function misplaced({ placement, line, lineCount, function: name }: SourceFacts): string | undefined {
  switch (placement) {
    case 'beyond':
      return `it has ${lineCount} lines, and none of number ${line}`;
    case 'blank':
      return `there is no code in line ${line}`;
    case 'outside':
      return `line ${line} is not in ${name ?? 'the function'}, which is elsewhere`;
    case 'inside':
    case 'unknown':
      return undefined;
    default:
      return assertNever(placement);
  }
}

/** What is wrong with the file. */
function otherFile({ sameChecksum, revision, tree }: SourceFacts): string | undefined {
  if (sameChecksum === false) return 'its MD5 is not that of the file that was compiled';
  if (revision?.exact === true && !revision.same)
    return `it is not the file of ${revision.name}, which the kernel was built from`;
  return tree?.isOfRelease === false ? `it is of ${tree.version}, the kernel of ${tree.kernel}` : undefined;
}

/** How sure it is that a file is the one that was compiled, and why. */
export function judgeSource(facts: SourceFacts): Judgement {
  if (facts.sameChecksum === true) return { state: 'same', note: 'its MD5 is that of the file that was compiled' };
  const { revision, tree, built, placement } = facts;
  if (revision?.same === true && revision.exact)
    return { state: 'same', note: `it is the file of ${revision.name}, which the kernel was built from` };
  // Compilers that merge code give one in a thousand positions to another function: what fits else is not refuted so.
  const forgiven = placement === 'outside' && (revision?.same === true || tree?.isOfRelease === true);
  const wrong = misplaced(facts);
  const against = [otherFile(facts), forgiven ? undefined : wrong].filter((each) => each !== undefined);
  if (against.length > 0) return { state: 'changed', note: against.join(', and ') };
  const inside = placement === 'inside' ? ['the line is in the right function'] : [];
  if (revision?.same === true)
    return { state: 'likely', note: [`it is the file of ${revision.name}`, ...inside].join(', ') };
  const doubts: string[] = forgiven && wrong !== undefined ? [wrong] : [];
  if (revision !== undefined) doubts.push(`it differs from the file of ${revision.name}`);
  // Modules are built from what lies there, committed or not.
  const isBuiltIn = built?.what === 'module' && !built.writtenAfter;
  if (facts.uncommitted === true && !isBuiltIn) doubts.push('it has changes that are not committed');
  if (built?.writtenAfter === true) doubts.push(`it was written after the ${built.what} was built`);
  const reasons: string[] = [];
  if (tree !== undefined) reasons.push(`the source is of the same release (${tree.version})`);
  if (built?.writtenAfter === false) reasons.push(`it is older than the ${built.what}`);
  reasons.push(...inside);
  // A checkout writes files anew: of a tree of the right release that alone says nothing.
  const harmless = tree !== undefined && placement === 'inside' && revision === undefined && !facts.uncommitted;
  const evidence = tree !== undefined || (built !== undefined && placement === 'inside');
  if (evidence && (doubts.length === 0 || harmless)) return { state: 'likely', note: reasons.join(', ') };
  if (doubts.length === 0 && reasons.length === 0)
    return { state: 'unverified', note: 'nothing says of which state it is' };
  const though = doubts.length > 0 && reasons.length > 0 ? ', though ' : '';
  return { state: 'unverified', note: `${doubts.join(', ')}${though}${reasons.join(', ')}` };
}
