import type { AddressIndex } from './address-index.ts';
import type { Cursor } from './cursor.ts';
import { dwarfError } from './errors.ts';
import { readInitialLength } from './unit-header.ts';

/** Length, version, offset, address size and segment size (6.1.2). */
const shortestHeader = 12;

/**
 * Adds the ranges of all units that `.debug_aranges` tells of, and gives the offsets of these units. It need not tell
 * of all: clang writes none unless asked to, and a kernel may be built by several compilers.
 */
export function readAranges(cursor: Cursor, index: AddressIndex): Set<number> {
  const units = new Set<number>();
  const { section } = cursor;
  cursor.load(0, section.size);
  index.reserve(section.size >> 4);
  while (cursor.position < cursor.end) {
    readSet(cursor, index, units);
  }
  return units;
}

function readSet(cursor: Cursor, index: AddressIndex, units: Set<number>): void {
  const start = cursor.position;
  if (cursor.end - start < shortestHeader) {
    // Padding behind the last set.
    cursor.position = cursor.end;
    return;
  }
  const { length, is64 } = readInitialLength(cursor);
  const end = cursor.position + length;
  if (end > cursor.end) {
    throw dwarfError(
      'DAMAGED',
      cursor.section.name,
      start,
      `a set of ${length} bytes reaches beyond the section's end`,
    );
  }
  const version = cursor.u16();
  const unit = cursor.sectionOffset(is64);
  const addressSize = cursor.u8();
  const segmentSize = cursor.u8();
  if (version !== 2 || (addressSize !== 4 && addressSize !== 8) || segmentSize !== 0) {
    throw dwarfError('DAMAGED', cursor.section.name, start, `version ${version}, address size ${addressSize}`);
  }
  units.add(unit);
  // The pairs are aligned to their own size, counted from the beginning of the set.
  const pair = 2 * addressSize;
  const odd = (cursor.position - start) % pair;
  cursor.position += odd === 0 ? 0 : pair - odd;
  // Two zeros end a set; a range of a relocatable file may look the same, so that only the set's end counts.
  for (let at = cursor.position; at + pair <= end; at += pair) {
    if (addressSize === 8) {
      index.addHalves(cursor.high32At(at), cursor.low32At(at), cursor.high32At(at + 8), cursor.low32At(at + 8), unit);
    } else {
      const low = cursor.u32At(at);
      index.add(low, low + cursor.u32At(at + 4), unit);
    }
  }
  cursor.position = end;
}
