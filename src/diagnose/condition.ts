import type { Evidence } from '../model/explanation.ts';
import { sourceLine } from './accessed-name.ts';
import type { Subject } from './subject.ts';

/** The statement that checked something, by the source. */
export interface Condition {
  readonly text: string;
  readonly evidence: Evidence;
}

const check = /\b((?:VM_|MM_|lockdep_|KVM_|XFS_)?(?:BUG|WARN)(?:_ON)?(?:_ONCE|_FOLIO|_PAGE|_MM|_VMA)?\s*\(.{0,200})/;
const longest = 120;

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
        .exec(sourceLine(source) ?? '')?.[1]
        ?.trim()
        .replace(/;$/, '');
      if (found === undefined) continue;
      const text = found.length > longest ? `${found.slice(0, longest)}...` : found;
      return { text, evidence: { words: `${file}:${line} says ${text} in the source given` } };
    }
  }
  return undefined;
}
