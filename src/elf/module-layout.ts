import { sectionFlag, sectionType } from './constants.ts';
import type { SectionHeader } from './section-table.ts';

/**
 * Addresses for the sections of a relocatable file. In the file all begin at 0; here each that is loaded gets a place
 * of its own, so that one number names section and offset. The places are in the order in which the kernel lays out
 * a module (layout_sections() in kernel/module/main.c, 2.6 to 7.x): code, constants, data that is constant after init,
 * data, each in the order of the file; what begins with `.init` likewise behind them. So the distance from one
 * symbol to the next, which an oops prints as size, is what it was in the running kernel, as long as that added
 * nothing (arm64 fills .plt when it loads). Each group begins at a page of its own.
 */
export const layoutBase = 0x10_0000;

/** The largest page that modules are aligned to (arm64, ppc64). */
const pageBytes = 0x1_0000;

/** More than a section of a module can have; sections without contents could claim anything. */
const maxSectionBytes = 0x1_0000_0000;
const maxAlignment = 0x20_0000;

const { alloc, write, execute, readOnlyAfterInit } = sectionFlag;

/** Flags that a section of a group has, and those it lacks; the first group that fits takes it. */
const groups: readonly { readonly has: number; readonly lacks: number }[] = [
  { has: alloc | execute, lacks: 0 },
  { has: alloc, lacks: write },
  { has: alloc | readOnlyAfterInit, lacks: 0 },
  { has: alloc, lacks: 0 },
];

/** Addresses [start, end) that one group of sections has. */
export interface LayoutRegion {
  readonly start: number;
  readonly end: number;
}

/** Sections with the places they were given. */
export interface Layout {
  readonly sections: readonly SectionHeader[];
  readonly regions: readonly LayoutRegion[];
}

/** Gives every section that is loaded its place. */
export function layOutSections(sections: readonly SectionHeader[]): Layout {
  const addresses = new Map<number, number>();
  const regions: LayoutRegion[] = [];
  let next = layoutBase;
  for (const init of [false, true]) {
    for (const group of groups) {
      next = alignUp(next, pageBytes);
      const start = next;
      for (const section of sections) {
        if (addresses.has(section.index) || section.type === sectionType.null) continue;
        if ((section.flags & group.has) !== group.has || (section.flags & group.lacks) !== 0) continue;
        if (section.name.startsWith('.init') !== init) continue;
        next = alignUp(next, Math.min(Math.max(section.alignment, 1), maxAlignment));
        addresses.set(section.index, next);
        next += Math.min(section.size, maxSectionBytes);
      }
      if (next > start) regions.push({ start, end: next });
    }
  }
  const placed = sections.map((section) => {
    const address = addresses.get(section.index);
    return address === undefined ? section : { ...section, address };
  });
  return { sections: placed, regions };
}

/** Also for alignments that are no power of two. */
function alignUp(address: number, alignment: number): number {
  return Math.ceil(address / alignment) * alignment;
}
