import type { PageTableEntry } from '../model/report.ts';
import { walkArm64 } from './arm64-page-table.ts';
import type { DecodedWalk, WalkContext } from './page-walk.ts';
import { walkX86 } from './x86-page-table.ts';

/**
 * Printed page-table entries in words, outermost first, and what they come to together. Entries of architectures other
 * than x86 and arm64 stay as they are.
 */
export function decodePageTable(entries: readonly PageTableEntry[], context: WalkContext): DecodedWalk {
  switch (context.architecture) {
    case 'x86_64':
    case 'i386':
      return walkX86(entries);
    case 'arm64':
      return walkArm64(entries, context);
    default:
      return { entries };
  }
}
