import type { RandomAccess } from '../io/random-access.ts';
import { sectionType } from './constants.ts';
import { badSection, truncated } from './elf-error.ts';
import { Fields } from './fields.ts';
import { type ElfHeader, readExactly } from './header.ts';
import { StringTable } from './string-table.ts';

/** A section as its header has it. */
export interface SectionHeader {
  readonly index: number;
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  /**
   * Where it is in memory. In a relocatable file (ET_REL), whose sections all say 0, the place that
   * `module-layout.ts` gave to it; 0 if it is not loaded.
   */
  readonly address: number;
  readonly offset: number;
  /** Bytes in the file; of one without contents (SHT_NOBITS), in memory. */
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly alignment: number;
  readonly entrySize: number;
}

/** A file of a million functions, each in a section of its own, would still be read. */
const maxSections = 1_048_576;
/** Of all names together, each counted once: strings may lie inside each other, so that a small table can tell many. */
const maxNamesBytes = 67_108_864;

/**
 * All section headers with their names, in the order of the file.
 * @throws KtriageError KT-ELF-TRUNCATED, KT-ELF-SECTION
 */
export function readSections(access: RandomAccess, file: string, header: ElfHeader): SectionHeader[] {
  const { offset, entrySize, count } = header.sections;
  if (count === 0) return [];
  if (count > maxSections) throw badSection(file, 'the section headers', `there are ${count} of them`);
  const bytes = readExactly(access, offset, count * entrySize);
  if (bytes === undefined) throw truncated(file, 'the section headers', 'the file became shorter');
  const fields = new Fields(bytes, header);
  const names = sectionNames(access, file, header, fields);
  const known = new Map<number, string>();
  let namesBytes = 0;
  const nameAt = (at: number): string => {
    const before = known.get(at);
    if (before !== undefined) return before;
    const name = names?.text(at) ?? '';
    known.set(at, name);
    namesBytes += name.length;
    if (namesBytes > maxNamesBytes) throw badSection(file, 'the names of sections', 'they are endless');
    return name;
  };
  const sections: SectionHeader[] = [];
  for (let index = 0; index < count; index++) sections.push(sectionAt(fields, header, index, nameAt));
  return sections;
}

function sectionAt(
  fields: Fields,
  header: ElfHeader,
  index: number,
  nameAt: (offset: number) => string,
): SectionHeader {
  const at = index * header.sections.entrySize;
  const word = header.is64 ? 8 : 4;
  // sh_name and sh_type have 4 bytes each; then four words, two times 4 bytes, two words.
  const afterLinks = at + 16 + 4 * word;
  return {
    index,
    name: nameAt(fields.u32(at)),
    type: fields.u32(at + 4),
    flags: fields.word(at + 8),
    address: fields.address(at + 8 + word),
    offset: fields.word(at + 8 + 2 * word),
    size: fields.word(at + 8 + 3 * word),
    link: fields.u32(afterLinks - 8),
    info: fields.u32(afterLinks - 4),
    alignment: fields.word(afterLinks),
    entrySize: fields.word(afterLinks + word),
  };
}

function sectionNames(access: RandomAccess, file: string, header: ElfHeader, fields: Fields): StringTable | undefined {
  if (header.namesIndex === 0) return undefined;
  const place = 'the names of sections';
  if (header.namesIndex >= header.sections.count)
    throw badSection(file, place, `they are in section ${header.namesIndex} of ${header.sections.count}`);
  const { type, offset, size } = sectionAt(fields, header, header.namesIndex, () => '');
  // Without contents: names were taken away (some debug files have none of a section they do not own).
  if (type === sectionType.nobits) return undefined;
  if (offset + size > access.size)
    throw truncated(file, place, `they reach to byte ${offset + size}, the file has ${access.size}`);
  if (size > maxNamesBytes) throw badSection(file, place, `they have ${size} bytes`);
  const bytes = readExactly(access, offset, size);
  if (bytes === undefined) throw truncated(file, place, 'the file became shorter');
  return new StringTable(bytes);
}
