import { Checksum, RecordReader, RecordWriter } from './index-cache-bytes.ts';

/**
 * The file of an index, all numbers of 32 bits and little endian:
 *
 *     magic, version, fingerprint (2), slots, texts, records      the header; counts of what follows
 *     where each slot's record begins, 0 for none (slots)         a hash table, open addressing
 *     where each text ends (texts)                                 offsets from the end of this table
 *     the texts, one after the other
 *     key, length of the key, length of the value, checksum (2), value   (records)
 *
 * A record's checksum is over its key, its value and all texts that it refers to, so that only what is looked up is
 * summed up, and what was damaged is as if it had never been there. All else in the file only leads to records.
 */
const magic = 0x4958_544b;
/** To be raised with every change of this format or of what records hold. */
const version = 1;
const headerWords = 7;
const recordWords = 4;
/** Larger files are not read, and not written: that is 100,000 addresses. */
export const largestIndex = 16_777_216;

/** Longer ones are damaged: no name that is looked up has a tenth of it. */
const longestKey = 16_384;
const longestText = 65_536;
/** Slots that are looked at for a key. Half of them are empty, so that a dozen is many; what is further is not found. */
const mostSteps = 256;

/** What identifies the files that an index is of. */
export interface Fingerprint {
  readonly first: number;
  readonly second: number;
}

/** What was looked up, to be written: a key, and what writes the value. */
export interface FreshRecord {
  readonly key: string;
  readonly write: (into: RecordWriter) => void;
}

const align = (at: number): number => (at + 3) & ~3;

function hashOf(key: Uint8Array): number {
  const sum = new Checksum();
  sum.add(key, 0, key.length);
  return (sum.first ^ (sum.second >>> 15)) >>> 0;
}

/** An index in memory, as it was read. Whatever its bytes are, looking things up in it neither throws nor takes long. */
export class IndexFile {
  readonly #bytes: Buffer;
  readonly #slots: number;
  readonly #texts: number;
  readonly #textBase: number;
  readonly #known = new Map<number, string>();
  /** How many records it says that it has. */
  readonly records: number;

