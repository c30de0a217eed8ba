import type { SectionData } from '../elf/section-data.ts';
import type { AddressIndex } from './address-index.ts';
import { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import type { UnitStore } from './unit-store.ts';

/** Versions whose head is known: 4 is of gdb 7.3, 9 of gdb 15. */
const oldest = 4;
const newest = 9;
/** A table of a kernel has ten thousand entries of 20 bytes. */
const largestTable = 1 << 26;
const entryBytes = 20;
const unitBytes = 16;
const mostUnits = 1 << 20;

/**
 * Reads which units have code where from `.gdb_index` (gdb's manual, "Index Section Format"; written by gdb-add-index,
 * gold, lld and mold), for files without `.debug_aranges`. The section is little endian, whatever the file is. Gives the
 * offsets of the units that it tells of; none if it is of another version.
 * @throws KtriageError KT-DWARF-* if it is damaged.
 */
export function readGdbIndex(section: SectionData, store: UnitStore, index: AddressIndex): ReadonlySet<number> {
  if (section.size < 24) return new Set();
  const cursor = new Cursor(section, true);
  cursor.load(0, 24);
  const version = cursor.u32();
  if (version < oldest || version > newest) return new Set();
  const units = cursor.u32();
  const typeUnits = cursor.u32();
  const addresses = cursor.u32();
  const symbols = cursor.u32();
  if (!(units <= typeUnits && typeUnits <= addresses && addresses <= symbols && symbols <= section.size))
    throw dwarfError('DAMAGED', section.name, 0, 'its parts are not in their order');
  const offsets = unitOffsets(cursor, units, Math.floor((typeUnits - units) / unitBytes), store);
  const count = Math.floor((symbols - addresses) / entryBytes);
  if (count * entryBytes > largestTable)
    throw dwarfError('TOO-LARGE', section.name, addresses, `a table of ${count} ranges`);
  cursor.load(addresses, count * entryBytes);
  index.reserve(count);
  const told = new Set<number>();
  for (let each = 0; each < count; each++) {
    const low = cursor.i64();
    const high = cursor.i64();
    const unit = offsets[cursor.u32()];
    if (unit === undefined || high <= low) continue;
    index.add(low, high, unit);
    told.add(unit);
  }
  return told;
}

/** Offset and length of each unit; the last one must be there, or the index is of another file than it is in. */
function unitOffsets(cursor: Cursor, start: number, count: number, store: UnitStore): number[] {
  if (count > mostUnits) throw dwarfError('TOO-LARGE', cursor.section.name, start, `${count} units`);
  cursor.load(start, count * unitBytes);
  const offsets: number[] = [];
  for (let each = 0; each < count; each++) {
    const offset = cursor.sectionOffset(true);
    const length = cursor.sectionOffset(true);
    const isLast = each === count - 1;
    if (isLast && store.header(offset).end !== offset + length)
      throw dwarfError('DAMAGED', cursor.section.name, cursor.offset, 'it was made of another .debug_info');
    offsets.push(offset);
  }
  return offsets;
}
