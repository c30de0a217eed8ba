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
  const relocator = new Relocator(plain, context);
  return sectionData(plain.name, plain.size, (into, offset) => {
    // A place may begin before the window and reach into it.
    const start = Math.max(0, offset - maxBytes + 1);
    for (;;) {
      const filled = plain.readInto(into, offset);
      relocator.begin(into.subarray(0, filled), offset);
      const done = tables.every((table) =>
        table.forRange(start, offset + filled, (entry) => relocator.relocate(entry, table.hasAddends)),
      );
      if (done) return filled;
    }
  });
}

/** Applies relocations to one window after the other. */
class Relocator {
  readonly #plain: SectionData;
  readonly #context: RelocationContext;
  /** A place that reaches over an end of the window, read from the section. */
  readonly #place = new Uint8Array(maxBytes);
  readonly #placeView = new DataView(this.#place.buffer);
  /** Which place that is: several relocations in a row may work on one. */
  #placeOffset = -1;
  #window: Uint8Array = this.#place;
  #view: DataView = this.#placeView;
  #offset = 0;

  constructor(plain: SectionData, context: RelocationContext) {
    this.#plain = plain;
    this.#context = context;
  }

  begin(window: Uint8Array, offset: number): void {
    this.#window = window;
    this.#view = new DataView(window.buffer, window.byteOffset, window.byteLength);
    this.#offset = offset;
    this.#placeOffset = -1;
  }

  relocate(entry: Relocation, hasAddends: boolean): void {
    const rule = this.#context.rules[entry.type];
    if (rule === undefined) return;
    const { bytes } = rule;
    const start = entry.offset - this.#offset;
    if (start >= 0 && start + bytes <= this.#window.length) this.#apply(this.#view, start, rule, entry, hasAddends);
    else if (start + bytes > 0) this.#applyAcross(start, rule, entry, hasAddends);
  }

  #applyAcross(start: number, rule: RelocationRule, entry: Relocation, hasAddends: boolean): void {
    const { bytes } = rule;
    if (entry.offset !== this.#placeOffset) {
      const read = this.#plain.readInto(this.#place, entry.offset);
      if (read < bytes) return;
      this.#placeOffset = entry.offset;
    }
    this.#apply(this.#placeView, 0, rule, entry, hasAddends);
    for (let at = Math.max(0, -start); at < bytes && start + at < this.#window.length; at++)
      this.#window[start + at] = this.#place[at] ?? 0;
  }

  #apply(view: DataView, at: number, { kind, bytes }: RelocationRule, entry: Relocation, hasAddends: boolean): void {
    const little = this.#context.littleEndian;
    const symbol = this.#context.symbolValue(entry.symbol);
    // Nearly all of debug information are of this kind.
    if (kind === 'absolute' && hasAddends) {
      write(view, at, bytes, symbol + entry.addend, little);
      return;
    }
    const held = numberAt(view, at, bytes, little);
    const value = symbol + (hasAddends ? entry.addend : held);
    write(view, at, bytes, combined(kind, held, value, this.#context.address + entry.offset), little);
  }
}

/** What a place holds then, of which it takes as many bits as it has. */
function combined(kind: RelocationKind, held: number, value: number, place: number): number {
  switch (kind) {
    case 'absolute':
      return value;
    case 'relative':
      return value - place;
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

function numberAt(view: DataView, at: number, bytes: RelocationRule['bytes'], little: boolean): number {
  switch (bytes) {
    case 1:
      return view.getUint8(at);
    case 2:
      return view.getUint16(at, little);
    case 4:
      return view.getInt32(at, little);
    case 8: {
      const first = view.getUint32(at, little);
      const second = view.getUint32(at + 4, little);
      return little ? signedAddress(second, first) : signedAddress(first, second);
    }
  }
}

/** The low bits of a value, as many as there is room for. */
function write(view: DataView, at: number, bytes: RelocationRule['bytes'], value: number, little: boolean): void {
  if (bytes === 4) view.setUint32(at, value, little);
  else if (bytes === 8) {
    view.setUint32(little ? at : at + 4, value >>> 0, little);
    view.setUint32(little ? at + 4 : at, Math.floor(value / wordRange) >>> 0, little);
  } else if (bytes === 2) view.setUint16(at, value, little);
  else view.setUint8(at, value);
}
