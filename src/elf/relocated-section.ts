import { signedAddress, wordRange } from './address.ts';
import type { ElfLayout } from './constants.ts';
import type { Relocation, RelocationTable } from './relocation-table.ts';
import type { RelocationRule } from './relocation-types.ts';
import { sectionData } from './section-contents.ts';
import type { SectionData } from './section-data.ts';

/** The largest place that a relocation fills. */
const maxBytes = 8;

/** What relocations of a section need to know. */
export interface RelocationContext extends ElfLayout {
  readonly rules: Readonly<Record<number, RelocationRule>>;
  /** The address of the section that is relocated; 0 for one that is not loaded. */
  readonly address: number;
  /** The value of a symbol by its number: 0 if it is not defined in this file. */
  symbolValue(index: number): number;
}

/** A section with its relocations applied to every window that is read; nothing is done for what is not. */
export function relocatedContents(
  plain: SectionData,
  tables: readonly RelocationTable[],
  context: RelocationContext,
): SectionData {
  const place = new Uint8Array(maxBytes);
  const view = new DataView(place.buffer);
  return sectionData(plain.name, plain.size, (into, offset) => {
    const filled = plain.readInto(into, offset);
    for (const table of tables) {
      let wrote = false;
      table.forRange(Math.max(0, offset - maxBytes + 1), offset + filled, (relocation) => {
        const rule = context.rules[relocation.type];
        if (rule === undefined || relocation.offset + rule.bytes <= offset) return;
        wrote = true;
        relocate(relocation, rule);
      });
      if (!wrote) continue;
    }
    return filled;

    function relocate(relocation: Relocation, rule: RelocationRule): void {
      const start = relocation.offset - offset;
      place.fill(0);
      // A place that reaches over an end of the window is read from the section.
      if (start >= 0 && start + rule.bytes <= filled) place.set(into.subarray(start, start + rule.bytes));
      else plain.readInto(place.subarray(0, rule.bytes), relocation.offset);
    }
  });
}
