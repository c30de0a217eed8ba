import type { ElfFile } from '../elf/elf-file.ts';
import { compilerTypeName } from '../util/base-type-names.ts';
import { cName } from './c-name.ts';
import {
  type BtfFunction,
  type BtfVariable,
  functionsNamed,
  placesOfVariables,
  type VariablePlaces,
  variablesNamed,
} from './functions.ts';
import { IndexedTypes } from './indexed-types.ts';
import type { KnownTypes } from './known-types.ts';
import {
  type LayoutMember,
  layoutOf,
  type NamedMember,
  namedMembers,
  placed,
  type StructLayout,
  structureOf,
} from './layout.ts';
import { type MemberAt, membersAt } from './member-at.ts';
import { type LayoutSource, type MemberPlace, placeOf } from './member-path.ts';
import { type BtfSource, readSource } from './open-btf.ts';
import { plainType, sizeOfType } from './sizes.ts';
import type { BtfEnumerator, BtfMember, BtfPlace, BtfType, BtfTypeId } from './type.ts';
import { BtfTypes } from './types.ts';
import type { WrittenTypes } from './written-types.ts';

/** Members that are remembered. */
const mostRemembered = 262_144;
/** Types, names of structures, and paths of members that are remembered, of each. */
const mostKnown = 16_384;

type MembersByName = ReadonlyMap<string, NamedMember>;

/** Structures of one name that are looked at; files of a kernel have their own, but few. */
const mostOfName = 16;

/** The name of a type, or its number. */
export type BtfTypeName = string | BtfTypeId;

/**
 * The types of a kernel, or of a kernel and one of its modules, from BTF (Documentation/bpf/btf.rst). Nothing is read but
 * what is asked for. What is damaged is `unknown`, or not there: only opening throws.
 *
 * Structures are named as in C: `task_struct`, `struct task_struct`, `union thread_union`, or by a typedef (`pgd_t`).
 */
export class Btf implements LayoutSource {
  /** What it is called in messages: a path. */
  readonly name: string;
  readonly littleEndian: boolean;
  /** Bytes of a pointer. */
  readonly pointerSize: number;
  readonly #types: WrittenTypes;
  readonly #membersByName = new Map<BtfTypeId, MembersByName>();
  readonly #knownTypes = new Map<BtfTypeId, BtfType>();
  readonly #structsByName = new Map<string, readonly BtfTypeId[]>();
  /** By type and path; null is that there is none. */
  readonly #memberPlaces = new Map<BtfTypeName, Map<string, MemberPlace | null>>();
  #memberPlaceCount = 0;
  #rememberedMembers = 0;
  #places: VariablePlaces | undefined;

  private constructor(name: string, types: WrittenTypes, pointerSize: number | undefined) {
    this.name = name;
    this.littleEndian = types.littleEndian;
    this.#types = types;
    this.pointerSize = pointerSize ?? sizeOfLong(types) ?? 8;
  }

