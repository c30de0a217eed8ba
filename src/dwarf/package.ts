import { sectionData } from '../elf/section-contents.ts';
import type { SectionData } from '../elf/section-data.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { DebugSectionName, DebugSections } from './sections.ts';

/** More units, or kinds of sections, than any package has. */
const mostUnits = 1 << 20;
const mostColumns = 16;

/** What the columns of an index stand for: GNU's packages (version 2, before DWARF 5), and those of DWARF 5 (7.3.5.3). */
const columns: Readonly<Record<number, Readonly<Record<number, DebugSectionName>>>> = {
  2: { 1: '.debug_info.dwo', 3: '.debug_abbrev.dwo', 4: '.debug_line.dwo', 6: '.debug_str_offsets.dwo' },
  5: {
    1: '.debug_info.dwo',
    3: '.debug_abbrev.dwo',
    4: '.debug_line.dwo',
    6: '.debug_str_offsets.dwo',
    8: '.debug_rnglists.dwo',
  },
};

/** Where a unit's part of a section is. */
interface Part {
  readonly offset: number;
  readonly size: number;
}

interface Index {
  readonly cursor: Cursor;
  readonly units: number;
  readonly slots: number;
  readonly names: readonly (DebugSectionName | undefined)[];
  readonly slotsAt: number;
  readonly rowsAt: number;
  readonly offsetsAt: number;
  readonly sizesAt: number;
}

/** A package of split debug information (`.dwp`): the `.dwo` files of a kernel in one, with an index of its units. */
export class DwarfPackage {
  readonly #sections: DebugSections;
  #index: Index | undefined | null = null;

  constructor(sections: DebugSections) {
    this.#sections = sections;
  }

  /**
   * The sections of the unit with an ID, as if it were in a file of its own; undefined if the package does not have it.
   * @throws KtriageError KT-DWARF-* if the index is damaged.
   */
  unit(id: bigint): DebugSections | undefined {
    if (this.#index === null) this.#index = readIndex(this.#sections);
    const row = this.#index && findRow(this.#index, id);
    if (this.#index === undefined || row === undefined) return undefined;
    const parts = partsOf(this.#index, row);
    return {
      littleEndian: this.#sections.littleEndian,
      addressSize: this.#sections.addressSize,
      get: (name) => {
        const whole = this.#sections.get(name);
        const part = parts.get(name);
        // What has no column is shared by all units: strings.
        return whole === undefined || part === undefined ? whole : partOf(whole, part);
      },
    };
  }

  close(): void {
    this.#sections.close?.();
  }
}

function partOf(whole: SectionData, { offset, size }: Part): SectionData {
  const length = Math.max(0, Math.min(size, whole.size - offset));
  return sectionData(whole.name, length, (into, at) => whole.readInto(into, offset + at));
}

function readIndex(sections: DebugSections): Index | undefined {
  const section = sections.get('.debug_cu_index');
  if (section === undefined) return undefined;
  const cursor = new Cursor(section, sections.littleEndian);
  cursor.load(0, Math.min(16, section.size));
  // Version 2 has 32 bits for it, version 5 16 bits and padding.
  const [first, second] = [cursor.u16(), cursor.u16()];
  const version = first === 0 ? second : first;
  const meaning = columns[version];
  if (meaning === undefined)
    throw dwarfError('UNSUPPORTED', section.name, 0, `an index of version ${version}; 2 and 5 are known`);
  const width = cursor.u32();
  const units = cursor.u32();
  const slots = cursor.u32();
  const isPowerOfTwo = slots > 0 && (slots & (slots - 1)) === 0;
  if (
    width > mostColumns ||
    units > mostUnits ||
    slots > 4 * mostUnits ||
    units > slots ||
    (units > 0 && !isPowerOfTwo)
  )
    throw dwarfError('DAMAGED', section.name, 0, `${units} units of ${width} parts in ${slots} slots`);
  if (units === 0) return undefined;
  const slotsAt = 16;
  const rowsAt = slotsAt + 8 * slots;
  const namesAt = rowsAt + 4 * slots;
  const offsetsAt = namesAt + 4 * width;
  const sizesAt = offsetsAt + 4 * width * units;
  cursor.load(namesAt, 4 * width);
  const names = Array.from({ length: width }, () => meaning[cursor.u32()]);
  return { cursor, units, slots, names, slotsAt, rowsAt, offsetsAt, sizesAt };
}

/** The row of a unit: the ID itself is the hash, its upper half the step (DWARF 5, 7.3.5.3). */
function findRow({ cursor, units, slots, slotsAt, rowsAt }: Index, id: bigint): number | undefined {
  const mask = BigInt(slots - 1);
  const step = Number(((id >> 32n) & mask) | 1n);
  let slot = Number(id & mask);
  for (let tries = 0; tries < slots; tries++) {
    cursor.load(slotsAt + 8 * slot, 8);
    const found = cursor.u64Exact();
    cursor.load(rowsAt + 4 * slot, 4);
    const row = cursor.u32();
    if (row === 0) return undefined;
    if (found === id) return row <= units ? row - 1 : undefined;
    slot = (slot + step) & (slots - 1);
  }
  return undefined;
}

function partsOf({ cursor, names, offsetsAt, sizesAt }: Index, row: number): Map<DebugSectionName, Part> {
  const bytes = 4 * names.length;
  cursor.load(offsetsAt + row * bytes, bytes);
  const offsets = names.map(() => cursor.u32());
  cursor.load(sizesAt + row * bytes, bytes);
  const parts = new Map<DebugSectionName, Part>();
  for (const [column, name] of names.entries()) {
    const size = cursor.u32();
    if (name !== undefined) parts.set(name, { offset: offsets[column] ?? 0, size });
  }
  return parts;
}
