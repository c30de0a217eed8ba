import type { ElfFile } from '../elf/elf-file.ts';
import type { SectionData } from '../elf/section-data.ts';
import { headerWithLayout, Kind, typeWords } from './format.ts';
import { type BtfHeader, readHeader } from './header.ts';
import type { KnownTypes } from './known-types.ts';
import { readSource } from './open-btf.ts';
import { Segment } from './segment.ts';
import type { BtfEnumerator, BtfMember, BtfPlace, BtfType, BtfTypeId } from './type.ts';
import { BtfTypes } from './types.ts';
import { WindowedStrings, WindowedTable } from './windows.ts';
import type { WrittenTypes } from './written-types.ts';

const voidType: BtfType = { kind: 'void' };
const unknownType: BtfType = { kind: 'unknown', number: 0 };

/** What decodes a type. */
type Decoder = Pick<WrittenTypes, 'type' | 'name' | 'members' | 'enumerators' | 'places'>;

/**
 * The types of a kernel's file by an index of them: of the BTF, only those parts are read that are asked for. What the
 * index does not know is looked up in all of it. Reading may throw KT-FILE-UNREADABLE; the file must stay open.
 */
export class IndexedTypes implements WrittenTypes {
  readonly littleEndian: boolean;
  readonly count: number;
  readonly problems: readonly string[] = [];
  readonly #elf: ElfFile;
  readonly #known: KnownTypes;
  readonly #table: WindowedTable;
  readonly #segment: Segment;
  #whole: BtfTypes | undefined;

  private constructor(elf: ElfFile, known: KnownTypes, data: SectionData, header: BtfHeader) {
    this.#elf = elf;
    this.#known = known;
    this.littleEndian = header.littleEndian;
    this.count = known.count;
    this.#table = new WindowedTable(data, header.types, header.littleEndian, known);
    const strings = new WindowedStrings(data, header.strings);
    this.#segment = new Segment(0, this.#table, strings, (raw) => raw, { tellsSigns: known.tellsSigns });
  }

  /**
   * Undefined if the index is of other BTF, or there is none.
   * @throws KtriageError KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED, KT-ELF-*, KT-FILE-UNREADABLE
   */
  static open(elf: ElfFile, known: KnownTypes): IndexedTypes | undefined {
    const section = elf.section('.BTF');
    if (section === undefined || !elf.hasContents(section)) return undefined;
    const data = elf.data(section);
    const header = readHeader(elf.name, data.read(0, headerWithLayout), data.size);
    const { types, strings } = header;
    const bytes = types.end - types.start;
    const isSame = bytes === known.typeBytes && strings.end - strings.start === known.stringBytes;
    // No type has less than its three words; and `void` has none.
    return isSame && known.count - 1 <= bytes / (4 * typeWords)
      ? new IndexedTypes(elf, known, data, header)
      : undefined;
  }

  get whole(): BtfTypes {
    this.#whole ??= new BtfTypes(readSource(this.#elf), undefined);
    return this.#whole;
  }

  type(id: BtfTypeId): BtfType {
    if (id === 0) return voidType;
    return this.#has(id) ? this.#decoder(id).type(id) : unknownType;
  }

  name(id: BtfTypeId): string {
    return this.#has(id) ? this.#decoder(id).name(id) : '';
  }

  members(id: BtfTypeId): readonly BtfMember[] {
    return this.#has(id) ? this.#decoder(id).members(id) : [];
  }

  enumerators(id: BtfTypeId): readonly BtfEnumerator[] {
    return this.#has(id) ? this.#decoder(id).enumerators(id) : [];
  }

  places(id: BtfTypeId): readonly BtfPlace[] {
    return this.#has(id) ? this.#decoder(id).places(id) : [];
  }

  find(name: string): readonly BtfTypeId[] {
    const candidates = this.#known.named(name);
    // Other names may have the same hash.
    return candidates === undefined ? this.whole.find(name) : candidates.filter((id) => this.name(id) === name);
  }

  withEnumerator(name: string): readonly BtfTypeId[] {
    const candidates = this.#known.withEnumerator(name);
    if (candidates === undefined) return this.whole.withEnumerator(name);
    return candidates.filter((id) => this.enumerators(id).some((each) => each.name === name));
  }

  *ofKinds(kinds: readonly number[]): Generator<readonly [id: BtfTypeId, name: string]> {
    if (kinds.some((kind) => kind !== Kind.section)) yield* this.whole.ofKinds(kinds);
    else for (const id of this.#known.sections) yield [id, this.name(id)];
  }

  #has(id: BtfTypeId): boolean {
    return id > 0 && id < this.count;
  }

  #decoder(id: BtfTypeId): Decoder {
    return this.#whole === undefined && this.#table.knows(id) ? this.#segment : this.whole;
  }
}
