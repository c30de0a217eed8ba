import { signedAddress, wordRange } from './address.ts';
import type { ElfLayout } from './constants.ts';
import type { Relocation, RelocationTable } from './relocation-table.ts';
import type { RelocationKind, RelocationRule } from './relocation-types.ts';
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
  const window = new RelocatedWindow(plain, context);
  return sectionData(plain.name, plain.size, (into, offset) => {
    const filled = plain.readInto(into, offset);
    for (const table of tables) {
      window.begin(into, offset, filled);
      // A place may begin before the window and reach into it.
      table.forRange(Math.max(0, offset - maxBytes + 1), offset + filled, (entry) =>
        window.relocate(entry, table.hasAddends),
      );
    }
    return filled;
  });
}

/** The window that is being relocated, and one place in it. */
class RelocatedWindow {
  readonly #plain: SectionData;
  readonly #context: RelocationContext;
  readonly #place = new Uint8Array(maxBytes);
  readonly #view = new DataView(this.#place.buffer);
  /** Which place that is: several relocations in a row may work on one. */
  #placeOffset = -1;
  #into: Uint8Array = this.#place;
  #offset = 0;
  #filled = 0;

  constructor(plain: SectionData, context: RelocationContext) {
    this.#plain = plain;
    this.#context = context;
  }

  begin(into: Uint8Array, offset: number, filled: number): void {
    this.#into = into;
    this.#offset = offset;
    this.#filled = filled;
    this.#placeOffset = -1;
  }

  relocate(entry: Relocation, hasAddends: boolean): void {
    const rule = this.#context.rules[entry.type];
    if (rule === undefined) return;
    const { bytes } = rule;
    const start = entry.offset - this.#offset;
    if (start + bytes <= 0) return;
    const inside = start >= 0 && start + bytes <= this.#filled;
    if (inside) this.#load(start, bytes);
    else if (entry.offset !== this.#placeOffset) {
      // It reaches over an end of the window.
      if (this.#plain.readInto(this.#place.subarray(0, bytes), entry.offset) < bytes) return;
    }
    this.#placeOffset = entry.offset;
    this.#apply(rule, entry, hasAddends);
    if (inside) this.#store(start, bytes);
    else
      for (let at = Math.max(0, -start); at < bytes && start + at < this.#filled; at++)
        this.#into[start + at] = this.#place[at] ?? 0;
  }

  #load(start: number, bytes: number): void {
    for (let at = 0; at < bytes; at++) this.#place[at] = this.#into[start + at] ?? 0;
  }

  #store(start: number, bytes: number): void {
    for (let at = 0; at < bytes; at++) this.#into[start + at] = this.#place[at] ?? 0;
  }

  #apply({ kind, bytes }: RelocationRule, entry: Relocation, hasAddends: boolean): void {
    const held = this.#number(bytes);
    const value = this.#context.symbolValue(entry.symbol) + (hasAddends ? entry.addend : held);
    this.#write(bytes, this.#result(kind, held, value, entry.offset));
  }

  /** What a place holds then, of which it takes as many bits as it has. */
  #result(kind: RelocationKind, held: number, value: number, offset: number): number {
    switch (kind) {
      case 'absolute':
        return value;
      case 'relative':
        return value - (this.#context.address + offset);
      case 'add':
        return held + value;
      case 'subtract':
        return held - value;
      case 'set-6':
        return (held & 0xc0) | (value & 0x3f);
      case 'add-6':
        return (held & 0xc0) | ((held + value) & 0x3f);
      case 'subtract-6':
        return (held & 0xc0) | ((held - value) & 0x3f);
    }
  }

  #number(bytes: RelocationRule['bytes']): number {
    const little = this.#context.littleEndian;
    switch (bytes) {
      case 1:
        return this.#view.getUint8(0);
      case 2:
        return this.#view.getUint16(0, little);
      case 4:
        return this.#view.getInt32(0, little);
      case 8: {
        const first = this.#view.getUint32(0, little);
        const second = this.#view.getUint32(4, little);
        return little ? signedAddress(second, first) : signedAddress(first, second);
      }
    }
  }

  #write(bytes: RelocationRule['bytes'], value: number): void {
    const view = this.#view;
    const little = this.#context.littleEndian;
    if (bytes === 1) view.setUint8(0, value);
    else if (bytes === 2) view.setUint16(0, value, little);
    else if (bytes === 4) view.setUint32(0, value, little);
    else {
      view.setUint32(little ? 0 : 4, value >>> 0, little);
      view.setUint32(little ? 4 : 0, Math.floor(value / wordRange) >>> 0, little);
    }
  }
}
