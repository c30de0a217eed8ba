import type { Evidence } from '../model/explanation.ts';
import type { SourceLocation } from '../model/report.ts';
import type { Subject } from './subject.ts';

/** The statement that checked something, by the source. */
export interface Condition {
  readonly text: string;
  readonly evidence: Evidence;
}

const check = /\b((?:VM_|MM_|lockdep_|KVM_|XFS_)?(?:BUG|WARN)(?:_ON)?(?:_ONCE|_FOLIO|_PAGE|_MM|_VMA)?\s*\(.{0,200})/;
const longest = 120;

/** The excerpt's own line, where source was given and it is not known to be another file than was compiled. */
function lineOf({ line, excerpt }: SourceLocation): string | undefined {
  if (excerpt === undefined || excerpt.state === 'changed' || excerpt.state === 'missing') return undefined;
  return excerpt.lines[line - excerpt.firstLine];
}

/** The check at a place, where its source is at hand: `BUG_ON(!ring)`. */
export function conditionAt(
  subject: Subject,
  file: string | undefined,
  line: number | undefined,
): Condition | undefined {
  if (file === undefined || line === undefined) return undefined;
  for (const frame of subject.report.frames.slice(0, 16)) {
    const sources = [frame.source, ...(frame.inlined ?? []).map(({ source }) => source)];
    for (const source of sources) {
      // A log may have the path shortened, and debug information the whole.
      if (source?.line !== line || !(source.file.endsWith(file) || file.endsWith(source.file))) continue;
      const found = check
        .exec(lineOf(source) ?? '')?.[1]
        ?.trim()
        .replace(/;$/, '');
      if (found === undefined) continue;
      const text = found.length > longest ? `${found.slice(0, longest)}...` : found;
      return { text, evidence: { words: `${file}:${line} says ${text} in the source given` } };
    }
  }
  return undefined;
}