  /**
   * Opens the BTF of a vmlinux, a module, or from a guest's memory. That of a module continues its kernel's, `kernel`;
   * with a `.BTF.base` it goes with other builds too, and without any: then structures of the kernel are only declared.
   * @throws KtriageError KT-BTF-MISSING, KT-BTF-DAMAGED, KT-BTF-UNSUPPORTED, KT-BTF-BASE (the kernel is missing, or is
   * another one), KT-ELF-*, KT-FILE-UNREADABLE
   */
  static open(source: BtfSource, kernel?: Btf): Btf {
    const bytes = readSource(source);
    const types = new BtfTypes(bytes, kernel === undefined ? undefined : kernel.#types.whole);
    return new Btf(bytes.name, types, bytes.pointerSize ?? kernel?.pointerSize);
  }

  /**
   * The same of a kernel's file of which there is an index: of the BTF only those parts are read that are asked for, and
   * the file must stay open. Whatever the index says, what is told of a type is what the BTF has.
   * @throws KtriageError as `open`; KT-FILE-UNREADABLE also from what is called later
   */
  static openIndexed(file: ElfFile, known: KnownTypes): Btf {
    const types = IndexedTypes.open(file, known);
    return types === undefined ? Btf.open(file) : new Btf(file.name, types, file.is64 ? 8 : 4);
  }

  /** Numbers of types are below it. */
  get typeCount(): number {
    return this.#types.count;
  }

  /** What was left out, in words; empty where nothing was. */
  get problems(): readonly string[] {
    return this.#types.problems;
  }

  type(id: BtfTypeId): BtfType {
    const known = this.#knownTypes.get(id);
    if (known !== undefined) return known;
    const type = this.#types.type(id);
    if (this.#knownTypes.size >= mostKnown) this.#knownTypes.clear();
    this.#knownTypes.set(id, type);
    return type;
  }

  /** The members of a structure as they are written; `layout()` has those of anonymous ones with them. */
  members(id: BtfTypeId): readonly BtfMember[] {
    return this.#types.members(id);
  }

  enumerators(id: BtfTypeId): readonly BtfEnumerator[] {
    return this.#types.enumerators(id);
  }

  /** All types of that name, of any kind; those of a module before those of its kernel. */
  find(name: string): readonly BtfTypeId[] {
    return this.#types.find(name);
  }

  /** The type behind typedefs, qualifiers and tags; `undefined` where they lead in a circle. */
  plain(id: BtfTypeId): BtfTypeId | undefined {
    return plainType(this, id);
  }

  /** The name of a type as C writes it: `const char *`, `struct list_head`, `int (*)(struct work_struct *)`. */
  typeName(id: BtfTypeId): string {
    return cName(this, id);
  }

  /** Something of a type as C declares it: `char comm[16]`. Functions and variables have their own names. */
  declaration(id: BtfTypeId, name = ''): string {
    return cName(this, id, name);
  }

  /** Bytes of a type; `undefined` of what has none, and where it is not known. */
  sizeof(type: BtfTypeName): number | undefined {
    const id = typeof type === 'string' ? this.#named(type) : type;
    return id === undefined ? undefined : sizeOfType(this, id);
  }

  /** All structures and unions of a name that are more than declared: files of the kernel may have their own. */
  structs(name: string): readonly StructLayout[] {
    return this.#structIds(name).flatMap((id) => this.layout(id) ?? []);
  }

  /** The layout of a structure or union; of several of a name the first. */
  struct(type: BtfTypeName): StructLayout | undefined {
    const id = typeof type === 'string' ? this.#structIds(type)[0] : type;
    return id === undefined ? undefined : this.layout(id);
  }

  layout(id: BtfTypeId): StructLayout | undefined {
    return layoutOf(this, id);
  }

  /** A member as C reaches it, also in anonymous structures. */
  memberNamed(id: BtfTypeId, name: string): LayoutMember | undefined {
    const found = this.#members(id).get(name);
    return found && placed(this, found);
  }

  /**
   * Where `se.vruntime` or `slot[2].name` is in a structure; `undefined` where one of both does not exist. Of several
   * structures of the name the first that has it. Remembered, as the same few are asked for again and again.
   */
  member(type: BtfTypeName, path: string): MemberPlace | undefined {
    const known = this.#memberPlaces.get(type)?.get(path);
    if (known !== undefined) return known ?? undefined;
    const place = this.#findMember(type, path);
    this.#memberPlaceCount += 1;
    if (this.#memberPlaceCount > mostKnown) {
      this.#memberPlaces.clear();
      this.#memberPlaceCount = 0;
    }
    const ofType = this.#memberPlaces.get(type) ?? new Map<string, MemberPlace | null>();
    ofType.set(path, place ?? null);
    this.#memberPlaces.set(type, ofType);
    return place;
  }

  #findMember(type: BtfTypeName, path: string): MemberPlace | undefined {
    for (const id of typeof type === 'string' ? this.#structIds(type) : [type]) {
      const place = placeOf(this, id, path);
      if (place !== undefined) return place;
    }
    return undefined;
  }

  /**
   * What is at an offset in a structure, the likeliest first; in unions there are several.
   * @param offset bytes; outside of the structure, of another one of an array
   * @param size bytes that are accessed, 0 where that is not known
   */
  memberAt(type: BtfTypeName, offset: number, size = 0): readonly MemberAt[] {
    const id = typeof type === 'string' ? this.#named(type) : type;
    return id === undefined ? [] : membersAt(this, id, offset, size);
  }

  /** The value of an enumerator; that of an enumeration if it is said which one, without `enum`. */
  enumValue(name: string, enumeration?: string): bigint | undefined {
    for (const id of this.#types.withEnumerator(name)) {
      const type = this.type(id);
      if (enumeration !== undefined && (type.kind !== 'enumeration' || type.name !== enumeration)) continue;
      const found = this.enumerators(id).find((each) => each.name === name);
      if (found !== undefined) return found.value;
    }
    return undefined;
  }

  /** The first name that a value has in an enumeration. */
  enumName(id: BtfTypeId, value: bigint): string | undefined {
    const plain = this.plain(id);
    return plain === undefined ? undefined : this.enumerators(plain).find((each) => each.value === value)?.name;
  }

  /** The functions of a name; static ones may share theirs. */
  functions(name: string): readonly BtfFunction[] {
    return functionsNamed(this.#types, name);
  }

  /** What lies in a section, with offsets from its start; nothing in what is none. */
  places(id: BtfTypeId): readonly BtfPlace[] {
    return this.#types.places(id);
  }

  /** The variables of a name. Most kernels tell of per-CPU variables only, and where these are in their section. */
  variables(name: string): readonly BtfVariable[] {
    this.#places ??= placesOfVariables(this.#types);
    return variablesNamed(this.#types, name, this.#places);
  }

  #members(id: BtfTypeId): MembersByName {
    const known = this.#membersByName.get(id);
    if (known !== undefined) return known;
    const byName = new Map<string, NamedMember>();
    for (const member of namedMembers(this, id)?.members ?? [])
      if (!byName.has(member.name)) byName.set(member.name, member);
    this.#rememberedMembers += 1 + byName.size;
    if (this.#rememberedMembers > mostRemembered) {
      this.#membersByName.clear();
      this.#rememberedMembers = 0;
    }
    this.#membersByName.set(id, byName);
    return byName;
  }

  #structIds(name: string): readonly BtfTypeId[] {
    const known = this.#structsByName.get(name);
    if (known !== undefined) return known;
    const found = this.#findStructs(name);
    if (this.#structsByName.size >= mostKnown) this.#structsByName.clear();
    this.#structsByName.set(name, found);
    return found;
  }

  #findStructs(name: string): readonly BtfTypeId[] {
    const [, keyword, bare = name] = /^(struct|union) +(.*)$/s.exec(name) ?? [];
    const found = this.find(bare);
    const direct = found.filter((id) => {
      const type = this.type(id);
      return type.kind === 'structure' && !type.isDeclaration && (keyword ?? type.keyword) === type.keyword;
    });
    if (direct.length > 0 || keyword !== undefined) return direct.slice(0, mostOfName);
    return found
      .filter((id) => this.type(id).kind === 'typedef')
      .slice(0, mostOfName)
      .filter((id) => structureOf(this, id)?.type.isDeclaration === false);
  }

  /** A type of that name that has a size: a structure, else a typedef, base type or enumeration. */
  #named(name: string): BtfTypeId | undefined {
    const [struct] = this.#structIds(name);
    if (struct !== undefined) return struct;
    const bare = name.replace(/^enum +/, '');
    const found = [...this.find(bare), ...this.find(compilerTypeName(bare))];
    return found.find((id) => sizeOfType(this, id) !== undefined);
  }
}

/** A pointer is as wide as `long` in every kernel. */
function sizeOfLong(types: WrittenTypes): number | undefined {
  for (const name of ['long unsigned int', 'unsigned long', 'long int', 'long']) {
    for (const id of types.find(name)) {
      const type = types.type(id);
      if (type.kind === 'base' && (type.size === 4 || type.size === 8)) return type.size;
    }
  }
  return undefined;
}
