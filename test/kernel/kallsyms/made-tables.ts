/** A symbol as `nm` has it. */
export interface MadeSymbol {
  readonly name: string;
  readonly type: string;
  readonly address: bigint;
}

/** How scripts/kallsyms.c of a version writes its tables. */
export interface Layout {
  /** 8, or 4 since 7.x. */
  readonly alignment: 4 | 8;
  /** Where the addresses are: before the names (up to 6.3), or behind the tokens. */
  readonly addresses: 'before' | 'behind';
  readonly kind: 'base' | 'base-per-cpu' | 'absolute' | 'place';
  /** kallsyms_seqs_of_names (6.2): between markers and tokens, or at the end. */
  readonly sequences?: 'middle' | 'end';
}

/** By versions. */
export const layouts: Readonly<Record<string, Layout>> = {
  '5.4 of arm64': { alignment: 8, addresses: 'before', kind: 'base' },
  '5.4 of x86-64': { alignment: 8, addresses: 'before', kind: 'base-per-cpu' },
  '6.2 of x86-64': { alignment: 8, addresses: 'before', kind: 'base-per-cpu', sequences: 'middle' },
  '6.4 of x86-64': { alignment: 8, addresses: 'behind', kind: 'base-per-cpu', sequences: 'end' },
  '6.12 of arm64': { alignment: 8, addresses: 'behind', kind: 'base', sequences: 'end' },
  '7.2': { alignment: 4, addresses: 'behind', kind: 'place', sequences: 'end' },
  'without a base': { alignment: 8, addresses: 'before', kind: 'absolute' },
};

/** Texts that stand for bytes which no name has. */
const pieces = ['init_', 'lock', '__x64_sys_', 'tion', 'irq', 'T__', 't', 'dev_', 'read'];

/** Bytes one after another, of which places are known. */
class Writer {
  readonly #parts: Buffer[] = [];
  length = 0;

  constructor(start: number) {
    this.add(Buffer.alloc(start, 0xaa));
  }

  add(bytes: Uint8Array): number {
    const at = this.length;
    this.#parts.push(Buffer.from(bytes));
    this.length += bytes.length;
    return at;
  }

  align(to: number): void {
    this.add(Buffer.alloc((to - (this.length % to)) % to));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

/**
 * Tables of symbols, which are in the order of their addresses, with `before` bytes of something else around them.
 * @param virtual the address of the first byte.
 */
export function madeTables(symbols: readonly MadeSymbol[], layout: Layout, virtual: bigint, before = 4096): Buffer {
  const used = new Set(symbols.flatMap(({ name, type }) => [...`${type}${name}`].map((each) => each.charCodeAt(0))));
  const tokens = Array.from({ length: 256 }, (_, byte) => (used.has(byte) ? String.fromCharCode(byte) : ''));
  const free = tokens.flatMap((token, byte) => (token === '' ? [byte] : []));
  for (const [nth, piece] of pieces.entries()) tokens[free[nth] ?? 0] = piece;
  const codes = new Map(pieces.map((piece, nth) => [piece, free[nth] ?? 0]));
  const base = symbols.find(({ address }) => address >= 1n << 63n)?.address ?? 0n;

  const writer = new Writer(before);
  const align = (): void => writer.align(layout.alignment);
  const writeAddresses = (): void => {
    align();
    const start = writer.length;
    for (const [index, { address }] of symbols.entries()) {
      const word = Buffer.alloc(layout.kind === 'absolute' ? 8 : 4);
      switch (layout.kind) {
        case 'absolute':
          word.writeBigUInt64LE(address);
          break;
        case 'base':
          word.writeUInt32LE(Number(address - base));
          break;
        case 'base-per-cpu':
          word.writeInt32LE(Number(address < base ? address : base - 1n - address));
          break;
        case 'place':
          word.writeInt32LE(Number(address - virtual) - (start + 4 * index));
      }
      writer.add(word);
    }
    align();
    if (layout.kind === 'absolute' || layout.kind === 'place') return;
    const word = Buffer.alloc(8);
    word.writeBigUInt64LE(base);
    writer.add(word);
  };
  const writeSequences = (where: Layout['sequences']): void => {
    if (layout.sequences !== where) return;
    align();
    writer.add(Buffer.from(symbols.flatMap((_, nth) => [nth >> 16, (nth >> 8) & 255, nth & 255])));
  };

  if (layout.addresses === 'before') writeAddresses();
  align();
  const count = Buffer.alloc(4);
  count.writeUInt32LE(symbols.length);
  writer.add(count);
  align();
  const names = writer.length;
  const markers: number[] = [];
  for (const [nth, { name, type }] of symbols.entries()) {
    if (nth % 256 === 0) markers.push(writer.length - names);
    const text = compress(`${type}${name}`, codes);
    writer.add(Buffer.from(text.length < 128 ? [text.length] : [(text.length & 127) | 128, text.length >> 7]));
    writer.add(Buffer.from(text));
  }
  align();
  for (const marker of markers) {
    const word = Buffer.alloc(4);
    word.writeUInt32LE(marker);
    writer.add(word);
  }
  writeSequences('middle');
  align();
  const starts: number[] = [];
  let at = 0;
  for (const token of tokens) {
    starts.push(at);
    at += token.length + 1;
  }
  writer.add(Buffer.from(`${tokens.join('\0')}\0`, 'latin1'));
  align();
  writer.add(Buffer.from(Uint16Array.from(starts).buffer));
  if (layout.addresses === 'behind') writeAddresses();
  writeSequences('end');
  writer.add(Buffer.alloc(before, 0xaa));
  return writer.bytes;
}

function compress(text: string, codes: ReadonlyMap<string, number>): number[] {
  const out: number[] = [];
  for (let at = 0; at < text.length; ) {
    const piece = [...codes.keys()].find((each) => text.startsWith(each, at));
    out.push(piece === undefined ? text.charCodeAt(at) : (codes.get(piece) ?? 0));
    at += piece?.length ?? 1;
  }
  return out;
}

/** Some symbols with all digits in their names, sorted; `perCpu` of them from address 0 on. */
export function madeSymbols(count: number, start: bigint, perCpu = 0): MadeSymbol[] {
  const symbols: MadeSymbol[] = [];
  for (let nth = 0; nth < perCpu; nth++) symbols.push({ name: `percpu_${nth}`, type: 'A', address: BigInt(nth * 64) });
  for (let nth = 0; nth < count; nth++)
    symbols.push({
      name: `${['init_lock', 'dev_read', '__x64_sys_action', 'irq.cold'][nth % 4]}_${nth}`,
      type: ['T', 't', 'D', 'W'][nth % 4] ?? 'T',
      address: start + BigInt(nth * 48),
    });
  return symbols;
}
