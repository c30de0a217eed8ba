import { wordRange } from '../../elf/address.ts';
import { sectionFlag, sectionType, symbolBinding, symbolType } from '../../elf/constants.ts';

/** A section of an ELF file to be made. */
export interface NewSection {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly size: number;
  /** Its contents, or where they are among those of all (`offset`); without both it has none. */
  readonly contents?: Uint8Array;
  readonly offset?: number;
  readonly link?: number;
  readonly entrySize?: number;
}

/** Symbols of an ELF file to be made: by number. */
export interface NewSymbols {
  readonly count: number;
  /** Names with a NUL behind each; the first byte is one too. */
  readonly text: Uint8Array;
  readonly places: Uint32Array;
  /** As numbers: see `elf/address.ts`. */
  readonly addresses: Float64Array;
  /** Letters as `nm` has them. */
  readonly types: Uint8Array;
}

/** `Elf64_Ehdr`, `Elf64_Shdr` and `Elf64_Sym`. */
const headerBytes = 64;
const sectionBytes = 64;
const symbolBytes = 24;
const machines = { x86_64: 62, arm64: 183 } as const;
/** ET_EXEC. */
const executable = 2;
const notInSection = 0;

/**
 * A file of 64 bits as a linker would make it: the contents of sections, whose first is at `contentsAt`, then symbols.
 * @param image is in the file as it is; sections have their `offset` in it.
 */
export function buildElf(
  machine: keyof typeof machines,
  image: Uint8Array,
  sections: readonly NewSection[],
  symbols: NewSymbols,
): Uint8Array {
  const table = symbolTable(symbols, sections);
  const all: NewSection[] = [
    { name: '', type: sectionType.null, flags: 0, address: 0, size: 0 },
    ...sections,
    {
      ...{ name: '.symtab', type: sectionType.symtab, flags: 0, address: 0, size: table.length, contents: table },
      ...{ link: sections.length + 2, entrySize: symbolBytes },
    },
    {
      name: '.strtab',
      type: sectionType.strtab,
      flags: 0,
      address: 0,
      size: symbols.text.length,
      contents: symbols.text,
    },
  ];
  const names = Buffer.from(`${all.map(({ name }) => name).join('\0')}\0.shstrtab\0`, 'latin1');
  all.push({ name: '.shstrtab', type: sectionType.strtab, flags: 0, address: 0, size: names.length, contents: names });
  const places: number[] = [];
  let end = headerBytes + image.length;
  for (const { contents, offset } of all) {
    if (offset !== undefined) places.push(headerBytes + offset);
    else {
      end = aligned(end);
      places.push(end);
      end += contents?.length ?? 0;
    }
  }
  const headersAt = aligned(end);
  const file = new Uint8Array(headersAt + all.length * sectionBytes);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, executable, true);
  view.setUint16(18, machines[machine], true);
  view.setUint32(20, 1, true);
  setNumber(view, 40, headersAt);
  for (const [at, value] of [
    [52, headerBytes],
    [58, sectionBytes],
    [60, all.length],
    [62, all.length - 1],
  ] as const)
    view.setUint16(at, value, true);
  file.set(image, headerBytes);
  let nameAt = 0;
  for (const [index, section] of all.entries()) {
    const at = headersAt + index * sectionBytes;
    view.setUint32(at, nameAt, true);
    view.setUint32(at + 4, section.type, true);
    setNumber(view, at + 8, section.flags);
    setNumber(view, at + 16, section.address);
    setNumber(view, at + 24, places[index] ?? 0);
    setNumber(view, at + 32, section.size);
    view.setUint32(at + 40, section.link ?? 0, true);
    setNumber(view, at + 48, 1);
    setNumber(view, at + 56, section.entrySize ?? 0);
    if (section.contents !== undefined) file.set(section.contents, places[index] ?? 0);
    nameAt += section.name.length + 1;
  }
  return file;
}

const aligned = (at: number): number => Math.ceil(at / 8) * 8;

/** A number, also one that stands for an address of the upper half, as 64 bits. */
function setNumber(view: DataView, at: number, value: number): void {
  const high = Math.floor(value / wordRange);
  view.setUint32(at, value - high * wordRange, true);
  view.setInt32(at + 4, high, true);
}

function symbolTable({ count, places, addresses, types }: NewSymbols, sections: readonly NewSection[]): Uint8Array {
  const table = new Uint8Array((count + 1) * symbolBytes);
  const view = new DataView(table.buffer);
  const loaded = sections
    .map(({ flags, address, size }, nth) => ({ index: nth + 1, flags, start: address, end: address + size }))
    .filter(({ flags }) => (flags & sectionFlag.alloc) !== 0);
  let last = loaded[0];
  for (let symbol = 0; symbol < count; symbol++) {
    const address = addresses[symbol] ?? 0;
    if (last === undefined || address < last.start || address >= last.end)
      last =
        loaded.find(({ start, end }) => address >= start && address < end) ??
        // What marks an end is behind all there is.
        loaded.find(({ end }) => address === end);
    const letter = String.fromCharCode(types[symbol] ?? 0);
    const isCode = last !== undefined && (last.flags & sectionFlag.execute) !== 0;
    const type = isCode ? symbolType.function : symbolType.object;
    const at = (symbol + 1) * symbolBytes;
    view.setUint32(at, places[symbol] ?? 0, true);
    view.setUint8(at + 4, (bindingOf(letter) << 4) | type);
    view.setUint16(at + 6, last?.index ?? notInSection, true);
    setNumber(view, at + 8, address);
  }
  return table;
}

/** As the letters of nm say it: small ones are local, but for those of weak symbols. */
function bindingOf(letter: string): number {
  if (/[wv]/i.test(letter)) return symbolBinding.weak;
  return letter === letter.toLowerCase() ? symbolBinding.local : symbolBinding.global;
}