  private constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#slots = this.#word(4);
    this.#texts = this.#word(5);
    this.records = this.#word(6);
    this.#textBase = (headerWords + this.#slots + this.#texts) * 4;
  }

  /** The index in some bytes; undefined if it is of other files, of another version, or none. */
  static of(bytes: Buffer, { first, second }: Fingerprint): IndexFile | undefined {
    if (bytes.length < headerWords * 4) return undefined;
    const file = new IndexFile(bytes);
    const isOurs = file.#word(0) === magic && file.#word(1) === version;
    if (!isOurs || file.#word(2) !== first >>> 0 || file.#word(3) !== second >>> 0) return undefined;
    // A power of two, and a table that lies in the file.
    if (file.#slots === 0 || (file.#slots & (file.#slots - 1)) !== 0 || file.#textBase > bytes.length) return undefined;
    return file;
  }

  /** What `read` makes of the record of a key; undefined if there is none, or it is damaged. */
  find<Value>(key: string, read: (from: RecordReader) => Value): Value | undefined {
    const wanted = Buffer.from(key);
    const mask = this.#slots - 1;
    let slot = hashOf(wanted) & mask;
    for (let steps = 0; steps < mostSteps; steps++) {
      const record = this.#word(headerWords + slot);
      if (record === 0) return undefined;
      if (this.#hasKey(record, wanted)) return this.#read(record, wanted, read);
      slot = (slot + 1) & mask;
    }
    return undefined;
  }

  /** The texts, as their bytes, and all records; for a file that is to have more of both. Throws nothing either. */
  parts(): { readonly texts: readonly Buffer[]; readonly records: readonly Buffer[] } {
    const texts: Buffer[] = [];
    for (let number = 0; number < this.#texts; number++) texts.push(this.#textBytes(number) ?? Buffer.alloc(0));
    const records: Buffer[] = [];
    // Records that overlap are damaged, and would become more and more.
    let left = this.#bytes.length;
    for (let slot = 0; slot < this.#slots && left > 0; slot++) {
      const record = this.#word(headerWords + slot);
      const length = record === 0 ? 0 : this.#recordLength(record);
      left -= length;
      if (length > 0 && left >= 0) records.push(this.#bytes.subarray(record, record + length));
    }
    return { texts, records };
  }

  #word(index: number): number {
    const at = index * 4;
    return at + 4 <= this.#bytes.length ? this.#bytes.readUInt32LE(at) : 0;
  }

  #wordAt(at: number): number {
    return at + 4 <= this.#bytes.length ? this.#bytes.readUInt32LE(at) : 0;
  }

  /** Its whole length, 0 if it does not lie in the file. */
  #recordLength(record: number): number {
    const key = this.#wordAt(record);
    const length = recordWords * 4 + key + this.#wordAt(record + 4);
    return record % 4 === 0 && key <= longestKey && record + length <= this.#bytes.length ? length : 0;
  }

  #hasKey(record: number, wanted: Buffer): boolean {
    if (this.#recordLength(record) === 0 || this.#wordAt(record) !== wanted.length) return false;
    const from = record + recordWords * 4;
    return this.#bytes.compare(wanted, 0, wanted.length, from, from + wanted.length) === 0;
  }

  #read<Value>(record: number, key: Buffer, read: (from: RecordReader) => Value): Value | undefined {
    const from = record + recordWords * 4 + key.length;
    const to = from + this.#wordAt(record + 4);
    const sum = new Checksum();
    sum.add(this.#bytes, from - key.length, to);
    const reader = new RecordReader(this.#bytes, from, to, (number) => {
      const bytes = this.#textBytes(number);
      if (bytes === undefined) return undefined;
      sum.add(bytes, 0, bytes.length);
      const known = this.#known.get(number);
      if (known !== undefined) return known;
      const text = bytes.toString('utf8');
      this.#known.set(number, text);
      return text;
    });
    const value = read(reader);
    const isWhole = sum.first >>> 0 === this.#wordAt(record + 8) && sum.second >>> 0 === this.#wordAt(record + 12);
    return reader.isComplete && isWhole ? value : undefined;
  }

  #textBytes(number: number): Buffer | undefined {
    if (!(number >= 0 && number < this.#texts)) return undefined;
    const ends = headerWords + this.#slots;
    const from = this.#textBase + (number === 0 ? 0 : this.#word(ends + number - 1));
    const to = this.#textBase + this.#word(ends + number);
    return from <= to && to - from <= longestText && to <= this.#bytes.length
      ? this.#bytes.subarray(from, to)
      : undefined;
  }
}

/**
 * The bytes of an index with what an older one has and some more; undefined if they are too many. Records of the older
 * one go over as they are, damaged ones too.
 */
export function indexBytes(
  fingerprint: Fingerprint,
  older: IndexFile | undefined,
  fresh: Iterable<FreshRecord>,
): Buffer | undefined {
  const parts = older?.parts() ?? { texts: [], records: [] };
  const texts: Buffer[] = [...parts.texts];
  const numbers = new Map<string, number>(texts.map((bytes, number) => [bytes.toString('utf8'), number]));
  const numberOf = (text: string): number => {
    const known = numbers.get(text);
    if (known !== undefined) return known;
    numbers.set(text, texts.length);
    return texts.push(Buffer.from(text)) - 1;
  };
  const records = new Map<string, Buffer>();
  for (const record of parts.records) records.set(keyOf(record).toString('latin1'), record);
  for (const { key, write } of fresh) {
    const bytes = Buffer.from(key);
    records.set(bytes.toString('latin1'), recordBytes(bytes, write, numberOf, texts));
  }
  return assemble(fingerprint, texts, [...records.values()]);
}

const keyOf = (record: Buffer): Buffer =>
  record.subarray(recordWords * 4, recordWords * 4 + (record.length < 4 ? 0 : record.readUInt32LE(0)));

function recordBytes(
  key: Buffer,
  write: (into: RecordWriter) => void,
  numberOf: (text: string) => number,
  texts: readonly Buffer[],
): Buffer {
  const writer = new RecordWriter(numberOf);
  write(writer);
  const value = Uint8Array.from(writer.bytes);
  const sum = new Checksum();
  sum.add(key, 0, key.length);
  sum.add(value, 0, value.length);
  for (const number of writer.texts) {
    const text = texts[number];
    if (text !== undefined) sum.add(text, 0, text.length);
  }
  const head = Buffer.alloc(recordWords * 4);
  for (const [nth, word] of [key.length, value.length, sum.first, sum.second].entries())
    head.writeUInt32LE(word >>> 0, nth * 4);
  return Buffer.concat([head, key, value]);
}

function assemble(
  { first, second }: Fingerprint,
  texts: readonly Buffer[],
  records: readonly Buffer[],
): Buffer | undefined {
  // Half of them empty, so that what is not there is found missing soon.
  const slots = 2 ** Math.ceil(Math.log2(records.length * 2 + 2));
  const textBase = (headerWords + slots + texts.length) * 4;
  const recordBase = align(textBase + texts.reduce((sum, { length }) => sum + length, 0));
  const size = records.reduce((sum, { length }) => align(sum + length), recordBase);
  if (size > largestIndex) return undefined;
  const bytes = Buffer.alloc(size);
  for (const [nth, word] of [magic, version, first, second, slots, texts.length, records.length].entries())
    bytes.writeUInt32LE(word >>> 0, nth * 4);
  let end = 0;
  for (const [number, text] of texts.entries()) {
    text.copy(bytes, textBase + end);
    end += text.length;
    bytes.writeUInt32LE(end, (headerWords + slots + number) * 4);
  }
  let at = recordBase;
  for (const record of records) {
    record.copy(bytes, at);
    let slot = hashOf(keyOf(record)) & (slots - 1);
    while (bytes.readUInt32LE((headerWords + slot) * 4) !== 0) slot = (slot + 1) & (slots - 1);
    bytes.writeUInt32LE(at, (headerWords + slot) * 4);
    at = align(at + record.length);
  }
  return bytes;
}
